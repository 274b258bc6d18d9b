/** Adding a customer. Whoever they may be already stands there before they are there twice. */

import { useNavigate } from "react-router";
import { api, ask, given } from "@/api/client";
import { useKeys } from "@/api/keys";
import { useAlike } from "@/call/calling";
import { useSettled } from "@/ui/Combobox";
import { EditingLayer } from "@/ui/EditingLayer";
import { phone } from "@/ui/phone";
import { useEditing } from "@/ui/useEditing";
import { CustomerFields } from "./CustomerFields";
import { customerPath, Entered, known, typed } from "./customers";

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
      onClose();
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
    <EditingLayer
      wide
      editing={editing}
      onClose={onClose}
      title="New customer"
      verb="Add customer"
      alike={{
        words: "They may be here already",
        choose: "This is them",
        they: they.map((one) => ({
          id: one.id,
          name: one.name,
          about: (
            <>
              {one.phone && <span className="tabular">{phone(one.phone)} </span>}
              <span className="text-muted">{one.reasons.join(", ")}</span>
            </>
          ),
        })),
        onChoose: (id, giveUp) => {
          giveUp();
          onClose();
          void go(customerPath(id));
        },
      }}
    >
      <CustomerFields {...editing} />
    </EditingLayer>
  );
}
