/** Asking somebody in: they get a link by mail that is good for seven days. */

import { z } from "zod";
import { api, ask } from "@/api/client";
import { useKeys } from "@/api/keys";
import { useMe } from "@/identity/me";
import { proved } from "@/identity/StepUp";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { useUnsaved } from "@/ui/useUnsaved";
import { Wrong } from "@/ui/Wrong";
import { roleName, useRoles } from "../lookups";
import { moved } from "./members";

const Entered = z.object({
  name: z.string().trim().min(1, "Type their name."),
  email: z.string().trim().min(1, "Type their e-mail address."),
  role: z.string().min(1, "Choose what they may do."),
});
type Entered = z.output<typeof Entered>;

export function Invite({ onClose }: { onClose: () => void }) {
  const { me } = useMe();
  const roles = useRoles();
  const keyOf = useKeys();
  const editing = useEditing<Entered, Entered>({
    schema: Entered,
    values: { name: "", email: "", role: "" },
    send: async (body) => {
      const made = await proved(() => ask(api.POST("/api/v2/invitations", { body, headers: keyOf(body) })));
      moved(made);
      unsaved.let();
      onClose();
      toast({
        text: `${made.name} was invited: we wrote to ${made.email}.`,
        to: { text: "Invitations", href: "/settings/invitations" },
      });
    },
  });
  const { bind, form } = editing;
  const unsaved = useUnsaved(form.formState.isDirty);
  const close = () => unsaved.leave(onClose);
  // nobody gives what they do not have themselves
  const mine = roles.data?.find((one) => one.name === me?.org.role)?.level ?? 100;
  const given = (roles.data ?? []).filter((one) => one.level <= mine);
  return (
    <Dialog
      open
      onClose={close}
      title="Invite somebody"
      about="They get a link by mail that is good for seven days, and choose a password of their own."
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" form="invite" busy={editing.busy}>
            Send the invitation
          </Button>
        </>
      }
    >
      <form id="invite" noValidate onSubmit={editing.onSubmit} className="flex flex-col gap-3">
        <Field label="Name" autoComplete="off" autoFocus {...bind("name")} />
        <Field label="E-mail" type="email" autoComplete="off" {...bind("email")} />
        <Select
          label="Role"
          none="Choose a role"
          choices={given.map((one) => ({ value: one.name, text: roleName(one.name) }))}
          hint="What they may see and do. It can be changed at any time."
          {...bind("role")}
        />
        <Wrong>{editing.problem}</Wrong>
      </form>
      {unsaved.dialog}
    </Dialog>
  );
}
