import { expect, test } from "vitest";
import { crewOf } from "./crew";
import type { Visit } from "./work";

const visit = (...who: [string, Visit["assignments"][number]["status"]][]) =>
  ({ assignments: who.map(([name, status]) => ({ name, status })) }) as Visit;

test("whoever has said no does not come", () => {
  expect(crewOf(visit(["Tess", "accepted"], ["Ida", "declined"], ["Una", "offered"]))).toBe("Tess, Una");
  expect(crewOf(visit(["Ida", "declined"]))).toBe("");
});
