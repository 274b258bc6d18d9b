/** Everywhere work is done. */

import type { Schemas } from "@/api/client";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { useList } from "@/ui/useList";
import { onDay } from "@/ui/when";

type Site = Schemas["SiteOut"];

const COLUMNS: Column<Site>[] = [
  { key: "address", heading: "Address", cell: (one) => one.address },
  { key: "name", heading: "Name", width: "16%", from: 900, cell: (one) => one.name },
  {
    key: "customers",
    heading: "Customers",
    width: "24%",
    from: 600,
    cell: (one) =>
      one.parties
        .filter((party) => party.ends_on === null)
        .map((party) => party.customer.name)
        .join(", "),
  },
  {
    key: "hazards",
    heading: "Hazards",
    width: "18%",
    from: 1000,
    cell: (one) => <span className="text-danger">{one.hazards.map((hazard) => hazard.text).join(", ")}</span>,
  },
  {
    key: "last",
    heading: "Last visit",
    width: "150px",
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
  });
  return (
    <Page title="Sites" scrolls={false}>
      <DataTable
        list={list}
        name="sites"
        columns={COLUMNS}
        open={(one) => `/sites/${one.id}`}
        called={(one) => one.address}
        empty={
          <EmptyState title="There are no sites yet.">
            A site is where work is done. The first call that books work for a customer adds one.
          </EmptyState>
        }
      />
    </Page>
  );
}
