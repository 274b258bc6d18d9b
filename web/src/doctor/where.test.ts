import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { whereOf } from "./where";

type Named = Schemas["RecordOut"];
const finding = (...records: (Pick<Named, "kind" | "id" | "name"> & Partial<Named>)[]) => ({
  says: "",
  records: records.map((one) => ({ day: null, work_order_id: null, ...one })),
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

test("a visit leads to the board of its day, and to its work where it stands on none", () => {
  const visit = { kind: "visit", id: "v", name: "WO-12 on Mon 23 Nov", work_order_id: "w" };
  expect(whereOf("visit_never_begun", finding({ ...visit, day: "2026-11-23" }))).toEqual([
    { to: "/board?date=2026-11-23&visit=v", words: "WO-12 on Mon 23 Nov" },
  ]);
  expect(whereOf("access_hours_too_short", finding({ ...visit, name: "WO-12" }))).toEqual([
    { to: "/work-orders/w", words: "WO-12" },
  ]);
  const meeting = { kind: "event", id: "e", name: "Toolbox talk", day: "2026-11-23" };
  expect(whereOf("event_without_participants", finding(meeting)).map((one) => one.to)).toEqual([
    "/board?date=2026-11-23",
  ]);
});
