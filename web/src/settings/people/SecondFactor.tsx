/** Whether everybody with a role signs in in two steps. */

import { useState } from "react";
import { api, ask } from "@/api/client";
import { proved } from "@/identity/StepUp";
import { Button } from "@/ui/Button";
import { Sure } from "@/ui/Sure";
import { toast } from "@/ui/toast";
import { roleName } from "../lookups";
import { type Role, roles } from "./roles";

export function SecondFactor({ role }: { role: Role }) {
  const [required, setRequired] = useState(role.requires_mfa);
  const [asking, setAsking] = useState(false);
  const name = roleName(role.name);

  async function put() {
    const body = { required: !required };
    const now = await proved(() =>
      ask(api.PUT("/api/v2/roles/{id}/mfa", { params: { path: { id: role.id } }, body })),
    );
    setRequired(now.requires_mfa);
    roles.again();
    toast({
      text: now.requires_mfa ? `${name} needs two steps from now on.` : `${name} needs one step again.`,
    });
  }

  return (
    <>
      <Button onClick={() => setAsking(true)}>{required ? "One step…" : "Require two steps…"}</Button>
      {asking && (
        <Sure
          onClose={() => setAsking(false)}
          of={
            required
              ? {
                  title: `Let ${name} sign in with a password alone?`,
                  about:
                    "Whoever learns a password of theirs can come in. Those who set two steps up keep them.",
                  verb: "One step is enough",
                  look: "danger",
                  do: put,
                }
              : {
                  title: `Require two-step sign-in of ${name}?`,
                  about:
                    "From their next click on, everybody with this role needs a code of their phone beside the " +
                    "password. Who has none sets it up before they go on.",
                  verb: "Require it",
                  do: put,
                }
          }
        />
      )}
    </>
  );
}
