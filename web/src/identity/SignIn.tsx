/** Signing in: a password, then the organisation and the second step where they are needed. */

import { useState } from "react";
import { Link, useLocation, useNavigate, useSearchParams } from "react-router";
import { useInstallation } from "@/api/installation";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { words } from "@/ui/Status";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { Code } from "./Code";
import { Door, FORM, LINK } from "./Door";
import { Enrol } from "./Enrol";
import { type Choice, type Credentials, enter, entered, type Missing, wanted } from "./entering";

export function SignIn() {
  const [missing, setMissing] = useState<Missing | null>(null);
  const [credentials, setCredentials] = useState<Credentials>({ email: "", password: "" });
  const [query] = useSearchParams();
  const go = useNavigate();

  const inside = () => go(wanted(query), { replace: true });

  async function come(by: Credentials) {
    setCredentials(by);
    const more = await enter(by);
    if (more) setMissing(more);
    else await inside();
  }

  const again = () => setMissing(null);
  switch (missing?.step) {
    case "organisation":
      return (
        <Organisations
          choices={missing.organisations}
          onBack={again}
          onChosen={(org) => come({ ...credentials, org })}
        />
      );
    case "code":
      return <Code token={missing.token} onBack={again} onDone={() => entered().then(inside)} />;
    case "enrol":
      return (
        <Door title="Set up two-step sign-in" about="Your role requires it. It takes a minute, once.">
          <Enrol token={missing.token} onDone={() => entered().then(inside)} />
          <Button look="plain" className="mt-2 w-full" onClick={again}>
            Back
          </Button>
        </Door>
      );
    default:
      return <Password email={credentials.email} come={come} />;
  }
}

function Password({ email, come }: { email: string; come: (by: Credentials) => Promise<void> }) {
  const said = useLocation().state as { email?: string; note?: string } | null;
  const sending = useSubmit(["email", "password"], (form) =>
    come({ email: String(form.get("email")), password: String(form.get("password")) }),
  );
  return (
    <Door
      title="Sign in"
      about={said?.note}
      below={
        <>
          <p>
            New here?{" "}
            <Link to="/sign-up" className={LINK}>
              Begin with your company
            </Link>
          </p>
          <Demo come={come} />
        </>
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
          defaultValue={email || said?.email}
          error={sending.fault("email")}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          error={sending.fault("password")}
        />
        <Wrong>{sending.beside}</Wrong>
        <Button look="primary" type="submit" busy={sending.busy}>
          {sending.busy ? "Signing in…" : "Sign in"}
        </Button>
        <Link to="/reset-password" className={`${LINK} self-center`}>
          I forgot my password
        </Link>
      </form>
    </Door>
  );
}

/** Sign-ins of the demo companies, where they are installed: one press each. */
function Demo({ come }: { come: (by: Credentials) => Promise<void> }) {
  const { data } = useInstallation();
  const [busy, setBusy] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  if (!data?.demo.length) return null;
  const companies = [...new Set(data.demo.map((one) => one.org))];

  async function press({ email, password, org }: Credentials & { org: string }) {
    setBusy(`${org} ${email}`);
    try {
      await come({ email, password, org });
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(null);
    }
  }

  return (
    <section aria-label="Demo" className="mt-6 rounded-lg border border-line border-dashed p-4 text-left">
      <h2 className="font-medium text-ink">Look around in the demo</h2>
      <Wrong>{wrong}</Wrong>
      {companies.map((org) => (
        <div key={org} className="mt-2">
          <p>{org.split("-").map(words).join(" ")}</p>
          <div className="mt-1 flex flex-wrap gap-1">
            {data.demo
              .filter((one) => one.org === org)
              .map((one) => (
                <Button
                  key={one.email}
                  busy={busy === `${org} ${one.email}`}
                  disabled={busy !== null}
                  onClick={() => void press(one)}
                >
                  {words(one.role)}
                </Button>
              ))}
          </div>
        </div>
      ))}
    </section>
  );
}

function Organisations({
  choices,
  onChosen,
  onBack,
}: {
  choices: Choice[];
  onChosen: (slug: string) => Promise<void>;
  onBack: () => void;
}) {
  const choosing = useSubmit([], (form) => onChosen(String(form.get("org"))));
  const one = (slug: string) => {
    const form = new FormData();
    form.set("org", slug);
    void choosing.submit(form);
  };
  return (
    <Door title="Which company?" about="You belong to several. You can go over to another at any time.">
      <ul className="flex flex-col gap-2">
        {choices.map(({ id, name, slug }, place) => (
          <li key={id}>
            <Button
              className="w-full justify-start!"
              autoFocus={place === 0}
              disabled={choosing.busy}
              onClick={() => one(slug)}
            >
              {name}
            </Button>
          </li>
        ))}
      </ul>
      <Wrong>{choosing.beside}</Wrong>
      <Button look="plain" className="mt-2 w-full" onClick={onBack}>
        Back
      </Button>
    </Door>
  );
}
