/** Above the board: which days, whose lanes, as of when; undoing; who else looks. */

import {
  CalendarClock,
  ChevronLeft,
  ChevronRight,
  Inbox,
  Map as MapIcon,
  Plus,
  Printer,
  Redo2,
  Undo2,
} from "lucide-react";
import { useRef, useState } from "react";
import { usePresence } from "@/office/live";
import { useTerritories } from "@/sites/territories";
import { showSheets } from "@/technicians/daySheet";
import { Button } from "@/ui/Button";
import { DayInput } from "@/ui/DayInput";
import { INPUT } from "@/ui/Field";
import { Menu, MenuItem } from "@/ui/Menu";
import { instantOf, wallOf } from "@/ui/wall";
import { onDay } from "@/ui/when";
import { newEvent, newNote } from "./anew";
import * as clock from "./clock";
import { Settings } from "./Settings";
import { State } from "./State";
import { like } from "./settings";
import { useBoard } from "./store";
import { back } from "./undoing";

export interface Address {
  date: string;
  view: "day" | "week";
  by: "technicians" | "crews" | "vehicles";
  asOf: string | null;
  tray: boolean;
  /** The map beside it. */
  map: boolean;
  /** Only the lanes of those who look after it, and its visits. */
  territory: string | null;
}

interface Props extends Address {
  today: string;
  zone: string;
  plans: boolean;
  me: string;
  /** Those that are shown. */
  days: readonly string[];
  /** Write these into the address; null takes one out. */
  change: (changes: Record<string, string | null>) => void;
}

export function Tools({
  date,
  view,
  by,
  asOf,
  tray,
  map,
  territory,
  today,
  zone,
  plans,
  me,
  days,
  change,
}: Props) {
  const step = view === "week" ? 7 : 1;
  const what = view === "week" ? "week" : "day";
  return (
    <div className="board-tools" role="toolbar" aria-label="Board">
      <Button
        aria-label={`The ${what} before`}
        className="w-control px-0!"
        onClick={() => change({ date: clock.plusDays(date, -step) })}
      >
        <ChevronLeft size={16} aria-hidden />
      </Button>
      <Button onClick={() => change({ date: null })} disabled={date === today}>
        Today
      </Button>
      <Button
        aria-label={`The ${what} after`}
        className="w-control px-0!"
        onClick={() => change({ date: clock.plusDays(date, step) })}
      >
        <ChevronRight size={16} aria-hidden />
      </Button>
      <DayInput
        aria-label="Day"
        className={`${INPUT} w-36! shrink-0`}
        value={date}
        onDay={(to) => change({ date: to })}
      />
      <fieldset className="segments">
        <legend className="sr-only">View</legend>
        {(["day", "week"] as const).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={view === one}
            onClick={() => {
              change({ view: one });
              like({ view: one });
            }}
          >
            {one === "day" ? "Day" : "Week"}
          </button>
        ))}
      </fieldset>
      <select
        aria-label="Lanes"
        className={`${INPUT} w-32! shrink-0`}
        value={by}
        onChange={(event) => {
          const chosen = event.target.value as Address["by"];
          change({ by: chosen });
          like({ by: chosen });
        }}
      >
        <option value="technicians">Technicians</option>
        <option value="crews">Crews</option>
        <option value="vehicles">Vehicles</option>
      </select>
      <Territories chosen={territory} change={change} />
      <State />
      <Past asOf={asOf} zone={zone} change={change} />
      <span className="flex-1" />
      <Counts />
      <Others days={days} me={me} />
      {plans && !asOf && <Add />}
      {plans && !asOf && (
        <>
          <Button
            aria-label="Undo"
            title="Undo (Ctrl Z)"
            className="w-control px-0!"
            onClick={() => void back("undo")}
          >
            <Undo2 size={15} aria-hidden />
          </Button>
          <Button
            aria-label="Do again"
            title="Do again (Ctrl Shift Z)"
            className="w-control px-0!"
            onClick={() => void back("redo")}
          >
            <Redo2 size={15} aria-hidden />
          </Button>
        </>
      )}
      <Settings />
      <Printing date={date} past={asOf !== null} />
      {view === "day" && (
        <Button
          aria-pressed={map}
          // there is room for one of them; the other is one press away
          onClick={() => change(map ? { map: null } : { map: "on", tray: "off" })}
        >
          <MapIcon size={15} aria-hidden /> Map
        </Button>
      )}
      {!asOf && (
        <Button
          aria-pressed={tray}
          onClick={() => {
            change({ tray: tray ? "off" : "unassigned" });
            like({ tray: !tray });
          }}
        >
          <Inbox size={15} aria-hidden /> Tray
        </Button>
      )}
    </div>
  );
}

/** On paper: the board as it stands there, or a sheet for each technician. */
function Printing({ date, past }: { date: string; past: boolean }) {
  const button = (
    <Button aria-label="Print" title="Print" className="w-control px-0! max-sm:hidden">
      <Printer size={15} aria-hidden />
    </Button>
  );
  return (
    <Menu button={button} align="end">
      {/* once the menu is gone, or it would be on the paper */}
      <MenuItem onSelect={() => setTimeout(() => window.print())}>This board</MenuItem>
      {!past && (
        <MenuItem onSelect={() => void showSheets(date)}>Day sheets of {onDay(date, false)}</MenuItem>
      )}
    </Menu>
  );
}

/** What is new on these days. */
function Add() {
  const waits = useRef<(() => void) | undefined>(undefined);
  const once = (what: () => void) => () => {
    waits.current = what;
  };
  return (
    <Menu
      align="end"
      label="Add to the board"
      button={
        <Button>
          <Plus size={15} aria-hidden /> <span className="max-[1400px]:sr-only">Add</span>
        </Button>
      }
      // a layer that is opened while the menu has the focus would lose it again
      onClosed={() => {
        const what = waits.current;
        waits.current = undefined;
        what?.();
      }}
    >
      <MenuItem keys="e" onSelect={once(newEvent)}>
        Event…
      </MenuItem>
      <MenuItem keys="n" onSelect={once(newNote)}>
        Note…
      </MenuItem>
    </Menu>
  );
}

/** One of the territories, where there are any; what the address names stands there even so. */
function Territories({ chosen, change }: { chosen: string | null; change: Props["change"] }) {
  const { data } = useTerritories();
  if (!chosen && !data?.length) return null;
  return (
    <select
      aria-label="Territory of the board"
      className={`${INPUT} w-32! shrink-0 max-sm:hidden`}
      value={chosen ?? ""}
      onChange={(event) => change({ territory: event.target.value || null })}
    >
      <option value="">All territories</option>
      {data?.map((one) => (
        <option key={one.id} value={one.id}>
          {one.name}
        </option>
      ))}
      {chosen && !data?.some((one) => one.id === chosen) && <option value={chosen}>Another</option>}
    </select>
  );
}

function Counts() {
  const isRead = useBoard((shown) => shown.picture !== null);
  const visits = useBoard((shown) => {
    const loose = new Set(shown.picture?.unassigned);
    return Object.values(shown.picture?.cells ?? {}).filter(
      (one) => one.status !== "canceled" && !loose.has(one.id),
    ).length;
  });
  const loose = useBoard((shown) => shown.picture?.unassigned.length ?? 0);
  const late = useBoard(
    (shown) =>
      Object.values(shown.picture?.rows ?? {}).filter((row) => Object.keys(row.alerts).length).length,
  );
  if (!isRead) return null;
  return (
    <span className="tabular whitespace-nowrap text-muted text-sm max-lg:hidden">
      {visits === 1 ? "1 visit" : `${visits} visits`}
      {loose ? `, ${loose} unassigned` : ""}
      <span className="max-[1400px]:hidden">
        {late ? `, alerts on ${late} ${late === 1 ? "lane" : "lanes"}` : ""}
      </span>
    </span>
  );
}

/** Who else looks at any of these days now. */
function Others({ days, me }: { days: readonly string[]; me: string }) {
  const topics = usePresence((all) => all.topics);
  const people = days.flatMap((day) => topics[`board:${day}`] ?? []);
  const others = [...new Set(people.filter((one) => one.id !== me).map((one) => one.name))];
  if (!others.length) return null;
  return (
    <span className="max-w-40 truncate text-muted text-sm max-[1400px]:hidden" title={others.join(", ")}>
      Also here: {others.join(", ")}
    </span>
  );
}

/** The board as somebody would have read it at a moment. */
function Past({ asOf, zone, change }: { asOf: string | null; zone: string; change: Props["change"] }) {
  const [choosing, setChoosing] = useState(false);
  if (asOf) return <Button onClick={() => change({ as_of: null })}>Back to now</Button>;
  if (!choosing) {
    return (
      <Button
        aria-label="As it was at another time"
        title="As it was at another time"
        className="w-control px-0! max-sm:hidden"
        onClick={() => setChoosing(true)}
      >
        <CalendarClock size={15} aria-hidden />
      </Button>
    );
  }
  return (
    <form
      className="flex shrink-0 items-center gap-1"
      onSubmit={(event) => {
        event.preventDefault();
        const wall = String(new FormData(event.currentTarget).get("moment"));
        if (wall) change({ as_of: instantOf(wall, zone) });
        setChoosing(false);
      }}
    >
      <input
        type="datetime-local"
        name="moment"
        required
        aria-label={`As it was at (${clock.zoneName(Date.now(), zone)})`}
        className={`${INPUT} w-48!`}
        max={wallOf(Date.now(), zone)}
        defaultValue={wallOf(Date.now() - 3_600_000, zone)}
      />
      <Button type="submit">Show</Button>
      <Button look="plain" onClick={() => setChoosing(false)}>
        Cancel
      </Button>
    </form>
  );
}
