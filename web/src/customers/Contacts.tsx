/** Whom one talks to about a customer: added, changed, called first, taken away. */

import { EllipsisVertical, Plus } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/identity/may";
import { Button } from "@/ui/Button";
import { Menu, MenuItem, MenuLine } from "@/ui/Menu";
import { Pane } from "@/ui/Page";
import { words } from "@/ui/Status";
import { toast } from "@/ui/toast";
import { Numbers } from "./Around";
import { EditContact, NewContact } from "./ContactForm";
import { again, link, NOTICES, unlink } from "./contacts";
import type { Customer } from "./customers";

type Of = NonNullable<Customer["contacts"]>;

export function Contacts({ customer, of }: { customer: Customer; of: Of }) {
  const may = useMay();
  const mayEdit = may("contacts:write");
  const [layer, setLayer] = useState<"new" | string | null>(null);

  async function then(what: () => Promise<unknown>) {
    try {
      await what();
      await again();
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    }
  }

  const first = (one: Of[number]) =>
    then(() => link(one.id, customer.id, { roles: one.roles, is_primary: true }));
  const away = (one: Of[number]) =>
    then(async () => {
      await unlink(one.id, customer.id);
      toast({
        text: `${one.name} is no contact of ${customer.name} any more.`,
        undo: () => link(one.id, customer.id, { roles: one.roles, is_primary: one.is_primary }).then(again),
      });
    });

  return (
    <Pane
      title="Contacts"
      actions={
        mayEdit && (
          <Button onClick={() => setLayer("new")}>
            <Plus aria-hidden className="size-3.5" /> Add a contact
          </Button>
        )
      }
    >
      {of.length === 0 && <p className="text-muted">Nobody but the customer is known.</p>}
      <ul className="-my-1 empty:hidden">
        {of.map((one) => (
          <li key={one.id} className="flex items-start gap-2 border-line border-b py-1 last:border-0">
            <div className="min-w-0 flex-1">
              <p>
                <span className="font-medium">{one.name}</span>
                <span className="text-muted">
                  {[one.title, ...one.roles.map(words)].filter(Boolean).map((said) => ` · ${said}`)}
                  {one.is_primary && " · primary"}
                </span>
              </p>
              <p className="text-muted">
                <Numbers of={[one.mobile, one.phone]} />
                {one.email && (
                  <a href={`mailto:${one.email}`} className="break-all text-accent hover:underline">
                    {one.email}
                  </a>
                )}
              </p>
              <Told of={one} />
            </div>
            {mayEdit && (
              <Menu
                align="end"
                button={
                  <Button look="plain" aria-label={`More about ${one.name}`} className="w-control px-0!">
                    <EllipsisVertical aria-hidden className="size-4" />
                  </Button>
                }
              >
                <MenuItem onSelect={() => setLayer(one.id)}>Edit…</MenuItem>
                {!one.is_primary && <MenuItem onSelect={() => void first(one)}>Call first</MenuItem>}
                <MenuLine />
                <MenuItem danger onSelect={() => void away(one)}>
                  Take away
                </MenuItem>
              </Menu>
            )}
          </li>
        ))}
      </ul>
      {layer === "new" && (
        <NewContact customer={customer} first={of.length === 0} onClose={() => setLayer(null)} />
      )}
      {layer !== null && layer !== "new" && (
        <EditContact id={layer} customer={customer} onClose={() => setLayer(null)} />
      )}
    </Pane>
  );
}

/** What they are told of without being asked. */
function Told({ of }: { of: Of[number] }) {
  const wished = NOTICES.filter(({ value }) => (of.notifications[value]?.length ?? 0) > 0);
  if (wished.length === 0) return null;
  return (
    <p className="text-muted text-sm">Told of {wished.map(({ text }) => text.toLowerCase()).join(", ")}</p>
  );
}
