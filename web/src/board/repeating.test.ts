import { describe, expect, it } from "vitest";
import { choicesOf, inWords, ruleOf } from "./repeating";

// a Monday, the fourth of its month, and the last day of a month
const MONDAY = "2026-11-23";
const LAST = "2026-12-31";

describe("rules of events", () => {
  it("say what the first day is", () => {
    expect(choicesOf(MONDAY).map((one) => one.text)).toEqual([
      "Does not repeat",
      "Every day",
      "Monday to Friday",
      "Every week, on Monday",
      "Every two weeks, on Monday",
      "Every month, on day 23",
      "Every month, on the fourth Monday",
    ]);
    expect(choicesOf(LAST).at(-1)?.text).toBe("Every month, on the last Thursday");
  });

  it("are those of the API", () => {
    expect(ruleOf("never", MONDAY, LAST)).toBeNull();
    expect(ruleOf("two_weeks", MONDAY, LAST)).toEqual({
      frequency: "weekly",
      interval: 2,
      weekdays: ["mon"],
      until: LAST,
    });
    expect(ruleOf("month_weekday", MONDAY, LAST)).toMatchObject({ weekdays: ["mon"], nth: 4 });
    expect(ruleOf("month_weekday", LAST, LAST)).toMatchObject({ weekdays: ["thu"], nth: -1 });
    expect(ruleOf("month_day", LAST, LAST)).toMatchObject({ month_days: [31] });
  });

  it("are said in words", () => {
    expect(inWords({ frequency: "weekly", interval: 2, weekdays: ["mon", "fri"], count: 5 })).toBe(
      "Every 2 weeks, on Monday and Friday, 5 times",
    );
    expect(inWords({ frequency: "monthly", weekdays: ["thu"], nth: -1, count: 3 })).toBe(
      "Every month, on the last Thursday, 3 times",
    );
    expect(inWords({ frequency: "daily", until: LAST })).toMatch(/^Every day, until .*2026/);
  });
});
