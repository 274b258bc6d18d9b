/** The schedule board: some days of everybody, kept right while one looks. What is shown stands in the address. */

import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, Redo2, Undo2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { useSearchParams } from "react-router";
import { api, ask } from "@/api/client";
import { useMe } from "@/identity/me";
import { useHere } from "@/office/live";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { INPUT } from "@/ui/Field";
import { useKeys } from "@/ui/keys";
import { Cards } from "./Card";
import * as clock from "./clock";
import { DayBoard } from "./DayBoard";
import { back } from "./deeds";
import { stage } from "./holding";
import { type Asked, Keeper } from "./keeper";
import type { Cell } from "./picture";
import { pointing } from "./pointing";
import { State } from "./State";
import { EMPTY, useBoard } from "./store";
import { ContextVerbs } from "./Verbs";

const BYS = ["technicians", "crews", "vehicles"] as const;

export default function BoardPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ["organisation"],
    staleTime: 600_000,
    queryFn: () => ask(api.GET("/api/v2/organisation")),
  });
  const { me } = useMe();
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data || !me) return null;
  return <TheBoard zone={data.time_zone} plans={me.permissions.includes("dispatch:write")} />;
}

function TheBoard({ zone, plans }: { zone: string; plans: boolean }) {
  const [query, setQuery] = useSearchParams();
  const today = clock.dateIn(Date.now(), zone);
  const date = query.get("date") ?? today;
  const by = BYS.find((one) => one === query.get("by")) ?? "technicians";
  const asOf = query.get("as_of");
  const picture = useBoard((shown) => shown.picture);
  const error = useBoard((shown) => shown.error);
  const root = useRef<HTMLDivElement>(null);
  const said = useRef<HTMLDivElement>(null);
  const trayRows = useRef<(key: string) => Cell | null>(() => null);

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
    const asked: Asked = { date, days: 1, by, ...(asOf ? { as_of: asOf } : {}) };
    return new Keeper(asked, plans).start();
  }, [date, by, asOf, plans]);

  useHere(asOf ? null : `board:${date}`);

  useEffect(() => {
    stage.said = said.current;
    if (!root.current || !plans || asOf) return undefined;
    return pointing(root.current, (key) => trayRows.current(key));
  }, [plans, asOf]);

  useKeys([
    { keys: "mod+z", says: "Undo", group: "Board", do: () => void back("undo") },
    { keys: "mod+Shift+Z", says: "Do again", group: "Board", do: () => void back("redo") },
  ]);

  return (
    <div className="board" ref={root}>
      <h1 className="sr-only">Schedule board</h1>
      <div ref={said} aria-live="assertive" className="sr-only" data-testid="said" />
      <div className="board-tools">
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
        <State />
        <span className="flex-1" />
        {plans && !asOf && (
          <>
            <Button aria-label="Undo" className="w-control px-0!" onClick={() => void back("undo")}>
              <Undo2 size={15} aria-hidden />
            </Button>
            <Button aria-label="Do again" className="w-control px-0!" onClick={() => void back("redo")}>
              <Redo2 size={15} aria-hidden />
            </Button>
          </>
        )}
      </div>
      {error && !picture ? (
        <Failed error={error} again={() => location.reload()} />
      ) : picture ? (
        <>
          <DayBoard picture={picture} />
          <Cards picture={picture} />
          {plans && !asOf && <ContextVerbs />}
        </>
      ) : (
        <div aria-busy="true" className="board-scroll" />
      )}
    </div>
  );
}
