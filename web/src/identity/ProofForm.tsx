/** Who one is, shown by one's password or by a code of one's authenticator. */

import type { ReactNode } from "react";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { FORM } from "./Door";

export type By = "password" | "code";

interface Props {
  by: By;
  /** Sends what was entered. Raises what is against it. */
  send: (said: string) => Promise<unknown>;
  /** Whose password it is, for those who keep it. */
  email?: string;
  hint?: string;
  verb?: string;
  /** Other ways to go on. */
  children?: ReactNode;
}

export function ProofForm({ by, send, email, hint, verb = "Go on", children }: Props) {
  const sending = useSubmit([by], (form) => {
    const said = String(form.get(by));
    return send(by === "code" ? said.replaceAll(/\s/g, "") : said);
  });
  const box = { name: by, required: true, autoFocus: true, hint, error: sending.fault(by) };
  return (
    <form {...sending.form} className={FORM}>
      {email && <input type="hidden" autoComplete="username" value={email} readOnly />}
      {by === "code" ? (
        <Field {...box} label="Code" autoComplete="one-time-code" inputMode="numeric" minLength={6} />
      ) : (
        <Field {...box} label="Password" type="password" autoComplete="current-password" />
      )}
      <Wrong>{sending.beside}</Wrong>
      <Button look="primary" type="submit" busy={sending.busy}>
        {verb}
      </Button>
      {children}
    </form>
  );
}
