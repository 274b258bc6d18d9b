/** All that is looked after: what, in which state, and until when it is under warranty. */

import type { Schemas } from "@/api/client";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Status } from "@/ui/Status";
import { useList } from "@/ui/useList";
import { onDay } from "@/ui/when";

type Equipment = Schemas["EquipmentOut"];

const COLUMNS: Column<Equipment>[] = [
  { key: "name", heading: "What", cell: (one) => one.name },
  { key: "serial", heading: "Serial", width: "160px", from: 900, cell: (one) => one.serial },
  { key: "location", heading: "Where on the site", width: "20%", from: 1000, cell: (one) => one.location },
  {
    key: "installed",
    heading: "Installed",
    width: "150px",
    from: 1100,
    sort: "installed_on",
    cell: (one) => one.installed_on && <span className="tabular">{onDay(one.installed_on)}</span>,
  },
  {
    key: "warranty",
    heading: "Warranty until",
    width: "150px",
    from: 640,
    sort: "warranty_until",
    cell: (one) => one.warranty_until && <span className="tabular">{onDay(one.warranty_until)}</span>,
  },
  { key: "status", heading: "State", width: "112px", cell: (one) => <Status status={one.status} /> },
];

export default function EquipmentListPage() {
  const list = useList("/api/v2/equipment", {
    find: ["type", "make", "model", "serial", "location"],
    sort: "-created_at",
    filters: { status: {} },
  });
  return (
    <Page title="Equipment" scrolls={false}>
      <DataTable
        list={list}
        name="equipment"
        columns={COLUMNS}
        open={(one) => `/equipment/${one.id}`}
        called={(one) => one.name}
        filters={
          <Select
            quiet
            className="w-32"
            label="State"
            none="Any state"
            choices={[
              { value: "active", text: "Active" },
              { value: "retired", text: "Retired" },
            ]}
            value={list.address.get("status") ?? ""}
            onChange={(event) => list.change({ status: event.target.value || null })}
          />
        }
        empty={
          <EmptyState title="There is no equipment yet.">
            Equipment is what is looked after at a site: a tank, a pump, a heater. It comes with an import or
            through the API.
          </EmptyState>
        }
      />
    </Page>
  );
}
