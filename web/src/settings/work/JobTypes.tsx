/** What work is sold by: how long it takes, how many it needs, who can do it, what is done and what it costs. */

import { useMe } from "@/identity/me";
import { price } from "@/invoices/amounts";
import { Badge, words } from "@/ui/Status";
import { lasting } from "../entering";
import { type Kind, SettingsList } from "../SettingsList";
import { JobTypeFields } from "./JobTypeFields";
import { Entered, type JobType, jobTypes, type Typed, typed } from "./jobTypes";

const kind: Kind<JobType, Typed, Entered> = {
  resource: jobTypes,
  one: "job type",
  many: "job types",
  permission: "job-types:write",
  typed,
  schema: Entered,
  fields: (editing, row) => <JobTypeFields editing={editing} isNew={row === null} />,
  called: (one) => one.name,
  deleting: "It is offered no more. Work that has it keeps it, and you can bring it back.",
  restores: true,
  wide: true,
};

export default function JobTypes() {
  const { me } = useMe();
  return (
    <SettingsList
      title="Job types"
      about="What work is sold by: new work starts with what its type says."
      kind={kind}
      sort="name"
      find={["name", "trade"]}
      columns={[
        { key: "name", heading: "Name", sort: "name", cell: (one) => one.name },
        {
          key: "trade",
          heading: "Trade",
          width: "120px",
          from: 560,
          cell: (one) => one.trade && words(one.trade),
        },
        {
          key: "duration",
          heading: "Takes",
          width: "104px",
          number: true,
          cell: (one) => lasting(one.duration_minutes),
        },
        {
          key: "crew",
          heading: "People",
          width: "72px",
          number: true,
          from: 700,
          cell: (one) => one.crew_size,
        },
        {
          key: "skills",
          heading: "Skills",
          width: "22%",
          from: 820,
          cell: (one) => one.skills.map((need) => need.skill.name).join(", "),
        },
        {
          key: "steps",
          heading: "Steps",
          width: "64px",
          number: true,
          from: 900,
          cell: (one) => one.tasks.length || null,
        },
        {
          key: "price",
          heading: "Price",
          width: "120px",
          number: true,
          from: 420,
          cell: (one) =>
            one.price_lines.length > 0 ? (
              <Badge>{`${one.price_lines.length} ${one.price_lines.length === 1 ? "line" : "lines"}`}</Badge>
            ) : one.unit_price !== null && me ? (
              price(one.unit_price, me.currency)
            ) : null,
        },
      ]}
    />
  );
}
