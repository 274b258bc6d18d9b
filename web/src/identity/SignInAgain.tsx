/** The session came to its end: who one is is asked over the page, so that nothing typed on it is lost. */

import { useState } from "react";
import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { FORM } from "./Door";
import { back, comeBack } from "./entering";
import { type Me, useEnded } from "./me";
import { anew } from "./sessions";

const leave = () => anew("/sign-in");

export function SignInAgain({ me }: { me: Me }) {
  const ended = useEnded((all) => all.ended);
  const [token, setToken] = useState<string | null>(null);
  return (
    <Dialog
      open={ended}
      onClose={leave}
      title="Sign in again"
      about={`Your session has ended. What you entered is still here, ${me.user.name}.`}
    >
      {token ? <Second token={token} onDone={() => setToken(null)} /> : <First me={me} onSecond={setToken} />}
    </Dialog>
  );
}

function First({ me, onSecond }: { me: Me; onSecond: (token: string) => void }) {
  const { email } = me.user;
  const sending = useSubmit(["password"], async (form) => {
    const missing = await comeBack({ email, password: String(form.get("password")), org: me.org.slug });
    if (missing?.step === "code") onSecond(missing.token);
    else if (missing) leave(); // what is asked for now takes a page of its own
  });
  return (
    <form {...sending.form} className={FORM}>
      <input type="hidden" autoComplete="username" value={email} readOnly />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus
        error={sending.fault("password")}
      />
      <Wrong>{sending.beside}</Wrong>
      <Button look="primary" type="submit" busy={sending.busy}>
        Go on
      </Button>
      <Button look="plain" onClick={leave}>
        Leave this page
      </Button>
    </form>
  );
}

function Second({ token, onDone }: { token: string; onDone: () => void }) {
  const sending = useSubmit(["code"], async (form) => {
    const code = String(form.get("code")).replaceAll(/\s/g, "");
    await ask(api.POST("/api/v2/auth/mfa/verify", { body: { mfa_token: token, code } }));
    await back();
    onDone();
  });
  return (
    <form {...sending.form} className={FORM}>
      <Field
        label="Code"
        name="code"
        autoComplete="one-time-code"
        inputMode="numeric"
        minLength={6}
        required
        autoFocus
        hint="Of your authenticator, or a recovery code."
        error={sending.fault("code")}
      />
      <Wrong>{sending.beside}</Wrong>
      <Button look="primary" type="submit" busy={sending.busy}>
        Go on
      </Button>
    </form>
  );
}
