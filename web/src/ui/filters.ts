/** What an address asks of a list, as the condition that the API understands. */

/** A condition as `filter=` of the API has it. */
export type Tree = Record<string, unknown>;

export interface FilterOf {
  /** The field that it asks of; silence: the filter's own name. */
  field?: string;
  /** What the value in the address means, where it is not "is" or, with commas, "is one of". */
  means?: (value: string) => Tree | null;
}

export interface Narrowing {
  /** Fields that the search box looks in; the box is there when there are any. */
  find?: readonly string[];
  filters?: Record<string, FilterOf>;
  /** Parameters of the list's own, which are no part of its filter: what a value in the address asks. */
  params?: Record<string, (value: string) => Record<string, unknown>>;
}

/** What a filter box's words ask: any of the fields contains each of them. */
export function finding(typed: string, fields: readonly string[]): Tree[] {
  return typed
    .split(/\s+/)
    .filter(Boolean)
    .map((value) => {
      const any = fields.map((field) => ({ field, op: "contains", value }));
      return any.length === 1 ? (any[0] as Tree) : { or: any };
    });
}

/** Everything that the address asks for, as one condition; null where it asks for nothing. */
export function meant(query: URLSearchParams, options: Narrowing): Tree | null {
  const all = finding(query.get("q") ?? "", options.find ?? []);
  for (const [name, { field = name, means }] of Object.entries(options.filters ?? {})) {
    const value = query.get(name);
    if (!value) continue;
    const tree = means
      ? means(value)
      : value.includes(",")
        ? { field, op: "in", value: value.split(",") }
        : { field, op: "eq", value };
    if (tree) all.push(tree);
  }
  return all.length === 0 ? null : all.length === 1 ? (all[0] as Tree) : { and: all };
}

/** Two conditions at once. */
export function both(one: Tree | null, other: Tree | null): Tree | null {
  return one && other ? { and: [one, other] } : (one ?? other);
}
