/** Events of the board: meetings, trainings, a vehicle's service. They are written, changed and called off here; what
 * was done can be undone. */

import { api, askAll, type Schemas, seen } from "@/api/client";
import { toast } from "@/ui/toast";
import { keeper } from "./keeper";
import { noted, undoRequest } from "./undoing";

export type Event = Schemas["EventOut"];
export type Kind = Schemas["EventKind"];
/** Of a series: it alone, it and those that follow, all that are to come. */
export type Of = Schemas["Of"];

export const KINDS: Record<Kind, string> = {
  meeting: "Meeting",
  training: "Training",
  vehicle_service: "Vehicle service",
  supply_house: "Supply house",
  other: "Other",
};

/** It was done: it can be undone, and the board is read again. */
function wrote(response: Response, words: string): void {
  const requestId = response.headers.get("X-Request-ID") ?? "";
  noted(requestId);
  keeper()?.redraw();
  toast({
    text: words,
    undo: async () => {
      await undoRequest(requestId);
      keeper()?.redraw();
    },
  });
}

type Key = { "Idempotency-Key": string };

export async function add(body: Schemas["EventDraft"], headers: Key): Promise<void> {
  const { response } = await askAll(api.POST("/api/v2/events", { body, headers }));
  wrote(response, `${body.title} is set${body.repeats ? ", with all that follow" : ""}.`);
}

export async function change(
  event: Pick<Event, "id" | "version" | "title">,
  body: Schemas["EventPatch"],
  of: Of = "this",
): Promise<void> {
  const { response } = await askAll(
    api.PATCH("/api/v2/events/{id}", {
      params: { path: { id: event.id }, header: seen(event.version), query: { of } },
      body,
    }),
  );
  wrote(response, `${body.title ?? event.title} is changed${OTHERS[of]}.`);
}

export async function callOff(event: Pick<Event, "id" | "title">, of: Of = "this"): Promise<void> {
  const { response } = await askAll(
    api.DELETE("/api/v2/events/{id}", { params: { path: { id: event.id }, query: { of } } }),
  );
  wrote(response, `${event.title} is called off${OTHERS[of]}.`);
}

const OTHERS: Record<Of, string> = {
  this: "",
  following: ", with those that follow",
  all: ", with all that are to come",
};
