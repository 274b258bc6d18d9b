/** Work orders as a list or as a board: what is open, whose it is, and when somebody comes. One set of
 * filters for all ways to look at them. */

import { ClipboardList, Plus } from "lucide-react";
import { lazy, Suspense } from "react";
import { useSearchParams } from "react-router";
import { type Me, useMe } from "@/identity/me";
import { useLiveQueries } from "@/office/live";
import { idFrom } from "@/ui/address";
import { Button } from "@/ui/Button";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { FilterBar } from "@/ui/FilterBar";
import { meant } from "@/ui/filters";
import { useKeys } from "@/ui/keys";
import { Page } from "@/ui/Page";
import { SavedViews } from "@/ui/SavedViews";
import { Skeleton } from "@/ui/Skeleton";
import { useList } from "@/ui/useList";
import { BulkDeeds } from "./Bulk";
import { Calendar } from "./Calendar";
import { COLUMNS } from "./columns";
import { Kanban } from "./Kanban";
import { FILTERS, Narrow } from "./Narrow";
import { NewWorkOrder } from "./NewWorkOrder";
import { type As, Views, viewOf } from "./Views";
import { pathOf, type WorkOrder } from "./work";

const WorkMap = lazy(() => import("@/map/WorkMap"));

const FOUND_BY = ["number", "summary", "customer_reference", "description"];
const LIST = { find: FOUND_BY, filters: FILTERS, sort: "-created_at" };

export default function WorkOrdersPage() {
  const { me } = useMe();
  const [address, setAddress] = useSearchParams();
  const as = viewOf(address);
  const writes = me?.permissions.includes("work-orders:write") ?? false;
  const set = (wanted: Record<string, string | null>) =>
    setAddress((before) => {
      const next = new URLSearchParams(before);
      for (const [key, value] of Object.entries(wanted)) {
        if (value === null) next.delete(key);
        else next.set(key, value);
      }
      return next;
    });
  useLiveQueries("work_orders", "work-orders");
  useKeys(writes ? [{ keys: "c", says: "New work order", group: "Lists", do: () => set({ new: "1" }) }] : []);
  const begin = writes && (
    <Button look="primary" aria-keyshortcuts="c" onClick={() => set({ new: "1" })}>
      <Plus aria-hidden className="size-3.5" /> New <span className="max-sm:sr-only">work order</span>
    </Button>
  );
  if (!me) return null;
  return (
    <Page
      title="Work orders"
      scrolls={false}
      about={<Views at={as} onChange={(one) => set({ as: one === "list" ? null : one })} />}
      actions={begin}
    >
      {as === "list" ? (
        <AsList writes={writes} begin={begin} />
      ) : as === "map" ? (
        <AsMap />
      ) : (
        <Otherwise as={as} me={me} writes={writes} />
      )}
      {writes && address.get("new") && (
        <NewWorkOrder
          customer={idFrom(address.get("customer"))}
          site={idFrom(address.get("site"))}
          onClose={() => set({ new: null })}
        />
      )}
    </Page>
  );
}

function AsList({ writes, begin }: { writes: boolean; begin: React.ReactNode }) {
  const list = useList("/api/v2/work-orders", LIST);
  return (
    <DataTable<WorkOrder>
      list={list}
      name="work orders"
      one="work order"
      columns={COLUMNS}
      open={(row) => pathOf(row.id)}
      called={(row) => row.number}
      filters={<Narrow list={list} />}
      {...(writes
        ? { actions: (rows: WorkOrder[], done: () => void) => <BulkDeeds rows={rows} done={done} /> }
        : {})}
      empty={
        <EmptyState icon={ClipboardList} title="There is no work yet." action={begin || undefined}>
          A work order says for whom, where and what is to be done. A call makes one, too, and finds its time.
        </EmptyState>
      }
    />
  );
}

/** The same filters over a map; so many a page that four of them are as many pins as a map shows. */
function AsMap() {
  const list = useList("/api/v2/work-orders", { ...LIST, page: 125 });
  return (
    <>
      <FilterBar
        list={list}
        name="work orders"
        one="work order"
        views={<SavedViews list={list} name="work orders" />}
        onLeave={() => document.querySelector<HTMLElement>("[data-row] button")?.focus()}
      >
        <Narrow list={list} />
      </FilterBar>
      <Suspense fallback={<Skeleton rows={12} label="Opening the map" />}>
        <WorkMap list={list} />
      </Suspense>
    </>
  );
}

/** The same filters, and how many there are; what is shown below them reads for itself. */
function Otherwise({ as, me, writes }: { as: As; me: Me; writes: boolean }) {
  const list = useList("/api/v2/work-orders", { ...LIST, page: 1 });
  const { status: _, ...others } = FILTERS;
  return (
    <>
      <FilterBar
        list={list}
        name="work orders"
        one="work order"
        views={<SavedViews list={list} name="work orders" />}
        onLeave={() => document.querySelector<HTMLElement>("a[data-card], [data-day][tabindex='0']")?.focus()}
      >
        <Narrow list={list} />
      </FilterBar>
      {as === "calendar" ? (
        <Calendar tree={list.tree} view={list.view} zone={me.time_zone} />
      ) : (
        <Kanban
          tree={meant(list.address, { find: FOUND_BY, filters: others })}
          view={list.view}
          status={list.address.get("status")}
          writes={writes}
        />
      )}
    </>
  );
}
