import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const SRC = new URL("..", import.meta.url).pathname;

test("only the end of a list asks for more of it: elsewhere a failure would be asked again for ever", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" });
  const asking = files
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".test.ts"))
    .filter((file) => readFileSync(`${SRC}/${file}`, "utf8").includes("fetchNextPage"));
  expect(asking).toEqual(["ui/More.tsx"]);
});
