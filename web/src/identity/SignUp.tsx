/** Beginning with one's company: three lines, a mail, a password. */

import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, ask } from "@/api/client";
import { useInstallation } from "@/api/installation";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { Door, FORM, LINK, useToken } from "./Door";
import { enter } from "./entering";

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ZONES = [...new Set([here, ...Intl.supportedValuesOf("timeZone")])].map((value) => ({
  value,
  text: value.replaceAll("_", " "),
}));
const names = new Intl.DisplayNames(undefined, { type: "currency" });
const CURRENCIES = Intl.supportedValuesOf("currency").map((value) => ({
  value,
  text: `${value}: ${names.of(value) ?? value}`,
}));

export default function SignUp() {
  const token = useToken();
  return token ? <Confirm token={token} /> : <Ask />;
}

function Ask() {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const sending = useSubmit(["organisation", "name", "email", "time_zone", "currency"], async (form) => {
    const said = (name: string) => String(form.get(name)).trim();
    const { sent_to } = await ask(
      api.POST("/api/v2/auth/sign-up", {
        body: {
          organisation: said("organisation"),
          name: said("name"),
          email: said("email"),
          time_zone: said("time_zone"),
          currency: said("currency"),
        },
      }),
    );
    setSentTo(sent_to);
  });
  if (sentTo) {
    return (
      <Written to={sentTo} onBack={() => setSentTo(null)}>
        Its link lets you choose a password, and then you are in.
      </Written>
    );
  }
  return (
    <Door
      title="Begin with your company"
      about="No card, no call: you can try everything at once."
      below={
        <p>
          You have an account?{" "}
          <Link to="/sign-in" className={LINK}>
            Sign in
          </Link>
        </p>
      }
    >
      <form {...sending.form} className={FORM}>
        <Field
          label="Company"
          name="organisation"
          autoComplete="organization"
          required
          autoFocus
          error={sending.fault("organisation")}
        />
        <Field label="Your name" name="name" autoComplete="name" required error={sending.fault("name")} />
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="email"
          required
          error={sending.fault("email")}
        />
        <Select
          label="Time zone"
          name="time_zone"
          choices={ZONES}
          defaultValue={here}
          hint="Where your days begin and end."
          error={sending.fault("time_zone")}
        />
        <Select
          label="Currency"
          name="currency"
          choices={CURRENCIES}
          defaultValue="USD"
          error={sending.fault("currency")}
        />
        <Wrong>{sending.beside}</Wrong>
        <Button look="primary" type="submit" busy={sending.busy}>
          Go on
        </Button>
      </form>
    </Door>
  );
}

/** A mail is on its way. */
export function Written({
  to,
  onBack,
  children,
}: {
  to: string;
  onBack: () => void;
  children?: React.ReactNode;
}) {
  const { data } = useInstallation();
  return (
    <Door
      title="Look into your mail"
      about={`We wrote to ${to}. ${typeof children === "string" ? children : ""}`}
    >
      <div className={FORM}>
        <p className="text-muted">
          Nothing there? Look among what was sorted out, and whether the address is written as it should be.
        </p>
        {data?.environment === "local" && (
          <p>
            This installation sends no mail to the world:{" "}
            <a className={LINK} href="/dev/outbox">
              what it would have sent
            </a>
            .
          </p>
        )}
        <Button onClick={onBack}>Write to another address</Button>
      </div>
    </Door>
  );
}

function Confirm({ token }: { token: string }) {
  const go = useNavigate();
  const sending = useSubmit(["password", "token"], async (form) => {
    const password = String(form.get("password"));
    const founded = await ask(api.POST("/api/v2/auth/sign-up/confirm", { body: { token, password } }));
    const missing = await enter({ email: founded.email, password, org: founded.slug });
    if (missing) await go("/sign-in", { replace: true, state: { email: founded.email } });
    else await go("/", { replace: true });
  });
  return (
    <Door
      title="Choose a password"
      about="At least 8 characters. If you have an account with Truckroll already, enter the password you have."
    >
      <form {...sending.form} className={FORM}>
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          autoFocus
          error={sending.fault("password")}
        />
        <Wrong>{sending.beside ?? sending.fault("token")}</Wrong>
        <Button look="primary" type="submit" busy={sending.busy}>
          Begin
        </Button>
      </form>
    </Door>
  );
}
