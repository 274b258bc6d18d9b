/** A new invoice: of which work, and then the draft that the work's prices make. */

import { useState } from "react";
import { useNavigate } from "react-router";
import { pageOf } from "@/api/verb";
import { Button } from "@/ui/Button";
import { Combobox } from "@/ui/Combobox";
import { Dialog } from "@/ui/Dialog";
import { finding } from "@/ui/filters";
import { Wrong } from "@/ui/Wrong";
import { useDraftInvoice } from "./drafting";

interface Work {
  id: string;
  text: string;
  detail: string;
}

/** Work that is not over; what is done first, for that is what is billed. */
async function load(typed: string, signal: AbortSignal): Promise<Work[]> {
  const open = { field: "status", op: "not_in", value: ["draft", "closed", "canceled"] };
  const done = { field: "status", op: "in", value: ["completed", "approved"] };
  const words = finding(typed, ["number", "summary"]);
  const filter = JSON.stringify({ and: [typed ? open : done, ...words] });
  const page = await pageOf("/api/v2/work-orders", { filter, sort: "-created_at", limit: 10 }, { signal });
  const billed = await billsOf(
    page.data.map((one) => one.id),
    signal,
  );
  return page.data.map((one) => ({
    id: one.id,
    text: `${one.number}, ${one.customer.name}`,
    detail: [billed.get(one.id), one.summary].filter(Boolean).join(": "),
  }));
}

/** What was billed already, by the work it was billed for: "Has INV-2041 already". */
async function billsOf(work: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  if (work.length === 0) return said;
  const of = { field: "work_order_id", op: "in", value: work };
  const filter = JSON.stringify({ and: [of, { field: "status", op: "ne", value: "void" }] });
  const page = await pageOf("/api/v2/invoices", { filter, sort: "-created_at", limit: 50 }, { signal });
  for (const { work_order_id: id, number } of page.data) {
    if (id !== null && !said.has(id)) said.set(id, `Has ${number ?? "a draft"} already`);
  }
  return said;
}

export function NewInvoice({ onClose }: { onClose: () => void }) {
  const go = useNavigate();
  const drafted = useDraftInvoice();
  const [work, setWork] = useState<Work | null>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);

  async function draft(of: Work) {
    setBusy(true);
    setWrong(null);
    try {
      const made = await drafted(of.id);
      await go(`/invoices/${made.id}`);
    } catch (error) {
      setWrong((error as Error).message);
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title="New invoice"
      about="An invoice bills a work order. It begins with what that kind of work costs."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            busy={busy}
            disabled={work === null}
            onClick={() => work && void draft(work)}
          >
            Draft it
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Combobox<Work>
          label="Work order"
          autoFocus
          value={work}
          placeholder="Number or words of it"
          queryKey={["work-orders", "to-bill"]}
          load={load}
          nothing={(typed) =>
            typed ? `No work is called “${typed}”.` : "No work waits to be closed: type a number."
          }
          onChange={setWork}
        />
        <Wrong>{wrong}</Wrong>
      </div>
    </Dialog>
  );
}
