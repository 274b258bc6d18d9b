/** What is done to a customer as a whole, with its reason. */

import { api, ask } from "@/api/client";
import type { Why } from "@/ui/AskWhy";
import { type Customer, known } from "./customers";

export type Verb = "hold-credit" | "release-credit" | "stop-service" | "resume-service";

/** The verbs that make sense now. */
export function open(customer: Customer): Verb[] {
  const on = new Set(customer.banners.map((one) => one.kind));
  return [
    on.has("credit_hold") ? "release-credit" : "hold-credit",
    on.has("do_not_service") ? "resume-service" : "stop-service",
  ];
}

export const WORDS: Record<Verb, string> = {
  "hold-credit": "Put on credit hold…",
  "release-credit": "Take off credit hold…",
  "stop-service": "Serve no more…",
  "resume-service": "Serve again…",
};

/** What is asked before the verb is done. */
export function why(verb: Verb, customer: Customer): Why {
  const params = { params: { path: { id: customer.id } } };
  const reasoned = (send: (reason: string) => Promise<Customer>) => (reason: string | null) =>
    send(reason ?? "").then(known);
  const freed = (send: (reason: string | null) => Promise<Customer>) => (reason: string | null) =>
    send(reason).then(known);
  switch (verb) {
    case "hold-credit":
      return {
        title: "Credit hold",
        about: `No visit is added or booked for ${customer.name} until the hold is taken off.`,
        verb: "Put on hold",
        look: "danger",
        needed: true,
        do: reasoned((reason) =>
          ask(api.POST("/api/v2/customers/{id}/hold-credit", { ...params, body: { reason } })),
        ),
      };
    case "stop-service":
      return {
        title: "Do not service",
        about: `No visit is added or booked for ${customer.name} any more.`,
        verb: "Serve no more",
        look: "danger",
        needed: true,
        do: reasoned((reason) =>
          ask(api.POST("/api/v2/customers/{id}/stop-service", { ...params, body: { reason } })),
        ),
      };
    case "release-credit":
      return {
        title: "Take off credit hold",
        about: `${customer.name} can be booked again.`,
        verb: "Take off hold",
        needed: false,
        do: freed((reason) =>
          ask(api.POST("/api/v2/customers/{id}/release-credit", { ...params, body: { reason } })),
        ),
      };
    case "resume-service":
      return {
        title: "Serve again",
        about: `${customer.name} can be booked again.`,
        verb: "Serve again",
        needed: false,
        do: freed((reason) =>
          ask(api.POST("/api/v2/customers/{id}/resume-service", { ...params, body: { reason } })),
        ),
      };
  }
}
