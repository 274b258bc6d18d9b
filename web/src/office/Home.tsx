/** Where somebody begins: what is about to go wrong today. */

import { type Me, mayRead } from "@/identity/me";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { onDay } from "@/ui/when";
import { AlertList } from "./AlertList";
import { useAlerts } from "./Alerts";

export function Home({ me }: { me: Me }) {
  const may = mayRead(me, "visits");
  const asked = useAlerts(may);
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: me.time_zone }).format(new Date());
  const count = asked.data?.data.length;
  return (
    <Page title="Today" about={`${onDay(asked.data?.day ?? today)} at ${me.org.name}`}>
      <div className="max-w-3xl p-4">
        {may ? (
          <section className="overflow-hidden rounded-lg border border-line bg-surface">
            <h2 className="flex h-10 items-center border-line border-b px-3 font-semibold">
              About to go wrong{count ? `: ${count}` : ""}
            </h2>
            <AlertList asked={asked} />
          </section>
        ) : (
          <EmptyState title={`You are signed in as ${me.org.role}.`}>
            Your role does not show visits. What it shows stands among the pages.
          </EmptyState>
        )}
      </div>
    </Page>
  );
}
