/** Where what is wrong can be seen and mended: only pages that exist. */

import type { Schemas } from "@/api/client";
import { recordPath } from "@/office/nav";
import { sectionPath } from "@/settings/sections";

/** What is wrong with the company itself is mended on one of its own pages. */
const OWN: Readonly<Record<string, string>> = {
  organisation_without_address: sectionPath("company"),
  organisation_without_contact: sectionPath("company"),
  organisation_without_logo: sectionPath("company"),
  organisation_without_tax_number: sectionPath("invoicing"),
  organisation_without_payment_instructions: sectionPath("invoicing"),
  holidays_missing: sectionPath("holidays"),
  arrival_windows_missing: sectionPath("arrival-windows"),
  zone_unknown: sectionPath("company"),
};

/** Lists in which a record is opened. */
const LISTS: Readonly<Record<string, string>> = { crew: "/crews", vehicle: "/vehicles" };

/** Sections that hold a kind of record. */
const SECTION_OF: Readonly<Record<string, string>> = {
  arrival_windows: "arrival-windows",
  membership: "people",
  skill: "skills",
  job_type: "job-types",
  territory: "territories",
  branch: "branches",
};

export interface Place {
  to: string;
  words: string;
}

type Named = Schemas["RecordOut"];

/** Where one record is seen: a visit on the board of its day, and of its work where it stands on none. */
function pathOf({ kind, id, day, work_order_id: work }: Named): string | null {
  if (kind === "visit" && day) return `/board?date=${day}&visit=${id}`;
  if (kind === "visit") return work && recordPath("work_order", work);
  if (kind === "event") return day && `/board?date=${day}`;
  const list = LISTS[kind] ?? (SECTION_OF[kind] && sectionPath(SECTION_OF[kind]));
  return list ? `${list}?open=${id}` : recordPath(kind, id);
}

/** The pages of a finding's records; none where none of them has one. */
export function whereOf(code: string, finding: Schemas["FindingOut"]): Place[] {
  const places = finding.records.flatMap((record): Place[] => {
    const { kind, name } = record;
    if (kind === "organisation") return OWN[code] ? [{ to: OWN[code], words: "Settings" }] : [];
    if (kind === "invitation") return [{ to: sectionPath("invitations"), words: "Invitations" }];
    const to = pathOf(record);
    return to === null ? [] : [{ to, words: name }];
  });
  return [...new Map(places.map((place) => [place.to, place])).values()];
}
