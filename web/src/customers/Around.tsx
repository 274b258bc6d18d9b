/** Whom one talks to about a customer, and where the work is. */

import { useQuery } from "@tanstack/react-query";
import { MapPin, TriangleAlert } from "lucide-react";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { recordPath } from "@/office/nav";
import { Failed } from "@/ui/Failed";
import { Pane } from "@/ui/Page";
import { phone } from "@/ui/phone";
import { words } from "@/ui/Status";
import type { Customer } from "./customers";

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

export function Contacts({ of }: { of: NonNullable<Customer["contacts"]> }) {
  return (
    <Pane title="Contacts">
      {of.length === 0 && <p className="text-muted">Nobody but the customer is known.</p>}
      <ul className="-my-1">
        {of.map((one) => (
          <li key={one.id} className="border-line border-b py-1 last:border-0">
            <p>
              <span className="font-medium">{one.name}</span>
              <span className="text-muted">
                {[one.title, ...one.roles.map(words)].filter(Boolean).map((said) => ` · ${said}`)}
                {one.is_primary && " · primary"}
              </span>
            </p>
            <p className="text-muted">
              <Numbers of={[one.mobile, one.phone]} />
              {one.email && (
                <a href={`mailto:${one.email}`} className="text-accent hover:underline">
                  {one.email}
                </a>
              )}
            </p>
          </li>
        ))}
      </ul>
    </Pane>
  );
}

export function Sites({ customerId }: { customerId: string }) {
  const asked = useQuery({
    queryKey: ["sites", { customerId }],
    queryFn: () =>
      ask(api.GET("/api/v2/sites", { params: { query: { customer_id: customerId, limit: 50 } } })).then(
        (page) => page.data,
      ),
  });
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const rows = asked.data ?? [];
  return (
    <Pane title="Sites">
      {asked.data && rows.length === 0 && <p className="text-muted">No site yet: the call adds one.</p>}
      <ul className="-my-1">
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
    </Pane>
  );
}
