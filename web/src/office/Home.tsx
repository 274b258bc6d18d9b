/** Where somebody begins: what is about to go wrong today. */

import { Bell } from "lucide-react";
import { type Me, mayRead } from "@/identity/me";
import { EmptyState } from "@/ui/EmptyState";
import { Failed } from "@/ui/Failed";
import { Page, Pane } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { onDay } from "@/ui/when";
import { AlertLine, useAlerts } from "./Alerts";

export function Home({ me }: { me: Me }) {
  const may = mayRead(me, "visits");
  const { data, error, refetch } = useAlerts(may);
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: me.time_zone }).format(new Date());
  return (
    <Page title="Today" about={`${onDay(data?.day ?? today)}, ${me.org.name}`}>
      <div className="max-w-3xl p-4">
        {!may ? (
          <EmptyState title={`You are signed in as ${me.org.role}.`}>
            Your role does not show visits. What it shows stands at the left.
          </EmptyState>
        ) : error ? (
          <Failed error={error} again={() => void refetch()} />
        ) : !data ? (
          <Skeleton rows={5} label="Reading alerts" />
        ) : (
          <Pane title={`About to go wrong (${data.data.length})`}>
            {data.data.length === 0 ? (
              <EmptyState icon={Bell} title="Nothing is about to go wrong.">
                Visits that will be late, windows at risk and visits nobody has confirmed are told here.
              </EmptyState>
            ) : (
              <ul className="-m-2">
                {data.data.map((alert) => (
                  <li key={`${alert.visit_id} ${alert.code}`}>
                    <AlertLine alert={alert} />
                  </li>
                ))}
              </ul>
            )}
          </Pane>
        )}
      </div>
    </Page>
  );
}
