import { expect, test } from "vitest";
import { whereOf } from "./where";

const finding = (...records: { kind: string; id: string; name: string }[]) => ({
  says: "",
  records,
  fix: { words: "", request: null },
});

test("what is wrong leads to the page where it is mended, and to no page that is not there", () => {
  const own = { kind: "organisation", id: "o", name: "Acme" };
  expect(whereOf("holidays_missing", finding(own))).toEqual([
    { to: "/settings/holidays", words: "Settings" },
  ]);
  expect(whereOf("links_lead_nowhere", finding(own))).toEqual([]);
  const type = { kind: "job_type", id: "j", name: "Pump-out" };
  const skill = { kind: "skill", id: "s", name: "Pumping" };
  expect(whereOf("skill_nobody_has", finding(type, skill, skill)).map((one) => one.to)).toEqual([
    "/settings/job-types?open=j",
    "/settings/skills?open=s",
  ]);
  const tess = { kind: "technician", id: "t", name: "Tess" };
  expect(whereOf("technician_without_base", finding(tess))).toEqual([
    { to: "/technicians/t", words: "Tess" },
  ]);
});
