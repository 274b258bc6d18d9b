/** Changing a customer, beside their page: only what was touched is sent. */

import { useRef } from "react";
import { EditingLayer } from "@/ui/EditingLayer";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { CustomerFields } from "./CustomerFields";
import { type Customer, change, Entered, known, typed } from "./customers";

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
    <EditingLayer beside editing={editing} onClose={onClose} title={`Edit ${customer.name}`} verb="Save">
      <CustomerFields {...editing} />
    </EditingLayer>
  );
}
