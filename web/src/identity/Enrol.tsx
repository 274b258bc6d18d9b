/** Setting up an authenticator: its secret, a code that proves it, the recovery codes, each shown once. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Skeleton } from "@/ui/Skeleton";
import { save } from "@/ui/save";
import { toast } from "@/ui/toast";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { FORM } from "./Door";
import { tellEntered } from "./sessions";

const inFours = (secret: string) => secret.replaceAll(/(.{4})(?=.)/g, "$1 ");

async function copy(text: string) {
  try {
    await navigator.clipboard.writeText(text);
    toast({ text: "Copied." });
  } catch {
    toast({ text: "This browser did not let us copy it. Select it and copy it by hand.", tone: "danger" });
  }
}

export function Enrol({ token, onDone }: { token: string; onDone: () => unknown }) {
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const shown = useQuery({
    queryKey: ["enrol", token],
    // each answer is another secret: it is asked for once
    queryFn: () => ask(api.POST("/api/v2/auth/mfa/enroll", { body: { mfa_token: token } })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
  const sending = useSubmit(["code"], async (form) => {
    const code = String(form.get("code")).replaceAll(/\s/g, "");
    const { recovery_codes } = await ask(
      api.POST("/api/v2/auth/mfa/confirm", { body: { mfa_token: token, code } }),
    );
    tellEntered();
    setCodes(recovery_codes);
  });
  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />;
  if (shown.error) return <Failed error={shown.error} again={() => void shown.refetch()} />;
  if (!shown.data) return <Skeleton rows={3} label="Making a secret" />;
  const { secret, uri, qr } = shown.data;
  return (
    <form {...sending.form} className={FORM}>
      <ol className="flex list-decimal flex-col gap-3 pl-4">
        <li>
          Scan this with your authenticator, such as 1Password, Google or Microsoft Authenticator.
          <img src={qr} alt="QR code of the key below" className="my-2 size-44 rounded-md" />
          Without a camera, add an account with this key:
          <p className="tabular mt-1 select-all break-words rounded-md bg-sunken px-3 py-2 font-medium">
            {inFours(secret)}
          </p>
          <span className="mt-1 flex gap-3">
            <button
              type="button"
              className="font-medium text-accent hover:underline"
              onClick={() => void copy(secret)}
            >
              Copy the key
            </button>
            <a className="font-medium text-accent hover:underline" href={uri}>
              Open an authenticator on this device
            </a>
          </span>
        </li>
        <li>Enter the six digits that it shows now.</li>
      </ol>
      <Field
        label="Code"
        name="code"
        autoComplete="one-time-code"
        inputMode="numeric"
        minLength={6}
        required
        error={sending.fault("code")}
      />
      <Wrong>{sending.beside}</Wrong>
      <Button look="primary" type="submit" busy={sending.busy}>
        Switch two-step sign-in on
      </Button>
    </form>
  );
}

/** Shown once: whoever leaves without them and loses the phone cannot come in. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => unknown }) {
  const [kept, setKept] = useState(false);
  const text = `${codes.join("\n")}\n`;
  return (
    <div className={FORM}>
      <p>
        These codes sign you in when your authenticator is not at hand, each of them once. They are shown{" "}
        <strong>only now</strong>: keep them where your phone is not.
      </p>
      <ul
        aria-label="Recovery codes"
        className="tabular grid select-all grid-cols-2 gap-1 rounded-md bg-sunken p-3"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex gap-2">
        <Button onClick={() => void copy(text)}>Copy</Button>
        <Button
          onClick={() => save(new Blob([text], { type: "text/plain" }), "truckroll-recovery-codes.txt")}
        >
          Save as a file
        </Button>
      </div>
      <Checkbox label="I have kept them" checked={kept} onChange={(event) => setKept(event.target.checked)} />
      <Button look="primary" disabled={!kept} onClick={() => void onDone()}>
        Go on
      </Button>
    </div>
  );
}
