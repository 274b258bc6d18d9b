/** What was billed: whom, how much, since when, and what of it is still owed. */

import { ReceiptText } from "lucide-react";
import { useCustomerNames } from "@/api/names";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { Page } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Badge, Status } from "@/ui/Status";
import { useList } from "@/ui/useList";

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
  const names = useCustomerNames(list.rows.map((one) => one.customer_id));
  return (
    <Page title="Invoices" scrolls={false}>
      <DataTable
        list={list}
        name="invoices"
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
          { key: "number", heading: "Number", width: "110px", cell: (one) => one.number ?? "Draft" },
          { key: "customer", heading: "Customer", cell: (one) => names.get(one.customer_id) },
          {
            key: "status",
            heading: "Status",
            width: "190px",
            cell: (one) => (
              <span className="flex gap-1">
                <Status status={one.status} />
                {one.overdue && <Badge tone="danger">Overdue</Badge>}
              </span>
            ),
          },
          { key: "issued", heading: "Issued", width: "110px", from: 700, cell: (one) => one.issued_on },
          {
            key: "due",
            heading: "Due",
            width: "110px",
            from: 700,
            sort: "due_on",
            cell: (one) => one.due_on,
          },
          {
            key: "total",
            heading: "Total",
            width: "120px",
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
          <EmptyState icon={ReceiptText} title="Nothing has been billed yet">
            When work is completed, the end of the day offers to draft its invoice.
          </EmptyState>
        }
      />
    </Page>
  );
}
