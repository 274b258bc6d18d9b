/** Whose it is, where it is, and what belongs to it. */

import { useQuery } from "@tanstack/react-query";
import { MapPin, Phone, Undo2, Wrench } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { type Me, mayRead } from "@/identity/me";
import { DraftInvoice } from "@/invoices/DraftInvoice";
import { recordPath } from "@/office/nav";
import { Failed } from "@/ui/Failed";
import { Money } from "@/ui/Money";
import { Pane } from "@/ui/Page";
import { phone } from "@/ui/phone";
import { Status } from "@/ui/Status";
import { onDay } from "@/ui/when";
import { zoneName } from "@/ui/zones";
import { OVER, pathOf, type WorkOrder } from "./work";

/** Its words, as a link where the record has a page. */
function Record({ kind, id, children }: { kind: string; id: string; children: ReactNode }) {
  const to = recordPath(kind, id);
  return to ? (
    <Link to={to} className="inline-block py-0.5 font-medium hover:underline">
      {children}
    </Link>
  ) : (
    <span className="font-medium">{children}</span>
  );
}

export function Aside({ order, me }: { order: WorkOrder; me: Me }) {
  const equipment = order.equipment ?? [];
  return (
    <>
      <Pane title="Who and where">
        <p>
          <Record kind="customer" id={order.customer.id}>
            {order.customer.name}
          </Record>
        </p>
        {order.customer.phone && (
          <p>
            <a
              href={`tel:${order.customer.phone}`}
              className="tabular inline-flex min-h-6 items-center gap-1.5 text-accent"
            >
              <Phone aria-hidden className="size-3.5" /> {phone(order.customer.phone)}
            </a>
          </p>
        )}
        <p className="mt-1 flex items-start gap-1.5">
          <MapPin aria-hidden className="mt-0.5 size-3.5 shrink-0 text-muted" />
          <Record kind="site" id={order.site.id}>
            {order.site.address}
          </Record>
        </p>
        <p className="ml-5 text-muted">{zoneName(order.site.time_zone)}</p>
      </Pane>
      {equipment.length > 0 && (
        <Pane title="Equipment">
          <ul className="flex flex-col gap-1">
            {equipment.map((one) => (
              <li key={one.id} className="flex items-start gap-1.5">
                <Wrench aria-hidden className="mt-0.5 size-3.5 shrink-0 text-muted" />
                <span className="min-w-0">
                  <Record kind="equipment" id={one.id}>
                    {one.name}
                  </Record>
                  {one.location && <span className="text-muted"> {one.location}</span>}
                </span>
              </li>
            ))}
          </ul>
        </Pane>
      )}
      {(order.call_back_of || order.call_backs.length > 0) && (
        <Pane title="Call-backs">
          {order.call_back_of && (
            <p className="flex items-center gap-1.5">
              <Undo2 aria-hidden className="size-3.5 text-muted" /> Looks again at{" "}
              <Link
                to={pathOf(order.call_back_of.id)}
                className="tabular inline-block py-0.5 font-medium hover:underline"
              >
                {order.call_back_of.number}
              </Link>
            </p>
          )}
          <ul className="flex flex-col gap-1">
            {order.call_backs.map((one) => (
              <li key={one.id} className="flex items-center gap-2">
                <Link to={pathOf(one.id)} className="tabular inline-block py-0.5 font-medium hover:underline">
                  {one.number}
                </Link>
                <Status status={one.status} />
              </li>
            ))}
          </ul>
        </Pane>
      )}
      {mayRead(me, "invoices") && <Invoices order={order} me={me} />}
    </>
  );
}

function Invoices({ order, me }: { order: WorkOrder; me: Me }) {
  const asked = useQuery({
    queryKey: ["invoices", { workOrderId: order.id }],
    queryFn: () =>
      ask(api.GET("/api/v2/invoices", { params: { query: { work_order_id: order.id, limit: 20 } } })),
  });
  const { data, error } = asked;
  const bills = me.permissions.includes("invoices:write") && !OVER.includes(order.status);
  if (!error && (!data || (data.data.length === 0 && !bills))) return null;
  return (
    <Pane
      title={`Invoices${data ? ` (${data.data.length})` : ""}`}
      actions={bills && <DraftInvoice order={order} />}
    >
      {error && !data ? (
        <Failed error={error} again={() => void asked.refetch()} />
      ) : data?.data.length === 0 ? (
        <p className="text-muted">Nothing of it has been billed.</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {data?.data.map((one) => (
            <li key={one.id} className="flex items-center gap-2">
              <Record kind="invoice" id={one.id}>
                {one.number ?? "Draft"}
              </Record>
              <Status status={one.status} />
              {one.due_on && <span className="text-muted max-sm:hidden">due {onDay(one.due_on)}</span>}
              <Money minor={one.total} currency={one.currency} className="ml-auto" />
            </li>
          ))}
        </ul>
      )}
    </Pane>
  );
}
