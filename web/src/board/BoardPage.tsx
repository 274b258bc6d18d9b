/** The schedule board: some days of everybody, kept right while one looks. What is shown stands in the address. */

import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect } from "react";
import { useSearchParams } from "react-router";
import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { INPUT } from "@/ui/Field";
import * as clock from "./clock";
import { DayBoard } from "./DayBoard";
import { type Asked, Keeper } from "./keeper";
import { State } from "./State";
import { EMPTY, useBoard } from "./store";

const BYS = ["technicians", "crews", "vehicles"] as const;

export default function BoardPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ["organisation"],
    staleTime: 600_000,
    queryFn: () => ask(api.GET("/api/v2/organisation")),
  });
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  return data ? <TheBoard zone={data.time_zone} /> : null;
}

function TheBoard({ zone }: { zone: string }) {
  const [query, setQuery] = useSearchParams();
  const today = clock.dateIn(Date.now(), zone);
  const date = query.get("date") ?? today;
  const by = BYS.find((one) => one === query.get("by")) ?? "technicians";
  const picture = useBoard((shown) => shown.picture);
  const error = useBoard((shown) => shown.error);

  const change = (changes: Record<string, string | null>) =>
    setQuery((before) => {
      const after = new URLSearchParams(before);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null) after.delete(name);
        else after.set(name, value);
      }
      return after;
    });

  useEffect(() => {
    useBoard.setState({ ...EMPTY });
    const asked: Asked = { date, days: 1, by };
    return new Keeper(asked).start();
  }, [date, by]);

  return (
    <div className="board">
      <h1 className="sr-only">Schedule board</h1>
      <div className="flex h-10 shrink-0 items-center gap-2 border-line border-b bg-surface px-3">
        <Button
          aria-label="The day before"
          className="w-control px-0"
          onClick={() => change({ date: clock.plusDays(date, -1) })}
        >
          <ChevronLeft size={16} aria-hidden />
        </Button>
        <Button onClick={() => change({ date: null })} disabled={date === today}>
          Today
        </Button>
        <Button
          aria-label="The day after"
          className="w-control px-0"
          onClick={() => change({ date: clock.plusDays(date, 1) })}
        >
          <ChevronRight size={16} aria-hidden />
        </Button>
        <input
          type="date"
          aria-label="Day"
          className={`${INPUT} w-36!`}
          value={date}
          onChange={(event) => event.target.value && change({ date: event.target.value })}
        />
        <select
          aria-label="Lanes"
          className={`${INPUT} w-32!`}
          value={by}
          onChange={(event) =>
            change({ by: event.target.value === "technicians" ? null : event.target.value })
          }
        >
          <option value="technicians">Technicians</option>
          <option value="crews">Crews</option>
          <option value="vehicles">Vehicles</option>
        </select>
        <span className="flex-1" />
        <State />
      </div>
      {error && !picture ? (
        <Failed error={error} again={() => location.reload()} />
      ) : picture ? (
        <DayBoard picture={picture} />
      ) : (
        <div aria-busy="true" className="board-scroll" />
      )}
    </div>
  );
}
