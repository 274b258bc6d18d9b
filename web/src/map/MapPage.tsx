/** The day on a map, as a page of its own: for a second window beside the board. */

import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, SquareKanban } from "lucide-react";
import { useEffect } from "react";
import { Link, useSearchParams } from "react-router";
import { api, ask } from "@/api/client";
import * as clock from "@/board/clock";
import { Keeper } from "@/board/keeper";
import { EMPTY, useBoard } from "@/board/store";
import { type Me, self, useMe } from "@/identity/me";
import { dayFrom } from "@/ui/address";
import { Button } from "@/ui/Button";
import { DayInput } from "@/ui/DayInput";
import { Failed } from "@/ui/Failed";
import { INPUT } from "@/ui/Field";
import { Page } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { DayMap } from "./DayMap";
import { usePositions } from "./positions";
import { useTogether } from "./together";

export default function MapPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ["organisation"],
    staleTime: 600_000,
    queryFn: () => ask(api.GET("/api/v2/organisation")),
  });
  const { me } = useMe();
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data || !me) return null;
  return <Day zone={data.time_zone} me={me} />;
}

function Day({ zone, me }: { zone: string; me: Me }) {
  const [query, setQuery] = useSearchParams();
  const today = clock.dateIn(Date.now(), zone);
  const date = dayFrom(query.get("date")) ?? today;
  const visit = query.get("visit");
  const follows = me.permissions.includes("positions:read");
  const positions = usePositions(follows);
  const picture = useBoard((shown) => shown.picture);
  const error = useBoard((shown) => shown.error);

  const change = (changes: Record<string, string | null>, replace = false) =>
    setQuery(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changes)) {
          if (value === null) after.delete(name);
          else after.set(name, value);
        }
        return after;
      },
      { replace },
    );
  const choose = (one: string | null) => change({ visit: one }, true);
  useTogether(self(me), visit, choose);

  useEffect(() => {
    useBoard.setState(EMPTY);
    return new Keeper({ date, days: 1, by: "technicians" }, false).start();
  }, [date]);

  const board = `/board?${new URLSearchParams({ date, ...(visit ? { visit } : {}) })}`;
  return (
    <Page
      title="Map"
      scrolls={false}
      about={clock.day(Date.parse(`${date}T12:00:00Z`), "UTC")}
      actions={
        <>
          <Button
            aria-label="The day before"
            className="w-control px-0!"
            onClick={() => change({ date: clock.plusDays(date, -1) })}
          >
            <ChevronLeft size={16} aria-hidden />
          </Button>
          <Button onClick={() => change({ date: null })} disabled={date === today}>
            Today
          </Button>
          <Button
            aria-label="The day after"
            className="w-control px-0!"
            onClick={() => change({ date: clock.plusDays(date, 1) })}
          >
            <ChevronRight size={16} aria-hidden />
          </Button>
          <DayInput
            aria-label="Day"
            className={`${INPUT} w-36! shrink-0 max-sm:w-32!`}
            value={date}
            onDay={(to) => change({ date: to })}
          />
          <Button asChild>
            <Link to={board}>
              <SquareKanban size={15} aria-hidden /> <span className="max-sm:sr-only">Board</span>
            </Link>
          </Button>
        </>
      }
    >
      {error && picture && (
        <p role="alert" className="border-line border-b bg-danger-wash px-3 py-1 text-danger">
          {`What you see may be old, it could not be read again. ${error.message}`}
        </p>
      )}
      {picture && picture.meta.date === date ? (
        <DayMap
          picture={picture}
          positions={positions}
          today={date === today}
          follows={follows}
          selected={visit}
          onSelect={choose}
          only={query.get("lane")}
          onOnly={(lane) => change({ lane }, true)}
        />
      ) : error ? (
        <Failed error={error} again={() => location.reload()} />
      ) : (
        <Skeleton rows={12} label="Reading the day" />
      )}
    </Page>
  );
}
