/** Where it is: one of the customer's sites. A few are a list; of many, one is searched for. */

import { pageOf } from "@/api/verb";
import { areMany, type Site, useSite } from "@/call/calling";
import { Combobox, type Option } from "@/ui/Combobox";
import { finding } from "@/ui/filters";
import { Select } from "@/ui/Select";

interface Props {
  customerId: string | null;
  /** The first of them; undefined while they are read. */
  sites: readonly Site[] | undefined;
  value: string;
  onChange: (id: string) => void;
  error?: string | undefined;
}

const option = (one: Site): Option => ({ id: one.id, text: one.address, detail: one.name });

export function SiteChoice({ customerId, sites, value, onChange, error }: Props) {
  const listed = sites?.find((one) => one.id === value);
  // whoever came from a site that is not among the first has chosen it, too
  const other = useSite(sites && value && !listed ? value : null);
  const chosen = listed ?? other.data;
  const wrong = error ?? other.error?.message;
  if (customerId !== null && sites && areMany(sites)) {
    return (
      <Combobox<Option>
        label="Site"
        required
        value={chosen ? option(chosen) : null}
        error={wrong}
        placeholder="Street, city or name"
        queryKey={["sites", "of", customerId]}
        load={async (typed, signal) => {
          const words = finding(typed, ["name", "street", "city", "postal_code"]);
          const query = {
            customer_id: customerId,
            limit: 20,
            ...(words.length ? { filter: JSON.stringify({ and: words }) } : {}),
          };
          return (await pageOf("/api/v2/sites", query, { signal })).data.map(option);
        }}
        nothing={(typed) => `This customer has no site like “${typed}”.`}
        onChange={(found) => onChange(found?.id ?? "")}
      />
    );
  }
  const none = sites?.length === 0 ? "This customer has no site yet" : "Choose a site";
  return (
    <Select
      label="Site"
      required
      disabled={customerId === null}
      none={customerId === null ? "First the customer" : none}
      choices={[...(other.data ? [other.data] : []), ...(sites ?? [])].map((one) => ({
        value: one.id,
        text: one.address,
      }))}
      value={value}
      error={wrong}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
