/**
 * The one way to the API: typed by its own description, errors as `Problem`, and a session that came to its
 * end is refreshed once before a request is given up. Nothing else in the package calls `fetch`.
 */

import createClient from "openapi-fetch";
import { forgetKey, settles } from "./keys";
import type { components, paths } from "./schema";
import { csrf, refresh } from "./session";

export type Schemas = components["schemas"];

interface Fault {
  /** JSON pointer of the field in the body, or the parameter's name. */
  pointer?: string | undefined;
  detail: string;
  code?: string | undefined;
}

/** What the server refused, in its own words (RFC 9457). */
export class Problem extends Error {
  override name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly faults: Fault[];
  /** All that it said: some problems carry the present state, or who is in the way. */
  readonly body: Record<string, unknown>;
  /** To tell us when it was our fault. */
  readonly requestId: string;

  constructor(status: number, body: Record<string, unknown>, requestId: string) {
    super(String(body.detail ?? body.title ?? "The server did not say what is wrong."));
    this.status = status;
    this.code = String(body.code ?? "");
    this.faults = Array.isArray(body.errors) ? (body.errors as Fault[]) : [];
    this.body = body;
    this.requestId = requestId;
  }
}

/** The server was not reached: nothing is known about what it did. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

const SAFE = new Set(["GET", "HEAD"]);

async function once(request: Request): Promise<Response> {
  if (!SAFE.has(request.method)) request.headers.set("X-CSRF-Token", csrf());
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new Unreachable("Truckroll cannot be reached. What you entered is still here; try again.");
  }
}

async function codeOf(reply: Response): Promise<unknown> {
  if (reply.ok) return undefined;
  const said = (await reply
    .clone()
    .json()
    .catch(() => ({}))) as { code?: unknown };
  return said.code;
}

/** Whether it was refused because the session came to its end; a wrong password or code is a 401 as well. */
const isOver = async (reply: Response) => reply.status === 401 && (await codeOf(reply)) === "not_signed_in";

async function send(request: Request): Promise<Response> {
  const key = request.headers.get("Idempotency-Key");
  const again = request.clone();
  const first = await once(request);
  const reply = (await isOver(first)) && (await refresh()) ? await once(again) : first;
  // of what is handed back, never of a reply that was followed by another sending
  if (key && settles(reply.status, await codeOf(reply))) forgetKey(key);
  return reply;
}

export const api = createClient<paths, "application/json">({ baseUrl: location.origin, fetch: send });

interface Reply<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a reply. Raises `Problem` for a refusal. */
export async function ask<T>(asked: Promise<Reply<T>>): Promise<NonNullable<T>> {
  return (await askAll(asked)).data;
}

/** As `ask`, with the reply's headers: `ETag`, `Link`, `X-Total-Count`. */
export async function askAll<T>(
  asked: Promise<Reply<T>>,
): Promise<{ data: NonNullable<T>; response: Response }> {
  const { data, error, response } = await asked;
  if (response.ok) return { data: data as NonNullable<T>, response };
  const body = typeof error === "object" && error !== null ? (error as Record<string, unknown>) : {};
  throw new Problem(response.status, body, response.headers.get("X-Request-ID") ?? "");
}

interface Paged<T> {
  data: T[];
  next_cursor?: string | null;
}

/** A list whole, page after page: for what one chooses from. */
export async function askEvery<T>(
  page: (cursor: { cursor?: string }) => Promise<Reply<Paged<T>>>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null | undefined;
  do {
    const { data, next_cursor } = await ask(page(cursor ? { cursor } : {}));
    all.push(...data);
    cursor = next_cursor;
  } while (cursor);
  return all;
}

/** The header by which a write says which version it saw. */
export const seen = (version: number) => ({ "if-match": `"v${version}"` });

/** One key for one intention: sent again after a lost reply, it is not done twice. */
export const onceKey = () => ({ "Idempotency-Key": crypto.randomUUID() });

/** Parameters without those that are not known: they are left out of the address, and mean nothing. */
export function given<T extends object>(all: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const known = Object.entries(all).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  return Object.fromEntries(known) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** A request that the server made ready, sent as it is (the doctor's fixes). Raises `Problem`. */
export async function carryOut(request: Schemas["RequestOut"]): Promise<void> {
  const headers: Record<string, string> = { "Idempotency-Key": crypto.randomUUID() };
  if (request.if_match !== null) headers["If-Match"] = request.if_match;
  if (request.body !== null) headers["Content-Type"] = "application/json";
  if (!request.path.startsWith("/api/")) throw new Error("This fix leads elsewhere.");
  const reply = await send(
    new Request(new URL(request.path, location.origin), {
      method: request.method,
      headers,
      body: request.body === null ? null : JSON.stringify(request.body),
    }),
  );
  if (reply.ok) return;
  const body = (await reply.json().catch(() => ({}))) as Record<string, unknown>;
  throw new Problem(reply.status, body, reply.headers.get("X-Request-ID") ?? "");
}
