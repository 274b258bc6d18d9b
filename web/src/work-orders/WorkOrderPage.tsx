/** A work order: how it stands and what may happen next, and all that hangs on it. */

import { OctagonAlert, TriangleAlert } from "lucide-react";
import { useParams } from "react-router";
import { Banners } from "@/call/CallerCard";
import { type Me, mayRead, useMe } from "@/identity/me";
import { Notes, useNotes } from "@/notes/Notes";
import { useLiveQueries } from "@/office/live";
import { Timeline } from "@/stories/Stories";
import { Page, Pane } from "@/ui/Page";
import { Opened, type RecordKind } from "@/ui/RecordPage";
import { Badge, Status } from "@/ui/Status";
import { When } from "@/ui/When";
import { Again } from "./Again";
import { Aside } from "./Aside";
import { Checklist } from "./Checklist";
import { PriorityMark } from "./columns";
import { EditablePriority, EditableText } from "./Editable";
import { Files } from "./Files";
import { verbsOf, WORDS } from "./moving";
import { Transitions } from "./Transitions";
import { Visits } from "./Visits";
import { OVER, useWorkOrder, type WorkOrder } from "./work";

const KIND: RecordKind = { one: "work order", list: { to: "/work-orders", words: "All work orders" } };

export default function WorkOrderPage() {
  const { id = "" } = useParams();
  const { me } = useMe();
  const asked = useWorkOrder(id);
  useLiveQueries(
    asked.data ? `work_order:${id}` : null,
    "work-orders",
    "visits",
    "stories",
    "notes",
    "attachments",
    "invoices",
  );
  return (
    <Opened asked={asked} kind={KIND}>
      {(order) => me && <Whole order={order} me={me} />}
    </Opened>
  );
}

function Whole({ order, me }: { order: WorkOrder; me: Me }) {
  const writes = me.permissions.includes("work-orders:write") && !OVER.includes(order.status);
  return (
    <Page
      tab={order.number}
      title={
        <span className="flex items-center gap-2">
          <span className="tabular">{order.number}</span>
          <Status status={order.status} />
        </span>
      }
      about={
        <span className="truncate">
          {order.customer.name}, {order.job_type.name}
        </span>
      }
      actions={
        <>
          {me.permissions.includes("work-orders:write") && <Again order={order} />}
          <Transitions order={order} />
        </>
      }
    >
      <div className="grid items-start gap-4 p-4 lg:grid-cols-[minmax(0,5fr)_minmax(0,3fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          {order.banners.length > 0 && (
            <div className="flex flex-col gap-2">
              <Banners of={order.banners} />
            </div>
          )}
          {order.status_reason && (
            <p className="flex items-start gap-2 rounded-md bg-warn-wash px-3 py-2 text-warn">
              <OctagonAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
              <span className="min-w-0 break-words">{order.status_reason}</span>
            </p>
          )}
          <Pane
            title="What"
            actions={writes ? <EditablePriority order={order} /> : <PriorityMark of={order.priority} />}
          >
            <EditableText order={order} field="summary" label="Summary" empty="No summary" may={writes} />
            <div className="mt-2">
              <EditableText
                order={order}
                field="description"
                label="Description"
                empty="No description"
                long
                may={writes}
              />
            </div>
            <Known order={order} zone={me.time_zone} />
          </Pane>
          <Missing order={order} />
          {mayRead(me, "visits") && <Visits order={order} me={me} />}
          <Checklist order={order} me={me} />
          {mayRead(me, "notes") && <Written id={order.id} />}
          {mayRead(me, "files") && <Files order={order} me={me} />}
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Aside order={order} me={me} />
          <Pane title="Timeline">
            <Timeline of="work-orders" id={order.id} />
          </Pane>
        </div>
      </div>
    </Page>
  );
}

function Written({ id }: { id: string }) {
  const { data } = useNotes("work_order", id);
  return (
    <Pane title={`Notes${data ? ` (${data.length})` : ""}`}>
      <Notes entity="work_order" id={id} />
    </Pane>
  );
}

/** What is known of it beside its words. */
function Known({ order, zone }: { order: WorkOrder; zone: string }) {
  return (
    <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-1 text-muted">
      <span>
        Opened <When at={order.created_at} zone={zone} shape="full" />
      </span>
      {order.completed_at && (
        <span>
          Completed <When at={order.completed_at} zone={zone} shape="full" />
        </span>
      )}
      {order.customer_reference && <span>Their reference {order.customer_reference}</span>}
      {order.source && <span>From {order.source}</span>}
      {order.tags.map((tag) => (
        <Badge key={tag.id}>{tag.name}</Badge>
      ))}
    </div>
  );
}

const BEFORE: Record<string, string> = {
  "visit.complete": "before its visit is completed",
  "work_order.complete": "before it is completed",
  "work_order.approve": "before it is approved",
};

function Missing({ order }: { order: WorkOrder }) {
  if (order.missing.length === 0 || verbsOf(order).every((verb) => !WORDS[verb].gate)) return null;
  return (
    <Pane title={`Missing (${order.missing.length})`}>
      <ul className="flex flex-col gap-1">
        {order.missing.map((one) => (
          <li key={`${one.before} ${one.pointer}`} className="flex items-start gap-2">
            <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
            <span>
              {one.detail} <span className="text-muted">({BEFORE[one.before]})</span>
            </span>
          </li>
        ))}
      </ul>
    </Pane>
  );
}
