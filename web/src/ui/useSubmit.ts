/** Sending a small form: once at a time, what was entered stays, and each fault stands at its field. Larger
 * forms use react-hook-form. */

import { type FormEvent, useEffect, useRef, useState } from "react";
import { Problem } from "@/api/client";

/** What the server has against a field of the body, by the field's name. */
export function faultAt(error: unknown, name: string): string | undefined {
  if (!(error instanceof Problem)) return undefined;
  return error.faults.find((one) => one.pointer === `/${name}` || one.pointer === name)?.detail;
}

/** What is wrong and belongs to none of these fields: said above the button. */
export function faultBeside(error: unknown, names: readonly string[]): string | null {
  if (!error) return null;
  if (names.some((name) => faultAt(error, name))) return null;
  return error instanceof Error ? error.message : String(error);
}

export function useSubmit(names: readonly string[], send: (form: FormData) => Promise<unknown>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [dirty, setDirty] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [error]);

  async function submit(entered: FormData) {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await send(entered);
      setDirty(false);
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  }

  return {
    busy,
    submit,
    /** Whether something was entered that is neither sent nor on its way: for `useUnsaved`. */
    unsaved: dirty && !busy,
    /** For `<form {...form}>`. */
    form: {
      ref: form,
      onChange: () => setDirty(true),
      onSubmit: (event: FormEvent<HTMLFormElement>) => {
        event.preventDefault();
        void submit(new FormData(event.currentTarget));
      },
    },
    fault: (name: string) => faultAt(error, name),
    beside: faultBeside(error, names),
  };
}
