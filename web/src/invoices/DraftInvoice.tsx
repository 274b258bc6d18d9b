/** The invoice of a work order is drafted from what its kind of work costs, and opened to be looked over. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useKeys } from "@/api/keys";
import { verb } from "@/api/verb";
import { Button } from "@/ui/Button";
import { toast } from "@/ui/toast";

export function DraftInvoice({ order }: { order: { id: string; number: string } }) {
  const go = useNavigate();
  const known = useQueryClient();
  const keyOf = useKeys();
  const [busy, setBusy] = useState(false);

  async function draft() {
    setBusy(true);
    try {
      const made = await verb("work-orders", "invoices", order.id, {
        body: { discount: 0 },
        key: keyOf(order.id),
      });
      for (const what of ["invoices", "work-orders", "end-of-day", "stories"]) {
        void known.invalidateQueries({ queryKey: [what] });
      }
      toast({ text: `An invoice for ${order.number} is drafted.` });
      await go(`/invoices/${made.id}`);
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    } finally {
      setBusy(false);
    }
  }

  return (
    <Button busy={busy} onClick={() => void draft()}>
      Draft the invoice
    </Button>
  );
}
