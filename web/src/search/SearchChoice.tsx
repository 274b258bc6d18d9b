/** A record chosen by what one knows of it: name, phone, address, number. */

import { api, ask, type Schemas } from "@/api/client";
import { Combobox, type Option } from "@/ui/Combobox";
import type { LabelledProps } from "@/ui/Labelled";

type Kind = "customer" | "site" | "technician" | "equipment" | "work_order" | "contact";

const HINTS: Record<Kind, string> = {
  customer: "Name, phone or address",
  site: "Street or name",
  technician: "Name",
  equipment: "Make, model or serial",
  work_order: "Number or summary",
  contact: "Name, phone or e-mail",
};
const FEWEST = 2;

const option = (hit: Schemas["HitOut"]): Option => ({ id: hit.id, text: hit.title, detail: hit.subtitle });

interface Props extends LabelledProps {
  kind: Kind;
  value: Option | null;
  onChange: (value: Option | null) => void;
  autoFocus?: boolean;
  disabled?: boolean;
}

export function SearchChoice({ kind, ...rest }: Props) {
  return (
    <Combobox
      {...rest}
      placeholder={HINTS[kind]}
      queryKey={["search", kind]}
      load={async (typed, signal) =>
        typed.length < FEWEST
          ? []
          : (
              await ask(
                api.GET("/api/v2/search", {
                  params: { query: { q: typed, types: [kind], limit: 10 } },
                  signal,
                }),
              )
            ).data.map(option)
      }
      nothing={(typed) =>
        typed.length < FEWEST ? "Type two letters or more." : `Nothing is like “${typed}”.`
      }
    />
  );
}
