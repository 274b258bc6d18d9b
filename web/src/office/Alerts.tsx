/** The bell: what is about to go wrong today, each leading to its visit. */

import { useQuery } from "@tanstack/react-query";
import { Bell } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { Link } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import type { Me } from "@/identity/me";
import { Button } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { Later } from "@/ui/Skeleton";
import { words } from "@/ui/Status";
import { useLiveQueries } from "./live";
import { recordPath } from "./nav";

type Alert = Schemas["AlertOut"];

const SOON = 60_000;

/** Today's alerts, read again when something moves on the board, and when the next one is due. */
export function useAlerts(may: boolean) {
  const asked = useQuery({
    queryKey: ["alerts"],
    queryFn: ({ signal }) => ask(api.GET("/api/v2/alerts", { signal })),
    enabled: may,
    refetchInterval: ({ state }) => {
      const next = state.data?.look_again_at;
      return next ? Math.max(5_000, Math.min(SOON, Date.parse(next) - Date.now())) : SOON;
    },
  });
  useLiveQueries(asked.data ? `board:${asked.data.day}` : null, "alerts");
  return asked;
}

export function AlertLine({ alert }: { alert: Alert }) {
  const to = recordPath("visit", alert.visit_id);
  const said = (
    <>
      <span className="font-medium">{words(alert.code)}</span>
      <span className="block text-muted">{alert.detail}</span>
    </>
  );
  return to ? (
    <Link to={to} className="block rounded px-2 py-1.5 hover:bg-accent-wash">
      {said}
    </Link>
  ) : (
    <div className="px-2 py-1.5">{said}</div>
  );
}

export function Alerts({ me }: { me: Me }) {
  const may = me.permissions.includes("visits:read");
  const { data, error, refetch } = useAlerts(may);
  const [open, setOpen] = useState(false);
  if (!may) return null;
  const count = data?.data.length ?? 0;
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button look="plain" className="relative px-1.5!" aria-label={`Alerts: ${count}`}>
          <Bell aria-hidden className="size-4" />
          {count > 0 && (
            <span className="tabular rounded-full bg-danger-wash px-1.5 text-danger text-sm">{count}</span>
          )}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label="Alerts"
          className="z-50 max-h-[70dvh] w-96 max-w-[calc(100vw-1rem)] overflow-auto rounded-md border border-line bg-raised p-1 shadow-float"
          onClick={(event) => event.target instanceof Element && event.target.closest("a") && setOpen(false)}
        >
          {error ? (
            <div role="alert" className="p-3">
              <p>{error.message}</p>
              <Button className="mt-2" onClick={() => void refetch()}>
                Try again
              </Button>
            </div>
          ) : !data ? (
            <Later>
              <p className="p-3 text-muted">Reading alerts…</p>
            </Later>
          ) : count === 0 ? (
            <EmptyState icon={Bell} title="Nothing is about to go wrong.">
              Visits that will be late, windows at risk and visits nobody has confirmed are told here.
            </EmptyState>
          ) : (
            <ul aria-label="Today's alerts">
              {data.data.map((alert) => (
                <li key={`${alert.visit_id} ${alert.code}`}>
                  <AlertLine alert={alert} />
                </li>
              ))}
            </ul>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
