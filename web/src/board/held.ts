/** What is done with a time that is held, on the board: it can be undone, and its lanes are read again. */

import { extend, type Hold, release } from "@/holds/holds";
import { toast } from "@/ui/toast";
import * as clock from "./clock";
import { keeper } from "./keeper";
import { at } from "./picture";
import { refusal } from "./refusing";
import { pictured } from "./store";
import { noted, undoRequest } from "./undoing";

/** It was done. */
export function wrote(hold: Pick<Hold, "technicians">, requestId: string, words: string): void {
  const lanes = hold.technicians.map((one) => one.id);
  noted(requestId);
  keeper()?.again([], lanes);
  keeper()?.told?.();
  toast({
    text: words,
    undo: async () => {
      await undoRequest(requestId);
      keeper()?.again([], lanes);
    },
  });
}

export const when = (hold: Pick<Hold, "window_start" | "window_end" | "time_zone">): string =>
  clock.told(at(hold.window_start), at(hold.window_end), hold.time_zone, pictured().meta.time_zone);

/** Hold it so long from now on; says why not. */
export async function longer(hold: Hold, minutes: number, key: { "Idempotency-Key": string }): Promise<void> {
  try {
    const { requestId } = await extend(hold.id, minutes, key);
    wrote(hold, requestId, `Held for ${minutes} minutes from now on: ${when(hold)}.`);
  } catch (error) {
    toast({ text: refusal(error), tone: "danger" });
  }
}

/** Hold it no more; says why not. */
export async function letGo(hold: Hold): Promise<boolean> {
  try {
    const { requestId } = await release(hold.id);
    wrote(hold, requestId, `Not held any more: ${when(hold)}.`);
    return true;
  } catch (error) {
    toast({ text: refusal(error), tone: "danger" });
    return false;
  }
}
