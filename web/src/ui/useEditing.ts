/** A record's form: what is wrong is said at its field, what was typed stays, and somebody else's change
 * meanwhile is shown before it is written over. */

import { zodResolver } from "@hookform/resolvers/zod";
import { useEffect, useRef, useState } from "react";
import {
  type DefaultValues,
  type FieldValues,
  get,
  type Path,
  type Resolver,
  useForm,
} from "react-hook-form";
import type { ZodType } from "zod";
import { Problem } from "@/api/client";
import { words } from "./Status";
import { hiddenIn, messageAt, messagesIn, type Said } from "./wrongs";

export interface Editing<In extends FieldValues, Out extends FieldValues> {
  schema: ZodType<Out, In>;
  values: In;
  /** Sends it; `changed` has only the fields that somebody touched. */
  send: (all: Out, changed: Partial<Out>) => Promise<unknown>;
  /** What the form holds of the row as it is now, when somebody else changed it meanwhile. */
  reread?: (current: Record<string, unknown>) => In;
  /** Fields that mean something only together, such as a number and its unit: where one was typed, none of them is
   * somebody else's. */
  together?: readonly Path<In>[];
}

export function useEditing<In extends FieldValues, Out extends FieldValues>(asked: Editing<In, Out>) {
  const { schema, values, send, reread, together = [] } = asked;
  const form = useForm<In, unknown, Out>({
    resolver: zodResolver(schema as never) as unknown as Resolver<In, unknown, Out>,
    defaultValues: values as DefaultValues<In>,
  });
  const [problem, setProblem] = useState<string | null>(null);
  const { dirtyFields, errors, isSubmitting } = form.formState;
  // the fields that show what is wrong with them, as they stand on the page, and as they are drawn now
  const shown = useRef<ReadonlySet<string>>(new Set());
  const drawn = new Set<string>();
  useEffect(() => {
    shown.current = drawn;
  });

  function take(error: unknown) {
    if (!(error instanceof Problem))
      return setProblem(error instanceof Error ? error.message : String(error));
    const current = error.body.current;
    if (error.status === 412 && reread && typeof current === "object" && current !== null) {
      const [before, now] = [form.formState.defaultValues as In, reread(current as Record<string, unknown>)];
      const other = Object.keys(now).filter(
        (name) => JSON.stringify(now[name]) !== JSON.stringify(before?.[name]),
      );
      const mine = together.some((name) => get(dirtyFields, name)) ? together : [];
      const typed = mine.map((name) => [name, form.getValues(name)] as const);
      form.reset(now, { keepDirtyValues: true });
      for (const [name, value] of typed) form.setValue(name, value, { shouldDirty: true });
      return setProblem(
        `Somebody changed this meanwhile${other.length ? `: ${other.map((name) => said(name, now[name])).join(", ")}` : ""}. What you typed is kept; save again to put it in its place.`,
      );
    }
    const placed: Said[] = [];
    for (const { pointer, detail } of error.faults) {
      const path = (pointer ?? "").replace(/^\//, "").replaceAll("/", ".");
      if (!path || !((path.split(".")[0] ?? "") in values)) continue;
      form.setError(path as Path<In>, { message: detail }, { shouldFocus: placed.length === 0 });
      placed.push({ path, message: detail });
    }
    // what has no field here, or none that shows it, is said above the button
    if (placed.length < error.faults.length || placed.length === 0) setProblem(error.message);
    else setProblem(hiddenIn(placed, shown.current));
  }

  const save = form.handleSubmit(
    async (all) => {
      setProblem(null);
      const touched = Object.entries(all).filter(([name]) => name in dirtyFields);
      try {
        await send(all, Object.fromEntries(touched) as Partial<Out>);
      } catch (error) {
        take(error);
      }
    },
    (refused) => setProblem(hiddenIn(messagesIn(refused), shown.current)),
  );

  function wrong(name: Path<In>): string | undefined {
    drawn.add(name);
    return messageAt(get(errors, name), name, shown.current);
  }

  return {
    form,
    problem,
    busy: isSubmitting,
    onSubmit: (event: React.FormEvent) => void save(event),
    /** What is wrong with a field, or with a part of it. Whoever asks shows it. */
    wrong,
    /** Makes a control that of a field, which shows what is wrong with it: `<Field {...bind("name")} />`. */
    bind: (name: Path<In>) => ({ ...form.register(name), error: wrong(name) }),
  };
}

function said(name: string, value: unknown): string {
  const shown =
    value === "" || value === null || typeof value === "object" ? "is another" : `is now “${value}”`;
  return `${words(name).toLowerCase()} ${shown}`;
}
