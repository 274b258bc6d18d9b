/** Notes of days: what whoever works then should know, everybody or one technician. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, askAll, askEvery, Problem, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import { toast } from "@/ui/toast";
import { NOTES } from "./keeper";
import { dayOf } from "./picture";
import { serverNow, useBoard } from "./store";
import { noted, undoRequest } from "./undoing";

export type DayNote = Schemas["DayNoteOut"];

/** Somebody has written one, or taken one away. */
export const notesChanged = (): Promise<void> => queries.invalidateQueries({ queryKey: NOTES });

/** Of the days that are shown, oldest first; of a board as it was there are none. */
export function useDayNotes() {
  const days = useBoard((shown) => shown.picture?.meta.days);
  const past = useBoard((shown) => shown.picture?.meta.as_of);
  const first = days?.[0]?.date ?? "";
  const last = days?.[days.length - 1]?.date ?? "";
  return useQuery({
    queryKey: [...NOTES, first, last],
    enabled: first !== "" && !past,
    queryFn: () =>
      askEvery((cursor) =>
        api.GET("/api/v2/day-notes", {
          params: {
            query: { day_from: first, day_before: nextDay(last), sort: "created_at", limit: 200, ...cursor },
          },
        }),
      ),
  });
}

const nextDay = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** Those of a day that are about everybody, or about a technician. */
export function useNotesOf(day: string | undefined, technician: string | null): readonly DayNote[] {
  const { data: all } = useDayNotes();
  return useMemo(
    () => (all ?? []).filter((one) => one.day === day && one.technician_id === technician),
    [all, day, technician],
  );
}

/** The day that a note without a day is of. */
export function dayOfNotes(): string {
  const { picture } = useBoard.getState();
  return picture ? dayOf(picture.meta, serverNow()) : "";
}

/** It was done: it can be undone, and is read again. What does not show by itself is said. */
async function wrote(response: Response, words?: string): Promise<void> {
  const requestId = response.headers.get("X-Request-ID") ?? "";
  noted(requestId);
  await notesChanged();
  if (!words) return;
  toast({
    text: words,
    undo: async () => {
      await undoRequest(requestId);
      await notesChanged();
    },
  });
}

type Key = { "Idempotency-Key": string };

export async function write(body: Schemas["DayNoteDraft"], headers: Key): Promise<void> {
  const { response } = await askAll(api.POST("/api/v2/day-notes", { body, headers }));
  await wrote(response, "The note is written.");
}

/** Raises what was refused, in words; where somebody else was quicker, what they wrote is read. */
export async function rewrite(note: DayNote, body: string): Promise<void> {
  try {
    const { response } = await askAll(
      api.PATCH("/api/v2/day-notes/{id}", {
        params: { path: { id: note.id }, header: seen(note.version) },
        body: { body },
      }),
    );
    await wrote(response);
  } catch (error) {
    if (error instanceof Problem && (error.status === 412 || error.status === 404)) await notesChanged();
    throw error;
  }
}

export async function erase(note: DayNote): Promise<void> {
  const { response } = await askAll(
    api.DELETE("/api/v2/day-notes/{id}", { params: { path: { id: note.id } } }),
  );
  await wrote(response, "The note is deleted.");
}
