/** Somebody was faster: what is different now from what one saw, before anything is written over it. */

import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { words } from "@/ui/Status";
import type { WorkOrder } from "./work";

const SHOWN: [string, (order: WorkOrder) => string | null][] = [
  ["Status", (order) => words(order.status)],
  ["Reason", (order) => order.status_reason],
  ["Priority", (order) => words(order.priority)],
  ["Summary", (order) => order.summary],
  ["Description", (order) => order.description],
  ["Customer", (order) => order.customer.name],
  ["Site", (order) => order.site.address],
  ["Job type", (order) => order.job_type.name],
  ["Reference", (order) => order.customer_reference],
];

export function Changed({
  before,
  current,
  nevertheless,
  onClose,
}: {
  before: WorkOrder;
  current: WorkOrder;
  /** Do it to what is there now; null where that makes no sense any more. */
  nevertheless: (() => void) | null;
  onClose: () => void;
}) {
  const different = SHOWN.filter(([, of]) => of(before) !== of(current));
  return (
    <Dialog
      open
      onClose={onClose}
      title="Changed meanwhile"
      about={`Somebody else has changed ${before.number} since you opened it. Nothing of yours was written.`}
      actions={
        <>
          <Button onClick={onClose}>Take it as it is now</Button>
          {nevertheless && (
            <Button look="primary" onClick={nevertheless}>
              Do mine nevertheless
            </Button>
          )}
        </>
      }
    >
      {different.length === 0 ? (
        <p className="text-muted">Nothing that is shown here is different.</p>
      ) : (
        <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-2">
          {different.map(([name, of]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="min-w-0 break-words">
                <s className="text-muted">{of(before) ?? "nothing"}</s> {of(current) ?? "nothing"}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Dialog>
  );
}
