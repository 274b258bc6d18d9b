import { expect, test } from "vitest";
import { meant } from "./filters";

const asks = (address: string) =>
  meant(new URLSearchParams(address), {
    find: ["name", "email"],
    filters: {
      status: {},
      held: { means: (value) => (value === "yes" ? { field: "held_at", op: "ne", value: null } : null) },
    },
  });

test("an address that asks for nothing filters nothing", () => {
  expect(asks("sort=name&other=1")).toBeNull();
  expect(asks("held=perhaps")).toBeNull();
});

test("one value is meant as it is, several as one of them", () => {
  expect(asks("status=open")).toEqual({ field: "status", op: "eq", value: "open" });
  expect(asks("status=open,paid")).toEqual({ field: "status", op: "in", value: ["open", "paid"] });
});

test("each word has to be found somewhere, beside all other filters", () => {
  expect(asks("q=oak+st&held=yes")).toEqual({
    and: [
      {
        or: [
          { field: "name", op: "contains", value: "oak" },
          { field: "email", op: "contains", value: "oak" },
        ],
      },
      {
        or: [
          { field: "name", op: "contains", value: "st" },
          { field: "email", op: "contains", value: "st" },
        ],
      },
      { field: "held_at", op: "ne", value: null },
    ],
  });
});
