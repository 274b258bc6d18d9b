/** A forgotten password: a mail is asked for, and its link sets a new one. */

import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, askAll } from "@/api/client";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { Door, FORM, LINK, useToken } from "./Door";
import { Written } from "./SignUp";

export default function ResetPassword() {
  const token = useToken();
  return token ? <Anew token={token} /> : <Ask />;
}

function Ask() {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const sending = useSubmit(["email"], async (form) => {
    const email = String(form.get("email"));
    await askAll(api.POST("/api/v2/auth/password/forgot", { body: { email } }));
    setSentTo(email);
  });
  if (sentTo) {
    return (
      <Written to={sentTo} onBack={() => setSentTo(null)}>
        If that address has an account, its link sets a new password. It is good for 30 minutes.
      </Written>
    );
  }
  return (
    <Door
      title="A new password"
      about="We write to you, and the mail's link lets you choose one."
      below={
        <Link to="/sign-in" className={LINK}>
          Back to sign-in
        </Link>
      }
    >
      <form {...sending.form} className={FORM}>
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          autoFocus
          error={sending.fault("email")}
        />
        <Wrong>{sending.beside}</Wrong>
        <Button look="primary" type="submit" busy={sending.busy}>
          Write to me
        </Button>
      </form>
    </Door>
  );
}

function Anew({ token }: { token: string }) {
  const go = useNavigate();
  const sending = useSubmit(["password", "token"], async (form) => {
    const password = String(form.get("password"));
    await askAll(api.POST("/api/v2/auth/password/reset", { body: { token, password } }));
    await go("/sign-in", { replace: true, state: { note: "Your new password is set. Sign in with it." } });
  });
  return (
    <Door title="A new password" about="At least 8 characters. You are signed out everywhere else.">
      <form {...sending.form} className={FORM}>
        <Field
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          autoFocus
          error={sending.fault("password")}
        />
        <Wrong>{sending.beside ?? sending.fault("token")}</Wrong>
        <Button look="primary" type="submit" busy={sending.busy}>
          Set the password
        </Button>
      </form>
    </Door>
  );
}
