/** Work orders as a list: what is open, whose it is, and when somebody comes. */

import { ClipboardList, PhoneCall } from "lucide-react";
import { Link, useNavigate } from "react-router";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { useKeys } from "@/ui/keys";
import { Page } from "@/ui/Page";
import { useList } from "@/ui/useList";
import { BulkDeeds } from "./Bulk";
import { COLUMNS } from "./columns";
import { FILTERS, Narrow } from "./Narrow";
import { pathOf, type WorkOrder } from "./work";

const FOUND_BY = ["number", "summary", "customer_reference", "description"];

export default function WorkOrdersPage() {
  const { me } = useMe();
  const go = useNavigate();
  const writes = me?.permissions.includes("work-orders:write") ?? false;
  const list = useList("/api/v2/work-orders", { find: FOUND_BY, filters: FILTERS, sort: "-created_at" });
  const calls = writes && (me?.permissions.includes("dispatch:write") ?? false);
  useKeys(calls ? [{ keys: "c", says: "New work order", group: "Lists", do: () => void go("/call") }] : []);
  const begin = calls && (
    <Button look="primary" asChild>
      <Link to="/call" aria-keyshortcuts="c">
        <PhoneCall aria-hidden className="size-3.5" /> New work order
      </Link>
    </Button>
  );
  return (
    <Page title="Work orders" scrolls={false} actions={begin}>
      <DataTable<WorkOrder>
        list={list}
        name="work orders"
        columns={COLUMNS}
        open={(row) => pathOf(row.id)}
        called={(row) => row.number}
        filters={<Narrow list={list} />}
        {...(writes
          ? { actions: (rows: WorkOrder[], done: () => void) => <BulkDeeds rows={rows} done={done} /> }
          : {})}
        empty={
          <EmptyState icon={ClipboardList} title="There is no work yet." action={begin || undefined}>
            A work order is made while somebody calls: who they are, what it is, and when somebody comes.
          </EmptyState>
        }
      />
    </Page>
  );
}
