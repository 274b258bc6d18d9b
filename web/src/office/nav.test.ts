import { expect, test } from "vitest";
import { PLACES } from "./nav";

test("two keys lead to one place, and one place stands once", () => {
  for (const of of ["keys", "to", "words"] as const) {
    const all = PLACES.map((place) => place[of]);
    expect(new Set(all).size).toBe(all.length);
  }
});
