/** Customers who may be here twice, side by side: all are compared with all, a hundred at a time. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { useMe } from "@/identity/me";
import { EmptyState } from "@/ui/EmptyState";
import { Failed } from "@/ui/Failed";
import { More, useReadOn } from "@/ui/More";
import { Page } from "@/ui/Page";
import { phone } from "@/ui/phone";
import { Skeleton } from "@/ui/Skeleton";
import { dateIn } from "@/ui/wall";
import { onDay } from "@/ui/when";
import { customerPath } from "./customers";

/** Hundreds of customers that are compared without being asked for. */
const AT_ONCE = 10;

type Twin = Schemas["TwinOut"];

export default function DuplicatesPage() {
  const { me } = useMe();
  const asked = useInfiniteQuery({
    queryKey: ["customers", "duplicate-pairs"],
    staleTime: 60_000,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/v2/customers/duplicate-pairs", {
          params: { query: pageParam ? { after: pageParam } : {} },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next_after,
  });
  const pages = asked.data?.pages ?? [];
  // a small company is looked through at once; of a large one, so much at each press
  const goesOn = asked.hasNextPage && pages.length % AT_ONCE !== 0;
  useReadOn(asked, goesOn);
  const pairs = pages.flatMap((page) => page.data);
  const looked = pages.reduce((sum, page) => sum + page.looked_at, 0);
  const cut = pages.some((page) => page.cut);
  const zone = me?.time_zone ?? "UTC";
  return (
    <Page
      title="Duplicates"
      about="Customers of whom two facts agree: look at both, and remove the one that is too many."
    >
      {asked.error && !asked.data && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {asked.isPending && <Skeleton rows={12} label="Comparing customers" />}
      {asked.data && (
        <div className="flex flex-col gap-3 p-4 max-sm:p-3">
          {pairs.length > 0 && (
            <div className="overflow-x-auto rounded-lg border border-line bg-surface">
              <table aria-label="Pairs" className="w-full">
                <thead>
                  <tr className="text-left text-muted text-sm">
                    <th className="h-8 px-3 font-medium">One</th>
                    <th className="px-3 font-medium">The other</th>
                    <th className="px-3 font-medium">What agrees</th>
                  </tr>
                </thead>
                <tbody>
                  {pairs.map(({ first, second, reasons }) => (
                    <tr key={`${first.id}${second.id}`} className="border-line border-t align-top">
                      <td className="px-3 py-1.5">
                        <Who is={first} zone={zone} />
                      </td>
                      <td className="px-3 py-1.5">
                        <Who is={second} zone={zone} />
                      </td>
                      <td className="px-3 py-1.5 text-muted">{reasons.join(", ")}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          {pairs.length === 0 && !asked.hasNextPage && (
            <EmptyState title="Nobody is here twice.">
              No two customers have the same name and number, address or e-mail.
            </EmptyState>
          )}
          <div className="flex flex-wrap items-center gap-3">
            <p role="status" className="text-muted">
              <span className="tabular">{looked.toLocaleString()}</span> customers were compared
              {asked.hasNextPage ? " so far." : ": all there are."}
              {cut && " Some share so much with so many that not all of those were compared."}
            </p>
            <More asked={asked} busy={asked.isFetchingNextPage || goesOn}>
              Compare more
            </More>
          </div>
        </div>
      )}
    </Page>
  );
}

function Who({ is, zone }: { is: Twin; zone: string }) {
  return (
    <>
      <Link to={customerPath(is.id)} className="inline-block py-0.5 font-medium hover:underline">
        {is.name}
      </Link>
      <p className="flex flex-wrap gap-x-3 text-muted text-sm">
        {is.phone && <span className="tabular whitespace-nowrap">{phone(is.phone)}</span>}
        {is.email && <span>{is.email}</span>}
        <span className="tabular whitespace-nowrap">
          since {onDay(dateIn(Date.parse(is.created_at), zone))}
        </span>
      </p>
    </>
  );
}
