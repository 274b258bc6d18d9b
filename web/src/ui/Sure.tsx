/** Says what is about to happen, and does it once somebody agrees; a refusal is shown where it was asked. */

import { useState } from "react";
import { Button, type Look } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Wrong } from "@/ui/Wrong";

export interface Surely {
  title: string;
  about: string;
  verb: string;
  look?: Look;
  do: () => Promise<unknown>;
}

export function Sure({ of, onClose }: { of: Surely; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function go() {
    setBusy(true);
    setProblem(null);
    try {
      await of.do();
      onClose();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={of.title}
      about={of.about}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={of.look ?? "primary"} busy={busy} onClick={() => void go()}>
            {of.verb}
          </Button>
        </>
      }
    >
      <Wrong>{problem}</Wrong>
    </Dialog>
  );
}
