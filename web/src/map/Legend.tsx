/** What the signs of a map mean, and what its lines are not. */

import { usePreferences } from "@/ui/preferences";
import { type Look, pictureOf } from "./paint";
import type { Mark } from "./shapes";

const COLOUR = "#2563eb";
const stop = (mark: Mark, text: string | null, alert = false): Look => ({
  kind: "stop",
  mark,
  text,
  colour: mark === "open" ? null : COLOUR,
  alert,
  chosen: false,
});
const mover = (stale: boolean): Look => ({
  kind: "mover",
  text: "AO",
  colour: COLOUR,
  age: null,
  stale,
  chosen: false,
});

type Sign = readonly [Look, string];

const STOPS: readonly Sign[] = [
  [stop("planned", "2"), "Planned"],
  [stop("moving", "2"), "On the way there"],
  [stop("there", "2"), "They are there"],
  [stop("done", "1"), "Done"],
  [stop("trouble", "3"), "Incomplete, no access, nobody there"],
  [stop("planned", "4", true), "Late, or going to be"],
  [stop("canceled", null), "Cancelled"],
  [stop("open", "?"), "Nobody assigned"],
];
const MOVERS: readonly Sign[] = [
  [mover(false), "Where a technician is"],
  [mover(true), "Was, more than five minutes ago"],
];
const WORK: readonly Sign[] = [
  [stop("open", null), "Draft or ready: not scheduled"],
  [stop("planned", null), "Scheduled"],
  [stop("there", null), "In progress"],
  [stop("trouble", null), "On hold"],
  [stop("done", null), "Completed, approved or closed"],
  [stop("planned", null, true), "Emergency"],
  [stop("canceled", null), "Canceled"],
];

/** Of a day: stops in their order, and those who go to them. */
export function DayLegend({ moves, lines }: { moves: boolean; lines: boolean }) {
  return (
    <Legend signs={[...STOPS, ...(moves ? MOVERS : [])]}>
      {lines && "Lines are straight, from stop to stop in their order: not the roads that will be driven."}
    </Legend>
  );
}

export function WorkLegend() {
  return (
    <Legend signs={WORK}>
      The colour is the priority: grey low, blue normal, brown high, red an emergency. The list says it in
      words.
    </Legend>
  );
}

function Legend({ signs, children }: { signs: readonly Sign[]; children?: string | false }) {
  // drawn in the theme's colours, so drawn again with it
  usePreferences();
  return (
    <details className="absolute bottom-2 left-2 z-2 max-w-[calc(100%-9rem)] rounded-md border border-line bg-raised text-sm shadow-float">
      <summary className="px-2 py-1 font-medium pointer-coarse:py-3">What the signs mean</summary>
      <section
        aria-label="Signs of the map"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: where it is too long for the map, keys scroll it
        tabIndex={0}
        className="max-h-[22rem] overflow-auto px-2 pb-1"
      >
        <ul>
          {signs.map(([look, words]) => {
            const { href, width, height } = pictureOf(look);
            const isMover = look.kind === "mover";
            const size = isMover ? 0.75 : 0.8;
            return (
              <li key={words} className="flex h-7 items-center gap-2">
                <span className="flex w-8 shrink-0 justify-center">
                  <img
                    alt=""
                    src={href}
                    width={width * size}
                    height={height * size}
                    className={isMover ? "mt-7 max-w-none" : "max-w-none"}
                  />
                </span>
                {words}
              </li>
            );
          })}
        </ul>
        {children && <p className="max-w-72 py-1 text-muted">{children}</p>}
      </section>
    </details>
  );
}
