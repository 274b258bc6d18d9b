/** A technician's form: added in a dialog, changed in a drawer beside their page. */

import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { useFieldArray } from "react-hook-form";
import { useNavigate } from "react-router";
import { z } from "zod";
import { api, ask } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Dialog, Drawer } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { Wrong } from "@/ui/Wrong";
import { change, known, type Technician, technicianPath, useSkills } from "./technicians";

const text = z
  .string()
  .trim()
  .transform((value) => value || null);

const Entered = z.object({
  name: z.string().trim().min(1, "Type their name."),
  phone: text,
  time_zone: z.string().trim(),
  base_name: text,
  external_key: text,
  skills: z.array(
    z.object({
      skill_id: z.string().min(1, "Choose a skill, or take the line away."),
      level: z.string().transform(Number),
      issuer: text,
      certificate_number: text,
      issued_on: text,
      expires_on: text,
    }),
  ),
});
type Entered = z.output<typeof Entered>;
type Typed = z.input<typeof Entered>;

const LEVELS = ["1", "2", "3", "4", "5"].map((value) => ({ value, text: `Level ${value}` }));
const NO_SKILL: Typed["skills"][number] = {
  skill_id: "",
  level: "1",
  issuer: "",
  certificate_number: "",
  issued_on: "",
  expires_on: "",
};

function typed(of: Technician | null): Typed {
  return {
    name: of?.name ?? "",
    phone: of?.phone ?? "",
    time_zone: of?.time_zone ?? "",
    base_name: of?.base_name ?? "",
    external_key: of?.external_key ?? "",
    skills: (of?.skills ?? []).map((one) => ({
      skill_id: one.skill.id,
      level: one.level.toString(),
      issuer: one.issuer ?? "",
      certificate_number: one.certificate_number ?? "",
      issued_on: one.issued_on ?? "",
      expires_on: one.expires_on ?? "",
    })),
  };
}

const ZONES = Intl.supportedValuesOf("timeZone").map((value) => ({
  value,
  text: value.replaceAll("_", " "),
}));

function Fields({ editing }: { editing: ReturnType<typeof useEditing<Typed, Entered>> }) {
  const { form, wrong } = editing;
  const skills = useSkills();
  const lines = useFieldArray({ control: form.control, name: "skills" });
  const choices = (skills.data ?? []).map((one) => ({ value: one.id, text: one.name }));
  return (
    <div className="flex flex-col gap-3">
      <Field label="Name" autoComplete="off" error={wrong("name")} {...form.register("name")} />
      <Field label="Phone" type="tel" autoComplete="off" error={wrong("phone")} {...form.register("phone")} />
      <Select
        label="Time zone"
        none="The organisation's"
        choices={ZONES}
        error={wrong("time_zone")}
        {...form.register("time_zone")}
      />
      <Field
        label="Starts from"
        hint="Where they begin their day: home, the yard."
        autoComplete="off"
        error={wrong("base_name")}
        {...form.register("base_name")}
      />
      <fieldset className="flex flex-col gap-3">
        <legend className="mb-2 font-medium">Skills and certificates</legend>
        {lines.fields.map((line, place) => (
          <div key={line.id} className="grid grid-cols-2 gap-2 rounded-md border border-line p-3">
            <Select
              label={`Skill ${place + 1}`}
              none="Choose a skill"
              choices={choices}
              error={wrong(`skills.${place}.skill_id`)}
              {...form.register(`skills.${place}.skill_id`)}
            />
            <div className="flex items-end gap-2">
              <Select
                label="Level"
                className="flex-1"
                choices={LEVELS}
                error={wrong(`skills.${place}.level`)}
                {...form.register(`skills.${place}.level`)}
              />
              <Button
                look="plain"
                aria-label={`Take skill ${place + 1} away`}
                className="w-control px-0!"
                onClick={() => lines.remove(place)}
              >
                <X aria-hidden className="size-4" />
              </Button>
            </div>
            <Field
              label="Certificate number"
              autoComplete="off"
              error={wrong(`skills.${place}.certificate_number`)}
              {...form.register(`skills.${place}.certificate_number`)}
            />
            <Field
              label="Expires on"
              type="date"
              error={wrong(`skills.${place}.expires_on`)}
              {...form.register(`skills.${place}.expires_on`)}
            />
          </div>
        ))}
        <Button className="self-start" onClick={() => lines.append(NO_SKILL)}>
          <Plus aria-hidden className="size-3.5" /> Add a skill
        </Button>
      </fieldset>
      <Wrong>{editing.problem}</Wrong>
    </div>
  );
}

export function NewTechnician({ onClose }: { onClose: () => void }) {
  const go = useNavigate();
  const keyOf = useKeys();
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: typed(null),
    send: async ({ time_zone, ...rest }) => {
      const body = { ...rest, active: true, time_zone: time_zone || null };
      const made = known(await ask(api.POST("/api/v2/technicians", { body, headers: keyOf(body) })));
      await go(technicianPath(made.id));
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="New technician"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="new-technician" busy={editing.busy}>
            Add technician
          </Button>
        </>
      }
    >
      <form id="new-technician" noValidate onSubmit={editing.onSubmit}>
        <Fields editing={editing} />
      </form>
    </Dialog>
  );
}

export function EditTechnician({ technician, onClose }: { technician: Technician; onClose: () => void }) {
  const from = useRef(technician);
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: typed(technician),
    send: async (_, { time_zone, ...changed }) => {
      const body = { ...changed, ...(time_zone ? { time_zone } : {}) };
      if (Object.keys(body).length > 0) {
        await change(technician.id, from.current.version, body);
        toast({ text: "Saved." });
      }
      onClose();
    },
    reread: (current) => {
      from.current = known(current as Technician);
      return typed(from.current);
    },
  });
  return (
    <Drawer
      open
      onClose={onClose}
      title={`Edit ${technician.name}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="edit-technician" busy={editing.busy}>
            Save
          </Button>
        </>
      }
    >
      <form id="edit-technician" noValidate onSubmit={editing.onSubmit}>
        <Fields editing={editing} />
      </form>
    </Drawer>
  );
}
