/** Where one can go: at the left, or on a phone at the bottom, under the thumb. */

import { MoreHorizontal, PanelLeftClose, PanelLeftOpen, Truck } from "lucide-react";
import { useState } from "react";
import { Link, NavLink, useNavigate } from "react-router";
import type { Me } from "@/identity/me";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Menu, MenuItem } from "@/ui/Menu";
import { Tooltip } from "@/ui/Tooltip";
import { mayGo, PLACES, type Place } from "./nav";

const BOTTOM = 4;

function Entry({ place, narrow }: { place: Place; narrow: boolean }) {
  const link = (
    <NavLink
      to={place.to}
      end={place.to === "/"}
      aria-label={narrow ? place.words : undefined}
      className="flex h-8 items-center gap-2.5 rounded-md px-2 text-muted hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-wash aria-[current=page]:font-medium aria-[current=page]:text-accent-strong"
    >
      <place.icon aria-hidden className="size-4 shrink-0" />
      {!narrow && <span className="truncate">{place.words}</span>}
    </NavLink>
  );
  return (
    <li>
      {narrow ? (
        <Tooltip side="right" text={place.words}>
          {link}
        </Tooltip>
      ) : (
        link
      )}
    </li>
  );
}

export function Sidebar({ me }: { me: Me }) {
  const [narrow, setNarrow] = useState(localStorage.getItem("sidebar") === "narrow");
  const places = PLACES.filter((place) => mayGo(me, place));
  const work = places.filter((place) => place.group !== "set up");
  const setUp = places.filter((place) => place.group === "set up");

  function toggle() {
    localStorage.setItem("sidebar", narrow ? "wide" : "narrow");
    setNarrow(!narrow);
  }

  return (
    <nav
      aria-label="Pages"
      className={cx(
        "flex shrink-0 flex-col border-line border-r bg-surface max-sm:hidden",
        narrow ? "w-[49px]" : "w-48",
      )}
    >
      <Link
        to="/"
        className="flex h-11 items-center gap-2.5 px-4 font-semibold"
        aria-label="Truckroll: Today"
      >
        <Truck aria-hidden className="size-4 shrink-0 text-accent" />
        {!narrow && "Truckroll"}
      </Link>
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto overflow-x-hidden px-2 py-1">
        {[work, setUp].map(
          (group, place) =>
            group.length > 0 && (
              <ul key={place === 0 ? "work" : "set up"} className="flex flex-col gap-0.5">
                {group.map((one) => (
                  <Entry key={one.to} place={one} narrow={narrow} />
                ))}
              </ul>
            ),
        )}
      </div>
      <div className="p-2">
        <Button
          look="plain"
          className="w-full justify-start! px-2! text-muted"
          aria-label={narrow ? "Show words" : "Hide words"}
          onClick={toggle}
        >
          {narrow ? (
            <PanelLeftOpen aria-hidden className="size-4" />
          ) : (
            <>
              <PanelLeftClose aria-hidden className="size-4" /> Hide
            </>
          )}
        </Button>
      </div>
    </nav>
  );
}

export function BottomBar({ me }: { me: Me }) {
  const go = useNavigate();
  const places = PLACES.filter((place) => mayGo(me, place));
  const first = places.length > BOTTOM + 1 ? places.slice(0, BOTTOM) : places;
  const rest = places.slice(first.length);
  const one =
    "flex h-13 min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-muted text-sm aria-[current=page]:text-accent-strong";
  return (
    <nav aria-label="Pages" className="flex shrink-0 border-line border-t bg-surface sm:hidden">
      {first.map((place) => (
        <NavLink key={place.to} to={place.to} end={place.to === "/"} className={one}>
          <place.icon aria-hidden className="size-5" />
          <span className="max-w-full truncate px-1">{place.words}</span>
        </NavLink>
      ))}
      {rest.length > 0 && (
        <Menu
          align="end"
          button={
            <button type="button" className={one}>
              <MoreHorizontal aria-hidden className="size-5" />
              More
            </button>
          }
        >
          {rest.map((place) => (
            <MenuItem
              key={place.to}
              icon={<place.icon aria-hidden className="size-4 text-muted" />}
              onSelect={() => void go(place.to)}
            >
              {place.words}
            </MenuItem>
          ))}
        </Menu>
      )}
    </nav>
  );
}
