/** The times that can be promised, the best three first, each with why. One key promises: Enter, or its
 * number. Whoever was shown a time gets it, or the times there are now. */

import { CalendarX2, CarFront, Sparkles } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Failed } from "@/ui/Failed";
import { Skeleton } from "@/ui/Skeleton";
import { type Slot, type Slots, useSlots, type Wish } from "./calling";
import { minutes, told } from "./windows";

const FIRST = 3;
const GRADES: Record<Slot["grade"], { text: string; look: string }> = {
  recommended: { text: "Recommended", look: "bg-good-wash text-good" },
  available: { text: "Available", look: "bg-accent-wash text-accent" },
  tight: { text: "Tight", look: "bg-warn-wash text-warn" },
};

/** What one would choose among, in the order in which it stands there. */
const namesOf = (slots: readonly Slot[]): string =>
  slots.map((one) => `${one.window_start} ${one.grade} ${one.technicians[0]?.name}`).join();

interface Props {
  wish: Wish;
  busy: boolean;
  /** The id of the box that is left for the best of them, as soon as it is there; null: none is. Whoever has gone on
   * to another one stays in it: the next key they press is not meant for a time. */
  after: string | null;
  onPromise: (slot: Slot, zone: string) => void;
  /** Keep it free for a while. */
  onHold: (slot: Slot, zone: string) => void;
}

export function Times({ wish, busy, after, onPromise, onHold }: Props) {
  const asked = useSlots(wish);
  const ours = useMe().me?.time_zone ?? "UTC";
  const [all, setAll] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  // whoever is about to choose sees what they choose: while the focus or the pointer is in it, the list stays
  const [kept, setKept] = useState<Slots | null>(null);
  const inside = useRef({ focus: false, pointer: false });
  const keep = (where: Partial<typeof inside.current>) => {
    Object.assign(inside.current, where);
    if (!inside.current.focus && !inside.current.pointer) setKept(null);
    else setKept((before) => before ?? asked.data ?? null);
  };
  const wasBusy = useRef(busy);
  useEffect(() => {
    // it was tried, and this is shown still: it is gone, and there are others now
    if (wasBusy.current && !busy) {
      setKept(null);
      inside.current.focus = false;
      tried.current = true;
    }
    wasBusy.current = busy;
  }, [busy]);
  const tried = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once there are other times
  useEffect(() => {
    if (!tried.current) return;
    tried.current = false;
    if (document.activeElement === document.body) list.current?.querySelector("button")?.focus();
  }, [asked.dataUpdatedAt]);
  const known = kept ?? asked.data;
  const slots = known?.slots ?? [];
  const shown = all ? slots : slots.slice(0, FIRST);
  const zone = known?.time_zone ?? "UTC";
  const soonest = known?.soonest;
  const newer = kept !== null && namesOf(kept.slots) !== namesOf(asked.data?.slots ?? []);

  // whoever chose the work a moment ago goes on here without looking for it
  const isThere = asked.data !== undefined;
  useEffect(() => {
    if (after === null || !isThere) return;
    const now = document.activeElement;
    if (now === document.body || now?.id === after)
      list.current?.querySelector<HTMLButtonElement>("button[data-slot]")?.focus();
  }, [after, isThere]);

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
        onFocus={() => keep({ focus: true })}
        onBlur={(event) =>
          !event.currentTarget.contains(event.relatedTarget) && !busy && keep({ focus: false })
        }
        onPointerEnter={() => keep({ pointer: true })}
        onPointerLeave={() => keep({ pointer: false })}
        onKeyDown={(event) => {
          // the key that chose the work is still down, or it is the browser's
          if (event.repeat && !event.key.startsWith("Arrow")) return event.preventDefault();
          if (event.ctrlKey || event.altKey || event.metaKey) return;
          const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button[data-slot]")];
          const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
          const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
          if (to !== undefined) {
            event.preventDefault();
            buttons[to]?.focus();
          }
          const number = Number(event.key);
          if (number >= 1 && number <= buttons.length && !busy) buttons[number - 1]?.click();
          const slot = shown[at];
          if (event.key === "h" && slot && !busy) {
            event.preventDefault(); // or it is typed into the layer that it opens
            onHold(slot, zone);
          }
        }}
      >
        {asked.isPending && <Skeleton rows={FIRST} label="Looking for times" />}
        {shown.map((slot, index) => (
          <Time
            key={slot.window_start}
            slot={slot}
            zone={zone}
            ours={ours}
            number={index < 9 ? index + 1 : null}
            soonest={slot.window_start === soonest?.window_start}
            busy={busy}
            onPromise={() => onPromise(slot, zone)}
            onHold={() => onHold(slot, zone)}
          />
        ))}
      </div>
      {newer && (
        <p role="status" className="mt-2 flex items-center gap-2 text-muted">
          These have changed meanwhile.
          <Button
            onClick={() => {
              inside.current = { focus: false, pointer: false };
              setKept(null);
              list.current?.querySelector<HTMLButtonElement>("button[data-slot]")?.focus();
            }}
          >
            Show the times there are now
          </Button>
        </p>
      )}
      {!all && soonest && !shown.some((one) => one.window_start === soonest.window_start) && (
        <Button look="plain" className="mt-2" onClick={() => setAll(true)}>
          Soonest: {told(soonest.window_start, soonest.window_end, zone, ours)}
        </Button>
      )}
      {!all && slots.length > FIRST && (
        <Button className="mt-2" onClick={() => setAll(true)}>
          Show all {slots.length} times
        </Button>
      )}
      {known && slots.length === 0 && (
        <div className="mt-2 flex items-start gap-2 text-muted">
          <CalendarX2 aria-hidden size={18} className="mt-0.5 shrink-0" />
          <p>
            <span className="font-medium text-ink">No time can be promised.</span>{" "}
            {known.nothing_because ?? "Nobody who can do this has room in the next two weeks."}
          </p>
        </div>
      )}
    </section>
  );
}

interface TimeProps {
  slot: Slot;
  zone: string;
  /** The organisation's. */
  ours: string;
  number: number | null;
  soonest: boolean;
  busy: boolean;
  onPromise: () => void;
  onHold: () => void;
}

function Time({ slot, zone, ours, number, soonest, busy, onPromise, onHold }: TimeProps) {
  const grade = GRADES[slot.grade];
  const comes = slot.technicians[0];
  const when = told(slot.window_start, slot.window_end, zone, ours);
  return (
    <div className="flex items-center gap-2">
      <button
        type="button"
        data-slot
        disabled={busy}
        className="group grid min-w-0 flex-1 grid-cols-[1fr_auto] items-center gap-x-3 rounded-md max-sm:gap-x-1 border border-line px-3 py-2 text-left hover:border-accent hover:bg-accent-wash focus-visible:border-accent"
        onClick={onPromise}
      >
        <span className="tabular font-semibold">{when}</span>
        <span className="flex items-center justify-end gap-1.5">
          {soonest && (
            <span className="inline-flex items-center gap-1 rounded px-1.5 text-muted text-sm">
              <Sparkles aria-hidden size={12} /> Soonest
            </span>
          )}
          <span className={cx("rounded px-1.5 py-0.5 font-medium text-sm", grade.look)}>{grade.text}</span>
          {number !== null && (
            <kbd className="rounded border border-line px-1 text-muted text-sm max-sm:hidden">{number}</kbd>
          )}
        </span>
        <span className="text-muted text-sm max-sm:col-span-2">{slot.reason}</span>
        {comes && (
          <span className="inline-flex items-center justify-end gap-1 text-muted text-sm max-sm:col-span-2 max-sm:justify-start">
            <CarFront aria-hidden size={12} /> {comes.name}
            <span className="tabular">
              {comes.drive_source === "estimate" || comes.drive_source === "assumed" ? "~" : ""}
              {minutes(comes.drive_minutes)}
            </span>
          </span>
        )}
      </button>
      <Button
        aria-label={`Hold ${when}`}
        title="Keep it free for a while (h)"
        disabled={busy}
        onClick={onHold}
      >
        Hold…
      </Button>
    </div>
  );
}
