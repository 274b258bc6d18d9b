/** The times that can be promised, the best three first, each with why. One key promises: Enter, or its
 * number. Whoever was shown a time gets it, or the times there are now. */

import { CalendarX2, CarFront, Sparkles } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Failed } from "@/ui/Failed";
import { Skeleton } from "@/ui/Skeleton";
import { type Slot, useSlots, type Wish } from "./calling";
import { day, minutes, span } from "./windows";

const FIRST = 3;
const GRADES: Record<Slot["grade"], { text: string; look: string }> = {
  recommended: { text: "Recommended", look: "bg-good-wash text-good" },
  available: { text: "Available", look: "bg-accent-wash text-accent" },
  tight: { text: "Tight", look: "bg-warn-wash text-warn" },
};

interface Props {
  wish: Wish;
  busy: boolean;
  /** The best of them has the focus as soon as it is there. */
  eager: boolean;
  onPromise: (slot: Slot, zone: string) => void;
}

export function Times({ wish, busy, eager, onPromise }: Props) {
  const asked = useSlots(wish);
  const [all, setAll] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const slots = asked.data?.slots ?? [];
  const shown = all ? slots : slots.slice(0, FIRST);
  const zone = asked.data?.time_zone ?? "UTC";
  const soonest = asked.data?.soonest;

  // whoever chose the work a moment ago goes on here without looking for it
  const isThere = asked.data !== undefined;
  useEffect(() => {
    if (eager && isThere) list.current?.querySelector<HTMLButtonElement>("button[data-slot]")?.focus();
  }, [eager, isThere]);

  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  return (
    <section
      aria-label="Times"
      aria-busy={asked.isFetching}
      className="rounded-lg border border-line bg-surface p-4"
    >
      <h2 className="font-semibold text-lg">When</h2>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is of a form */}
      <div
        ref={list}
        role="group"
        aria-label="Times that can be promised"
        className="mt-2 flex flex-col gap-2"
        onKeyDown={(event) => {
          const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button[data-slot]")];
          const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
          const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
          if (to !== undefined) {
            event.preventDefault();
            buttons[to]?.focus();
          }
          const number = Number(event.key);
          if (number >= 1 && number <= buttons.length && !busy) buttons[number - 1]?.click();
        }}
      >
        {asked.isPending && <Skeleton rows={FIRST} label="Looking for times" />}
        {shown.map((slot, index) => (
          <Time
            key={slot.window_start}
            slot={slot}
            zone={zone}
            number={index < 9 ? index + 1 : null}
            soonest={slot.window_start === soonest?.window_start}
            busy={busy}
            onPromise={() => onPromise(slot, zone)}
          />
        ))}
      </div>
      {!all && soonest && !shown.some((one) => one.window_start === soonest.window_start) && (
        <Button look="plain" className="mt-2" onClick={() => setAll(true)}>
          Soonest: {day(soonest.window_start, zone)}, {span(soonest.window_start, soonest.window_end, zone)}
        </Button>
      )}
      {!all && slots.length > FIRST && (
        <Button className="mt-2" onClick={() => setAll(true)}>
          Show all {slots.length} times
        </Button>
      )}
      {asked.data && slots.length === 0 && (
        <div className="mt-2 flex items-start gap-2 text-muted">
          <CalendarX2 aria-hidden size={18} className="mt-0.5 shrink-0" />
          <p>
            <span className="font-medium text-ink">No time can be promised.</span>{" "}
            {asked.data.nothing_because ?? "Nobody who can do this has room in the next two weeks."}
          </p>
        </div>
      )}
    </section>
  );
}

interface TimeProps {
  slot: Slot;
  zone: string;
  number: number | null;
  soonest: boolean;
  busy: boolean;
  onPromise: () => void;
}

function Time({ slot, zone, number, soonest, busy, onPromise }: TimeProps) {
  const grade = GRADES[slot.grade];
  const comes = slot.technicians[0];
  return (
    <button
      type="button"
      data-slot
      disabled={busy}
      className="group grid grid-cols-[1fr_auto] items-center gap-x-3 rounded-md border border-line px-3 py-2 text-left hover:border-accent hover:bg-accent-wash focus-visible:border-accent"
      onClick={onPromise}
    >
      <span className="tabular font-semibold">
        {day(slot.window_start, zone)}, {span(slot.window_start, slot.window_end, zone)}
      </span>
      <span className="flex items-center gap-1.5">
        {soonest && (
          <span className="inline-flex items-center gap-1 rounded px-1.5 text-muted text-sm">
            <Sparkles aria-hidden size={12} /> Soonest
          </span>
        )}
        <span className={cx("rounded px-1.5 py-0.5 font-medium text-sm", grade.look)}>{grade.text}</span>
        {number !== null && (
          <kbd className="rounded border border-line px-1 text-muted text-sm">{number}</kbd>
        )}
      </span>
      <span className="text-muted text-sm">{slot.reason}</span>
      {comes && (
        <span className="inline-flex items-center justify-end gap-1 text-muted text-sm">
          <CarFront aria-hidden size={12} /> {comes.name}
          <span className="tabular">
            {comes.drive_source === "estimate" || comes.drive_source === "assumed" ? "~" : ""}
            {minutes(comes.drive_minutes)}
          </span>
        </span>
      )}
    </button>
  );
}
