/** Those whom one talks to about a customer: what is read and written of them, and what their form holds. */

import { z } from "zod";
import { api, ask, askAll, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import { blank } from "@/ui/blank";
import { words } from "@/ui/Status";

export type Contact = Schemas["ContactOut"];
export type Link = Schemas["Link"];

const ROLES = ["billing", "site_contact", "owner", "tenant", "manager", "emergency", "other"] as const;
export const ROLE_CHOICES = ROLES.map((value) => ({ value, text: words(value) }));

/** What they may be told of, and by which channels. */
export const NOTICES = [
  { value: "appointments", text: "Appointments" },
  { value: "on_the_way", text: "On the way" },
  { value: "invoices", text: "Invoices" },
  { value: "quotes", text: "Quotes" },
  { value: "marketing", text: "Offers" },
] as const;
export const CHANNELS = [
  { value: "email", text: "E-mail" },
  { value: "sms", text: "Text" },
] as const;

const channels = z.array(z.enum(["email", "sms"]));

export const Entered = z.object({
  name: z.string().trim().min(1, "Type their name."),
  title: blank,
  phone: blank,
  mobile: blank,
  email: blank,
  notes: blank,
  notifications: z.object({
    appointments: channels,
    on_the_way: channels,
    invoices: channels,
    quotes: channels,
    marketing: channels,
  }),
  roles: z.array(z.enum(ROLES)).min(1, "Choose at least one."),
  is_primary: z.boolean(),
});
export type Typed = z.input<typeof Entered>;
export type Entered = z.output<typeof Entered>;

/** The form of a contact of this customer; of nobody, what a new one begins with. */
export function typed(contact: Contact | null, customerId: string, first = false): Typed {
  const link = contact?.customers.find((one) => one.customer.id === customerId);
  const wished = contact?.notifications;
  return {
    name: contact?.name ?? "",
    title: contact?.title ?? "",
    phone: contact?.phone ?? "",
    mobile: contact?.mobile ?? "",
    email: contact?.email ?? "",
    notes: contact?.notes ?? "",
    notifications: {
      appointments: wished?.appointments ?? [],
      on_the_way: wished?.on_the_way ?? [],
      invoices: wished?.invoices ?? [],
      quotes: wished?.quotes ?? [],
      marketing: wished?.marketing ?? [],
    },
    roles: link?.roles ?? ["other"],
    is_primary: link?.is_primary ?? first,
  };
}

export const readContact = (id: string) =>
  ask(api.GET("/api/v2/contacts/{id}", { params: { path: { id } } }));

/** Their customers show them, and their stories tell of it. */
export const again = () =>
  Promise.all(
    ["customers", "contacts", "stories"].map((key) => queries.invalidateQueries({ queryKey: [key] })),
  );

export const change = (id: string, version: number, body: Schemas["ContactPatch"]) =>
  ask(api.PATCH("/api/v2/contacts/{id}", { params: { path: { id }, header: seen(version) }, body }));

export const link = (id: string, customer_id: string, body: Link) =>
  ask(
    api.PUT("/api/v2/contacts/{id}/customers/{customer_id}", { params: { path: { id, customer_id } }, body }),
  );

export const unlink = (id: string, customer_id: string) =>
  askAll(
    api.DELETE("/api/v2/contacts/{id}/customers/{customer_id}", { params: { path: { id, customer_id } } }),
  );
