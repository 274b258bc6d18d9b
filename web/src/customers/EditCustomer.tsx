/** Changing a customer, beside their page: only what was touched is sent. */

import { useRef } from "react";
import { Button } from "@/ui/Button";
import { Drawer } from "@/ui/Dialog";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { Wrong } from "@/ui/Wrong";
import { CustomerFields } from "./CustomerFields";
import { type Customer, change, Entered, known, typed } from "./customers";

const FORM = "edit-customer";

export function EditCustomer({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  // the one that the form was filled from: others may change theirs while it is open
  const from = useRef(customer);
  const editing = useEditing({
    schema: Entered,
    values: typed(customer),
    send: async (_, changed) => {
      if (Object.keys(changed).length > 0) {
        await change(customer.id, from.current.version, changed);
        toast({ text: "Saved." });
      }
      onClose();
    },
    reread: (current) => {
      from.current = known(current as Customer);
      return typed(from.current);
    },
  });
  return (
    <Drawer
      open
      onClose={onClose}
      title={`Edit ${customer.name}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={FORM} busy={editing.busy}>
            Save
          </Button>
        </>
      }
    >
      <form id={FORM} noValidate onSubmit={editing.onSubmit} className="flex flex-col gap-3">
        <CustomerFields {...editing} />
        <Wrong>{editing.problem}</Wrong>
      </form>
    </Drawer>
  );
}
