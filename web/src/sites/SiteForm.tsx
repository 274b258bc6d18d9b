/** Adding a site, and changing one beside its page. A site that stands at the address already is named first. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { api, ask, given } from "@/api/client";
import { useKeys } from "@/api/keys";
import { SearchChoice } from "@/search/SearchChoice";
import { type Option, useSettled } from "@/ui/Combobox";
import { EditingLayer } from "@/ui/EditingLayer";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { Entered, patchOf, type Typed, typed } from "./entered";
import { SiteFields } from "./SiteFields";
import { change, known, present, ROLES, type Site, sitePath } from "./sites";

/** Sites with this street and postal code. */
function useAtAddress(street: string, postalCode: string) {
  const where = useSettled(JSON.stringify([street.trim(), postalCode.trim()]), 250);
  const [at, code] = JSON.parse(where) as [string, string];
  return useQuery({
    queryKey: ["sites", "alike", at, code],
    enabled: at.length > 3 && code !== "",
    placeholderData: keepPreviousData,
    queryFn: () => {
      const filter = JSON.stringify({
        and: [
          { field: "street", op: "contains", value: at },
          { field: "postal_code", op: "eq", value: code },
        ],
      });
      return ask(api.GET("/api/v2/sites", { params: { query: { filter, limit: 3 } } })).then(
        (page) => page.data,
      );
    },
  });
}

export function NewSite({ customer, onClose }: { customer?: Option; onClose: () => void }) {
  const go = useNavigate();
  const keyOf = useKeys();
  const [who, setWho] = useState<Option | null>(customer ?? null);
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: typed(null, customer?.id),
    send: async ({ territory_id: _, ...entered }) => {
      const { street, postal_code, country, access_hours, hazards, parties } = entered;
      const body = { ...given(entered), street, postal_code, country, access_hours, hazards, parties };
      const made = known(await ask(api.POST("/api/v2/sites", { body, headers: keyOf(body) })));
      onClose();
      if (customer) toast({ text: "The site was added.", to: { text: "Open it", href: sitePath(made.id) } });
      else await go(sitePath(made.id));
    },
  });
  const { bind, form, wrong } = editing;
  const [street, code] = form.watch(["street", "postal_code"]);
  const there = useAtAddress(street, code);
  return (
    <EditingLayer
      wide
      editing={editing}
      onClose={onClose}
      title="New site"
      about="Where work is done."
      verb="Add site"
      alike={{
        words: "This address is here already",
        choose: "Open it",
        they: (there.data ?? []).map((one) => ({
          id: one.id,
          name: one.address,
          about: (
            <span className="text-muted">
              {present(one)
                .map((party) => party.customer.name)
                .join(", ")}
            </span>
          ),
        })),
        onChoose: (id, giveUp) => {
          giveUp();
          onClose();
          void go(sitePath(id));
        },
      }}
    >
      <div className="grid grid-cols-[2fr_1fr] gap-3 max-sm:grid-cols-1">
        <SearchChoice
          kind="customer"
          label="Whose it is"
          autoFocus={!customer}
          disabled={customer !== undefined}
          value={who}
          error={wrong("parties.0.customer_id")}
          onChange={(chosen) => {
            setWho(chosen);
            form.setValue("parties.0.customer_id", chosen?.id ?? "", {
              shouldDirty: true,
              shouldValidate: chosen !== null,
            });
          }}
        />
        <Select label="What they do with it" choices={ROLES} {...bind("parties.0.role")} />
      </div>
      <SiteFields {...editing} isNew />
    </EditingLayer>
  );
}

export function EditSite({ site, onClose }: { site: Site; onClose: () => void }) {
  // the one that the form was filled from: others may change theirs while it is open
  const from = useRef(site);
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: typed(site),
    send: async (all, changed) => {
      const body = patchOf(all, changed);
      if (Object.keys(body).length > 0) {
        await change(site.id, from.current.version, body);
        toast({ text: "Saved." });
      }
      onClose();
    },
    reread: (current) => {
      from.current = known(current as Site);
      return typed(from.current);
    },
  });
  return (
    <EditingLayer
      beside
      editing={editing}
      onClose={onClose}
      title="Edit site"
      about={site.address}
      verb="Save"
    >
      <SiteFields {...editing} isNew={false} />
    </EditingLayer>
  );
}
