/** Everybody whom we bill, or might: found, narrowed, opened, and many changed at once. */

import { Ban, CreditCard, Plus } from "lucide-react";
import { Link } from "react-router";
import { useMay } from "@/identity/may";
import { TagChip } from "@/tags/Tags";
import { useTags } from "@/tags/tags";
import { Button } from "@/ui/Button";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { shown, useKeys } from "@/ui/keys";
import { Money } from "@/ui/Money";
import { Page } from "@/ui/Page";
import { phone } from "@/ui/phone";
import { Select } from "@/ui/Select";
import { Badge, words } from "@/ui/Status";
import { type List, useList } from "@/ui/useList";
import { useNew } from "@/ui/useNew";
import { type Customer, customerPath, KINDS, STAGES } from "./customers";
import { NewCustomer } from "./NewCustomer";
import { Selected } from "./Selected";

const HOLDS = [
  { value: "credit", text: "Credit hold" },
  { value: "service", text: "Do not service" },
] as const;

const held = (field: string) => ({ field, op: "is_null", value: false });

const COLUMNS: Column<Customer>[] = [
  { key: "name", heading: "Name", sort: "name", cell: (one) => one.name },
  {
    key: "phone",
    heading: "Phone",
    width: "136px",
    from: 560,
    cell: (one) => one.phone && <span className="tabular">{phone(one.phone)}</span>,
  },
  { key: "email", heading: "E-mail", width: "20%", from: 960, cell: (one) => one.email },
  { key: "kind", heading: "Kind", width: "92px", from: 1120, cell: (one) => words(one.kind) },
  { key: "stage", heading: "Stage", width: "96px", from: 700, cell: (one) => words(one.stage) },
  {
    key: "tags",
    heading: "Tags",
    width: "14%",
    from: 1000,
    cell: (one) => (
      <span className="flex gap-1 overflow-hidden">
        {one.tags.map((tag) => (
          <TagChip key={tag.id} tag={tag} />
        ))}
      </span>
    ),
  },
  { key: "holds", heading: "Holds", width: "138px", from: 640, cell: (one) => <Holds of={one} /> },
  { key: "owes", heading: "Owes", width: "116px", number: true, cell: (one) => <Owes of={one} /> },
];

function Holds({ of }: { of: Customer }) {
  return of.banners.map(({ kind }) =>
    kind === "do_not_service" ? (
      <Badge key={kind} tone="danger" icon={Ban}>
        Do not service
      </Badge>
    ) : kind === "credit_hold" ? (
      <Badge key={kind} tone="danger" icon={CreditCard}>
        Credit hold
      </Badge>
    ) : null,
  );
}

function Owes({ of }: { of: Customer }) {
  const owed = of.banners.find((one) => one.kind === "balance");
  if (!owed || owed.amount === null || owed.currency === null) return null;
  return <Money minor={owed.amount} currency={owed.currency} className="text-warn" />;
}

export default function CustomersPage() {
  const may = useMay();
  const making = useNew();
  const list = useList("/api/v2/customers", {
    find: ["name", "phone", "email", "billing_street", "billing_city"],
    sort: "name",
    filters: {
      kind: {},
      stage: {},
      hold: { means: (value) => held(value === "credit" ? "credit_held_at" : "service_stopped_at") },
      tag: { means: (value) => ({ field: "tags", op: "has", value }) },
    },
  });
  useKeys(
    may("customers:write")
      ? [
          {
            keys: "c",
            says: "New customer",
            group: "Do",
            do: making.open,
          },
        ]
      : [],
  );

  return (
    <Page
      title="Customers"
      scrolls={false}
      actions={
        may("customers:write") && (
          <>
            <Button asChild look="plain">
              <Link to="/customers/duplicates">Duplicates</Link>
            </Button>
            <Button look="primary" aria-keyshortcuts="c" onClick={making.open}>
              <Plus aria-hidden className="size-3.5" /> New customer
              <kbd className="font-sans text-sm opacity-80 max-sm:hidden">{shown("c").toUpperCase()}</kbd>
            </Button>
          </>
        )
      }
    >
      <DataTable
        list={list}
        name="customers"
        one="customer"
        columns={COLUMNS}
        open={(one) => customerPath(one.id)}
        called={(one) => one.name}
        filters={<Filters list={list} />}
        {...(may("customers:write")
          ? {
              actions: (selected: Customer[], done: () => void) => <Selected {...{ selected, done, may }} />,
            }
          : {})}
        empty={
          <EmptyState
            title="There are no customers yet."
            action={may("customers:write") && <Button onClick={making.open}>New customer</Button>}
          >
            A customer is who is billed. They are added here, during a call, or imported.
          </EmptyState>
        }
      />
      {making.isOpen && may("customers:write") && <NewCustomer onClose={making.close} />}
    </Page>
  );
}

function Filters({ list }: { list: List<Customer> }) {
  const tags = useTags("customer");
  const all = [
    { name: "kind", label: "Kind", none: "Any kind", choices: KINDS },
    { name: "stage", label: "Stage", none: "Any stage", choices: STAGES },
    { name: "hold", label: "Hold", none: "Held or not", choices: HOLDS },
    ...((tags.data?.length ?? 0) > 0
      ? [
          {
            name: "tag",
            label: "Tag",
            none: "Any tag",
            choices: (tags.data ?? []).map((one) => ({ value: one.id, text: one.name })),
          },
        ]
      : []),
  ];
  return all.map(({ name, label, none, choices }) => (
    <Select
      key={name}
      quiet
      className="w-32"
      label={label}
      none={none}
      choices={choices}
      value={list.address.get(name) ?? ""}
      onChange={(event) => list.change({ [name]: event.target.value || null })}
    />
  ));
}
