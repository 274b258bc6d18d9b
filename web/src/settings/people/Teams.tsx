/** People who work together: whoever sees their team's work sees it by this. */

import { z } from "zod";
import type { Schemas } from "@/api/client";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { needed } from "../entering";
import { choicesOf, nameOf, useBranches, useMembers } from "../lookups";
import { resource } from "../resource";
import { type Edited, type Kind, SettingsList } from "../SettingsList";

type Team = Schemas["TeamOut"];

const none = z.string().transform((value) => value || null);
const Entered = z.object({
  name: needed("Type a name, such as “Drains”."),
  branch_id: none,
  leader_id: none,
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const kind: Kind<Team, Typed, Entered> = {
  resource: resource<Team, Entered>("/api/v2/teams"),
  one: "team",
  many: "teams",
  permission: "organisation:write",
  schema: Entered,
  typed: (of) => ({ name: of?.name ?? "", branch_id: of?.branch_id ?? "", leader_id: of?.leader_id ?? "" }),
  fields: (editing, row) => <Fields editing={editing} isNew={row === null} />,
  called: (one) => one.name,
  deleting: "It is gone for good. It is refused while people belong to it.",
};

export default function Teams() {
  const branches = useBranches();
  const members = useMembers();
  return (
    <SettingsList
      title="Teams"
      about="People who work together. Who belongs to one is said on their own page."
      kind={kind}
      sort="name"
      find={["name"]}
      columns={[
        { key: "name", heading: "Name", sort: "name", cell: (one) => one.name },
        {
          key: "leader",
          heading: "Led by",
          width: "30%",
          cell: (one) => nameOf(members.data, one.leader_id),
        },
        {
          key: "branch",
          heading: "Branch",
          width: "26%",
          from: 560,
          cell: (one) => nameOf(branches.data, one.branch_id),
        },
      ]}
    />
  );
}

function Fields({ editing: { bind }, isNew }: { editing: Edited<Typed, Entered>; isNew: boolean }) {
  const branches = useBranches();
  const members = useMembers();
  return (
    <>
      <Field label="Name" autoComplete="off" autoFocus={isNew} {...bind("name")} />
      <Select
        label="Led by"
        none="Nobody"
        hint="Whoever leads a team belongs to it."
        choices={choicesOf(members.data)}
        {...bind("leader_id")}
      />
      <Select label="Branch" none="No branch" choices={choicesOf(branches.data)} {...bind("branch_id")} />
    </>
  );
}
