import { expect, test } from "vitest";
import { daysSaid, Hours, weekSaid } from "./week";

test("days are said as short as they can be", () => {
  expect(
    [null, ["mon", "tue", "wed", "thu", "fri"], ["mon", "wed"], ["sat", "sun"], ["sun"]].map(daysSaid),
  ).toEqual(["Every day", "Mon – Fri", "Mon, Wed", "Sat, Sun", "Sun"]);
});

test("days with the same hours stand together", () => {
  const days = { mon: [["08:00", "17:00"]], tue: [["08:00", "17:00"]], sat: [["09:00", "12:00"]], sun: [] };
  expect(weekSaid(days)).toBe("Mon, Tue 8:00 AM – 5:00 PM; Sat 9:00 AM – 12:00 PM");
  expect(weekSaid({})).toBe("");
});

test("a span that does not end is said by its day", () => {
  const wrong = Hours.safeParse({
    mon: [
      ["08:00", "12:00"],
      ["13:00", ""],
    ],
  });
  expect(wrong.error?.issues).toMatchObject([
    { path: ["mon", 1], message: "Say from when until when on Monday." },
  ]);
  expect(Hours.safeParse({ mon: [["08:00", "12:00"]] }).success).toBe(true);
});
