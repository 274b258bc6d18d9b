/** What a customer was billed, and what of it is still owed. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { recordPath } from "@/office/nav";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { Money } from "@/ui/Money";
import { Pane } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { Status } from "@/ui/Status";
import { onDay } from "@/ui/when";

const FIRST = 10;
const MOST = 200;

export function Bills({ customerId }: { customerId: string }) {
  const [limit, setLimit] = useState(FIRST);
  const asked = useQuery({
    queryKey: ["invoices", { customerId, limit }],
    placeholderData: keepPreviousData,
    queryFn: () =>
      ask(
        api.GET("/api/v2/invoices", {
          params: {
            query: { customer_id: customerId, sort: "-created_at", include_total: true, limit },
          },
        }),
      ),
  });
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const rows = asked.data?.data ?? [];
  const total = asked.data?.total ?? 0;
  return (
    <Pane
      title={<>Invoices {asked.data && <span className="tabular font-normal text-muted">{total}</span>}</>}
    >
      {asked.isPending && <Skeleton rows={2} label="Reading invoices" />}
      {asked.data && rows.length === 0 && <p className="text-muted">Nothing was billed yet.</p>}
      {rows.length > 0 && (
        <div className="-my-2 overflow-x-auto">
          <table className="w-full">
            <thead>
              <tr className="text-left text-muted text-sm">
                <th className="py-1 pr-3 font-medium">Number</th>
                <th className="py-1 pr-3 font-medium">Issued</th>
                <th className="py-1 pr-3 font-medium">Status</th>
                <th className="py-1 pr-3 text-right font-medium">Total</th>
                <th className="py-1 text-right font-medium">Owed</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => {
                const to = recordPath("invoice", one.id);
                const number = one.number ?? "Draft";
                return (
                  <tr key={one.id} className="border-line border-t whitespace-nowrap">
                    <td className="tabular h-9 pr-3 font-medium">
                      {to ? (
                        <Link to={to} className="hover:underline">
                          {number}
                        </Link>
                      ) : (
                        number
                      )}
                    </td>
                    <td className="tabular pr-3">{one.issued_on && onDay(one.issued_on)}</td>
                    <td className="pr-3">
                      <Status status={one.status} />
                      {one.overdue && <span className="ml-1.5 text-danger text-sm">Overdue</span>}
                    </td>
                    <td className="pr-3 text-right">
                      <Money minor={one.total} currency={one.currency} />
                    </td>
                    <td className="text-right">
                      <Money minor={one.balance} currency={one.currency} />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {total > rows.length && (
        <p className="mt-3 text-muted">
          The {rows.length} newest of <span className="tabular">{total}</span>.{" "}
          {limit < MOST && (
            <Button look="plain" busy={asked.isPlaceholderData} onClick={() => setLimit(MOST)}>
              Show more
            </Button>
          )}
        </p>
      )}
    </Pane>
  );
}
