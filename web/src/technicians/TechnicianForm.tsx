/** A technician's form: added in a dialog, changed in a drawer beside their page. */

import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { useFieldArray } from "react-hook-form";
import { useNavigate } from "react-router";
import { z } from "zod";
import { api, ask } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { blank, number } from "@/ui/blank";
import { EditingLayer } from "@/ui/EditingLayer";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { ZONES } from "@/ui/zones";
import { change, known, type Technician, technicianPath, useSkills } from "./technicians";

const Entered = z.object({
  name: z.string().trim().min(1, "Type their name."),
  phone: blank,
  time_zone: blank,
  color: z.string(),
  base_name: blank,
  base_latitude: number(-90, 90, "Degrees from -90 to 90, such as 39.0473."),
  base_longitude: number(-180, 180, "Degrees from -180 to 180, such as -95.6752."),
  external_key: blank,
  skills: z.array(
    z.object({
      skill_id: z.string().min(1, "Choose a skill, or take the line away."),
      level: z.string().transform(Number),
      issuer: blank,
      certificate_number: blank,
      issued_on: blank,
      expires_on: blank,
    }),
  ),
});
type Entered = z.output<typeof Entered>;
type Typed = z.input<typeof Entered>;

/** Of a lane on the board, where nobody chose another. */
const COLOR = "#3b82f6";
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
    color: of?.color ?? COLOR,
    base_name: of?.base_name ?? "",
    base_latitude: of?.base_latitude?.toString() ?? "",
    base_longitude: of?.base_longitude?.toString() ?? "",
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

function Fields({ editing }: { editing: ReturnType<typeof useEditing<Typed, Entered>> }) {
  const { bind, form } = editing;
  const skills = useSkills();
  const lines = useFieldArray({ control: form.control, name: "skills" });
  const choices = (skills.data ?? []).map((one) => ({ value: one.id, text: one.name }));
  return (
    <div className="flex flex-col gap-3">
      <Field label="Name" autoComplete="off" {...bind("name")} />
      <div className="grid grid-cols-[1fr_7rem] gap-3">
        <Field label="Phone" type="tel" autoComplete="off" {...bind("phone")} />
        <Field label="Colour" type="color" {...bind("color")} />
      </div>
      <Select
        label="Time zone"
        none="Their branch's or the organisation's"
        choices={ZONES}
        {...bind("time_zone")}
      />
      <Field
        label="Starts from"
        hint="Where they begin their day: home, the yard."
        autoComplete="off"
        {...bind("base_name")}
      />
      <div className="grid grid-cols-2 gap-3">
        <Field label="Its latitude" inputMode="decimal" autoComplete="off" {...bind("base_latitude")} />
        <Field label="Its longitude" inputMode="decimal" autoComplete="off" {...bind("base_longitude")} />
      </div>
      <fieldset className="flex flex-col gap-3">
        <legend className="mb-2 font-medium">Skills and certificates</legend>
        {lines.fields.map((line, place) => (
          <div key={line.id} className="grid grid-cols-2 gap-2 rounded-md border border-line p-3">
            <Select
              label={`Skill ${place + 1}`}
              none="Choose a skill"
              choices={choices}
              {...bind(`skills.${place}.skill_id`)}
            />
            <div className="flex items-end gap-2">
              <Select label="Level" className="flex-1" choices={LEVELS} {...bind(`skills.${place}.level`)} />
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
              {...bind(`skills.${place}.certificate_number`)}
            />
            <Field label="Expires on" type="date" {...bind(`skills.${place}.expires_on`)} />
          </div>
        ))}
        <Button className="self-start" onClick={() => lines.append(NO_SKILL)}>
          <Plus aria-hidden className="size-3.5" /> Add a skill
        </Button>
      </fieldset>
    </div>
  );
}

export function NewTechnician({ onClose }: { onClose: () => void }) {
  const go = useNavigate();
  const keyOf = useKeys();
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: typed(null),
    send: async (entered) => {
      const body = { ...entered, active: true };
      const made = known(await ask(api.POST("/api/v2/technicians", { body, headers: keyOf(body) })));
      onClose();
      await go(technicianPath(made.id));
    },
  });
  return (
    <EditingLayer editing={editing} onClose={onClose} title="New technician" verb="Add technician">
      <Fields editing={editing} />
    </EditingLayer>
  );
}

export function EditTechnician({ technician, onClose }: { technician: Technician; onClose: () => void }) {
  const from = useRef(technician);
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: typed(technician),
    send: async ({ base_latitude, base_longitude }, changed) => {
      // half a place is none: both halves go together
      const moved = "base_latitude" in changed || "base_longitude" in changed;
      const body = { ...changed, ...(moved ? { base_latitude, base_longitude } : {}) };
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
    <EditingLayer beside editing={editing} onClose={onClose} title={`Edit ${technician.name}`} verb="Save">
      <Fields editing={editing} />
    </EditingLayer>
  );
}
