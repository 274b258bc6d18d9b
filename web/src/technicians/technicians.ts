/** Those who go out: what is read and written of them, their working time and their time off. */

import { useQuery } from "@tanstack/react-query";
import { api, ask, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import type { RecordKind } from "@/ui/RecordPage";

export type Technician = Schemas["TechnicianOut"];
export type Shift = Schemas["ShiftOut"];
export type TimeOff = Schemas["TimeOffOut"];
export type WorkDay = Schemas["WorkDayOut"];

export const KIND: RecordKind = { one: "technician", list: { to: "/technicians", words: "All technicians" } };

export const technicianPath = (id: string) => `/technicians/${id}`;

export function useTechnician(id: string) {
  return useQuery({
    queryKey: ["technicians", id],
    queryFn: () => ask(api.GET("/api/v2/technicians/{id}", { params: { path: { id } } })),
  });
}

/** It is known now as the server answered; lists and stories are read anew. */
export function known(technician: Technician): Technician {
  queries.setQueryData(["technicians", technician.id], technician);
  void queries.invalidateQueries({ queryKey: ["technicians", "list"] });
  void queries.invalidateQueries({ queryKey: ["stories", "technicians", technician.id] });
  return technician;
}

export const change = (id: string, version: number, body: Schemas["TechnicianPatch"]) =>
  ask(api.PATCH("/api/v2/technicians/{id}", { params: { path: { id }, header: seen(version) }, body })).then(
    known,
  );

export function useSkills() {
  return useQuery({
    queryKey: ["skills"],
    staleTime: 5 * 60_000,
    queryFn: () =>
      ask(api.GET("/api/v2/skills", { params: { query: { sort: "name", limit: 200 } } })).then(
        (page) => page.data,
      ),
  });
}

export function useShifts(technicianId: string) {
  return useQuery({
    queryKey: ["shifts", technicianId],
    queryFn: () =>
      ask(
        api.GET("/api/v2/shifts", {
          params: { query: { technician_id: technicianId, limit: 200 } },
        }),
      ).then((page) => page.data),
  });
}

export function useWorkingTime(technicianId: string, from: string, to: string) {
  return useQuery({
    queryKey: ["working-time", technicianId, from, to],
    placeholderData: (before) => before,
    queryFn: () =>
      ask(
        api.GET("/api/v2/technicians/{id}/working-time", {
          params: { path: { id: technicianId }, query: { from, to } },
        }),
      ),
  });
}

export function useTimeOff(technicianId: string, may: boolean) {
  return useQuery({
    queryKey: ["time-off", technicianId],
    enabled: may,
    queryFn: () =>
      ask(
        api.GET("/api/v2/time-off", {
          params: { query: { technician_id: technicianId, sort: "-starts_at", limit: 50 } },
        }),
      ).then((page) => page.data),
  });
}

/** Whose working time changed: all that shows it is read anew. */
export const timeChanged = (technicianId: string) =>
  Promise.all(
    ["shifts", "working-time", "time-off"].map((key) =>
      queries.invalidateQueries({ queryKey: [key, technicianId] }),
    ),
  );
