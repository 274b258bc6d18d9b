/** An invoice is drafted from a work order, wherever somebody asks for it. Nothing is said of what it costs: the
 * work's prices say that, and a call-back costs nothing unless somebody says so. */

import { useQueryClient } from "@tanstack/react-query";
import { useKeys } from "@/api/keys";
import { type Outcome, verb } from "@/api/verb";

const SHOWN_BY = ["invoices", "work-orders", "end-of-day", "stories"];

/** Drafts the invoice of a work order. Raises `Problem`. */
export function useDraftInvoice(): (workOrderId: string) => Promise<Outcome<"work-orders", "invoices">> {
  const known = useQueryClient();
  const keyOf = useKeys();
  return async (id) => {
    const made = await verb("work-orders", "invoices", id, { body: {}, key: keyOf(id) });
    for (const what of SHOWN_BY) void known.invalidateQueries({ queryKey: [what] });
    return made;
  };
}
