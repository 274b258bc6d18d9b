/** What was billed: whom, how much, since when, and what of it is still owed. */

import { CalendarX2, Plus, ReceiptText } from "lucide-react";
import { useCustomerNames } from "@/api/names";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { useKeys } from "@/ui/keys";
import { Money } from "@/ui/Money";
import { Page } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Badge, Status } from "@/ui/Status";
import { useList } from "@/ui/useList";
import { onDay } from "@/ui/when";
import { NewInvoice } from "./NewInvoice";

const STATUSES = [
  { value: "draft", text: "Drafts" },
  { value: "issued,partially_paid", text: "Owed" },
  { value: "paid", text: "Paid" },
  { value: "void", text: "Void" },
];

export default function InvoicesPage() {
  const list = useList("/api/v2/invoices", {
    find: ["number", "notes"],
    filters: { status: {} },
    sort: "-created_at",
  });
  const { me } = useMe();
  // what is billed hangs on work that one can find
  const writes = ["invoices:write", "work-orders:read"].every((one) => me?.permissions.includes(one));
  const names = useCustomerNames(list.rows.map((one) => one.customer_id));
  const asks = list.address.get("new") !== null && writes;
  const begin = writes && (
    <Button look="primary" aria-keyshortcuts="c" onClick={() => list.change({ new: "1" })}>
      <Plus aria-hidden className="size-3.5" /> New invoice
    </Button>
  );
  useKeys(
    writes ? [{ keys: "c", says: "New invoice", group: "Lists", do: () => list.change({ new: "1" }) }] : [],
  );
  return (
    <Page title="Invoices" scrolls={false} actions={begin}>
      <DataTable
        list={list}
        name="invoices"
        one="invoice"
        open={(one) => `/invoices/${one.id}`}
        called={(one) => one.number ?? "a draft"}
        filters={
          <Select
            quiet
            label="Status"
            none="All statuses"
            choices={STATUSES}
            value={list.address.get("status") ?? ""}
            onChange={(event) => list.change({ status: event.target.value })}
          />
        }
        columns={[
          {
            key: "number",
            heading: "Number",
            width: "132px",
            cell: (one) => (
              <>
                {one.number ?? "Draft"}
                {/* where there is no room for a column of its own */}
                <span className="block truncate font-normal text-muted text-sm sm:hidden">
                  {names.get(one.customer_id)}
                </span>
              </>
            ),
          },
          { key: "customer", heading: "Customer", from: 560, cell: (one) => names.get(one.customer_id) },
          {
            key: "status",
            heading: "Status",
            width: "128px",
            cell: (one) => (
              <span className="flex">
                {one.overdue ? (
                  <Badge tone="danger" icon={CalendarX2}>
                    {one.status === "partially_paid" ? "Rest overdue" : "Overdue"}
                  </Badge>
                ) : (
                  <Status status={one.status} />
                )}
              </span>
            ),
          },
          {
            key: "issued",
            heading: "Issued",
            width: "156px",
            from: 820,
            cell: (one) => one.issued_on && onDay(one.issued_on),
          },
          {
            key: "due",
            heading: "Due",
            width: "156px",
            from: 700,
            sort: "due_on",
            cell: (one) => one.due_on && onDay(one.due_on),
          },
          {
            key: "total",
            heading: "Total",
            width: "116px",
            number: true,
            cell: (one) => <Money minor={one.total} currency={one.currency} />,
          },
          {
            key: "balance",
            heading: "Owed",
            width: "120px",
            number: true,
            from: 500,
            cell: (one) => <Money minor={one.balance} currency={one.currency} />,
          },
        ]}
        empty={
          <EmptyState icon={ReceiptText} title="Nothing has been billed yet" action={begin || undefined}>
            A work order offers to draft its invoice, and so does the end of the day in which it was done.
          </EmptyState>
        }
      />
      {asks && <NewInvoice onClose={() => list.change({ new: null })} />}
    </Page>
  );
}
