/** Lists that were sent, newest first: what became of each. */

import { FileUp } from "lucide-react";
import { Link } from "react-router";
import { Button } from "@/ui/Button";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Status } from "@/ui/Status";
import { useList } from "@/ui/useList";
import { ago } from "@/ui/when";
import { type Import, importPath, KINDS, kindText, many, stateOf } from "./imports";

const count = (key: string, heading: string, of: (one: Import) => number, from = 0): Column<Import> => ({
  key,
  heading,
  number: true,
  width: "96px",
  from,
  cell: (one) => many(of(one)),
});

const COLUMNS: Column<Import>[] = [
  { key: "file", heading: "File", cell: (one) => one.filename },
  { key: "kind", heading: "What", width: "124px", from: 560, cell: (one) => kindText(one.kind) },
  {
    key: "state",
    heading: "State",
    width: "176px",
    cell: (one) => <Status status={one.status} text={stateOf(one)} />,
  },
  count("rows", "Rows", (one) => one.rows_total, 420),
  count("made", "New", (one) => one.rows_created, 760),
  count("changed", "Changed", (one) => one.rows_updated, 860),
  count("refused", "Refused", (one) => one.rows_refused, 640),
  {
    key: "when",
    heading: "Sent",
    sort: "created_at",
    width: "136px",
    from: 700,
    cell: (one) => <time dateTime={one.created_at}>{ago(one.created_at)}</time>,
  },
];

function Send() {
  return (
    <Button asChild look="primary">
      <Link to="/imports/new">
        <FileUp aria-hidden className="size-3.5" /> Import a list
      </Link>
    </Button>
  );
}

export default function ImportsPage() {
  const list = useList("/api/v2/imports", {
    find: ["filename"],
    sort: "-created_at",
    filters: { kind: {} },
  });
  return (
    <Page title="Import" scrolls={false} actions={<Send />}>
      <DataTable
        list={list}
        name="imports"
        one="import"
        columns={COLUMNS}
        open={(one) => importPath(one.id)}
        called={(one) => one.filename}
        views={false}
        filters={
          <Select
            quiet
            className="w-40"
            label="What"
            none="Any kind of list"
            choices={KINDS.map(({ value, text }) => ({ value, text }))}
            value={list.address.get("kind") ?? ""}
            onChange={(event) => list.change({ kind: event.target.value || null })}
          />
        }
        empty={
          <EmptyState icon={FileUp} title="Nothing was imported yet." action={<Send />}>
            Bring your customers, sites, equipment, technicians, work and open invoices from a spreadsheet or
            another system. Everything is checked first, and can be taken back.
          </EmptyState>
        }
      />
    </Page>
  );
}
