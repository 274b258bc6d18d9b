/** A new work order without a call: for whom, where, what kind of work, on what, how urgent. When somebody
 * comes is found afterwards. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, ask } from "@/api/client";
import { useKeys } from "@/api/keys";
import { type Customer, useCustomer, useEquipment, useJobTypes, useSites } from "@/call/calling";
import { Button } from "@/ui/Button";
import { Checkbox } from "@/ui/Checkbox";
import { Combobox } from "@/ui/Combobox";
import { Drawer } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { Textarea } from "@/ui/Textarea";
import { toast } from "@/ui/toast";
import { useSubmit } from "@/ui/useSubmit";
import { useUnsaved } from "@/ui/useUnsaved";
import { Wrong } from "@/ui/Wrong";
import { foundCustomers } from "./Narrow";
import { SiteChoice } from "./SiteChoice";
import { PRIORITIES, type Priority, pathOf } from "./work";

const FORM = "new-work-order";
const FIELDS = [
  "customer_id",
  "site_id",
  "job_type_id",
  "equipment_ids",
  "priority",
  "summary",
  "description",
];

export function NewWorkOrder({
  customer: from,
  site: fromSite,
  onClose,
}: {
  /** Whose it is, where one comes from a customer or a site. */
  customer: string | null;
  site: string | null;
  onClose: () => void;
}) {
  const go = useNavigate();
  const known = useQueryClient();
  const keyOf = useKeys();
  const [customerId, setCustomer] = useState(from);
  const [siteId, setSite] = useState(fromSite ?? "");
  const [pieces, setPieces] = useState<readonly string[]>([]);
  const customer = useCustomer(customerId);
  const sites = useSites(customerId);
  const jobs = useJobTypes();
  const chosen = siteId || (sites.data?.length === 1 ? (sites.data[0]?.id ?? "") : "");
  const equipment = useEquipment(chosen || null);
  const standing = (equipment.data ?? []).filter((one) => one.status !== "retired");

  const sent = useSubmit(FIELDS, async (form) => {
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const [summary, description] = [text("summary"), text("description")];
    const body = {
      customer_id: customerId ?? "",
      site_id: chosen,
      job_type_id: text("job_type_id"),
      status: form.get("draft") ? ("draft" as const) : ("ready" as const),
      priority: text("priority") as Priority,
      equipment_ids: pieces.filter((id) => standing.some((one) => one.id === id)),
      ...(summary ? { summary } : {}),
      ...(description ? { description } : {}),
    };
    const made = await ask(api.POST("/api/v2/work-orders", { body, headers: keyOf(body) }));
    toast({ text: `${made.number} is opened.` });
    void known.invalidateQueries({ queryKey: ["work-orders"] });
    await go(pathOf(made.id));
  });

  const unsaved = useUnsaved(sent.unsaved);
  const close = () => unsaved.leave(onClose);
  return (
    <Drawer
      open
      onClose={close}
      title="New work order"
      about="Somebody on the phone? “Call” finds them a time as well."
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form={FORM}
            busy={sent.busy}
            disabled={customerId === null || !chosen}
          >
            Open it
          </Button>
        </>
      }
    >
      <form id={FORM} {...sent.form} className="flex flex-col gap-3">
        <Combobox<Pick<Customer, "id"> & { text: string }>
          label="Customer"
          autoFocus={from === null}
          required
          value={customer.data ? { id: customer.data.id, text: customer.data.name } : null}
          error={sent.fault("customer_id")}
          queryKey={["search", "customer"]}
          placeholder="Name, phone or address"
          load={foundCustomers}
          nothing={(typed) =>
            typed.length < 2 ? "Type two letters or more." : `Nobody is called “${typed}”.`
          }
          onChange={(found) => {
            setCustomer(found?.id ?? null);
            setSite("");
          }}
        />
        <SiteChoice
          customerId={customerId}
          sites={sites.data}
          value={chosen}
          error={sent.fault("site_id") ?? sites.error?.message}
          onChange={setSite}
        />
        <Select
          label="Job type"
          name="job_type_id"
          required
          none="What kind of work"
          choices={(jobs.data ?? []).map((one) => ({ value: one.id, text: one.name }))}
          error={sent.fault("job_type_id") ?? jobs.error?.message}
        />
        {standing.length > 0 && (
          <fieldset>
            <legend className="mb-1 font-medium">Equipment it is about</legend>
            {standing.map((one) => (
              <Checkbox
                key={one.id}
                label={one.name}
                checked={pieces.includes(one.id)}
                onChange={(event) =>
                  setPieces((before) =>
                    event.target.checked ? [...before, one.id] : before.filter((id) => id !== one.id),
                  )
                }
              />
            ))}
          </fieldset>
        )}
        <Select
          label="Priority"
          name="priority"
          defaultValue="normal"
          choices={PRIORITIES}
          error={sent.fault("priority")}
        />
        <Field
          label="Summary"
          name="summary"
          maxLength={200}
          hint="Nothing: the name of the job type."
          error={sent.fault("summary")}
        />
        <Textarea
          label="Description (optional)"
          name="description"
          maxLength={10_000}
          error={sent.fault("description")}
        />
        <Checkbox label="A draft: it is still being talked about" name="draft" />
        <Wrong>{sent.beside ?? customer.error?.message ?? null}</Wrong>
      </form>
      {unsaved.dialog}
    </Drawer>
  );
}
