/** What is asked by an address that is put together, held by the API's own types: a verb of a record, and
 * the pages of a list. The only places that say less than they know stand here. */

import { api, ask, askAll, seen } from "./client";
import type { paths } from "./schema";

type Json<T> = T extends { content: { "application/json": infer B } } ? B : never;
type Post<P extends keyof paths> = paths[P] extends { post: infer O } ? O : never;
type Replied<O> = O extends { responses: infer R }
  ? Json<R extends { 200: infer A } ? A : R extends { 201: infer A } ? A : never>
  : never;

type At<Under extends string, Verb extends string> = `/api/v2/${Under}/{id}/${Verb}` & keyof paths;
/** The verbs of a kind of record, as its addresses spell them: "hold", "en-route". */
export type VerbOf<Under extends string> = {
  [P in keyof paths]: P extends `/api/v2/${Under}/{id}/${infer Verb}`
    ? Post<P> extends never
      ? never
      : Verb
    : never;
}[keyof paths];
/** What a verb wants to be told. */
export type SaidWith<Under extends string, Verb extends string> =
  Post<At<Under, Verb>> extends { requestBody?: infer B } ? Json<NonNullable<B>> : undefined;
export type Outcome<Under extends string, Verb extends string> = Replied<Post<At<Under, Verb>>>;

interface Sent<B> {
  body?: B;
  /** The version that was seen, where it matters that nobody was faster. */
  version?: number;
  /** `onceKey()`, or one of `useKeys()`. */
  key: { "Idempotency-Key": string };
}

/** Do it to a record: `verb("work-orders", "hold", id, { body: { reason }, version, key })`. Raises `Problem`. */
export async function verb<U extends string, V extends VerbOf<U> & string>(
  under: U,
  name: V,
  id: string,
  sent: Sent<SaidWith<U, V>>,
): Promise<Outcome<U, V>> {
  return (await verbAndRequest(under, name, id, sent)).data;
}

/** As `verb`, with the id of the request, by which what it did can be undone. */
export async function verbAndRequest<U extends string, V extends VerbOf<U> & string>(
  under: U,
  name: V,
  id: string,
  { body, version, key }: Sent<SaidWith<U, V>>,
): Promise<{ data: Outcome<U, V>; requestId: string }> {
  const { data, response } = await askAll<unknown>(
    api.POST(
      `/api/v2/${under}/{id}/${name}` as never,
      {
        params: { path: { id }, header: version === undefined ? {} : seen(version) },
        headers: key,
        body,
      } as never,
    ),
  );
  return { data: data as Outcome<U, V>, requestId: response.headers.get("X-Request-ID") ?? "" };
}

interface Listed<T> {
  get: { responses: { 200: { content: { "application/json": PageOf<T> } } } };
}
export interface PageOf<T> {
  data: T[];
  next_cursor: string | null;
  total?: number | null;
}
/** An address of the API that answers with pages. */
export type ListPath = { [P in keyof paths]: paths[P] extends Listed<unknown> ? P : never }[keyof paths];
export type RowOf<P extends ListPath> = paths[P] extends Listed<infer T> ? T : never;

/** A page of a list. Raises `Problem`. */
export const pageOf = <P extends ListPath>(
  path: P,
  query: Record<string, unknown>,
  more: { signal?: AbortSignal; at?: Record<string, string> | undefined } = {},
): Promise<PageOf<RowOf<P>>> =>
  ask(api.GET(path as never, { params: { query, path: more.at }, signal: more.signal } as never)) as Promise<
    PageOf<RowOf<P>>
  >;

/** What is no JSON: a document, a list as a file. Raises `Problem`. */
export const fileOf = (
  path: keyof paths,
  more: { at?: Record<string, string> | undefined; query?: Record<string, unknown>; accept?: string },
): Promise<Blob> =>
  ask(
    api.GET(
      path as never,
      {
        params: { query: more.query, path: more.at },
        headers: more.accept ? { Accept: more.accept } : {},
        parseAs: "blob",
      } as never,
    ),
  ) as Promise<Blob>;
