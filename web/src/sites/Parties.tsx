/** Who has to do with a site: who owns it, who lives there, who looks after it, and since when. Whoever ceases
 * to is kept with the day. */

import { Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { z } from "zod";
import { api, ask, askAll } from "@/api/client";
import { useKeys } from "@/api/keys";
import { useMay } from "@/identity/may";
import { SearchChoice } from "@/search/SearchChoice";
import { Button } from "@/ui/Button";
import type { Option } from "@/ui/Combobox";
import { EditingLayer } from "@/ui/EditingLayer";
import { Field } from "@/ui/Field";
import { Pane } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { onDay } from "@/ui/when";
import { again, known, type Party, ROLES, roleWords, type Site } from "./sites";

const Entered = z.object({
  customer_id: z.string().min(1, "Choose a customer."),
  role: z.enum(["owner", "tenant", "manager"]),
  starts_on: z.string().transform((value) => value || null),
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

/** "since Jan 2, 2024", "from … to …"; nothing where nobody said. */
function when({ starts_on, ends_on }: Party): string {
  if (ends_on) return starts_on ? `${onDay(starts_on)} – ${onDay(ends_on)}` : `until ${onDay(ends_on)}`;
  return starts_on ? `since ${onDay(starts_on)}` : "";
}

export function Parties({ site }: { site: Site }) {
  const may = useMay();
  const [adding, setAdding] = useState(false);

  async function end(party: Party) {
    try {
      const params = { path: { id: site.id, party_id: party.id } };
      await askAll(api.DELETE("/api/v2/sites/{id}/parties/{party_id}", { params }));
      await again();
      toast({ text: `${party.customer.name} has nothing to do with it any more.` });
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    }
  }

  return (
    <Pane
      title="Whose it is"
      actions={
        may("sites:write") && (
          <Button onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-3.5" /> Add a party
          </Button>
        )
      }
    >
      {site.parties.length === 0 && <p className="text-muted">It belongs to no customer.</p>}
      <ul className="-my-1 empty:hidden">
        {site.parties.map((one) => (
          <li key={one.id} className="flex min-h-8 flex-wrap items-center gap-x-2 py-0.5">
            <Link
              to={`/customers/${one.customer.id}`}
              className="inline-block py-0.5 font-medium hover:underline"
            >
              {one.customer.name}
            </Link>
            <span className="text-muted">{roleWords(one.role)}</span>
            <span className="tabular text-muted">{when(one)}</span>
            {may("sites:write") && one.ends_on === null && (
              <Button
                look="plain"
                className="ml-auto"
                aria-label={`End: ${one.customer.name}, ${roleWords(one.role)}`}
                onClick={() => void end(one)}
              >
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      {adding && <AddParty site={site} onClose={() => setAdding(false)} />}
    </Pane>
  );
}

function AddParty({ site, onClose }: { site: Site; onClose: () => void }) {
  const [who, setWho] = useState<Option | null>(null);
  const keyOf = useKeys();
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: { customer_id: "", role: "owner", starts_on: "" },
    send: async (body) => {
      const params = { path: { id: site.id } };
      const headers = keyOf([site.id, body]);
      known(await ask(api.POST("/api/v2/sites/{id}/parties", { params, body, headers })));
      onClose();
    },
  });
  const { bind, form, wrong } = editing;
  return (
    <EditingLayer
      editing={editing}
      onClose={onClose}
      title="Add a party"
      about={site.address}
      verb="Add party"
    >
      <SearchChoice
        kind="customer"
        label="Customer"
        autoFocus
        value={who}
        error={wrong("customer_id")}
        onChange={(chosen) => {
          setWho(chosen);
          form.setValue("customer_id", chosen?.id ?? "", {
            shouldDirty: true,
            shouldValidate: chosen !== null,
          });
        }}
      />
      <Select label="What they do with it" choices={ROLES} {...bind("role")} />
      <Field label="Since (optional)" type="date" {...bind("starts_on")} />
    </EditingLayer>
  );
}
