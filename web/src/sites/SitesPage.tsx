/** Everywhere work is done. */

import { Plus } from "lucide-react";
import { useMay } from "@/identity/may";
import { Button } from "@/ui/Button";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { shown, useKeys } from "@/ui/keys";
import { Page } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { useList } from "@/ui/useList";
import { useNew } from "@/ui/useNew";
import { onDay } from "@/ui/when";
import { NewSite } from "./SiteForm";
import { present, type Site } from "./sites";
import { useTerritories } from "./territories";

const COLUMNS: Column<Site>[] = [
  { key: "address", heading: "Address", cell: (one) => one.address },
  { key: "name", heading: "Name", width: "14%", from: 900, cell: (one) => one.name },
  {
    key: "customers",
    heading: "Customers",
    width: "22%",
    from: 600,
    cell: (one) =>
      present(one)
        .map((party) => party.customer.name)
        .join(", "),
  },
  {
    key: "hazards",
    heading: "Hazards",
    width: "15%",
    from: 1000,
    cell: (one) => <span className="text-danger">{one.hazards.map((hazard) => hazard.text).join(", ")}</span>,
  },
  {
    key: "last",
    heading: "Last visit",
    width: "156px",
    from: 760,
    cell: (one) =>
      one.last_visit && (
        <span className="tabular">
          {onDay(
            new Intl.DateTimeFormat("en-CA", { timeZone: one.time_zone }).format(
              new Date(one.last_visit.finished_at),
            ),
          )}
        </span>
      ),
  },
];

export default function SitesPage() {
  const list = useList("/api/v2/sites", {
    find: ["name", "street", "city", "postal_code"],
    sort: "-created_at",
    filters: { territory_id: {} },
  });
  const may = useMay();
  const making = useNew();
  const territories = useTerritories();
  useKeys(may("sites:write") ? [{ keys: "c", says: "New site", group: "Do", do: making.open }] : []);
  return (
    <Page
      title="Sites"
      scrolls={false}
      actions={
        may("sites:write") && (
          <Button look="primary" aria-keyshortcuts="c" onClick={making.open}>
            <Plus aria-hidden className="size-3.5" /> New site
            <kbd className="font-sans text-sm opacity-80 max-sm:hidden">{shown("c").toUpperCase()}</kbd>
          </Button>
        )
      }
    >
      <DataTable
        list={list}
        name="sites"
        one="site"
        columns={COLUMNS}
        open={(one) => `/sites/${one.id}`}
        called={(one) => one.address}
        filters={
          (territories.data?.length ?? 0) > 0 && (
            <Select
              quiet
              className="w-40"
              label="Territory"
              none="Any territory"
              choices={(territories.data ?? []).map((one) => ({ value: one.id, text: one.name }))}
              value={list.address.get("territory_id") ?? ""}
              onChange={(event) => list.change({ territory_id: event.target.value || null })}
            />
          )
        }
        empty={
          <EmptyState
            title="There are no sites yet."
            action={may("sites:write") && <Button onClick={making.open}>New site</Button>}
          >
            A site is where work is done. A call adds one for a new caller, and so does an import.
          </EmptyState>
        }
      />
      {making.isOpen && may("sites:write") && <NewSite onClose={making.close} />}
    </Page>
  );
}
