/** A record's form: what is wrong is said at its field, what was typed stays, and somebody else's change
 * meanwhile is shown before it is written over. */

import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
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

export interface Editing<In extends FieldValues, Out extends FieldValues> {
  schema: ZodType<Out, In>;
  values: In;
  /** Sends it; `changed` has only the fields that somebody touched. */
  send: (all: Out, changed: Partial<Out>) => Promise<unknown>;
  /** What the form holds of the row as it is now, when somebody else changed it meanwhile. */
  reread?: (current: Record<string, unknown>) => In;
}

export function useEditing<In extends FieldValues, Out extends FieldValues>(asked: Editing<In, Out>) {
  const { schema, values, send, reread } = asked;
  const form = useForm<In, unknown, Out>({
    resolver: zodResolver(schema as never) as unknown as Resolver<In, unknown, Out>,
    defaultValues: values as DefaultValues<In>,
  });
  const [problem, setProblem] = useState<string | null>(null);
  const { dirtyFields, errors, isSubmitting } = form.formState;

  function take(error: unknown) {
    if (!(error instanceof Problem))
      return setProblem(error instanceof Error ? error.message : String(error));
    const current = error.body.current;
    if (error.status === 412 && reread && typeof current === "object" && current !== null) {
      const [before, now] = [form.formState.defaultValues as In, reread(current as Record<string, unknown>)];
      const other = Object.keys(now).filter(
        (name) => JSON.stringify(now[name]) !== JSON.stringify(before?.[name]),
      );
      form.reset(now, { keepDirtyValues: true });
      return setProblem(
        `Somebody changed this meanwhile${other.length ? `: ${other.map((name) => said(name, now[name])).join(", ")}` : ""}. What you typed is kept; save again to put it in its place.`,
      );
    }
    let placed = 0;
    for (const { pointer, detail } of error.faults) {
      const path = (pointer ?? "").replace(/^\//, "").replaceAll("/", ".");
      if (!path || !((path.split(".")[0] ?? "") in values)) continue;
      form.setError(path as Path<In>, { message: detail }, { shouldFocus: placed === 0 });
      placed += 1;
    }
    if (placed === 0) setProblem(error.message);
  }

  const save = form.handleSubmit(async (all) => {
    setProblem(null);
    const touched = Object.entries(all).filter(([name]) => name in dirtyFields);
    try {
      await send(all, Object.fromEntries(touched) as Partial<Out>);
    } catch (error) {
      take(error);
    }
  });

  return {
    form,
    problem,
    busy: isSubmitting,
    onSubmit: (event: React.FormEvent) => void save(event),
    /** What is wrong with a field. */
    wrong: (name: Path<In>): string | undefined => {
      const found = get(errors, name) as Wrongs | undefined;
      // of a list that is typed as one text, what is wrong with one of its parts
      return found?.message ?? found?.root?.message ?? (Array.isArray(found) ? of(found) : undefined);
    },
  };
}

interface Wrongs {
  message?: string;
  root?: { message?: string };
}

const of = (all: readonly (Wrongs | undefined)[]) => all.find((one) => one?.message)?.message;

function said(name: string, value: unknown): string {
  const shown =
    value === "" || value === null || typeof value === "object" ? "is another" : `is now “${value}”`;
  return `${words(name).toLowerCase()} ${shown}`;
}
