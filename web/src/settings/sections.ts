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
    key: "people",
    words: "People",
    also: "members users team",
    group: "People",
    permission: "members:write",
  },
  {
    key: "invitations",
    words: "Invitations",
    also: "invite",
    group: "People",
    permission: "members:write",
  },
  {
    key: "job-types",
    words: "Job types",
    also: "services checklist price duration",
    group: "Work",
    permission: "job-types:write",
  },
];

export const sectionPath = (key: string) => `/settings/${key}`;

export const mayOpen = (me: Me, section: Section): boolean => me.permissions.includes(section.permission);

/** Who sees settings at all: whoever may change one of them. */
export const PERMISSIONS: readonly string[] = [...new Set(SECTIONS.map((one) => one.permission))];
