/** Where work is: areas of postal codes or whole regions, which sites fall into by their address. */

import { z } from "zod";
import type { Schemas } from "@/api/client";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Page } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Skeleton } from "@/ui/Skeleton";
import { Textarea } from "@/ui/Textarea";
import { needed } from "../entering";
import { choicesOf, nameOf, useBranches, useOrganisation } from "../lookups";
import { resource } from "../resource";
import { type Edited, type Kind, SettingsList } from "../SettingsList";

type Territory = Schemas["TerritoryOut"];

const list = (pattern: RegExp) =>
  z.string().transform((value) =>
    value
      .split(pattern)
      .map((one) => one.trim().toUpperCase())
      .filter(Boolean),
  );

const Entered = z.object({
  name: needed("Type a name, such as “North side”."),
  branch_id: z.string().transform((value) => value || null),
  country: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z]{2}$/, "Type the country's two letters, such as US."),
  postal_codes: list(/[,;\s]+/),
  regions: list(/[,;\n]+/),
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const kind = (country: string): Kind<Territory, Typed, Entered> => ({
  resource: resource<Territory, Entered>("/api/v2/territories"),
  one: "territory",
  many: "territories",
  permission: "organisation:write",
  schema: Entered,
  typed: (of) => ({
    name: of?.name ?? "",
    branch_id: of?.branch_id ?? "",
    country: of?.country ?? country,
    postal_codes: of?.postal_codes.join(", ") ?? "",
    regions: of?.regions.join(", ") ?? "",
  }),
  fields: (editing, row) => <Fields editing={editing} isNew={row === null} />,
  called: (one) => one.name,
  deleting: "It is gone for good; its sites go where their addresses say.",
});

export default function Territories() {
  const branches = useBranches();
  const organisation = useOrganisation();
  if (!organisation.data)
    return (
      <Page title="Territories">
        {organisation.error ? (
          <Failed error={organisation.error} again={() => void organisation.refetch()} />
        ) : (
          <Skeleton rows={8} label="Opening the territories" />
        )}
      </Page>
    );
  return (
    <SettingsList
      title="Territories"
      about="Areas that sites fall into by their address, and that people look after."
      kind={kind(organisation.data.country)}
      sort="name"
      find={["name"]}
      columns={[
        { key: "name", heading: "Name", sort: "name", cell: (one) => one.name },
        {
          key: "codes",
          heading: "Postal codes",
          width: "40%",
          from: 480,
          cell: (one) => one.postal_codes.join(", "),
        },
        {
          key: "regions",
          heading: "Regions",
          width: "16%",
          from: 760,
          cell: (one) => one.regions.join(", "),
        },
        {
          key: "branch",
          heading: "Branch",
          width: "18%",
          from: 860,
          cell: (one) => nameOf(branches.data, one.branch_id),
        },
      ]}
    />
  );
}

function Fields({ editing: { bind }, isNew }: { editing: Edited<Typed, Entered>; isNew: boolean }) {
  const branches = useBranches();
  return (
    <>
      <Field label="Name" autoComplete="off" autoFocus={isNew} {...bind("name")} />
      <div className="grid grid-cols-[minmax(0,1fr)_112px] gap-3">
        <Select label="Branch" none="No branch" choices={choicesOf(branches.data)} {...bind("branch_id")} />
        <Field label="Country" maxLength={2} autoComplete="off" {...bind("country")} />
      </div>
      <Textarea
        label="Postal codes"
        hint="Whole codes, or what they begin with: 73301, 787. Separated by commas or spaces."
        {...bind("postal_codes")}
      />
      <Textarea
        label="Regions"
        hint="States by their code, for sites whose postal code nobody claims: TX, OK."
        {...bind("regions")}
      />
    </>
  );
}
