/** Words that records are marked with, each for one kind of record. */

import { useState } from "react";
import { z } from "zod";
import { api, ask, type Schemas } from "@/api/client";
import { useTags } from "@/tags/tags";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { needed } from "../entering";
import { resource } from "../resource";
import { type Kind, SettingsList } from "../SettingsList";

type Tag = Schemas["TagOut"];

const ON = [
  { value: "customer", text: "Customers" },
  { value: "contact", text: "Contacts" },
  { value: "site", text: "Sites" },
  { value: "equipment", text: "Equipment" },
  { value: "work_order", text: "Work orders" },
] as const;

const Entered = z.object({
  name: needed("Type the word that records are marked with."),
  entity: z.enum(ON.map((one) => one.value)),
  color: z.string().regex(/^#[0-9a-fA-F]{6}$/, "Choose a colour."),
});
type Entered = z.output<typeof Entered>;

const tags = resource<Tag, Entered>("/api/v2/tags");
const said = (entity: string) => ON.find((one) => one.value === entity)?.text ?? entity;

const kind: Kind<Tag, Entered, Entered> = {
  resource: tags,
  one: "tag",
  many: "tags",
  permission: "tags:write",
  schema: Entered,
  once: ["entity"],
  typed: (of) => ({ name: of?.name ?? "", entity: of?.entity ?? "customer", color: of?.color ?? "#6b7280" }),
  fields: ({ bind }, row) => (
    <>
      <Field label="Name" autoComplete="off" autoFocus={row === null} {...bind("name")} />
      <Select
        label="For"
        choices={ON}
        disabled={row !== null}
        {...(row ? { hint: "A tag stays with its kind of record." } : {})}
        {...bind("entity")}
      />
      <Field label="Colour" type="color" className="w-24" {...bind("color")} />
    </>
  ),
  called: (one) => one.name,
  deleting: "It is taken off every record that has it. You can bring it back to them.",
  restores: true,
  verbs: (row, close) => <MergeButton tag={row} onDone={close} />,
};

export default function Tags() {
  return (
    <SettingsList
      title="Tags"
      about="Words that records are marked with, to find them again."
      kind={kind}
      sort="name"
      find={["name"]}
      filters={{ entity: {} }}
      choices={(list) => (
        <Select
          quiet
          className="w-40"
          label="For"
          none="Any kind of record"
          choices={ON}
          value={list.address.get("entity") ?? ""}
          onChange={(event) => list.change({ entity: event.target.value || null })}
        />
      )}
      columns={[
        {
          key: "name",
          heading: "Name",
          sort: "name",
          cell: (one) => (
            <>
              <span
                aria-hidden
                className="mr-2 inline-block size-2.5 rounded-full"
                style={{ background: one.color }}
              />
              {one.name}
            </>
          ),
        },
        { key: "entity", heading: "For", width: "140px", cell: (one) => said(one.entity) },
        {
          key: "usage",
          heading: "Records",
          width: "96px",
          number: true,
          from: 420,
          cell: (one) => one.usage.toLocaleString(),
        },
      ]}
    />
  );
}

function MergeButton({ tag, onDone }: { tag: Tag; onDone: () => void }) {
  const [open, setOpen] = useState(false);
  const others = useTags(tag.entity);
  const into = (others.data ?? []).filter((one) => one.id !== tag.id);
  const sending = useSubmit(["into_id"], async (form) => {
    const body = { into_id: String(form.get("into_id")) };
    const kept = await ask(api.POST("/api/v2/tags/{id}/merge", { params: { path: { id: tag.id } }, body }));
    tags.again();
    toast({ text: `What was “${tag.name}” is “${kept.name}” now, on ${kept.usage} records.` });
    onDone();
  });
  if (into.length === 0) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>Merge…</Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={`Merge “${tag.name}” into another`}
        about="Every record that has it gets the other one instead. This is not undone."
        actions={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button look="danger" type="submit" form="merge-tag" busy={sending.busy}>
              Merge
            </Button>
          </>
        }
      >
        <form id="merge-tag" {...sending.form} className="flex flex-col gap-3">
          <Select
            label="Which one stays"
            name="into_id"
            choices={into.map((one) => ({ value: one.id, text: one.name }))}
            error={sending.fault("into_id")}
          />
          <Wrong>{sending.beside}</Wrong>
        </form>
      </Dialog>
    </>
  );
}
