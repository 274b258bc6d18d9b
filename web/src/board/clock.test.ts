import { describe, expect, it } from "vitest";
import { length, mondayOf, plusDays, span, told } from "./clock";

/** As one reads it: the narrow space before AM is a space. */
const plain = (text: string) => text.replaceAll("\u202f", " ");

describe("clocks", () => {
  it("say hours of one day, and the day where it is another", () => {
    const at = (text: string) => Date.parse(`2026-11-${text}:00Z`);
    const said = (from: string, to: string) => plain(span(at(from), at(to), "America/Chicago"));
    expect(said("23T16:00", "23T17:30")).toBe("10:00 – 11:30 AM");
    expect(said("24T04:00", "24T12:00")).toBe("10:00 PM – Tue, Nov 24, 6:00 AM");
    expect(said("23T14:00", "24T14:00")).toBe("8:00 AM – Tue, Nov 24, 8:00 AM");
  });
  it("tell a promise by the clock of those who were told it", () => {
    const [from, to] = [Date.parse("2026-11-24T05:30:00Z"), Date.parse("2026-11-24T06:30:00Z")];
    expect(plain(told(from, to, "America/Phoenix", "America/Chicago"))).toBe(
      "Mon, Nov 23, 10:30 – 11:30 PM MST",
    );
    expect(plain(told(from, to, "America/Chicago", "America/Chicago"))).toBe(
      "Mon, Nov 23, 11:30 PM – Tue, Nov 24, 12:30 AM",
    );
  });
  it("know days and weeks", () => {
    expect([plusDays("2026-02-28", 1), mondayOf("2026-11-22"), mondayOf("2026-11-23")]).toEqual([
      "2026-03-01",
      "2026-11-16",
      "2026-11-23",
    ]);
  });
  it("say lengths", () => {
    expect([length(45), length(80), length(-65), length(60)]).toEqual(["45 min", "1 h 20", "−1 h 05", "1 h"]);
  });
});
