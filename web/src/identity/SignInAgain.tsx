/** The session came to its end: who one is is asked over the page, so that nothing typed on it is lost. */

import { useState } from "react";
import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { back, comeBack } from "./entering";
import { type Me, useEnded } from "./me";
import { ProofForm } from "./ProofForm";
import { anew } from "./sessions";

const leave = () => anew("/sign-in");

export function SignInAgain({ me }: { me: Me }) {
  const ended = useEnded((all) => all.ended);
  const [token, setToken] = useState<string | null>(null);
  const { email, name } = me.user;

  async function byPassword(password: string) {
    const missing = await comeBack({ email, password, org: me.org.slug });
    if (missing?.step === "code") setToken(missing.token);
    else if (missing) leave(); // what is asked for now takes a page of its own
  }

  async function byCode(mfa_token: string, code: string) {
    await ask(api.POST("/api/v2/auth/mfa/verify", { body: { mfa_token, code } }));
    await back();
    setToken(null);
  }

  return (
    <Dialog
      open={ended}
      onClose={leave}
      title="Sign in again"
      about={`Your session has ended. What you entered is still here, ${name}.`}
    >
      {token ? (
        <ProofForm
          key="code"
          by="code"
          hint="Of your authenticator, or a recovery code."
          send={(code) => byCode(token, code)}
        />
      ) : (
        <ProofForm key="password" by="password" email={email} send={byPassword}>
          <Button look="plain" onClick={leave}>
            Leave this page
          </Button>
        </ProofForm>
      )}
    </Dialog>
  );
}
