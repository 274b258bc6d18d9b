/** Customers as the pages need them: what is read, what is written, and their words. */

import { useQuery } from "@tanstack/react-query";
import { z } from "zod";
import { api, ask, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import type { RecordKind } from "@/ui/RecordPage";

export type Customer = Schemas["CustomerOut"];

export const KIND: RecordKind = { one: "customer", list: { to: "/customers", words: "All customers" } };

export const KINDS = [
  { value: "person", text: "Person" },
  { value: "business", text: "Business" },
] as const;
export const STAGES = [
  { value: "prospect", text: "Prospect" },
  { value: "active", text: "Active" },
  { value: "former", text: "Former" },
] as const;

const text = z
  .string()
  .trim()
  .transform((value) => value || null);

/** What a customer's form holds, and what becomes of it. */
export const Entered = z.object({
  name: z.string().trim().min(1, "Type their name."),
  kind: z.enum(["person", "business"]),
  stage: z.enum(["prospect", "active", "former"]),
  phone: text,
  second_phone: text,
  email: text,
  billing_street: text,
  billing_city: text,
  billing_region: text,
  billing_postal_code: text,
  payment_terms_days: z
    .string()
    .trim()
    .regex(/^\d{0,3}$/, "Type a number of days, 0 to 365, or nothing for the usual terms.")
    .transform((value) => (value === "" ? null : Number(value))),
  tax_exempt: z.boolean(),
  source: text,
  notes: text,
});
export type Typed = z.input<typeof Entered>;
export type Entered = z.output<typeof Entered>;

/** The form of a customer that is there; of nobody, what a new one begins with. */
export function typed(customer: Customer | null): Typed {
  return {
    name: customer?.name ?? "",
    kind: customer?.kind ?? "person",
    stage: customer?.stage ?? "active",
    phone: customer?.phone ?? "",
    second_phone: customer?.second_phone ?? "",
    email: customer?.email ?? "",
    billing_street: customer?.billing_street ?? "",
    billing_city: customer?.billing_city ?? "",
    billing_region: customer?.billing_region ?? "",
    billing_postal_code: customer?.billing_postal_code ?? "",
    payment_terms_days: customer?.payment_terms_days?.toString() ?? "",
    tax_exempt: customer?.tax_exempt ?? false,
    source: customer?.source ?? "",
    notes: customer?.notes ?? "",
  };
}

export const customerPath = (id: string) => `/customers/${id}`;

export function useCustomer(id: string) {
  return useQuery({
    queryKey: ["customers", id],
    queryFn: () => ask(api.GET("/api/v2/customers/{id}", { params: { path: { id } } })),
  });
}

/** It is known now as the server answered; lists and stories are read anew. */
export function known(customer: Customer): Customer {
  queries.setQueryData(["customers", customer.id], customer);
  void queries.invalidateQueries({ queryKey: ["customers", "list"] });
  void queries.invalidateQueries({ queryKey: ["stories", "customers", customer.id] });
  return customer;
}

export const change = (id: string, version: number, body: Schemas["CustomerPatch"]) =>
  ask(api.PATCH("/api/v2/customers/{id}", { params: { path: { id }, header: seen(version) }, body })).then(
    known,
  );
