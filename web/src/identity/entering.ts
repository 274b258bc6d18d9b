/** Coming in: what a sign-in answers, and what is missing when it does not. */

import { api, ask, Problem } from "@/api/client";
import { queries } from "@/api/queries";
import { tellEntered } from "./sessions";

export interface Credentials {
  email: string;
  password: string;
  /** Slug of the organisation, of somebody who belongs to several. */
  org?: string;
}

export interface Choice {
  id: string;
  name: string;
  slug: string;
}

export type Missing =
  | { step: "organisation"; organisations: Choice[] }
  | { step: "code"; token: string }
  | { step: "enrol"; token: string };

/** Ask to be let in; null when one is, otherwise what is still to be said. Raises `Problem` for a refusal. */
async function knock(body: Credentials): Promise<Missing | null> {
  try {
    await ask(api.POST("/api/v2/auth/login", { body }));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const said = error.body as unknown as { organisations: Choice[]; mfa_token: string };
    const { organisations, mfa_token } = said;
    if (error.code === "org_selection_required") return { step: "organisation", organisations };
    if (error.code === "mfa_required") return { step: "code", token: mfa_token };
    if (error.code === "mfa_enrollment_required") return { step: "enrol", token: mfa_token };
    throw error;
  }
  return null;
}

/** Sign in; null when one is in, otherwise what is still to be said. Raises `Problem` for a refusal. */
export async function enter(body: Credentials): Promise<Missing | null> {
  const missing = await knock(body);
  if (missing === null) await entered();
  return missing;
}

/** Come back to a page whose session has ended: what is on it stays, and is read again. */
export async function comeBack(body: Credentials): Promise<Missing | null> {
  const missing = await knock(body);
  if (missing === null) await back();
  return missing;
}

/** One is back, as the same person in the same place. */
export async function back(): Promise<void> {
  tellEntered();
  await queries.invalidateQueries();
}

/** One is in: nothing that was read before holds, here and in the other tabs. */
export async function entered(): Promise<void> {
  tellEntered();
  queries.removeQueries({
    // a secret that is shown at this moment is not asked for again: that would be another one
    predicate: ({ queryKey }) => !["me", "installation", "enrol"].includes(String(queryKey[0])),
  });
  await queries.invalidateQueries({ queryKey: ["me"] });
}

/** Where somebody wanted to go before they were asked to sign in; only addresses of our own. */
export function wanted(query: URLSearchParams): string {
  const to = query.get("to") ?? "/";
  return /^\/(?![/\\])/.test(to) ? to : "/";
}
