/**
 * The day as a timeline. Only the rows and hours in sight are drawn: rows by their heights, found by binary search,
 * and hours in steps of half a screen, so that scrolling draws anew only now and then.
 */

import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { instantOf } from "@/ui/wall";
import * as clock from "./clock";
import { type Axis, hoursOf, spanAt, timeAt, widthOf, xOf } from "./geometry";
import { Heads } from "./Heads";
import { stage } from "./holding";
import { firstOf, key as onKey, show } from "./keyboard";
import { openBeside } from "./LaneVerbs";
import { at, opening, type Picture, standsOn, UNASSIGNED, WITHOUT } from "./picture";
import { heightOf, Row } from "./Row";
import { useSettings } from "./settings";
import { key as shift } from "./shifting";
import { serverNow, useBoard } from "./store";

/** Beside the hours that are in sight, where there is room for their words. */
const BESIDE = 0.5;
const NARROWEST = 64;
/** Where somebody wants more of them in sight: as narrow as "10 AM". */
const CLOSEST = 46;
const USUALLY = 10;
const ON_PAPER = 34;
const BEYOND = 2;
/** Pixels of a column of names that holds no day of the week. */
const NARROW = 150;

/** Which rows are drawn, and from which half of a screen on. */
interface Sight {
  first: number;
  last: number;
  step: number;
}

export interface Sizes {
  axis: Axis;
  ids: string[];
  starts: number[];
  heights: number[];
  total: number;
  lane: number;
}

/** Where rows begin: the lane of those without anybody first. */
export function sizesOf(picture: Picture, axis: Axis, lane: number): Sizes {
  const { by } = picture.meta;
  const ids = [UNASSIGNED, ...(by === "technicians" ? [] : [WITHOUT]), ...picture.order];
  const heights = ids.map((id) => heightOf(id, picture.rows[id]));
  let total = 0;
  const starts = heights.map((height) => {
    total += height;
    return total - height;
  });
  return { axis, ids, starts, heights, total, lane };
}

const alike = <T,>(one: readonly T[], other: readonly T[]): boolean =>
  one.length === other.length && one.every((value, n) => value === other[n]);

/** Where a day begins on the screen: at the hour that somebody likes, or with the first work. */
function beginning(picture: Picture, hour: number | null): number {
  if (hour === null) return opening(picture);
  const { date, time_zone: zone } = picture.meta;
  return Date.parse(instantOf(`${date}T${String(hour).padStart(2, "0")}:00`, zone));
}

export function DayBoard() {
  const picture = useBoard((shown) => shown.picture);
  return picture && <Day picture={picture} />;
}

function Day({ picture }: { picture: Picture }) {
  const scroll = useRef<HTMLElement>(null);
  // no row is drawn before it is known how much room there is, or all of them would be drawn twice
  const [room, setRoom] = useState({ width: 0, height: 0, lane: 188 });
  const [looked, setLooked] = useState<Sight | null>(null);
  const { time_zone: zone } = picture.meta;

  useLayoutEffect(() => {
    const element = scroll.current;
    if (!element) return;
    const measure = () => {
      const lane =
        Number.parseFloat(getComputedStyle(element.parentElement ?? element).getPropertyValue("--lane")) ||
        188;
      setRoom({ width: element.clientWidth - lane, height: element.clientHeight, lane });
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    // on paper the whole day stands beside all lanes
    const toPaper = () => flushSync(() => setPrinting(true));
    const after = () => setPrinting(false);
    window.addEventListener("beforeprint", toPaper);
    window.addEventListener("afterprint", after);
    return () => {
      window.removeEventListener("beforeprint", toPaper);
      window.removeEventListener("afterprint", after);
    };
  }, []);
  const { hours: wanted, first_hour } = useSettings();
  const narrowest = wanted > USUALLY ? CLOSEST : NARROWEST;
  const hour = printing ? ON_PAPER : Math.max(narrowest, Math.floor(room.width / (wanted + BESIDE)));
  const { days } = picture.meta;
  const axis = useMemo(
    () => ({ start: at(days[0]?.start), end: at(days[days.length - 1]?.end), hour }),
    [days, hour],
  );
  const before = useRef<Sizes>(undefined);
  const sizes = useMemo(() => {
    const now = sizesOf(picture, axis, room.lane);
    const was = before.current;
    // rows that lie as they lay are the very same: nothing is measured again for a change in one of them
    if (
      was?.axis === axis &&
      was.lane === room.lane &&
      alike(was.ids, now.ids) &&
      alike(was.heights, now.heights)
    ) {
      return was;
    }
    before.current = now;
    return now;
  }, [picture, axis, room.lane]);
  const { ids, starts, heights, total } = sizes;
  useLayoutEffect(() => {
    stage.element = scroll.current;
    stage.sizes = sizes;
    const { focus } = useBoard.getState();
    const stands = (lane: string) => standsOn(picture, lane).some((one) => one.id === focus?.id);
    if (focus === null || !stands(focus.lane)) {
      const lane = focus && sizes.ids.find(stands);
      useBoard.setState({ focus: lane ? { id: focus.id, lane } : firstOf(picture, sizes.ids) });
    }
  }, [sizes, picture]);
  // the one visit that Tab comes to may be out of sight, and is not drawn then: the board itself hands on to it
  useLayoutEffect(() => {
    const element = scroll.current;
    if (!element) return;
    if (element.querySelector("[data-lane][tabindex='0']")) element.removeAttribute("tabindex");
    else element.tabIndex = 0;
  });
  const width = Math.ceil(widthOf(axis));
  const half = Math.max(200, room.width / 2);

  // as it was last told: to ask the element has the page laid out in the midst of a change
  const scrolled = useRef({ top: 0, left: 0 });
  // the hour at the left edge stays where it is when the scale changes; a new day begins with its first work
  const left = useRef({ day: "", time: 0, put: -1 });
  const day = `${picture.meta.date} ${picture.meta.by} ${first_hour}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a patch moves nothing
  useLayoutEffect(() => {
    const element = scroll.current;
    if (!element || room.width <= 0) return;
    if (left.current.day !== day) left.current = { day, time: beginning(picture, first_hour), put: -1 };
    element.scrollLeft = xOf(axis, left.current.time);
    scrolled.current.left = left.current.put = element.scrollLeft;
  }, [day, hour, room.width]);

  const look = () => {
    if (room.height <= 0) return;
    const { top, left: from } = scrolled.current;
    const first = Math.max(0, spanAt(starts, top) - BEYOND);
    const last = Math.min(ids.length - 1, spanAt(starts, top + room.height) + BEYOND);
    const step = Math.floor(from / half);
    if (from !== left.current.put) {
      left.current.time = timeAt(axis, from);
      left.current.put = -1;
    }
    setLooked((now) =>
      now?.first === first && now.last === last && now.step === step ? now : { first, last, step },
    );
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is in sight depends on these sizes
  useLayoutEffect(look, [starts, half, room.height, day]);

  // what will be in sight when it has been scrolled to where the day begins
  const sight = looked ?? {
    first: 0,
    last: room.height > 0 ? spanAt(starts, room.height) + BEYOND : -1,
    step: Math.floor(xOf(axis, beginning(picture, first_hour)) / half),
  };
  const from = printing ? axis.start : timeAt(axis, (sight.step - 0.5) * half);
  const to = printing ? axis.end : timeAt(axis, (sight.step + 3.5) * half);
  const [top, bottom] = printing ? [0, ids.length - 1] : [sight.first, Math.min(sight.last, ids.length - 1)];
  const rows = [];
  for (let n = top; n <= bottom; n++) {
    const id = ids[n] as string;
    rows.push(
      <Row
        key={id}
        id={id}
        top={starts[n] as number}
        height={heights[n] as number}
        axis={axis}
        width={width}
        from={from}
        to={to}
        zone={zone}
      />,
    );
  }

  const hours = useMemo(() => hoursOf(axis, (at) => clock.minuteAt(at, zone)), [axis, zone]);
  return (
    <section
      ref={scroll}
      aria-label="Schedule"
      className="board-scroll"
      onScroll={({ currentTarget: { scrollTop, scrollLeft } }) => {
        scrolled.current = { top: scrollTop, left: scrollLeft };
        look();
      }}
      onFocus={({ target, currentTarget }) => {
        const { focus } = useBoard.getState();
        if (target === currentTarget && focus && target.matches(":focus-visible")) show(focus);
      }}
      onKeyDown={(event) => {
        if (shift(event.nativeEvent) || onKey(event.nativeEvent, show)) event.preventDefault();
      }}
      onClick={(event) => {
        const block = (event.target as HTMLElement).closest<HTMLElement>(".visit[data-visit]");
        const { visit: id, lane } = block?.dataset ?? {};
        if (id && lane) useBoard.setState({ open: id, focus: { id, lane } });
        openBeside(event.target as HTMLElement);
      }}
      style={
        {
          "--hour": `${hour}px`,
          "--hour-offset": `${xOf(axis, hours[0] ?? axis.start)}px`,
          "--lane": `${room.lane}px`,
        } as object
      }
    >
      <Hours axis={axis} hours={hours} lane={room.lane} width={width} zone={zone} />
      <div className="relative" style={{ height: total, width: room.lane + width }}>
        <Heads sizes={sizes} from={top} to={bottom} zone={zone} />
        {rows}
        <NowLine axis={axis} lane={room.lane} frozen={picture.meta.as_of} />
      </div>
    </section>
  );
}

interface HoursProps {
  axis: Axis;
  hours: readonly number[];
  lane: number;
  width: number;
  zone: string;
}

const Hours = memo(function Hours({ axis, hours, lane, width, zone }: HoursProps) {
  return (
    <div className="board-axis" style={{ width: lane + width }}>
      {hours.map((one) => (
        <div key={one} className="board-hour" style={{ left: lane + xOf(axis, one) }}>
          {clock.hour(one, zone)}
        </div>
      ))}
      <div className="board-corner">
        {lane < NARROW ? clock.shortDay(axis.start, zone) : clock.day(axis.start, zone)},{" "}
        {clock.zoneName(axis.start, zone)}
      </div>
    </div>
  );
});

/** Where it is now; of a board as it was, the moment of which it tells. */
function NowLine({ axis, lane, frozen }: { axis: Axis; lane: number; frozen: string | null }) {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 20_000);
    return () => clearInterval(timer);
  }, []);
  const moment = frozen ? at(frozen) : now;
  if (moment < axis.start || moment >= axis.end) return null;
  return <div className="now" data-testid="now" style={{ left: lane + xOf(axis, moment) }} />;
}
