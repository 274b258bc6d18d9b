/** Coming in by an invitation: one's name, a password, and one is there. */

import { Link, useNavigate } from "react-router";
import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { Door, FORM, LINK, useToken } from "./Door";
import { enter } from "./entering";

export default function Invitation() {
  const token = useToken();
  return token ? <Accept token={token} /> : <Incomplete />;
}

/** A link that lost what stood behind its `#`. */
export function Incomplete() {
  return (
    <Door
      title="This link is not whole"
      about="Mail programs cut long links. Open it from the mail itself, or copy all of it."
    >
      <Link to="/sign-in" className={LINK}>
        Sign in
      </Link>
    </Door>
  );
}

function Accept({ token }: { token: string }) {
  const go = useNavigate();
  const sending = useSubmit(["password", "name", "token"], async (form) => {
    const password = String(form.get("password"));
    const name = String(form.get("name")).trim();
    const joined = await ask(
      api.POST("/api/v2/invitations/accept", { body: { token, password, ...(name ? { name } : {}) } }),
    );
    const missing = await enter({ email: joined.email, password, org: joined.org });
    if (missing) await go("/sign-in", { replace: true, state: { email: joined.email } });
    else await go("/", { replace: true });
  });
  return (
    <Door
      title="You are invited"
      about="Choose a password of at least 8 characters. If you have an account with Truckroll already, enter the one you have."
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
        <Field
          label="Your name"
          name="name"
          autoComplete="name"
          hint="Only if the invitation has it wrong."
          error={sending.fault("name")}
        />
        <Wrong>{sending.beside ?? sending.fault("token")}</Wrong>
        <Button look="primary" type="submit" busy={sending.busy}>
          Come in
        </Button>
      </form>
    </Door>
  );
}
