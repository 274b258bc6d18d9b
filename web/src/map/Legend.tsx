/** What the signs of a map mean, and what its lines are not. */

import { usePreferences } from "@/ui/preferences";
import { type Look, pictureOf } from "./paint";

type Stop = Look & { kind: "stop" };
const COLOUR = "#2563eb";
const stop = (mark: Stop["mark"], text: string | null, alert = false): Look => ({
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

const STOPS: [Look, string][] = [
  [stop("planned", "2"), "Planned"],
  [stop("moving", "2"), "On the way there"],
  [stop("there", "2"), "They are there"],
  [stop("done", "1"), "Done"],
  [stop("trouble", "3"), "Incomplete, no access, nobody there"],
  [stop("planned", "4", true), "Late, or going to be"],
  [stop("canceled", null), "Cancelled"],
  [stop("open", "?"), "Nobody assigned"],
];
const MOVERS: [Look, string][] = [
  [mover(false), "Where a technician is"],
  [mover(true), "Was, more than five minutes ago"],
];

export function Legend({ moves, lines }: { moves: boolean; lines: boolean }) {
  // drawn in the theme's colours, so drawn again with it
  usePreferences();
  return (
    <details className="absolute bottom-2 left-2 z-2 max-w-[calc(100%-9rem)] rounded-md border border-line bg-raised text-sm shadow-float">
      <summary className="px-2 py-1 font-medium pointer-coarse:py-3">What the signs mean</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: where it is too long for the map, keys scroll it */}
      <section aria-label="Signs of the map" tabIndex={0} className="max-h-[22rem] overflow-auto px-2 pb-1">
        <ul>
          {[...STOPS, ...(moves ? MOVERS : [])].map(([look, words]) => {
            const picture = pictureOf(look);
            const isMover = look.kind === "mover";
            return (
              <li key={words} className="flex h-7 items-center gap-2">
                <span className="flex w-8 justify-center overflow-hidden">
                  <img
                    alt=""
                    src={picture.href}
                    width={isMover ? picture.width * 0.75 : picture.width * 0.8}
                    height={isMover ? picture.height * 0.75 : picture.height * 0.8}
                    className={isMover ? "mt-7 max-w-none" : "max-w-none"}
                  />
                </span>
                {words}
              </li>
            );
          })}
          {lines && (
            <li className="py-1 text-muted">
              Lines are straight, from stop to stop in their order: not the roads that will be driven.
            </li>
          )}
        </ul>
      </section>
    </details>
  );
}
