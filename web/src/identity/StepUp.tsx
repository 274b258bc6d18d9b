/** Once more who one is, before what decides who may come in: `await proved(() => ask(…))` asks for the password
 * only where the server wants it, and then does what was meant. One `<StepUp />` stands in the frame. */

import { create } from "zustand";
import { api, askAll, Problem } from "@/api/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { FORM } from "./Door";

const useAsking = create<{ answer: ((proved: boolean) => void) | null }>(() => ({ answer: null }));

/** Do it, after a proof where one is needed. Raises the refusal when none is given. */
export async function proved<T>(what: () => Promise<T>): Promise<T> {
  try {
    return await what();
  } catch (error) {
    if (!(error instanceof Problem && error.code === "step_up_required")) throw error;
    const given = await new Promise<boolean>((answer) => useAsking.setState({ answer }));
    useAsking.setState({ answer: null });
    if (!given) throw new Error("Nothing was changed: it needs your password.");
    return what();
  }
}

export function StepUp() {
  const answer = useAsking((all) => all.answer);
  const sending = useSubmit(["password", "code"], async (form) => {
    await askAll(api.POST("/api/v2/auth/step-up", { body: { password: String(form.get("password")) } }));
    answer?.(true);
  });
  return (
    <Dialog
      open={answer !== null}
      onClose={() => answer?.(false)}
      title="It is you?"
      about="What you are about to do decides who may come in. Enter your password once more."
    >
      <form {...sending.form} className={FORM}>
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          autoFocus
          error={sending.fault("password")}
        />
        <Wrong>{sending.beside}</Wrong>
        <Button look="primary" type="submit" busy={sending.busy}>
          Go on
        </Button>
      </form>
    </Dialog>
  );
}
