/** A visit on its lane. It listens to its own cell alone; where it stands is told by its row. */

import {
  Ban,
  Check,
  CircleDashed,
  CircleDot,
  Clock,
  DoorClosed,
  Hammer,
  Lock,
  MapPin,
  Pause,
  Send,
  TriangleAlert,
  Truck,
  UserX,
} from "lucide-react";
import { memo, useLayoutEffect, useRef } from "react";
import * as clock from "./clock";
import { flash as light } from "./flash";
import { type Alert, at, type Cell, type Stop } from "./picture";
import { useBoard, useCell } from "./store";
import { spoken, state } from "./words";

const ICONS: Record<string, typeof Clock> = {
  tentative: CircleDashed,
  unscheduled: CircleDashed,
  scheduled: Clock,
  confirmed: CircleDot,
  dispatched: Send,
  en_route: Truck,
  on_site: MapPin,
  working: Hammer,
  paused: Pause,
  completed: Check,
  incomplete: TriangleAlert,
  no_access: DoorClosed,
  no_show: UserX,
  canceled: Ban,
};

export function StatusIcon({ cell, size = 12 }: { cell: Cell; size?: number }) {
  const Icon = ICONS[state(cell)] ?? Clock;
  return <Icon size={size} strokeWidth={2.4} aria-hidden />;
}

/** Whether somebody may still move it: nobody is on the way, and nothing is locked. */
export const movable = (cell: Cell): boolean =>
  ["tentative", "unscheduled", "scheduled", "dispatched"].includes(cell.status) && cell.lock === "none";

interface Props {
  id: string;
  lane: string;
  who: string;
  zone: string;
  x: number;
  y: number;
  width: number;
  height: number;
  stop: Stop | undefined;
  alerts: readonly Alert[];
}

const NONE: readonly Alert[] = [];

export const Visit = memo(function Visit(props: Props) {
  const { id, lane, who, zone, x, y, width, height, stop, alerts = NONE } = props;
  const cell = useCell(id);
  const focused = useBoard((shown) => shown.focus?.id === id && shown.focus.lane === lane);
  const open = useBoard((shown) => shown.open === id);
  const waiting = useBoard((shown) => shown.waiting[id]);
  const flash = useBoard((shown) => shown.flashes[id]);
  const element = useRef<HTMLButtonElement>(null);

  useLayoutEffect(() => {
    const here = document.activeElement;
    if (focused && here !== element.current && here?.closest(".board-scroll")) {
      element.current?.focus({ preventScroll: true });
    }
  }, [focused]);

  // in the very frame that shows the change, also where that brings it to another lane
  useLayoutEffect(() => {
    if (flash && element.current) light(element.current, flash);
  }, [flash]);

  if (!cell) return null;
  const start = cell.planned_start ? at(cell.planned_start) : Number.NaN;
  const end = cell.planned_end ? at(cell.planned_end) : Number.NaN;
  const times = Number.isNaN(start)
    ? `${cell.duration_minutes} min`
    : width >= 106
      ? `${clock.short(start, zone)}–${clock.short(end, zone)}`
      : width >= 62
        ? clock.short(start, zone)
        : "";
  const urgent = alerts.some((one) => one.code !== "not_confirmed");
  return (
    <button
      ref={element}
      type="button"
      className="visit"
      data-visit={id}
      data-lane={lane}
      data-state={state(cell)}
      data-alert={urgent || undefined}
      data-open={open || undefined}
      data-waiting={waiting}
      data-fixed={!movable(cell) || undefined}
      aria-label={spoken(cell, who, zone, stop, alerts)}
      aria-expanded={open}
      aria-haspopup="dialog"
      tabIndex={focused ? 0 : -1}
      style={{ left: x, top: y, width, height }}
    >
      <span className="v-name">{width >= 34 ? cell.customer : ""}</span>
      {height >= 32 && (
        <span className="v-time">
          <StatusIcon cell={cell} />
          {times}
          {width >= 80 && cell.lock !== "none" && <Lock size={11} aria-hidden />}
          {width >= 62 && (urgent || cell.warnings.length > 0) && (
            <TriangleAlert size={12} strokeWidth={2.4} aria-hidden />
          )}
          {cell.priority === "emergency" && width >= 80 && <b aria-hidden>!</b>}
        </span>
      )}
      {movable(cell) && cell.planned_start && width >= 24 && <i className="v-end" data-end />}
    </button>
  );
});
