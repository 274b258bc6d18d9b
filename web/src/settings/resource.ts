/** Records that are set up: read, made, changed and deleted the same way, whatever they are. The one place where
 * an address is not known to the types; what goes in and comes out is. */

import { api, ask, askAll, seen } from "@/api/client";
import { queries } from "@/api/queries";
import type { ListPath } from "@/ui/useList";

export interface Kept {
  id: string;
  version: number;
}

export interface Resource<Row extends Kept, Draft extends object> {
  path: ListPath;
  /** The first word of its addresses, under which react-query keeps it. */
  key: string;
  get: (id: string) => Promise<Row>;
  create: (body: Draft & { id?: string }, headers: Record<string, string>) => Promise<Row>;
  change: (row: Row, body: Partial<Draft>) => Promise<Row>;
  remove: (id: string) => Promise<unknown>;
  restore: (id: string) => Promise<unknown>;
  /** Read again whatever shows it. */
  again: () => void;
}

export function resource<Row extends Kept, Draft extends object>(path: ListPath): Resource<Row, Draft> {
  const key = path.replace("/api/v2/", "").split("/")[0] ?? path;
  const at = (id: string, more: object = {}) => ({ params: { path: { id }, ...more } }) as never;
  const again = () => void queries.invalidateQueries({ queryKey: [key] });
  const said = <T>(answer: Promise<T>): Promise<T> =>
    answer.then((row) => {
      again();
      return row;
    });
  return {
    path,
    key,
    again,
    get: (id) => ask(api.GET(`${path}/{id}` as never, at(id))) as Promise<Row>,
    create: (body, headers) => said(ask(api.POST(path as never, { body, headers } as never)) as Promise<Row>),
    change: (row, body) =>
      said(
        ask(
          api.PATCH(
            `${path}/{id}` as never,
            {
              params: { path: { id: row.id }, header: seen(row.version) },
              body,
            } as never,
          ),
        ) as Promise<Row>,
      ),
    remove: (id) => said(askAll(api.DELETE(`${path}/{id}` as never, at(id)))),
    restore: (id) => said(askAll(api.POST(`${path}/{id}/restore` as never, at(id)))),
  };
}
