/** Ending a session, and beginning one in another organisation. All tabs share the session, so all of them
 * begin anew: none may go on showing one organisation with the rights of another. */

import { api, ask } from "@/api/client";
import { queries } from "@/api/queries";
import { toast } from "@/ui/toast";

const channel = new BroadcastChannel("truckroll-session");

/** Begin anew at an address, with nothing kept of what was read before. */
export function anew(to: string): void {
  queries.clear();
  location.assign(to);
}

/** Come along when another tab signs out or goes over. Where it only came in, it may be as the same person in
 * the same organisation: `me` is read again, and decides. */
export function followOtherTabs(): void {
  channel.onmessage = ({ data }) => {
    if (data !== "entered") anew("/");
    // whoever is coming in at this moment is not led away from what they are shown once
    else if (queries.getQueryData(["me"])) void queries.refetchQueries({ queryKey: ["me"], exact: true });
  };
}

/** Say to the other tabs that the session they share is another one now. */
export function tellEntered(): void {
  channel.postMessage("entered");
}

/** Sign out; where that does not succeed, say so: nobody may go away and believe it. */
export async function signOut(): Promise<void> {
  try {
    await ask(api.POST("/api/v2/auth/logout"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    toast({ text: `You are still signed in. ${why}`, tone: "danger" });
    return;
  }
  channel.postMessage("ended");
  anew("/sign-in");
}

/** Go over to another organisation one belongs to. */
export async function goOver(slug: string): Promise<void> {
  await ask(api.POST("/api/v2/auth/select-org", { body: { org: slug } }));
  channel.postMessage("elsewhere");
  anew("/");
}
