/** What a role can allow, in plain words, by what it is about. The type keeps it whole: a permission that has no
 * words here does not build. */

import type { Schemas } from "@/api/client";

export type Permission = Schemas["Permission"];

type Words = Readonly<Record<string, Partial<Record<Permission, string>>>>;

export const PERMISSIONS = {
  "Customers and sites": {
    "customers:read": "See customers",
    "customers:write": "Add and change customers",
    "customers:import": "Import lists of customers",
    "customers:hold": "Stop service or credit of a customer",
    "contacts:read": "See contacts",
    "contacts:write": "Add and change contacts",
    "sites:read": "See sites",
    "sites:write": "Add and change sites",
    "sites:access-codes": "See gate and door codes",
    "equipment:read": "See equipment",
    "equipment:write": "Add and change equipment",
  },
  "Work and visits": {
    "work-orders:read": "See work orders",
    "work-orders:write": "Add and change work orders",
    "work-orders:approve": "Approve and close work orders",
    "visits:read": "See visits",
    "visits:execute": "Record what was done on visits",
    "visits:reopen": "Reopen visits that were completed",
    "notes:read": "Read notes",
    "notes:write": "Write notes",
    "files:read": "See files and photos",
    "files:write": "Add files and photos",
  },
  Dispatching: {
    "dispatch:write": "Plan, promise and dispatch visits",
    "dispatch:override": "Plan against a rule, with a reason",
    "capacity:reserve": "Sell what is kept back for emergencies",
    "credit:override": "Book work for customers whose credit is held",
    "positions:read": "See where technicians are",
    "positions:write": "Send one's own position",
  },
  Technicians: {
    "technicians:read": "See technicians, crews, vehicles and working time",
    "technicians:write": "Change technicians, crews, vehicles, working time and holidays",
    "time-off:read": "See time off",
    "time-off:write": "Ask for time off",
    "time-off:approve": "Approve and decline time off",
  },
  Money: {
    "invoices:read": "See invoices",
    "invoices:write": "Draft invoices",
    "invoices:issue": "Issue invoices",
    "invoices:void": "Void invoices",
    "payments:read": "See payments",
    "payments:write": "Record payments",
    "prices:costs": "See and set what things cost you",
  },
  "People and pay": {
    "members:read": "See who works here, and roles",
    "members:write": "Invite people, change roles, keep people out",
    "members:audit": "See everybody's sign-ins",
    "employees:read": "See employment records",
    "employees:write": "Change employment records",
    "employees:pay": "See and set what people earn",
  },
  "The company": {
    "organisation:read": "See the company's settings",
    "organisation:write": "Change the company's settings, branches, teams and territories",
    "organisation:archive": "Take all of the company's data along",
    "job-types:read": "See job types, skills and arrival windows",
    "job-types:write": "Change job types, skills and arrival windows",
    "tags:read": "See tags",
    "tags:write": "Make and put on tags",
  },
  "Finding and lists": {
    "search:read": "Search everything they may see",
    "saved-views:read": "Use saved views",
    "saved-views:write": "Save views of one's own",
    "saved-views:share": "Share views with others",
    "bulk:write": "Change many records at once",
    "exports:write": "Take lists along as files",
  },
  "Behind the scenes": {
    "journal:read": "Read everything that was changed, and by whom",
    "mails:read": "See mails that were sent",
    "jobs:read": "See what runs in the background",
    "jobs:write": "Start again what failed in the background",
  },
} as const satisfies Words;

type Said = { [G in keyof typeof PERMISSIONS]: keyof (typeof PERMISSIONS)[G] }[keyof typeof PERMISSIONS];
/** Does not build while a permission of the API has no words above. */
export const WHOLE: Permission extends Said ? true : false = true;

export const ALL = Object.values(PERMISSIONS).flatMap((group) => Object.keys(group)) as Permission[];

/** Which records a role reaches, as one reads it. */
export const SCOPES: readonly { value: Schemas["RecordScope"]; text: string }[] = [
  { value: "own", text: "Only their own work" },
  { value: "team", text: "The work of their team" },
  { value: "territory", text: "Their territories and their team's work" },
  { value: "all", text: "Everything" },
];
