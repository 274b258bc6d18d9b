/** The second step: a code of one's authenticator, or one of the recovery codes. */

import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { Door, FORM } from "./Door";

export function Code({
  token,
  onDone,
  onBack,
}: {
  token: string;
  onDone: () => Promise<unknown>;
  onBack: () => void;
}) {
  const sending = useSubmit(["code"], async (form) => {
    const code = String(form.get("code")).replaceAll(/\s/g, "");
    await ask(api.POST("/api/v2/auth/mfa/verify", { body: { mfa_token: token, code } }));
    await onDone();
  });
  return (
    <Door
      title="Second step"
      about="Your authenticator shows a code of six digits. A recovery code is good too, once."
    >
      <form {...sending.form} className={FORM}>
        <Field
          label="Code"
          name="code"
          autoComplete="one-time-code"
          inputMode="numeric"
          minLength={6}
          required
          autoFocus
          error={sending.fault("code")}
        />
        <Wrong>{sending.beside}</Wrong>
        <Button look="primary" type="submit" busy={sending.busy}>
          Sign in
        </Button>
        <Button look="plain" onClick={onBack}>
          Back
        </Button>
      </form>
    </Door>
  );
}
