/** A visit on its lane. It listens to its own cell alone; where it stands is told by its row. */

import { memo, useLayoutEffect, useRef } from "react";
import { cutTo } from "./cutting";
import { factsOf } from "./facts";
import { flash as light } from "./flash";
import type { Alert, Cell, Stop } from "./picture";
import { Sign } from "./Signs";
import { Spoken } from "./Spoken";
import { useSettings } from "./settings";
import { useBoard, useCell } from "./store";
import { spoken, state } from "./words";

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
/** What stands beside the name: the block's borders, and its padding. */
const AROUND = 12;
/** In less there is room for the sign of the status and nothing else. */
const NARROW = 24;
/** What a mark beside the facts takes. */
const MARK = 15;
/** In less there is no room for a mark: what is wrong takes the place of the status. */
const MARKED = 62;

export const Visit = memo(function Visit(props: Props) {
  const { id, lane, who, zone, x, y, width, height, stop, alerts = NONE } = props;
  const cell = useCell(id);
  const focused = useBoard((shown) => shown.focus?.id === id && shown.focus.lane === lane);
  const open = useBoard((shown) => shown.open === id);
  const waiting = useBoard((shown) => shown.waiting[id]);
  const flash = useBoard((shown) => shown.flashes[id]);
  useBoard((shown) => shown.lettered);
  const fields = useSettings((liked) => liked.fields);
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
  const urgent = alerts.some((one) => one.code !== "not_confirmed");
  const wrong = urgent || cell.warnings.length > 0;
  const warned = wrong && width >= MARKED;
  const locked = width >= 80 && cell.lock !== "none";
  const urges = width >= 80 && cell.priority === "emergency";
  const marks = Number(warned) + Number(locked) + Number(urges);
  const facts = factsOf(cell, fields, width - MARK * marks, zone);
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
      aria-busy={waiting}
      data-fixed={!movable(cell) || undefined}
      data-narrow={width < NARROW || undefined}
      aria-expanded={open}
      aria-haspopup="dialog"
      tabIndex={focused ? 0 : -1}
      style={{ left: x, top: y, width, height }}
    >
      <Spoken words={spoken(cell, who, zone, stop, alerts)} />
      <span aria-hidden className="v-name">
        {width >= 34 ? cutTo(cell.customer, width - AROUND) : ""}
      </span>
      {height >= 32 && (
        <span aria-hidden className="v-time">
          <Sign of={wrong && !warned ? "warned" : state(cell)} />
          {facts.join(" · ")}
          {locked && <Sign of="locked" />}
          {warned && <Sign of="warned" />}
          {urges && <b aria-hidden>!</b>}
        </span>
      )}
      {movable(cell) && cell.planned_start && width >= 24 && <i className="v-end" data-end />}
    </button>
  );
});
