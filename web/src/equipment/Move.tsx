/** Carrying equipment to another site; its history goes along. */

import { useState } from "react";
import { z } from "zod";
import { api, ask } from "@/api/client";
import { SearchChoice } from "@/search/SearchChoice";
import { blank } from "@/ui/blank";
import type { Option } from "@/ui/Combobox";
import { EditingLayer } from "@/ui/EditingLayer";
import { Field } from "@/ui/Field";
import { useEditing } from "@/ui/useEditing";
import { type Equipment, known } from "./equipment";

const Entered = z.object({ site_id: z.string().min(1, "Choose where it goes."), location: blank });
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

export function Move({ one, onClose }: { one: Equipment; onClose: () => void }) {
  const [site, setSite] = useState<Option | null>(null);
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: { site_id: "", location: "" },
    send: async (body) => {
      const params = { path: { id: one.id } };
      known(await ask(api.POST("/api/v2/equipment/{id}/move", { params, body })));
      onClose();
    },
  });
  const { bind, form, wrong } = editing;
  return (
    <EditingLayer
      editing={editing}
      onClose={onClose}
      title="Move to another site"
      about={one.name}
      verb="Move"
    >
      <SearchChoice
        kind="site"
        label="Site"
        autoFocus
        value={site}
        error={wrong("site_id")}
        onChange={(chosen) => {
          setSite(chosen);
          form.setValue("site_id", chosen?.id ?? "", { shouldDirty: true, shouldValidate: chosen !== null });
        }}
      />
      <Field label="Where on the site (optional)" maxLength={200} {...bind("location")} />
    </EditingLayer>
  );
}
