/** Adding a customer. Whoever they may be already stands there before they are there twice. */

import { TriangleAlert } from "lucide-react";
import { useNavigate } from "react-router";
import { api, ask, given } from "@/api/client";
import { useKeys } from "@/api/keys";
import { useAlike } from "@/call/calling";
import { Button } from "@/ui/Button";
import { useSettled } from "@/ui/Combobox";
import { Dialog } from "@/ui/Dialog";
import { phone } from "@/ui/phone";
import { useEditing } from "@/ui/useEditing";
import { Wrong } from "@/ui/Wrong";
import { CustomerFields } from "./CustomerFields";
import { customerPath, Entered, known, typed } from "./customers";

const FORM = "new-customer";

export function NewCustomer({ onClose }: { onClose: () => void }) {
  const go = useNavigate();
  const keyOf = useKeys();
  const editing = useEditing({
    schema: Entered,
    values: typed(null),
    send: async (entered) => {
      const { name, kind, stage, tax_exempt } = entered;
      const body = { ...given(entered), name, kind, stage, tax_exempt };
      const made = await ask(api.POST("/api/v2/customers", { body, headers: keyOf(body) }));
      known(made);
      await go(customerPath(made.id));
    },
  });
  const now = editing.form.watch();
  const who = JSON.stringify({
    name: now.name,
    phone: now.phone,
    address: [now.billing_street, now.billing_city, now.billing_postal_code].filter(Boolean).join(", "),
  });
  const alike = useAlike(JSON.parse(useSettled(who, 250)) as Parameters<typeof useAlike>[0]);
  const they = alike.data?.slice(0, 3) ?? [];

  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title="New customer"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={FORM} busy={editing.busy}>
            Add customer
          </Button>
        </>
      }
    >
      <form id={FORM} noValidate onSubmit={editing.onSubmit} className="flex flex-col gap-3">
        {they.length > 0 && (
          <div role="status" className="rounded-md border border-line bg-warn-wash p-3">
            <p className="flex items-center gap-2 font-medium text-warn">
              <TriangleAlert aria-hidden className="size-4" /> They may be here already
            </p>
            <ul className="mt-2 flex flex-col gap-1">
              {they.map((one) => (
                <li key={one.id} className="flex items-center justify-between gap-3">
                  <span className="min-w-0 truncate">
                    <span className="font-medium">{one.name}</span>{" "}
                    {one.phone && <span className="tabular">{phone(one.phone)} </span>}
                    <span className="text-muted">{one.reasons.join(", ")}</span>
                  </span>
                  <Button onClick={() => void go(customerPath(one.id))}>This is them</Button>
                </li>
              ))}
            </ul>
          </div>
        )}
        <CustomerFields {...editing} />
        <Wrong>{editing.problem}</Wrong>
      </form>
    </Dialog>
  );
}
