/** What must be there before work moves on, where a job type says nothing else. */

import { useFieldArray } from "react-hook-form";
import { z } from "zod";
import { Pane } from "@/ui/Page";
import { Lines } from "../Lines";
import type { Edited } from "../SettingsList";
import { Gate, gateTyped, NEW_REQUIREMENT, RequirementFields } from "../work/gate";
import { type Organisation, OrganisationPart } from "./organisation";

const Entered = z.object({ gate: Gate });
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const typed = (of: Organisation): Typed => ({ gate: gateTyped(of.gate) });

export default function Completing() {
  return (
    <OrganisationPart
      title="Completing work"
      about="What must be there before work moves on."
      schema={Entered}
      typed={typed}
      fields={(editing) => <Fields editing={editing} />}
    />
  );
}

function Fields({ editing: { form, wrong } }: { editing: Edited<Typed, Entered> }) {
  const lines = useFieldArray({ control: form.control, name: "gate" });
  const gate = form.watch("gate");
  return (
    <Pane title="Before work moves on">
      <p className="mb-3 text-muted">
        Required steps of the checklist always stand before completing a work order. A job type with
        requirements of its own has those instead of these.
      </p>
      <Lines
        legend="Requirements"
        keys={lines.fields.map((one) => one.id)}
        count={lines.fields.length}
        adds="Add a requirement"
        called="requirement"
        add={() => lines.append(NEW_REQUIREMENT)}
        remove={lines.remove}
        line={(at) => (
          <RequirementFields
            place={at}
            need={gate[at]?.need}
            register={(name) => form.register(`gate.${at}.${name}`)}
            wrong={(name) => wrong(`gate.${at}.${name}`)}
          />
        )}
      />
    </Pane>
  );
}
