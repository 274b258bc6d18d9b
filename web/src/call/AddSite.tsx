/** Where the work is, of a customer who is here and whose place is not. */

import { useQueryClient } from "@tanstack/react-query";
import { api, ask, given } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";

interface Props {
  customerId: string;
  onMade: (siteId: string) => void;
}

export function AddSite({ customerId, onMade }: Props) {
  const known = useQueryClient();
  const keyOf = useKeys();
  const sent = useSubmit(["street", "postal_code", "unit"], async (form) => {
    const said = (name: string) => String(form.get(name) ?? "").trim();
    const body = {
      customer_id: customerId,
      street: said("street"),
      postal_code: said("postal_code"),
      ...given({ unit: said("unit") }),
    };
    const site = await ask(api.POST("/api/v2/sites", { body, headers: keyOf(body) }));
    await known.invalidateQueries({ queryKey: ["sites"] });
    onMade(site.id);
  });
  return (
    <form {...sent.form} aria-label="New site" className="flex flex-col gap-2">
      <div className="grid grid-cols-[2fr_1fr_1fr] gap-2 max-sm:grid-cols-1">
        <Field label="Street and number" name="street" required error={sent.fault("street")} />
        <Field label="Postal code" name="postal_code" required error={sent.fault("postal_code")} />
        <Field label="Unit (optional)" name="unit" error={sent.fault("unit")} />
      </div>
      <Wrong>{sent.beside}</Wrong>
      <Button type="submit" busy={sent.busy} className="self-start">
        Add the site
      </Button>
    </form>
  );
}
