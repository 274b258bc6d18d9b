/** Who they are: what must not be overlooked first, then where, what is there, and what is under way. */

import { Ban, CircleDollarSign, CreditCard, MapPin, Phone, TriangleAlert, Wrench } from "lucide-react";
import type { ReactNode } from "react";
import { useMe } from "@/identity/me";
import { Failed } from "@/ui/Failed";
import { money } from "@/ui/Money";
import { phone } from "@/ui/phone";
import { nextVisit } from "@/work-orders/ahead";
import { SiteChoice } from "@/work-orders/SiteChoice";
import { AddSite } from "./AddSite";
import { areMany, type Customer, type Site, useEquipment, useWork, type WorkOrder } from "./calling";
import { day, told } from "./windows";

const BANNERS = {
  do_not_service: { icon: Ban, text: "Do not service" },
  credit_hold: { icon: CreditCard, text: "Credit hold" },
  balance: { icon: CircleDollarSign, text: "Owes" },
} as const;

export function Banners({ of }: { of: Customer["banners"] }) {
  return of.map((one) => {
    const { icon: Icon, text } = BANNERS[one.kind];
    const sum = one.amount !== null && one.currency !== null ? ` ${money(one.amount, one.currency)}` : "";
    const calm = one.kind === "balance";
    return (
      <p
        key={one.kind}
        className={`flex items-center gap-2 rounded-md px-3 py-2 ${calm ? "bg-warn-wash text-warn" : "bg-danger-wash text-danger"}`}
      >
        <Icon aria-hidden size={16} className="shrink-0" />
        <span className="tabular font-medium">
          {text}
          {sum}
        </span>
        {one.reason && <span className="truncate">{one.reason}</span>}
      </p>
    );
  });
}

interface Props {
  customer: Customer;
  /** Undefined while they are being read. */
  sites: Site[] | undefined;
  site: Site | null;
  onSite: (id: string) => void;
  workOrderId: string | null;
  onWork: (id: string | null) => void;
}

export function CallerCard({ customer, sites, site, onSite, workOrderId, onWork }: Props) {
  const equipment = useEquipment(site?.id ?? null);
  const open = useWork(customer.id, true);
  const past = useWork(customer.id, false);
  return (
    <section
      aria-label={customer.name}
      className="flex flex-col gap-3 rounded-lg border border-line bg-surface p-4"
    >
      <header>
        <h2 className="font-semibold text-lg">{customer.name}</h2>
        <p className="flex flex-wrap gap-x-4 text-muted">
          {[customer.phone, customer.second_phone].filter(Boolean).map((number) => (
            <a
              key={number}
              className="tabular inline-flex items-center gap-1 text-accent"
              href={`tel:${number}`}
            >
              <Phone aria-hidden size={14} /> {number && phone(number)}
            </a>
          ))}
          {customer.email && <span>{customer.email}</span>}
        </p>
        {customer.notes && <p className="mt-1">{customer.notes}</p>}
      </header>
      <Banners of={customer.banners} />

      <Part title={sites && sites.length > 1 ? "Sites" : "Site"}>
        {sites?.length === 0 && <AddSite customerId={customer.id} onMade={onSite} />}
        {sites && areMany(sites) ? (
          <SiteChoice
            customerId={customer.id}
            sites={sites}
            value={site?.id ?? ""}
            onChange={(id) => id && onSite(id)}
          />
        ) : (
          <Sites sites={sites} site={site} onSite={onSite} />
        )}
        {site?.hazards.map((one) => (
          <p key={one.text} className="mt-1 flex items-center gap-2 text-danger">
            <TriangleAlert aria-hidden size={14} /> {one.text}
          </p>
        ))}
        {site?.access_notes && <p className="mt-1 text-muted">{site.access_notes}</p>}
        {site?.last_visit && (
          <p className="mt-1 text-muted">
            Last there {day(site.last_visit.finished_at, site.time_zone)}
            {site.last_visit.technician && `, ${site.last_visit.technician.name}`} (
            {site.last_visit.work_order_number})
          </p>
        )}
      </Part>

      {(equipment.error || (equipment.data?.length ?? 0) > 0) && (
        <Part title="Equipment">
          {equipment.error && <Failed error={equipment.error} again={() => void equipment.refetch()} />}
          <ul>
            {equipment.data?.map((one) => (
              <li key={one.id} className="flex min-h-7 items-center gap-2">
                <Wrench aria-hidden size={14} className="shrink-0 text-muted" />
                <span>{one.name}</span>
                <span className="text-muted">
                  {[
                    one.make,
                    one.model,
                    one.location,
                    one.warranty_until && `warranty until ${one.warranty_until}`,
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </li>
            ))}
          </ul>
        </Part>
      )}

      <Part title="Open work">
        {open.error && <Failed error={open.error} again={() => void open.refetch()} />}
        {open.data?.length === 0 && <p className="text-muted">Nothing is open.</p>}
        {(open.data?.length ?? 0) > 0 && (
          <div role="radiogroup" aria-label="What the call is about" className="flex flex-col">
            <Choice checked={workOrderId === null} onChoose={() => onWork(null)}>
              Something new
            </Choice>
            {open.data?.map((one) => (
              <Choice key={one.id} checked={workOrderId === one.id} onChoose={() => onWork(one.id)}>
                <Work of={one} open />
              </Choice>
            ))}
          </div>
        )}
      </Part>
      {(past.error || (past.data?.length ?? 0) > 0) && (
        <Part title="Past work">
          {past.error && <Failed error={past.error} again={() => void past.refetch()} />}
          <ul>
            {past.data?.map((one) => (
              <li key={one.id} className="flex min-h-7 items-center px-2">
                <Work of={one} open={false} />
              </li>
            ))}
          </ul>
        </Part>
      )}
    </section>
  );
}

function Sites({ sites, site, onSite }: Pick<Props, "sites" | "site" | "onSite">) {
  return (
    <div role="radiogroup" aria-label="Site" className="flex max-h-44 flex-col overflow-auto">
      {sites?.map((one) => (
        <label
          key={one.id}
          className="flex min-h-row cursor-pointer items-center gap-2 rounded-md px-2 has-checked:bg-accent-wash"
        >
          <input type="radio" name="site" checked={one.id === site?.id} onChange={() => onSite(one.id)} />
          <MapPin aria-hidden size={14} className="shrink-0 text-muted" />
          <span>
            {one.address}
            {one.name && <span className="text-muted"> {one.name}</span>}
          </span>
        </label>
      ))}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <h3 className="mb-1 font-medium text-muted text-sm">{title}</h3>
      {children}
    </div>
  );
}

function Choice({
  checked,
  onChoose,
  children,
}: {
  checked: boolean;
  onChoose: () => void;
  children: ReactNode;
}) {
  return (
    <label className="flex min-h-row cursor-pointer items-center gap-2 rounded-md px-2 has-checked:bg-accent-wash">
      <input type="radio" name="work" checked={checked} onChange={onChoose} />
      {children}
    </label>
  );
}

function Work({ of, open }: { of: WorkOrder; open: boolean }) {
  const next = open
    ? nextVisit(of.visits)
    : of.visits.find((one) => (one.promised_start ?? one.planned_start) !== null);
  const [start, end] = [next?.promised_start ?? next?.planned_start, next?.promised_end ?? next?.planned_end];
  const ours = useMe().me?.time_zone ?? of.site.time_zone;
  return (
    <span className="flex min-w-0 flex-1 items-center gap-2 max-sm:flex-wrap max-sm:gap-y-0 max-sm:py-1">
      <span className="tabular shrink-0 font-medium">{of.number}</span>
      <span className="min-w-0 truncate">{of.summary}</span>
      <span className="ml-auto shrink-0 text-muted max-sm:ml-0 max-sm:w-full">
        {of.status.replace("_", " ")}
        {start && end && ` · ${told(start, end, of.site.time_zone, ours)}`}
      </span>
    </span>
  );
}
