/** What can be done with a visit from its work order: planned, handed to others, released, taken off the
 * board, called off. Whatever was done is offered back. */

import { useQueryClient } from "@tanstack/react-query";
import { MoreHorizontal } from "lucide-react";
import { useState } from "react";
import { useKeys } from "@/api/keys";
import { type SaidWith, verbAndRequest } from "@/api/verb";
import { takeBack } from "@/call/promising";
import { AskWhy } from "@/ui/AskWhy";
import { Button } from "@/ui/Button";
import { Menu, MenuItem, MenuLine } from "@/ui/Menu";
import { toast } from "@/ui/toast";
import { PlanVisit } from "./PlanVisit";
import type { Visit } from "./work";

const DONE = {
  schedule: "is planned",
  assign: "is handed over",
  dispatch: "is dispatched",
  recall: "is recalled",
  unschedule: "is off the board",
  cancel: "is canceled",
  duplicate: "has another visit like it, still to be planned",
} as const;
export type Deed = keyof typeof DONE;

/** Does it, says it, and offers it back. Raises `Problem`. */
export function useVisitDeeds(visit: Visit) {
  const known = useQueryClient();
  const keyOf = useKeys();
  const again = () =>
    Promise.all(
      ["work-orders", "visits", "stories", "end-of-day", "slots"].map((what) =>
        known.invalidateQueries({ queryKey: [what] }),
      ),
    );
  return async <D extends Deed>(deed: D, body: SaidWith<"visits", D>) => {
    const { requestId } = await verbAndRequest("visits", deed as "cancel", visit.id, {
      body: body as unknown as SaidWith<"visits", "cancel">,
      ...(deed === "duplicate" ? {} : { version: visit.version }),
      key: keyOf([visit.id, deed, visit.version, body]),
    });
    toast({
      text: `The visit for ${visit.work_order.number} ${DONE[deed]}.`,
      undo: () => takeBack(requestId).then(again),
    });
    await again();
  };
}

export function VisitDeeds({ visit }: { visit: Visit }) {
  const does = useVisitDeeds(visit);
  const [asks, setAsks] = useState<"plan" | "cancel" | null>(null);
  const [busy, setBusy] = useState(false);
  const may = (verb: string) => visit.allowed_transitions.includes(verb);

  async function at_once(deed: "dispatch" | "recall" | "unschedule" | "duplicate") {
    setBusy(true);
    try {
      await does(deed, {});
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      {may("schedule") && visit.status === "unscheduled" && (
        <Button onClick={() => setAsks("plan")}>Plan…</Button>
      )}
      <Menu
        align="end"
        button={
          <Button look="plain" busy={busy} aria-label="More with this visit" className="w-control px-0!">
            <MoreHorizontal aria-hidden className="size-4 text-muted" />
          </Button>
        }
      >
        {may("schedule") && (
          <MenuItem onSelect={() => setAsks("plan")}>
            {visit.status === "unscheduled" ? "Plan…" : "Another time or other people…"}
          </MenuItem>
        )}
        {may("dispatch") && <MenuItem onSelect={() => void at_once("dispatch")}>Dispatch</MenuItem>}
        {may("recall") && <MenuItem onSelect={() => void at_once("recall")}>Recall</MenuItem>}
        {may("unschedule") && (
          <MenuItem onSelect={() => void at_once("unschedule")}>Take off the board</MenuItem>
        )}
        <MenuItem onSelect={() => void at_once("duplicate")}>Another visit like it</MenuItem>
        {may("cancel") && (
          <>
            <MenuLine />
            <MenuItem danger onSelect={() => setAsks("cancel")}>
              Cancel the visit…
            </MenuItem>
          </>
        )}
      </Menu>
      {asks === "plan" && <PlanVisit visit={visit} does={does} onClose={() => setAsks(null)} />}
      {asks === "cancel" && (
        <AskWhy
          why={{
            title: `Cancel the visit for ${visit.work_order.number}?`,
            about: "It does not take place. Nobody writes to the customer.",
            verb: "Cancel the visit",
            look: "danger",
            needed: true,
            do: (reason) => does("cancel", { reason: reason ?? "", notify: false }),
          }}
          onClose={() => setAsks(null)}
        />
      )}
    </>
  );
}
