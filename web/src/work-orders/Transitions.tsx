/** What may happen next with a work order: the verbs that the server allows whoever looks. */

import { Button } from "@/ui/Button";
import { useMoving, verbsOf, WORDS } from "./moving";
import type { WorkOrder } from "./work";

export function Transitions({ order }: { order: WorkOrder }) {
  const { begin, busy, layer } = useMoving();
  return (
    <>
      {verbsOf(order).map((one, place) => (
        <Button
          key={one}
          look={WORDS[one].look === "primary" && place > 0 ? "normal" : (WORDS[one].look ?? "normal")}
          busy={busy === one}
          onClick={() => begin(order, one)}
        >
          {WORDS[one].text}
        </Button>
      ))}
      {layer}
    </>
  );
}
