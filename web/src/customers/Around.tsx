/** The numbers of a customer, and where the work is. */

import { useQuery } from "@tanstack/react-query";
import { MapPin, Plus, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { useMay } from "@/identity/may";
import { Where } from "@/map/Where";
import { recordPath } from "@/office/nav";
import { NewSite } from "@/sites/SiteForm";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { Pane } from "@/ui/Page";
import { phone } from "@/ui/phone";
import type { Customer } from "./customers";

const MOST = 50;

export function Numbers({ of }: { of: readonly (string | null)[] }) {
  return of
    .filter((one) => one !== null)
    .map((one) => (
      <a
        key={one}
        href={`tel:${one}`}
        className="tabular mr-3 inline-flex min-h-6 items-center whitespace-nowrap text-accent hover:underline"
      >
        {phone(one)}
      </a>
    ));
}

export function Sites({ customer }: { customer: Customer }) {
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const asked = useQuery({
    queryKey: ["sites", { customerId: customer.id, total: true }],
    queryFn: () =>
      ask(
        api.GET("/api/v2/sites", {
          params: { query: { customer_id: customer.id, limit: MOST, include_total: true } },
        }),
      ),
  });
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const rows = asked.data?.data ?? [];
  const total = asked.data?.total ?? 0;
  return (
    <>
      <Pane
        title={<>Sites {asked.data && <span className="tabular font-normal text-muted">{total}</span>}</>}
        actions={
          may("sites:write") && (
            <Button onClick={() => setAdding(true)}>
              <Plus aria-hidden className="size-3.5" /> Add a site
            </Button>
          )
        }
      >
        {asked.data && rows.length === 0 && (
          <p className="text-muted">Nowhere yet: work is done at a site.</p>
        )}
        <ul className="-my-1 empty:hidden">
          {rows.map((one) => {
            const to = recordPath("site", one.id);
            return (
              <li key={one.id} className="flex items-start gap-2 border-line border-b py-1.5 last:border-0">
                <MapPin aria-hidden className="mt-0.5 size-3.5 shrink-0 text-muted" />
                <div className="min-w-0">
                  {to ? (
                    <Link to={to} className="inline-block py-0.5 font-medium hover:underline">
                      {one.address}
                    </Link>
                  ) : (
                    <p className="font-medium">{one.address}</p>
                  )}
                  {one.name && <p className="text-muted">{one.name}</p>}
                  {one.hazards.map((hazard) => (
                    <p key={hazard.text} className="flex items-center gap-1 text-danger">
                      <TriangleAlert aria-hidden className="size-3.5" /> {hazard.text}
                    </p>
                  ))}
                </div>
              </li>
            );
          })}
        </ul>
        {total > rows.length && (
          <p className="mt-2 text-muted">
            The {rows.length} newest of <span className="tabular">{total}</span>.
          </p>
        )}
        {adding && (
          <NewSite customer={{ id: customer.id, text: customer.name }} onClose={() => setAdding(false)} />
        )}
      </Pane>
      <Where sites={rows} />
    </>
  );
}
