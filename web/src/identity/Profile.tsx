/** Oneself: how one signs in, and where one is signed in. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask, askAll, type Schemas } from "@/api/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Page, Pane } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { Badge, words } from "@/ui/Status";
import { toast } from "@/ui/toast";
import { useSubmit } from "@/ui/useSubmit";
import { When } from "@/ui/When";
import { Wrong } from "@/ui/Wrong";
import { FORM } from "./Door";
import { Enrol, RecoveryCodes } from "./Enrol";
import { entered } from "./entering";
import { type Me, useMe } from "./me";
import { proved } from "./StepUp";
import { signOut } from "./sessions";

export default function Profile() {
  const { me } = useMe();
  if (!me) return null;
  return (
    <Page title={me.user.name} tab="Your profile" about={`${words(me.org.role)} at ${me.org.name}`}>
      <div className="grid max-w-4xl items-start gap-4 p-4 lg:grid-cols-2">
        <Address me={me} />
        <Password />
        <TwoSteps />
        <Sessions me={me} />
      </div>
    </Page>
  );
}

function Address({ me }: { me: Me }) {
  const sending = useSubmit(["email"], async (form) => {
    const email = String(form.get("email"));
    await proved(() => ask(api.POST("/api/v2/me/email", { body: { email } })));
    toast({ text: `We wrote to ${email}. The address counts once its link was opened.` });
  });
  return (
    <Pane title="E-mail">
      <p className="mb-3">
        You sign in as <strong className="break-all">{me.user.email}</strong>.
      </p>
      <form {...sending.form} className={FORM}>
        <Field
          label="Another address"
          name="email"
          type="email"
          autoComplete="email"
          required
          error={sending.fault("email")}
        />
        <Wrong>{sending.beside}</Wrong>
        <Button type="submit" busy={sending.busy} className="self-start">
          Send a confirmation link
        </Button>
      </form>
    </Pane>
  );
}

function Password() {
  const sending = useSubmit(["current_password", "new_password"], async (form) => {
    await askAll(
      api.POST("/api/v2/auth/password", {
        body: {
          current_password: String(form.get("current_password")),
          new_password: String(form.get("new_password")),
        },
      }),
    );
    sending.form.ref.current?.reset();
    toast({ text: "Your password is changed. You are signed out on all other devices." });
  });
  return (
    <Pane title="Password">
      <form {...sending.form} className={FORM}>
        <Field
          label="Present password"
          name="current_password"
          type="password"
          autoComplete="current-password"
          required
          error={sending.fault("current_password")}
        />
        <Field
          label="New password"
          name="new_password"
          type="password"
          autoComplete="new-password"
          hint="At least 8 characters. All your other devices are signed out."
          required
          error={sending.fault("new_password")}
        />
        <Wrong>{sending.beside}</Wrong>
        <Button type="submit" busy={sending.busy} className="self-start">
          Change the password
        </Button>
      </form>
    </Pane>
  );
}

type Layer = { enrol: string } | { codes: readonly string[] } | null;

function TwoSteps() {
  const known = useQueryClient();
  const [layer, setLayer] = useState<Layer>(null);
  const asked = useQuery({
    queryKey: ["me", "mfa"],
    queryFn: ({ signal }) => ask(api.GET("/api/v2/me/mfa", { signal })),
  });
  const again = () => known.invalidateQueries({ queryKey: ["me", "mfa"] });
  const doing = useSubmit([], async (form) => {
    switch (form.get("what")) {
      case "on":
        setLayer({ enrol: (await proved(() => ask(api.POST("/api/v2/me/mfa")))).mfa_token });
        break;
      case "codes":
        setLayer({
          codes: (await proved(() => ask(api.POST("/api/v2/me/mfa/recovery-codes")))).recovery_codes,
        });
        break;
      default:
        await proved(() => askAll(api.DELETE("/api/v2/me/mfa")));
        toast({ text: "Two-step sign-in is off." });
    }
    await again();
  });
  const press = (what: string) => {
    const form = new FormData();
    form.set("what", what);
    void doing.submit(form);
  };
  const close = () => {
    setLayer(null);
    void again();
  };
  return (
    <Pane title="Two-step sign-in">
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : !asked.data ? (
        <Skeleton rows={2} label="Reading how you sign in" />
      ) : (
        <div className={FORM}>
          <Standing standing={asked.data} />
          <Wrong>{doing.beside}</Wrong>
          <div className="flex flex-wrap gap-2">
            <Button busy={doing.busy} onClick={() => press("on")}>
              {asked.data.enrolled_at ? "Another authenticator" : "Set it up"}
            </Button>
            {asked.data.enrolled_at && (
              <Button busy={doing.busy} onClick={() => press("codes")}>
                New recovery codes
              </Button>
            )}
            {asked.data.enrolled_at && !asked.data.required && (
              <Button look="danger" busy={doing.busy} onClick={() => press("off")}>
                Switch it off
              </Button>
            )}
          </div>
        </div>
      )}
      <Dialog open={layer !== null && "enrol" in layer} onClose={close} title="Set up two-step sign-in">
        {layer !== null && "enrol" in layer && (
          <Enrol
            token={layer.enrol}
            onDone={async () => {
              await entered();
              close();
            }}
          />
        )}
      </Dialog>
      <Dialog open={layer !== null && "codes" in layer} onClose={close} title="New recovery codes">
        {layer !== null && "codes" in layer && <RecoveryCodes codes={layer.codes} onDone={close} />}
      </Dialog>
    </Pane>
  );
}

function Standing({ standing }: { standing: Schemas["StandingOut"] }) {
  if (!standing.enrolled_at) {
    return (
      <p className="text-muted">
        With it, whoever learns your password still cannot come in: a code of your phone is asked for, too.
        {standing.required && " Your role requires it."}
      </p>
    );
  }
  return (
    <p>
      <Badge tone="good">On</Badge>{" "}
      <span className="text-muted">
        {standing.recovery_codes_left} recovery codes left.
        {standing.required && " Your role requires it, so it cannot be switched off."}
      </span>
    </p>
  );
}

/** "Chrome on Linux" of a browser's long name; of a program, its own. */
export function device(agent: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\/[\d.]+/.exec(
    agent.includes("Edg/") ? agent.replace(/Chrome\/\S+/, "") : agent,
  )?.[1];
  const system = /(Windows|iPhone|iPad|Android|Mac OS X|Linux)/.exec(agent)?.[1];
  if (!browser) return agent || "Unknown device";
  const called = { Edg: "Edge", OPR: "Opera" }[browser] ?? browser;
  return system ? `${called} on ${system === "Mac OS X" ? "Mac" : system}` : called;
}

function Sessions({ me }: { me: Me }) {
  const known = useQueryClient();
  const asked = useQuery({
    queryKey: ["me", "sessions"],
    queryFn: ({ signal }) => ask(api.GET("/api/v2/me/sessions", { signal })),
  });
  const company = (id: string) => me.organisations.find((one) => one.id === id)?.name;

  async function end(id: string) {
    try {
      await askAll(api.DELETE("/api/v2/me/sessions/{id}", { params: { path: { id } } }));
      toast({ text: "That device is signed out." });
    } catch (error) {
      toast({ text: error instanceof Error ? error.message : String(error), tone: "danger" });
    }
    await known.invalidateQueries({ queryKey: ["me", "sessions"] });
  }

  return (
    <Pane title="Where you are signed in">
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : !asked.data ? (
        <Skeleton rows={3} label="Reading your devices" />
      ) : (
        <ul className="-my-2">
          {asked.data.data.map((one) => (
            <li key={one.id} className="flex items-center gap-3 border-line border-b py-2 last:border-0">
              <div className="min-w-0 flex-1">
                <p className="break-words">{device(one.user_agent)}</p>
                <p className="text-muted text-sm">
                  {company(one.org_id)}
                  {one.ip && `, ${one.ip}`}, last seen <When at={one.last_used_at} zone={me.time_zone} />
                </p>
              </div>
              {one.current ? (
                <Badge tone="accent">This device</Badge>
              ) : (
                <Button onClick={() => void end(one.id)}>Sign out</Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <Button className="mt-3" onClick={() => void signOut()}>
        Sign out here
      </Button>
    </Pane>
  );
}
