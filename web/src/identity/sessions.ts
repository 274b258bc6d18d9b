/** Ending a session, and beginning one in another organisation. All tabs share the session, so all of them
 * begin anew: none may go on showing one organisation with the rights of another. */

import { api, ask } from "@/api/client";
import { queries } from "@/api/queries";

const channel = new BroadcastChannel("truckroll-session");

/** Begin anew at an address, with nothing kept of what was read before. */
function anew(to: string): void {
  queries.clear();
  location.assign(to);
}

/** Come along when another tab signs out or goes over. */
export function followOtherTabs(): void {
  channel.onmessage = () => anew("/");
}

export async function signOut(): Promise<void> {
  await ask(api.POST("/api/v2/auth/logout"));
  channel.postMessage("ended");
  anew("/sign-in");
}

/** Go over to another organisation one belongs to. */
export async function goOver(slug: string): Promise<void> {
  await ask(api.POST("/api/v2/auth/select-org", { body: { org: slug } }));
  channel.postMessage("elsewhere");
  anew("/");
}
