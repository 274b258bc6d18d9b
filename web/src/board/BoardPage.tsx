/** The schedule board: some days of everybody, kept right while one looks. What is shown stands in the address. */

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useSearchParams } from "react-router";
import { api, ask } from "@/api/client";
import { type Me, useMe } from "@/identity/me";
import { useTogether } from "@/map/together";
import { useHere } from "@/office/live";
import { dayFrom, idFrom, momentFrom } from "@/ui/address";
import { Failed } from "@/ui/Failed";
import { type Binding, useKeys } from "@/ui/keys";
import { useTitle } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { holdForFocused, newEvent, newNote } from "./anew";
import { Cards } from "./Card";
import { choose } from "./choosing";
import * as clock from "./clock";
import { DayBoard } from "./DayBoard";
import { Emergency } from "./Emergency";
import { Give } from "./Give";
import { stage } from "./holding";
import { type Asked, Keeper } from "./keeper";
import { show } from "./keyboard";
import { LaneVerbs } from "./LaneVerbs";
import { Layers } from "./Layers";
import { NotesOfDay } from "./NoteMark";
import { OverDays } from "./OverDays";
import { Overrule } from "./Overrule";
import { Promising } from "./Promising";
import { type Cell, lanesOf, UNASSIGNED } from "./picture";
import { pointing } from "./pointing";
import { Signs } from "./Signs";
import { type Settings as Liked, useKept, useSettings } from "./settings";
import { shiftingOn } from "./shifting";
import { EMPTY, useBoard } from "./store";
import { Told } from "./Told";
import { type Address, Tools } from "./Tools";
import { Tray } from "./Tray";
import { back, undoneBy } from "./undoing";
import { ContextVerbs } from "./Verbs";
import { WeekBoard } from "./WeekBoard";
import "./board.css";

/** Fetched when it is opened. */
const BoardMap = lazy(() => import("@/map/BoardMap"));

const VIEWS = ["day", "week"] as const;
const BYS = ["technicians", "crews", "vehicles"] as const;
const TABS = ["unassigned", "to_schedule", "on_hold", "redispatch", "alerts", "canceled", "to_tell"] as const;

export default function BoardPage() {
  const { data, error, refetch } = useQuery({
    queryKey: ["organisation"],
    staleTime: 600_000,
    queryFn: () => ask(api.GET("/api/v2/organisation")),
  });
  const { me } = useMe();
  const kept = useKept();
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data || !me || !kept) return null;
  return <TheBoard zone={data.time_zone} me={me} />;
}

/** What the address says; what it leaves open is as this person likes it. */
function addressOf(query: URLSearchParams, today: string, liked: Liked): Address {
  const view = VIEWS.find((one) => one === query.get("view")) ?? liked.view;
  const narrow = window.innerWidth <= 760;
  return {
    date: dayFrom(query.get("date")) ?? today,
    view,
    by: BYS.find((one) => one === query.get("by")) ?? liked.by,
    territory: idFrom(query.get("territory")),
    asOf: momentFrom(query.get("as_of")),
    tray: query.get("tray") === null ? liked.tray && !narrow : query.get("tray") !== "off",
    map: view === "day" && query.has("map"),
  };
}

const shownDays = (first: string, view: Address["view"]): string[] =>
  Array.from({ length: view === "week" ? 7 : 1 }, (_, n) => clock.plusDays(first, n));

function TheBoard({ zone, me }: { zone: string; me: Me }) {
  const [query, setQuery] = useSearchParams();
  const today = clock.dateIn(Date.now(), zone);
  const liked = useSettings();
  const address = addressOf(query, today, liked);
  const { date, view, by, asOf, tray, map, territory } = address;
  const plans = me.permissions.includes("dispatch:write");
  const meta = useBoard((shown) => shown.picture?.meta);
  const error = useBoard((shown) => shown.error);
  const open = useBoard((shown) => shown.open);
  const root = useRef<HTMLDivElement>(null);
  const said = useRef<HTMLDivElement>(null);
  const trayRows = useRef<(key: string) => Cell | null>(() => null);
  const selected = query.get("visit");
  useTitle("Board");
  const session = `${me.org.id} ${me.user.id}`;
  const first = view === "week" ? clock.mondayOf(date) : date;

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

  // biome-ignore lint/correctness/useExhaustiveDependencies: the selection is read once, as the board begins
  useEffect(() => {
    useBoard.setState({ ...EMPTY, open: selected });
    const asked: Asked = {
      date: first,
      days: view === "week" ? 7 : 1,
      by,
      ...(asOf ? { as_of: asOf } : {}),
      ...(territory ? { territory_id: territory } : {}),
    };
    return new Keeper(asked, plans).start();
  }, [first, view, by, asOf, territory, plans]);

  useEffect(() => undoneBy(session), [session]);

  // the selection stands in the address, and Back takes it back
  // biome-ignore lint/correctness/useExhaustiveDependencies: each way goes once
  useEffect(() => {
    const now = useBoard.getState().open;
    if (now !== selected) change({ visit: now }, true);
  }, [open]);
  useEffect(() => {
    if (useBoard.getState().open !== selected) useBoard.setState({ open: selected });
  }, [selected]);
  const there = meta !== undefined;
  useEffect(() => {
    const { picture: shown, open: chosen } = useBoard.getState();
    if (!there || !shown || chosen === null) return undefined;
    const lane = lanesOf(shown, new Set([chosen]))[0] ?? UNASSIGNED;
    // in the first frame the board is where the day begins
    let frame = requestAnimationFrame(() => {
      show({ id: chosen, lane });
      // brought into sight, it stands somewhere else after the next one
      frame = requestAnimationFrame(() => useBoard.setState(({ placed }) => ({ placed: placed + 1 })));
    });
    return () => cancelAnimationFrame(frame);
  }, [there]);

  const days = shownDays(first, view);
  for (let n = 0; n < 7; n++) {
    const day = days[n];
    // biome-ignore lint/correctness/useHookAtTopLevel: seven times whatever is shown
    useHere(asOf || day === undefined ? null : `board:${day}`);
  }

  useTogether(session, selected, choose);

  useEffect(() => {
    stage.said = said.current;
    stage.moves = plans && asOf === null;
    if (!root.current || !stage.moves) return undefined;
    const ends = [pointing(root.current, (key) => trayRows.current(key)), shiftingOn(root.current)];
    return () => {
      for (const end of ends) end();
    };
  }, [plans, asOf]);

  useKeys([
    // also with the focus in a card; where somebody types it takes back what they typed
    { keys: "mod+z", says: "Undo", group: "Board", always: true, do: (event) => stepped(event, "undo") },
    {
      keys: "mod+Shift+Z",
      says: "Do again",
      group: "Board",
      always: true,
      do: (event) => stepped(event, "redo"),
    },
    { keys: "t", says: "Today", group: "Board", do: () => change({ date: null }) },
    {
      keys: "w",
      says: "Day or week",
      group: "Board",
      do: () => change({ view: view === "day" ? "week" : "day" }),
    },
    ...(plans && !asOf && there ? NEW : []),
    ...HELP,
  ]);

  return (
    <div className="board" ref={root}>
      <h1 className="sr-only">Schedule board</h1>
      <Signs />
      <div ref={said} aria-live="assertive" className="sr-only" data-testid="said" />
      <Tools
        {...address}
        today={today}
        zone={zone}
        plans={plans}
        me={me.user.id}
        days={days}
        change={change}
      />
      {error && meta && (
        <p role="alert" className="border-line border-b bg-danger-wash px-3 py-1 text-danger">
          {`What you see may be old, it could not be read again. ${error.message}`}
        </p>
      )}
      {view === "day" && meta && <NotesOfDay />}
      <div className="board-body">
        {error && !meta ? (
          <Failed error={error} again={() => location.reload()} />
        ) : meta ? (
          <>
            {view === "week" ? (
              <WeekBoard today={today} onDay={(one) => change({ date: one, view: "day" })} />
            ) : (
              <DayBoard />
            )}
            <Cards />
            <Layers />
            {plans && !asOf && (
              <>
                <ContextVerbs />
                <LaneVerbs />
                <Emergency />
                <Give />
                <Promising />
                <OverDays />
                <Told />
                <Overrule permissions={me.permissions} />
              </>
            )}
          </>
        ) : (
          <div aria-busy="true" className="board-scroll">
            <Skeleton rows={14} label="Reading the board" />
          </div>
        )}
        {map && meta && (
          <Suspense fallback={<div aria-busy="true" className="board-map" />}>
            <BoardMap
              today={today}
              follows={me.permissions.includes("positions:read")}
              onClose={() => change({ map: null })}
            />
          </Suspense>
        )}
        {tray && meta && !asOf && me.permissions.includes("work-orders:read") && (
          <Tray
            meta={meta}
            plans={plans}
            tab={TABS.find((one) => one === query.get("tray")) ?? "unassigned"}
            territory={territory ?? ""}
            onTab={(one) => change({ tray: one }, true)}
            rows={trayRows}
          />
        )}
      </div>
    </div>
  );
}

function stepped(event: KeyboardEvent, which: "undo" | "redo"): unknown {
  const types =
    event.target instanceof Element && event.target.matches("input,textarea,[contenteditable=true]");
  return types || !stage.moves ? false : back(which);
}

/** What is new on the board: behind what the keyboard is on, or for whoever's lane that is. */
const NEW: readonly Binding[] = [
  { keys: "e", says: "New event", group: "Board", do: () => newEvent() },
  { keys: "n", says: "Notes of the day, or of whose lane it is", group: "Board", do: () => newNote() },
  { keys: "h", says: "Hold a time for the visit", group: "Board", do: () => holdForFocused() },
];

/** What the keys do on a visit itself, for the keyboard map: they are bound where they act (`keyboard.ts`). */
const unbound = () => false;
const HELP = [
  {
    keys: "Alt+ArrowRight",
    says: "Hold the visit or event a quarter of an hour later",
    group: "Board",
    do: unbound,
  },
  { keys: "Alt+ArrowDown", says: "Hold the visit or event on the next lane", group: "Board", do: unbound },
  {
    keys: "Alt+Shift+ArrowRight",
    says: "Hold the visit a quarter of an hour longer",
    group: "Board",
    do: unbound,
  },
];
