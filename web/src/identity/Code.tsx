/** The second step: a code of one's authenticator, or one of the recovery codes. */

import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { Door } from "./Door";
import { ProofForm } from "./ProofForm";

export function Code({
  token,
  onDone,
  onBack,
}: {
  token: string;
  onDone: () => Promise<unknown>;
  onBack: () => void;
}) {
  async function send(code: string) {
    await ask(api.POST("/api/v2/auth/mfa/verify", { body: { mfa_token: token, code } }));
    await onDone();
  }
  return (
    <Door
      title="Second step"
      about="Your authenticator shows a code of six digits. A recovery code is good too, once."
    >
      <ProofForm by="code" verb="Sign in" send={send}>
        <Button look="plain" onClick={onBack}>
          Back
        </Button>
      </ProofForm>
    </Door>
  );
}
