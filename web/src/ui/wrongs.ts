/** What is wrong with a form's fields, as react-hook-form keeps it: a tree of names with a message at its leaves. */

interface Leaf {
  message?: unknown;
  root?: { message?: unknown };
}

export interface Said {
  /** "gate.0.at_least". */
  path: string;
  message: string;
}

/** Every message in this tree, in the order of the fields. */
export function messagesIn(found: unknown, path = ""): Said[] {
  if (typeof found !== "object" || found === null) return [];
  const { message, root } = found as Leaf;
  const own = message ?? root?.message;
  // a field's own error also holds its element, which is no name of a field
  if (typeof own === "string" && own !== "") return [{ path, message: own }];
  return Object.entries(found).flatMap(([name, below]) =>
    name === "ref" || name === "root" ? [] : messagesIn(below, path ? `${path}.${name}` : name),
  );
}

/** Whether what is wrong at this path is shown by a field, or by a list or a group that it is in. */
export const isShown = (path: string, shown: ReadonlySet<string>): boolean =>
  path.split(".").some((_, last, names) => shown.has(names.slice(0, last + 1).join(".")));

/** What a field says that is asked for all below it, too: what none of its parts says for itself. */
export function messageAt(found: unknown, name: string, shown: ReadonlySet<string>): string | undefined {
  const parts = new Set([...shown].filter((other) => other.startsWith(`${name}.`)));
  return messagesIn(found, name).find((one) => !isShown(one.path, parts))?.message;
}

/** Of what no field shows, the first in words: "Unit price: Type a price such as 189.00." */
export function hiddenIn(all: readonly Said[], shown: ReadonlySet<string>): string | null {
  const hidden = all.find((one) => !isShown(one.path, shown));
  if (!hidden) return null;
  const name = hidden.path.split(".").findLast((part) => !/^\d+$/.test(part)) ?? "";
  const words = name.replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}: ${hidden.message}`;
}
