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

/** The pages of a finding's records; none where none of them has one. */
export function whereOf(code: string, finding: Schemas["FindingOut"]): Place[] {
  const places = finding.records.flatMap(({ kind, id, name }): Place[] => {
    if (kind === "organisation") return OWN[code] ? [{ to: OWN[code], words: "Settings" }] : [];
    if (kind === "invitation") return [{ to: sectionPath("invitations"), words: "Invitations" }];
    const section = SECTION_OF[kind];
    const to = section ? `${sectionPath(section)}?open=${id}` : recordPath(kind, id);
    return to === null ? [] : [{ to, words: name }];
  });
  return [...new Map(places.map((place) => [place.to, place])).values()];
}
