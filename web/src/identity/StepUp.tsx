/** Once more who one is, before what decides who may come in: `await proved(() => ask(…))` asks for the password,
 * or for a code of whoever has an authenticator, only where the server wants it, and then does what was meant. One
 * `<StepUp />` stands in the frame. */

import { create } from "zustand";
import { api, ask, askAll, Problem } from "@/api/client";
import { Dialog } from "@/ui/Dialog";
import { type By, ProofForm } from "./ProofForm";

const useAsking = create<{ by: By; answer: ((proved: boolean) => void) | null }>(() => ({
  by: "password",
  answer: null,
}));

let asking: Promise<void> | null = null;

/** Ask for a proof; whoever wants one meanwhile waits for the same. Raises when none is given. */
function prove(): Promise<void> {
  asking ??= (async () => {
    const { enrolled_at } = await ask(api.GET("/api/v2/me/mfa"));
    const by = enrolled_at ? "code" : "password";
    const given = await new Promise<boolean>((answer) => useAsking.setState({ by, answer }));
    useAsking.setState({ answer: null });
    if (!given)
      throw new Error(`Nothing was changed: it needs ${by === "code" ? "a code" : "your password"}.`);
  })().finally(() => {
    asking = null;
  });
  return asking;
}

/** Do it, after a proof where one is needed. Raises the refusal when none is given. */
export async function proved<T>(what: () => Promise<T>): Promise<T> {
  try {
    return await what();
  } catch (error) {
    if (!(error instanceof Problem && error.code === "step_up_required")) throw error;
    await prove();
    return what();
  }
}

export function StepUp() {
  const answer = useAsking((all) => all.answer);
  const by = useAsking((all) => all.by);
  const close = () => answer?.(false);
  async function show(said: string) {
    await askAll(
      api.POST("/api/v2/auth/step-up", { body: by === "code" ? { code: said } : { password: said } }),
    );
    answer?.(true);
  }
  const about = "What you are about to do decides who may come in.";
  return (
    <Dialog
      open={answer !== null}
      onClose={close}
      title="It is you?"
      about={
        by === "code"
          ? `${about} Enter the code that your authenticator shows now, or a recovery code.`
          : `${about} Enter your password once more.`
      }
    >
      <ProofForm key={by} by={by} send={show} />
    </Dialog>
  );
}
