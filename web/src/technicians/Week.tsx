/** A week of somebody's working time as it comes out of shifts, holidays and time off. What a shift made is
 * opened by pressing it; a day gets hours of its own by its button. */

import { ChevronLeft, ChevronRight, Plus } from "lucide-react";
import { span } from "@/call/windows";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Failed } from "@/ui/Failed";
import { onDay } from "@/ui/when";
import { zoneName } from "@/ui/zones";
import { hourOf, hourWords, plus, shortDay, today } from "./days";
import { type Shift, useWorkingTime, type WorkDay } from "./technicians";

type Piece = WorkDay["pieces"][number];

const LOOKS: Record<Piece["kind"], string> = {
  work: "border-accent bg-accent-wash text-accent-strong",
  on_call: "border-line-strong bg-warn-wash text-warn",
  break: "border-line bg-surface text-muted",
  holiday: "border-line-strong bg-sunken text-ink",
  time_off: "border-line-strong bg-sunken text-ink",
};
const KINDS: Record<Piece["kind"], string> = {
  work: "Works",
  on_call: "On call",
  break: "Break",
  holiday: "Holiday",
  time_off: "Time off",
};

const HIGH = 26;

/** The hours that are shown: the usual ones, and all in which something is. */
function hours(days: readonly WorkDay[], zone: string): [number, number] {
  let [first, last] = [7, 18];
  for (const day of days) {
    for (const piece of day.pieces) {
      // whole days off say nothing about hours
      if (piece.start === day.start && piece.end === day.end) continue;
      first = Math.min(first, Math.floor(hourOf(piece.start, day.day, zone)));
      last = Math.max(last, Math.ceil(hourOf(piece.end, day.day, zone)));
    }
  }
  return [first, last];
}

const worked = (minutes: number) =>
  minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60}` : `${minutes / 60} h`;

interface Props {
  technicianId: string;
  monday: string;
  shifts: readonly Shift[];
  mayEdit: boolean;
  onWeek: (monday: string) => void;
  onShift: (shift: Shift) => void;
  onDay: (day: string) => void;
}

export function Week({ technicianId, monday, shifts, mayEdit, onWeek, onShift, onDay: pick }: Props) {
  const asked = useWorkingTime(technicianId, monday, plus(monday, 6));
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const days = asked.data?.days ?? [];
  const zone = asked.data?.time_zone ?? "UTC";
  const [first, last] = hours(days, zone);
  const now = today(zone);
  const total = days.reduce((sum, day) => sum + day.work_minutes, 0);
  const open = (piece: Piece) => {
    const shift = shifts.find((one) => one.id === piece.source);
    return mayEdit && shift ? () => onShift(shift) : undefined;
  };
  return (
    <div>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Button aria-label="Week before" className="w-control px-0!" onClick={() => onWeek(plus(monday, -7))}>
          <ChevronLeft aria-hidden className="size-4" />
        </Button>
        <Button aria-label="Next week" className="w-control px-0!" onClick={() => onWeek(plus(monday, 7))}>
          <ChevronRight aria-hidden className="size-4" />
        </Button>
        <span className="tabular font-medium" role="status">
          {onDay(monday)} – {onDay(plus(monday, 6))}
        </span>
        <span className="tabular text-muted">
          {worked(total)} of work · {zoneName(zone)}
        </span>
      </div>
      <div className="@container max-md:hidden">
        <div className="grid grid-cols-[2.75rem_repeat(7,minmax(0,1fr))]">
          <div />
          {days.map((day) => (
            <div
              key={day.day}
              className="flex min-h-9 flex-wrap items-center justify-between gap-x-1 border-line border-l pl-1.5"
            >
              <span
                className={cx(
                  "tabular whitespace-nowrap text-sm",
                  day.day === now && "font-semibold text-accent",
                )}
              >
                <span className="hidden @min-[52rem]:inline">{onDay(day.day, false)}</span>
                <span className="@min-[52rem]:hidden">{shortDay(day.day)}</span>
              </span>
              {mayEdit && <OwnHours day={day.day} pick={pick} />}
            </div>
          ))}
          <div className="relative" style={{ height: (last - first) * HIGH }}>
            {Array.from({ length: last - first }, (_, hour) => first + hour).map((hour) => (
              <span
                key={hour}
                className="tabular absolute right-1.5 -translate-y-1/2 text-muted text-sm"
                style={{ top: (hour - first) * HIGH + 7 }}
              >
                {hourWords(hour)}
              </span>
            ))}
          </div>
          {days.map((day) => (
            <div
              key={day.day}
              className="relative border-line border-t border-l bg-canvas"
              style={{ height: (last - first) * HIGH }}
            >
              {!day.known && <p className="p-1.5 text-muted text-sm">Nothing is said of this day.</p>}
              {day.pieces.map((piece) => {
                const top = Math.max(0, hourOf(piece.start, day.day, zone) - first) * HIGH;
                const end = Math.min(last - first, hourOf(piece.end, day.day, zone) - first) * HIGH;
                return (
                  <Block
                    key={`${piece.start}${piece.kind}`}
                    piece={piece}
                    zone={zone}
                    whole={piece.start === day.start && piece.end === day.end}
                    open={open(piece)}
                    className="absolute inset-x-0.5 overflow-hidden"
                    style={{ top, height: Math.max(14, end - top) }}
                    small={end - top < 30}
                  />
                );
              })}
            </div>
          ))}
        </div>
      </div>
      <ul className="flex flex-col md:hidden">
        {days.map((day) => (
          <li key={day.day} className="flex items-start gap-2 border-line border-b py-2 last:border-0">
            <span className={cx("tabular w-24 shrink-0", day.day === now && "font-semibold text-accent")}>
              {onDay(day.day, false)}
            </span>
            <span className="flex min-w-0 flex-1 flex-col gap-1">
              {day.pieces.length === 0 && <span className="text-muted">Off</span>}
              {day.pieces.map((piece) => (
                <Block
                  key={`${piece.start}${piece.kind}`}
                  piece={piece}
                  zone={zone}
                  whole={piece.start === day.start && piece.end === day.end}
                  open={open(piece)}
                  className="w-full pointer-coarse:min-h-11"
                />
              ))}
            </span>
            {mayEdit && <OwnHours day={day.day} pick={pick} />}
          </li>
        ))}
      </ul>
    </div>
  );
}

function OwnHours({ day, pick }: { day: string; pick: (day: string) => void }) {
  return (
    <button
      type="button"
      aria-label={`Other hours on ${onDay(day)}`}
      className="grid size-6 shrink-0 place-items-center rounded text-muted hover:bg-sunken hover:text-ink pointer-coarse:size-11"
      onClick={() => pick(day)}
    >
      <Plus aria-hidden className="size-3.5" />
    </button>
  );
}

interface BlockProps {
  piece: Piece;
  zone: string;
  whole: boolean;
  open: (() => void) | undefined;
  className: string;
  style?: React.CSSProperties;
  /** Too low for words. */
  small?: boolean;
}

function Block({ piece, zone, whole, open, className, style, small }: BlockProps) {
  const when = whole ? "All day" : span(piece.start, piece.end, zone);
  const look = cx("rounded border px-1.5 py-0.5 text-left text-sm", LOOKS[piece.kind], className);
  const kind = KINDS[piece.kind];
  const inside = (
    <span className={small ? "sr-only" : "contents"}>
      <span className="sr-only">{kind} </span>
      <span className="tabular block font-medium">{when} </span>
      <span className="block truncate">
        {piece.kind === "work" || piece.name === kind ? piece.name : `${kind}: ${piece.name}`}
      </span>
    </span>
  );
  const title = `${kind} ${when}: ${piece.name}`;
  return open ? (
    <button type="button" title={title} className={look} style={style} onClick={open}>
      {inside}
    </button>
  ) : (
    <div title={title} className={look} style={style}>
      {inside}
    </div>
  );
}
