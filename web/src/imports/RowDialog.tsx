/** Every cell of one row, to be read or mended together. */

import { useState } from "react";
import type { Schemas } from "@/api/client";
import { Button } from "@/ui/Button";
import { Drawer } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Wrong } from "@/ui/Wrong";
import type { Import, Row } from "./imports";

export function RowDialog({
  of,
  row,
  open,
  change,
  onClose,
}: {
  of: Import;
  row: Row;
  open: boolean;
  change: (id: string, body: Schemas["ImportRowPatch"]) => Promise<void>;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const cells = row.cells ?? {};
  const theirs = of.headings.filter((heading) => heading in cells);
  const beside = row.problems.filter((one) => one.column === null);

  async function save() {
    if (!Object.keys(typed).length) return onClose();
    setBusy(true);
    setWrong(null);
    try {
      await change(row.id, { cells: typed });
      onClose();
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Drawer
      open
      onClose={onClose}
      title={`Row ${row.row}`}
      about={`Line ${row.line} of ${of.filename}`}
      actions={
        open && (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" type="submit" form="whole-row" busy={busy}>
              Save
            </Button>
          </>
        )
      }
    >
      <form
        id="whole-row"
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {beside.map((one) => (
          <p key={one.reason} className="text-danger">
            {one.reason}
          </p>
        ))}
        {theirs.map((heading) => (
          <Field
            key={heading}
            label={heading}
            readOnly={!open}
            maxLength={10_000}
            value={typed[heading] ?? cells[heading] ?? ""}
            error={
              typed[heading] === undefined
                ? row.problems.find((one) => one.column === heading)?.reason
                : undefined
            }
            onChange={(event) => setTyped({ ...typed, [heading]: event.target.value })}
          />
        ))}
        <Wrong>{wrong}</Wrong>
      </form>
    </Drawer>
  );
}
