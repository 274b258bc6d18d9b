/** Adding equipment, and changing it beside its page. What has the same serial number is named first. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { api, ask, given } from "@/api/client";
import { useKeys } from "@/api/keys";
import { SearchChoice } from "@/search/SearchChoice";
import { type Option, useSettled } from "@/ui/Combobox";
import { EditingLayer } from "@/ui/EditingLayer";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { Textarea } from "@/ui/Textarea";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { change, Entered, type Equipment, equipmentPath, known, type Typed, typed } from "./equipment";

const TWO = "grid grid-cols-2 gap-3 max-sm:grid-cols-1";

function useSameSerial(serial: string) {
  const asked = useSettled(serial.trim(), 250);
  return useQuery({
    queryKey: ["equipment", "serial", asked],
    enabled: asked.length > 2,
    placeholderData: keepPreviousData,
    queryFn: () => {
      const filter = JSON.stringify({ field: "serial", op: "eq", value: asked });
      return ask(api.GET("/api/v2/equipment", { params: { query: { filter, limit: 3 } } })).then(
        (page) => page.data,
      );
    },
  });
}

/** What else stands at the site, of which this may be a part. */
function useBeside(siteId: string, id: string | null) {
  const asked = useQuery({
    queryKey: ["equipment", { siteId, beside: true }],
    enabled: siteId !== "",
    queryFn: () =>
      ask(
        api.GET("/api/v2/equipment", {
          params: { query: { site_id: siteId, status: "active", limit: 200 } },
        }),
      ).then((page) => page.data),
  });
  return (asked.data ?? []).filter((one) => one.id !== id).map((one) => ({ value: one.id, text: one.name }));
}

interface Props {
  /** The one to change; silence: a new one. */
  one?: Equipment;
  /** Where a new one stands, where that is known. */
  site?: Option;
  onClose: () => void;
}

export function EquipmentForm({ one, site, onClose }: Props) {
  const go = useNavigate();
  const keyOf = useKeys();
  const [where, setWhere] = useState<Option | null>(site ?? null);
  // the one that the form was filled from: others may change theirs while it is open
  const from = useRef(one ?? null);
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: typed(one ?? null, site?.id),
    send: async (entered, { site_id: _, ...changed }) => {
      if (from.current) {
        if (Object.keys(changed).length > 0) {
          await change(from.current.id, from.current.version, changed);
          toast({ text: "Saved." });
        }
        return onClose();
      }
      const body = { ...given(entered), site_id: entered.site_id, type: entered.type };
      const made = known(await ask(api.POST("/api/v2/equipment", { body, headers: keyOf(body) })));
      onClose();
      const to = equipmentPath(made.id);
      if (site) toast({ text: `${made.name} was added.`, to: { text: "Open it", href: to } });
      else await go(to);
    },
    reread: (current) => {
      from.current = known(current as Equipment);
      return typed(from.current);
    },
  });
  const { bind, form, wrong } = editing;
  const [serial, siteId] = form.watch(["serial", "site_id"]);
  const same = useSameSerial(serial);
  const beside = useBeside(siteId, one?.id ?? null);
  const field = (name: keyof Typed) => ({ ...bind(name), autoComplete: "off" });
  return (
    <EditingLayer
      editing={editing}
      onClose={onClose}
      beside={one !== undefined}
      title={one ? "Edit equipment" : "New equipment"}
      about={one?.name ?? site?.text ?? "What is looked after at a site."}
      verb={one ? "Save" : "Add equipment"}
      alike={{
        words: "This serial number is here already",
        choose: "Open it",
        they: (same.data ?? [])
          .filter((other) => other.id !== one?.id)
          .map((other) => ({ id: other.id, name: other.name, about: other.location })),
        onChoose: (id, giveUp) => {
          giveUp();
          onClose();
          void go(equipmentPath(id));
        },
      }}
    >
      {!one && !site && (
        <SearchChoice
          kind="site"
          label="Site"
          autoFocus
          value={where}
          error={wrong("site_id")}
          onChange={(chosen) => {
            setWhere(chosen);
            form.setValue("parent_id", "");
            form.setValue("site_id", chosen?.id ?? "", {
              shouldDirty: true,
              shouldValidate: chosen !== null,
            });
          }}
        />
      )}
      <Field label="What it is" placeholder="Water heater" {...field("type")} />
      <div className={TWO}>
        <Field label="Make" {...field("make")} />
        <Field label="Model" {...field("model")} />
        <Field label="Serial number" {...field("serial")} />
        <Field label="Where on the site" placeholder="Basement" {...field("location")} />
        <Field label="Installed" type="date" {...field("installed_on")} />
        <Field label="Warranty until" type="date" {...field("warranty_until")} />
      </div>
      {(beside.length > 0 || one?.parent_id) && (
        <Select label="Part of" none="Nothing: it stands by itself" choices={beside} {...bind("parent_id")} />
      )}
      <Textarea label="Notes" {...bind("notes")} />
      <Field label="Key elsewhere" hint="Its id in another system." {...field("external_key")} />
    </EditingLayer>
  );
}
