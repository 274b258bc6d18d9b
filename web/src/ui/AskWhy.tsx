/** Asks for a reason before something is done that others will want to understand. */

import { useState } from "react";
import { Problem } from "@/api/client";
import { Button, type Look } from "./Button";
import { Dialog } from "./Dialog";
import { Textarea } from "./Textarea";
import { Wrong } from "./Wrong";

export interface Why {
  title: string;
  about: string;
  verb: string;
  look?: Look;
  /** Whether it is refused without a reason. */
  needed: boolean;
  do: (reason: string | null) => Promise<unknown>;
}

export function AskWhy({ why, onClose }: { why: Why; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const [problem, setProblem] = useState<string | null>(null);

  async function go() {
    if (why.needed && !reason.trim()) return setFault("Say why: it stands beside the record.");
    setBusy(true);
    setFault(undefined);
    setProblem(null);
    try {
      await why.do(reason.trim() || null);
      onClose();
    } catch (error) {
      const at = error instanceof Problem && error.faults.find((one) => one.pointer === "/reason");
      if (at) setFault(at.detail);
      else setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={why.title}
      about={why.about}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={why.look ?? "primary"} busy={busy} onClick={() => void go()}>
            {why.verb}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Textarea
          label={why.needed ? "Reason" : "Reason (optional)"}
          maxLength={500}
          autoFocus
          value={reason}
          error={fault}
          onChange={(event) => setReason(event.target.value)}
        />
        <Wrong>{problem}</Wrong>
      </div>
    </Dialog>
  );
}
