/** A new address to sign in with, confirmed from its own mailbox. */

import { useState } from "react";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { Door, FORM, LINK, useToken } from "./Door";
import { Incomplete } from "./Invitation";

export default function ConfirmEmail() {
  const token = useToken();
  return token ? <Confirm token={token} /> : <Incomplete />;
}

function Confirm({ token }: { token: string }) {
  const [email, setEmail] = useState<string | null>(null);
  const sending = useSubmit(["token"], async () => {
    setEmail((await ask(api.POST("/api/v2/auth/email/confirm", { body: { token } }))).email);
  });
  if (email) {
    return (
      <Door title="Confirmed" about={`From now on you sign in as ${email}.`}>
        <Link to="/" className={LINK}>
          Go on
        </Link>
      </Door>
    );
  }
  return (
    <Door
      title="A new e-mail address"
      about="Confirm that you want to sign in with this address from now on."
    >
      <form {...sending.form} className={FORM}>
        <Wrong>{sending.beside ?? sending.fault("token")}</Wrong>
        <Button look="primary" type="submit" busy={sending.busy} autoFocus>
          Confirm
        </Button>
      </form>
    </Door>
  );
}
