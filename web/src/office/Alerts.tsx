/** The bell: what is about to go wrong today, each leading to its visit, and what somebody is asked about. */

import { useQuery } from "@tanstack/react-query";
import { Bell } from "lucide-react";
import { Popover } from "radix-ui";
import { Suspense, useState } from "react";
import { api, ask } from "@/api/client";
import { type Me, mayRead } from "@/identity/me";
import { Button } from "@/ui/Button";
import { AlertList } from "./AlertList";
import { useLiveQueries } from "./live";
import { Suggestions, useSuggestions } from "./suggesting";

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

export function Alerts({ me }: { me: Me }) {
  const may = mayRead(me, "visits");
  const asked = useAlerts(may);
  const suggested = useSuggestions(me).data?.data ?? [];
  const [open, setOpen] = useState(false);
  if (!may) return null;
  const count = (asked.data?.data.length ?? 0) + suggested.length;
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button look="plain" className="px-1.5!" aria-label={`Alerts: ${count}`}>
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
          className="z-50 max-h-[70dvh] w-md max-w-[calc(100vw-1rem)] overflow-auto rounded-md border border-line bg-raised shadow-float"
          onClick={(event) => event.target instanceof Element && event.target.closest("a") && setOpen(false)}
        >
          {suggested.length > 0 && (
            <div className="border-line border-b">
              <Suspense>
                <Suggestions me={me} all={suggested} label="Is it so?" />
              </Suspense>
            </div>
          )}
          <AlertList asked={asked} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
