/** Some lists are narrowed by parameters of their own, which are no part of the API's filter: an empty one says
 * "no match", and "show all" clears them too. */

import type { List } from "@/ui/useList";

export function alsoBy<Row>(list: List<Row>, ...names: string[]): List<Row> {
  const filters = { ...list.options.filters, ...Object.fromEntries(names.map((name) => [name, {}])) };
  return {
    ...list,
    options: { ...list.options, filters },
    narrowed: list.narrowed || names.some((name) => list.address.get(name)),
  };
}
