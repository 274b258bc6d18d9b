import { beforeAll, expect, test, vi } from "vitest";

let wanted: typeof import("./entering").wanted;

beforeAll(async () => {
  vi.stubGlobal("location", { origin: "http://here.example" });
  ({ wanted } = await import("./entering"));
});

test("one is led to our own addresses only", () => {
  const to = (address: string) => wanted(new URLSearchParams({ to: address }));
  expect(to("/customers?q=oak")).toBe("/customers?q=oak");
  expect(to("//elsewhere.example")).toBe("/");
  expect(to("/\\elsewhere.example")).toBe("/");
  expect(to("https://elsewhere.example")).toBe("/");
  expect(wanted(new URLSearchParams())).toBe("/");
});
