/** How this person likes the board: kept for them on the server, shown at once. */

import { useQuery } from "@tanstack/react-query";
import { create } from "zustand";
import { api, ask, type Schemas } from "@/api/client";
import { toast } from "@/ui/toast";

export type Settings = Required<Schemas["BoardPreferences"]>;
export type CardField = Schemas["CardField"];

/** As it is for whoever has chosen nothing. */
export const USUAL: Settings = {
  view: "day",
  by: "technicians",
  hours: 10,
  first_hour: null,
  fields: ["time"],
  tray: true,
};

export const useSettings = create<Settings>()(() => USUAL);

const KEY = ["preferences", "board"];

let isRead = false;
/** What was chosen in this tab: it holds whatever is read afterwards. */
let chosen: Partial<Settings> = {};

async function read() {
  const { board } = await ask(api.GET("/api/v2/me/preferences/board"));
  // before whoever waits for them draws anything
  useSettings.setState({ ...USUAL, ...board, ...chosen });
  isRead = true;
  return board;
}

/** Whether they were asked for, for the board that is about to be shown. Who cannot read them looks at it as it is
 * for everybody, until they can. */
export function useKept(): boolean {
  const { isFetched } = useQuery({
    queryKey: KEY,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: read,
  });
  return isFetched;
}

let sending: Promise<void> = Promise.resolve();
let due = false;

/** From now on like this. */
export function like(changes: Partial<Settings>): void {
  chosen = { ...chosen, ...changes };
  useSettings.setState(changes);
  if (due) return;
  due = true;
  // several changes while one is on its way make one more
  sending = sending.then(async () => {
    due = false;
    try {
      // all of it is sent: what was kept before must be known, or what is usual would take its place
      if (!isRead) await read();
      await ask(api.PUT("/api/v2/me/preferences/board", { body: useSettings.getState() }));
    } catch (error) {
      toast({
        text: `How you like the board is not kept for the next time. ${error instanceof Error ? error.message : error}`,
        tone: "danger",
      });
    }
  });
}
