/** One day on the map with the same as a list: who is where, and each stop in its order. One selection in both. */

import { ChevronDown, ChevronRight, Lock, MapPinOff } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import * as clock from "@/board/clock";
import type { Picture } from "@/board/picture";
import { StatusIcon } from "@/board/StatusIcon";
import { stateWords } from "@/board/words";
import { cx } from "@/ui/cx";
import { Chosen } from "./Chosen";
import { DayLegend } from "./Legend";
import { LiveMap } from "./LiveMap";
import { tokens } from "./paint";
import type { Positions } from "./positions";
import { type DayLane, type DayStop, lanesOf, sceneOf } from "./scene";
import { ago, isStale } from "./whereabouts";

interface Props {
  picture: Picture;
  positions: Positions;
  /** Whether it is the day that it is now: positions are of no other. */
  today: boolean;
  /** Whether one may see where people are. */
  follows: boolean;
  selected: string | null;
  onSelect: (visit: string | null) => void;
  /** The lane that alone is shown; null: all. */
  only: string | null;
  onOnly: (lane: string | null) => void;
  /** The list stands below the map, not beside it. */
  narrow?: boolean;
}

export function DayMap(props: Props) {
  const { picture, positions, today, selected, onSelect, only, narrow } = props;
  const { time_zone: zone, date } = picture.meta;
  const seen = useMemo(() => (today ? positions : { ...positions, all: {} }), [today, positions]);
  const lanes = useMemo(() => lanesOf(picture, seen), [picture, seen]);
  const shown = useMemo(() => (only ? lanes.filter((one) => one.id === only) : lanes), [lanes, only]);
  const scene = useMemo(() => sceneOf(shown, seen, zone, tokens()("accent")), [shown, seen, zone]);
  const moving = scene.movers.length > 0;
  const visits = (id: string | null) => onSelect(id !== null && picture.cells[id] ? id : null);
  return (
    <div className={cx("flex min-h-0 flex-1", narrow ? "flex-col" : "max-md:flex-col")}>
      <div className={cx("relative min-h-0 min-w-0", narrow ? "flex-[3]" : "flex-1 max-md:min-h-[45%]")}>
        <LiveMap
          label="Map of the day"
          scene={scene}
          selected={selected}
          onSelect={(id) =>
            id !== null && seen.all[id] ? props.onOnly(only === id ? null : id) : visits(id)
          }
          fits={`${date} ${only ?? ""}`}
        >
          <DayLegend moves={moving} lines={scene.routes.length > 0} />
        </LiveMap>
      </div>
      <Beside {...props} positions={seen} lanes={lanes} zone={zone} />
    </div>
  );
}

function Beside({
  lanes,
  positions,
  zone,
  selected,
  onSelect,
  only,
  onOnly,
  narrow,
  today,
  follows,
}: Props & { lanes: DayLane[]; zone: string }) {
  const list = useRef<HTMLElement>(null);
  const unplaced = lanes.reduce((sum, lane) => sum + lane.stops.filter((one) => !one.at).length, 0);
  useEffect(() => {
    list.current?.querySelector(`[data-stop="${selected}"]`)?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <section
      ref={list}
      aria-label="The day as a list"
      className={cx(
        "min-h-0 overflow-auto border-line bg-surface",
        narrow
          ? "flex-[2] border-t"
          : "w-80 shrink-0 border-l max-md:w-full max-md:flex-1 max-md:border-t max-md:border-l-0",
      )}
    >
      <p className="border-line border-b px-3 py-1.5 text-muted text-sm">
        {today
          ? follows
            ? "Positions are live while somebody is at work."
            : "Your role does not see where technicians are."
          : "Positions are shown for today alone."}
        {unplaced > 0 &&
          ` ${unplaced} ${unplaced === 1 ? "stop has" : "stops have"} no place on the map: set the pin of the site.`}
      </p>
      {positions.error && (
        <p role="alert" className="bg-danger-wash px-3 py-1 text-danger">
          {`Where technicians are could not be read. ${positions.error.message}`}
        </p>
      )}
      {lanes.length === 0 && (
        <p className="px-3 py-6 text-center text-muted">Nothing is planned for this day.</p>
      )}
      {lanes.map((lane) => (
        <section key={lane.id} aria-label={lane.name}>
          <div className="sticky top-0 flex min-h-8 items-center gap-2 border-line border-b bg-sunken px-3">
            <span
              aria-hidden
              className="size-3 shrink-0 rounded-full border border-line-strong"
              style={lane.colour ? { background: lane.colour } : {}}
            />
            <h2 className="min-w-0 truncate font-semibold">{lane.name}</h2>
            <Position of={lane} now={positions.now} />
            <button
              type="button"
              aria-pressed={only === lane.id}
              className="ml-auto shrink-0 rounded px-1 py-1 font-medium text-accent-strong text-sm hover:underline pointer-coarse:py-3"
              onClick={() => onOnly(only === lane.id ? null : lane.id)}
            >
              {only === lane.id ? "Show all" : "Show alone"}
              <span className="sr-only">: {lane.name}</span>
            </button>
          </div>
          <ol>
            {lane.stops.map((one) => (
              <Stop
                key={one.cell.id}
                of={one}
                zone={zone}
                chosen={selected === one.cell.id}
                onSelect={onSelect}
              />
            ))}
          </ol>
        </section>
      ))}
    </section>
  );
}

function Position({ of: { who }, now }: { of: DayLane; now: number }) {
  if (!who?.place) return null;
  const stale = isStale(who.place, now);
  return (
    <span className={cx("tabular whitespace-nowrap text-sm", stale ? "text-warn" : "text-good")}>
      {stale ? `last seen ${ago(who.place.at, now)}` : `seen ${ago(who.place.at, now)}`}
    </span>
  );
}

function Stop({
  of: { cell, number, alert, at, start },
  zone,
  chosen,
  onSelect,
}: {
  of: DayStop;
  zone: string;
  chosen: boolean;
  onSelect: Props["onSelect"];
}) {
  return (
    <li>
      <button
        type="button"
        data-stop={cell.id}
        aria-pressed={chosen}
        className={cx(
          "flex min-h-11 w-full items-center gap-2 border-line border-b px-3 py-1 text-left hover:bg-sunken",
          chosen && "bg-accent-wash hover:bg-accent-wash",
        )}
        onClick={() => onSelect(chosen ? null : cell.id)}
      >
        <span className="tabular w-5 shrink-0 text-right font-semibold">{number ?? ""}</span>
        <span className="min-w-0 flex-1">
          <span className={cx("flex items-center gap-1.5", cell.status === "canceled" && "line-through")}>
            <span className="truncate font-medium">{cell.customer}</span>
            {cell.lock !== "none" && <Lock size={11} aria-label="locked" />}
          </span>
          <span className="block truncate text-muted text-sm">
            {cell.street}, {cell.city}
          </span>
        </span>
        <span className="flex shrink-0 flex-col items-end text-sm">
          <span className="tabular">{Number.isFinite(start) ? clock.time(start, zone) : ""}</span>
          <span className={cx("flex items-center gap-1", alert ? "font-medium text-danger" : "text-muted")}>
            {at ? <StatusIcon cell={cell} /> : <MapPinOff size={12} aria-hidden />}
            {alert ? "Late" : stateWords(cell)}
            {!at && <span className="sr-only">, not on the map</span>}
          </span>
        </span>
        {chosen ? (
          <ChevronDown size={14} aria-hidden />
        ) : (
          <ChevronRight size={14} aria-hidden className="text-muted" />
        )}
      </button>
      {chosen && <Chosen cell={cell} zone={zone} />}
    </li>
  );
}
