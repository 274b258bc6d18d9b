/** All that is looked after: what, in which state, and until when it is under warranty. */

import { Plus } from "lucide-react";
import { useMay } from "@/identity/may";
import { Button } from "@/ui/Button";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { shown, useKeys } from "@/ui/keys";
import { Page } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Status } from "@/ui/Status";
import { useList } from "@/ui/useList";
import { useNew } from "@/ui/useNew";
import { onDay } from "@/ui/when";
import { EquipmentForm } from "./EquipmentForm";
import type { Equipment } from "./equipment";

const COLUMNS: Column<Equipment>[] = [
  { key: "name", heading: "What", cell: (one) => one.name },
  { key: "serial", heading: "Serial", width: "160px", from: 900, cell: (one) => one.serial },
  { key: "location", heading: "Where on the site", width: "20%", from: 1000, cell: (one) => one.location },
  {
    key: "installed",
    heading: "Installed",
    width: "156px",
    from: 1100,
    sort: "installed_on",
    cell: (one) => one.installed_on && <span className="tabular">{onDay(one.installed_on)}</span>,
  },
  {
    key: "warranty",
    heading: "Warranty until",
    width: "156px",
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
  const may = useMay();
  const making = useNew();
  useKeys(may("equipment:write") ? [{ keys: "c", says: "New equipment", group: "Do", do: making.open }] : []);
  return (
    <Page
      title="Equipment"
      scrolls={false}
      actions={
        may("equipment:write") && (
          <Button look="primary" aria-keyshortcuts="c" onClick={making.open}>
            <Plus aria-hidden className="size-3.5" /> New equipment
            <kbd className="font-sans text-sm opacity-80 max-sm:hidden">{shown("c").toUpperCase()}</kbd>
          </Button>
        )
      }
    >
      <DataTable
        list={list}
        name="equipment"
        one="piece of equipment"
        several="pieces of equipment"
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
          <EmptyState
            title="There is no equipment yet."
            action={may("equipment:write") && <Button onClick={making.open}>New equipment</Button>}
          >
            Equipment is what is looked after at a site: a tank, a pump, a heater. It is added here, on its
            site's page, or with an import.
          </EmptyState>
        }
      />
      {making.isOpen && may("equipment:write") && <EquipmentForm onClose={making.close} />}
    </Page>
  );
}
