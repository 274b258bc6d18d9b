/** The invoice of a work order is drafted from what its kind of work costs, and opened to be looked over. */

import { useState } from "react";
import { useNavigate } from "react-router";
import { Button } from "@/ui/Button";
import { toast } from "@/ui/toast";
import { useDraftInvoice } from "./drafting";

export function DraftInvoice({ order }: { order: { id: string; number: string } }) {
  const go = useNavigate();
  const drafted = useDraftInvoice();
  const [busy, setBusy] = useState(false);

  async function draft() {
    setBusy(true);
    try {
      const made = await drafted(order.id);
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
