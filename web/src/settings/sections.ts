/** What can be set up, in the order in which it is shown: each is an address below `/settings`, for those who
 * may change it. */

import type { Me } from "@/identity/me";

export interface Section {
  key: string;
  words: string;
  /** Other words by which the palette finds it. */
  also?: string;
  group: "Company" | "People" | "Work" | "Time and place";
  /** Who may go there. */
  permission: string;
}

export const SECTIONS: readonly Section[] = [
  {
    key: "company",
    words: "Company",
    also: "name address phone logo time zone currency",
    group: "Company",
    permission: "organisation:write",
  },
  {
    key: "invoicing",
    words: "Invoices and numbers",
    also: "tax terms numbering footer payment",
    group: "Company",
    permission: "organisation:write",
  },
  {
    key: "hours",
    words: "Working hours",
    also: "week open",
    group: "Company",
    permission: "organisation:write",
  },
  {
    key: "completing",
    words: "Completing work",
    also: "gate photos signatures required",
    group: "Company",
    permission: "organisation:write",
  },
  {
    key: "options",
    words: "Options",
    also: "positions geofence files flags",
    group: "Company",
    permission: "organisation:write",
  },
  {
    key: "archives",
    words: "Everything as a file",
    also: "archive export backup leave",
    group: "Company",
    permission: "organisation:archive",
  },
  {
    key: "support",
    words: "Support access",
    also: "help grant",
    group: "Company",
    permission: "members:write",
  },
  {
    key: "people",
    words: "People",
    also: "members users team suspend",
    group: "People",
    permission: "members:write",
  },
  {
    key: "invitations",
    words: "Invitations",
    also: "invite resend",
    group: "People",
    permission: "members:write",
  },
  { key: "roles", words: "Roles", also: "permissions rights", group: "People", permission: "members:write" },
  { key: "teams", words: "Teams", also: "leader", group: "People", permission: "organisation:write" },
  {
    key: "employees",
    words: "Employees",
    also: "employment pay hired",
    group: "People",
    permission: "employees:write",
  },
  {
    key: "sign-ins",
    words: "Sign-ins",
    also: "audit log security",
    group: "People",
    permission: "members:audit",
  },
  {
    key: "job-types",
    words: "Job types",
    also: "services checklist price duration",
    group: "Work",
    permission: "job-types:write",
  },
  { key: "skills", words: "Skills", also: "certificates", group: "Work", permission: "job-types:write" },
  { key: "tags", words: "Tags", also: "labels", group: "Work", permission: "tags:write" },
  {
    key: "arrival-windows",
    words: "Arrival windows",
    also: "time slots promise",
    group: "Time and place",
    permission: "job-types:write",
  },
  {
    key: "kept-back",
    words: "Kept back",
    also: "capacity reserve emergencies",
    group: "Time and place",
    permission: "organisation:write",
  },
  {
    key: "holidays",
    words: "Holidays",
    also: "public days off",
    group: "Time and place",
    permission: "technicians:write",
  },
  {
    key: "territories",
    words: "Territories",
    also: "zones areas postal zip codes",
    group: "Time and place",
    permission: "organisation:write",
  },
  {
    key: "branches",
    words: "Branches",
    also: "offices locations",
    group: "Time and place",
    permission: "organisation:write",
  },
];

export const sectionPath = (key: string) => `/settings/${key}`;

export const mayOpen = (me: Me, section: Section): boolean => me.permissions.includes(section.permission);

/** Who sees settings at all: whoever may change one of them. */
export const PERMISSIONS: readonly string[] = [...new Set(SECTIONS.map((one) => one.permission))];
