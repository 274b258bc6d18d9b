/** What is read while somebody is on the phone. Each is asked as soon as what it depends on is known. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, ask, given, type Schemas } from "@/api/client";
import { readContact } from "@/customers/contacts";

export type Customer = Schemas["CustomerOut"];
export type Site = Schemas["SiteOut"];
export type WorkOrder = Schemas["WorkOrderOut"];
export type JobType = Schemas["JobTypeOut"];
export type Slot = Schemas["SlotOut"];
export type Slots = Schemas["AvailabilityOut"];
export type Hit = Schemas["HitOut"];
export type Alike = Schemas["DuplicateOut"];

/** Fewest characters for which the server looks: a number is looked up by three digits and more. */
export const FEWEST = 3;

/** So many are shown of those who are found. */
export const MOST = 8;

/** Who it may be: customers, contacts and sites whose number, name or address begins so. */
export function useHits(words: string) {
  const q = words.trim();
  return useQuery<Hit[]>({
    queryKey: ["call", "hits", q],
    enabled: q.length >= FEWEST,
    staleTime: 5_000,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v2/search", {
          params: { query: { q, types: ["customer", "contact", "site"], limit: MOST } },
          signal,
        }),
      ).then((found) => found.data),
  });
}

export function useCustomer(id: string | null) {
  return useQuery({
    queryKey: ["customers", id],
    enabled: id !== null,
    queryFn: () => ask(api.GET("/api/v2/customers/{id}", { params: { path: { id: id ?? "" } } })),
  });
}

/** Who is on the phone, where it is one of those who speak for a customer. */
export const contactOf = (id: string | null) => ({
  queryKey: ["contacts", id],
  enabled: id !== null,
  queryFn: () => readContact(id ?? ""),
});

/** So many sites of a customer are listed; where there are more, one is searched for. */
const LISTED = 50;

export const areMany = (sites: readonly Site[]): boolean => sites.length >= LISTED;

export function useSites(customerId: string | null) {
  return useQuery({
    queryKey: ["sites", { customerId }],
    enabled: customerId !== null,
    queryFn: () =>
      ask(
        api.GET("/api/v2/sites", { params: { query: given({ customer_id: customerId, limit: LISTED }) } }),
      ).then((page) => page.data),
  });
}

/** The site that the address names, where a customer has more sites than are listed. */
export function useSite(id: string | null) {
  return useQuery({
    queryKey: ["sites", id],
    enabled: id !== null,
    queryFn: () => ask(api.GET("/api/v2/sites/{id}", { params: { path: { id: id ?? "" } } })),
  });
}

export function useEquipment(siteId: string | null) {
  return useQuery({
    queryKey: ["equipment", { siteId }],
    enabled: siteId !== null,
    queryFn: () =>
      ask(api.GET("/api/v2/equipment", { params: { query: given({ site_id: siteId, limit: 20 }) } })).then(
        (page) => page.data,
      ),
  });
}

/** Newest first: what is open, or what is over. */
export function useWork(customerId: string | null, open: boolean) {
  return useQuery({
    queryKey: ["work-orders", { customerId, open }],
    enabled: customerId !== null,
    queryFn: () =>
      ask(
        api.GET("/api/v2/work-orders", {
          params: {
            query: given({
              customer_id: customerId,
              open,
              sort: "-created_at" as const,
              limit: open ? 20 : 5,
            }),
          },
        }),
      ).then((page) => page.data),
  });
}

export function useJobTypes() {
  return useQuery({
    queryKey: ["job-types"],
    staleTime: 5 * 60_000,
    queryFn: () =>
      ask(api.GET("/api/v2/job-types", { params: { query: { limit: 200, sort: "name" } } })).then(
        (page) => page.data,
      ),
  });
}

export interface Wish {
  workOrderId: string | null;
  jobTypeId: string | null;
  siteId: string | null;
  priority: Schemas["Priority"];
}

/** When it could be done: the windows that can be booked, the best first. */
export function useSlots(wish: Wish) {
  const enabled = wish.workOrderId !== null || (wish.jobTypeId !== null && wish.siteId !== null);
  return useQuery({
    queryKey: ["slots", wish],
    enabled,
    staleTime: 10_000,
    refetchInterval: 30_000,
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v2/availability", {
          params: {
            query: wish.workOrderId
              ? { work_order_id: wish.workOrderId }
              : given({ job_type_id: wish.jobTypeId, site_id: wish.siteId, priority: wish.priority }),
          },
          signal,
        }),
      ),
  });
}

/** Who is like somebody that is about to be added. */
export function useAlike(who: { name: string; phone: string; address: string }) {
  const enabled = who.name.trim().length > 2 || who.phone.trim().length > 6;
  return useQuery<Alike[]>({
    queryKey: ["call", "alike", who],
    enabled,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v2/customers/duplicates", {
          params: {
            query: given({ name: who.name.trim(), phone: who.phone.trim(), address: who.address.trim() }),
          },
          signal,
        }),
      ).then((found) => found.data),
  });
}
