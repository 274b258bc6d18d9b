import { expect, test } from "vitest";
import { phone } from "./phone";

test("a number is written as people read it", () => {
  expect(phone("+17855550117")).toBe("(785) 555-0117");
  expect(phone("+4989123456")).toBe("+4989123456");
});
