/** A new invoice: of which work, and then the draft that the work's prices make. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useKeys } from "@/api/keys";
import { pageOf, verb } from "@/api/verb";
import { Button } from "@/ui/Button";
import { Combobox } from "@/ui/Combobox";
import { Dialog } from "@/ui/Dialog";
import { finding } from "@/ui/filters";
import { Wrong } from "@/ui/Wrong";

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
  return page.data.map((one) => ({
    id: one.id,
    text: `${one.number}, ${one.customer.name}`,
    detail: one.summary,
  }));
}

export function NewInvoice({ onClose }: { onClose: () => void }) {
  const go = useNavigate();
  const known = useQueryClient();
  const keyOf = useKeys();
  const [work, setWork] = useState<Work | null>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);

  async function draft(of: Work) {
    setBusy(true);
    setWrong(null);
    try {
      const made = await verb("work-orders", "invoices", of.id, { body: { discount: 0 }, key: keyOf(of.id) });
      void known.invalidateQueries({ queryKey: ["invoices"] });
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
