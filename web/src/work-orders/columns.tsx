/** A work order in one line. */

import { ChevronDown, ChevronsUp, ChevronUp } from "lucide-react";
import type { Column } from "@/ui/DataTable";
import { Badge, Status } from "@/ui/Status";
import { between, when } from "@/ui/when";
import { age, nextVisit } from "./ahead";
import { OVER, PRIORITIES, type Priority, type WorkOrder } from "./work";

/** Read by its sign and its word; what is normal does not ask for the eye. */
export function PriorityMark({ of }: { of: Priority }) {
  const text = PRIORITIES.find((one) => one.value === of)?.text ?? of;
  if (of === "emergency") {
    return (
      <Badge tone="danger" icon={ChevronsUp}>
        {text}
      </Badge>
    );
  }
  if (of === "high") {
    return (
      <Badge tone="warn" icon={ChevronUp}>
        {text}
      </Badge>
    );
  }
  if (of === "low") {
    return (
      <Badge icon={ChevronDown} className="bg-transparent! px-0!">
        {text}
      </Badge>
    );
  }
  return <span className="text-muted">{text}</span>;
}

/** When somebody comes: the promised window, or else the plan. */
export function NextVisit({ order }: { order: WorkOrder }) {
  const next = nextVisit(order.visits);
  const start = next?.promised_start ?? next?.planned_start;
  const end = (next?.promised_start ? next.promised_end : next?.planned_end) ?? start;
  if (!next || !start || !end) {
    const over = [...OVER, "completed", "approved"].includes(order.status);
    return <span className="text-muted">{over ? "" : "Not planned"}</span>;
  }
  const zone = order.site.time_zone;
  return (
    <span className="tabular whitespace-nowrap">
      {when(start, zone, "day")}, {between(start, end, zone)}
    </span>
  );
}

export const COLUMNS: readonly Column<WorkOrder>[] = [
  {
    key: "number",
    heading: "Number",
    width: "112px",
    cell: (row) => <span className="tabular whitespace-nowrap">{row.number}</span>,
  },
  { key: "customer", heading: "Customer", cell: (row) => row.customer.name },
  { key: "site", heading: "Site", from: 1_150, cell: (row) => row.site.address },
  { key: "job", heading: "Job type", from: 1_060, width: "15%", cell: (row) => row.job_type.name },
  { key: "status", heading: "Status", width: "124px", cell: (row) => <Status status={row.status} /> },
  {
    key: "priority",
    heading: "Priority",
    from: 760,
    width: "116px",
    cell: (row) => <PriorityMark of={row.priority} />,
  },
  {
    key: "next",
    heading: "Next visit",
    from: 640,
    width: "248px",
    cell: (row) => <NextVisit order={row} />,
  },
  {
    key: "age",
    heading: "Age",
    sort: "created_at",
    number: true,
    from: 480,
    width: "76px",
    cell: (row) => age(row.created_at),
  },
];
