/** Are you sure, said with what will come of it; with a reason where the books want one. */

import { useId } from "react";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Textarea } from "@/ui/Textarea";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";

interface Props {
  open: boolean;
  title: string;
  about: string;
  verb: string;
  reason?: boolean;
  onClose: () => void;
  act: (reason: string) => Promise<unknown>;
}

export function Asking({ open, title, about, verb, reason = false, onClose, act }: Props) {
  const id = useId();
  const sent = useSubmit(["reason"], (form) => act(String(form.get("reason") ?? "")));
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      about={about}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={id} busy={sent.busy}>
            {verb}
          </Button>
        </>
      }
    >
      <form id={id} {...sent.form}>
        {reason && <Textarea label="Why" name="reason" required error={sent.fault("reason")} />}
        <Wrong>{sent.beside}</Wrong>
      </form>
    </Dialog>
  );
}
