/** The map in plain SVG: for machines without WebGL, and for small ones on a record's page. Drag, wheel, buttons. */

import {
  type PointerEvent,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { GroundProps } from "./face";
import { type Line, townsIn } from "./ground";
import { type Look, pictureOf } from "./paint";
import {
  type Box,
  boxOf,
  type Lonlat,
  offsetOf,
  project,
  spots,
  unproject,
  type View,
  viewOf,
} from "./shapes";

const meets = (one: Box, other: Box): boolean =>
  one[0] <= other[2] && other[0] <= one[2] && one[1] <= other[3] && other[1] <= one[3];

export default function Plain(props: GroundProps) {
  const { scene, selected, ground, start, handle, still, onSelect, onPoint, onView, drawn } = props;
  const element = useRef<SVGSVGElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [view, setView] = useState<View>(start);
  const held = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const { width, height } = size;

  useLayoutEffect(() => {
    const svg = element.current;
    if (!svg) return undefined;
    const measure = () => setSize({ width: svg.clientWidth, height: svg.clientHeight });
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(svg);
    return () => watch.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: told when it changes, to whoever listens then
  useEffect(() => onView(view), [view]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of these draws anew
  useEffect(() => {
    if (width > 0) drawn();
  }, [width, view, scene, ground]);

  const [middleX, middleY] = project(view.centre, view.zoom);
  const place = (at: Lonlat): [number, number] => {
    const [x, y] = project(at, view.zoom);
    return [x - middleX + width / 2, y - middleY + height / 2];
  };
  const placeOf = (x: number, y: number): [number, number] =>
    unproject([x + middleX - width / 2, y + middleY - height / 2], view.zoom);

  const zoomTo = (zoom: number, x = width / 2, y = height / 2) =>
    setView((now) => {
      const to = Math.max(2, Math.min(18, zoom));
      const [cx, cy] = project(now.centre, now.zoom);
      const at = unproject([cx + x - width / 2, cy + y - height / 2], now.zoom);
      const [px, py] = project(at, to);
      return { centre: unproject([px - x + width / 2, py - y + height / 2], to), zoom: to };
    });

  useImperativeHandle(handle, () => ({
    zoom: (by) => zoomTo(view.zoom + by),
    fit: (points) => {
      const box = boxOf(points);
      const svg = element.current;
      if (box && svg) setView(viewOf(box, svg.clientWidth, svg.clientHeight));
    },
    see: (at) => {
      const [x, y] = place(at);
      if (x < 30 || y < 30 || x > width - 30 || y > height - 30) setView({ ...view, centre: at });
    },
  }));

  const wheel = useRef(zoomTo);
  wheel.current = zoomTo;
  const zoom = useRef(view.zoom);
  zoom.current = view.zoom;
  useEffect(() => {
    const svg = element.current;
    if (!svg) return undefined;
    const turn = (event: WheelEvent) => {
      if (still && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      wheel.current(zoom.current - event.deltaY / 300, event.offsetX, event.offsetY);
    };
    svg.addEventListener("wheel", turn, { passive: false });
    return () => svg.removeEventListener("wheel", turn);
  }, [still]);

  const down = (event: PointerEvent) => {
    held.current = { x: event.clientX, y: event.clientY, moved: false };
  };
  const move = (event: PointerEvent) => {
    const now = held.current;
    if (!now) return;
    const [dx, dy] = [event.clientX - now.x, event.clientY - now.y];
    if (!now.moved && Math.hypot(dx, dy) < 4) return;
    if (!now.moved) element.current?.setPointerCapture(event.pointerId);
    held.current = { x: event.clientX, y: event.clientY, moved: true };
    onPoint(null);
    setView((was) => {
      const [x, y] = project(was.centre, was.zoom);
      return { ...was, centre: unproject([x - dx, y - dy], was.zoom) };
    });
  };
  const up = (event: PointerEvent) => {
    if (held.current && !held.current.moved) {
      const id = (event.target as Element).closest("[data-pin]")?.getAttribute("data-pin") ?? null;
      onSelect(id);
    }
    held.current = null;
  };

  const [west, north] = placeOf(0, 0);
  const [east, south] = placeOf(width, height);
  const sight: Box = [west, south, east, north];
  const path = (line: Line) =>
    meets(line.box, sight)
      ? `M${line.points
          .map((one) =>
            place(one)
              .map((n) => n.toFixed(1))
              .join(),
          )
          .join("L")}`
      : "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: they lie where the view puts them
  const under = useMemo(
    () =>
      ground && {
        land: ground.land.map(path).join(""),
        counties: view.zoom >= 5 ? ground.counties.map(path).join("") : "",
        states: ground.states.map(path).join(""),
        towns: clear(
          townsIn(ground, sight, view.zoom).map((one) => {
            const [x, y] = place(one.at);
            return { x, y, ...pictureOf({ kind: "town", text: one.name, rank: one.rank }), name: one.name };
          }),
        ),
      },
    [ground, view, width, height, props.theme],
  );
  const spot = spots(scene.pins);
  const chosenLast = <T extends { id: string }>(all: T[]): T[] =>
    [...all].sort((one, other) => Number(one.id === selected) - Number(other.id === selected));
  const sign = (id: string, at: Lonlat, look: Look, by: readonly [number, number], title: string) => {
    const [x, y] = place(at);
    const { href, width: wide, height: high } = pictureOf(look);
    return (
      <image
        key={id}
        data-pin={id}
        data-title={title}
        className="cursor-pointer"
        href={href}
        x={x + by[0] - wide / 2}
        y={y + by[1] - high / 2}
        width={wide}
        height={high}
        onPointerEnter={() => onPoint({ id, x: x + by[0], y: y + by[1] })}
        onPointerLeave={() => onPoint(null)}
      />
    );
  };

  return (
    <svg
      ref={element}
      aria-hidden
      data-ground="plain"
      className="absolute inset-0 size-full touch-none select-none bg-(--map-sea)"
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={() => {
        held.current = null;
      }}
    >
      {under && (
        <>
          <path d={under.land} className="fill-(--map-land)" />
          <path d={under.counties} className="fill-none stroke-(--map-line)" strokeDasharray="3 2" />
          <path d={under.states} className="fill-none stroke-(--map-border)" strokeWidth={1.5} />
          {under.towns.map((one) => (
            <image
              key={`${one.name} ${one.x}`}
              href={one.href}
              x={one.x - one.width / 2}
              y={one.y - one.height / 2}
              width={one.width}
              height={one.height}
            />
          ))}
        </>
      )}
      {scene.routes.map((one) => (
        <polyline
          key={one.id}
          points={one.points.map((at) => place(at).join()).join(" ")}
          className="fill-none"
          stroke={one.colour}
          strokeWidth={2.5}
          strokeLinejoin="round"
        />
      ))}
      {chosenLast(scene.pins).map(({ id, at, title, ...look }) =>
        sign(id, at, { kind: "stop", ...look, chosen: id === selected }, offsetOf(spot.get(id) ?? 0), title),
      )}
      {chosenLast(scene.movers).map(({ id, at, title, ...look }) =>
        sign(id, at, { kind: "mover", ...look, chosen: id === selected }, [0, 0], title),
      )}
    </svg>
  );
}

/** Those that do not lie over one before them. */
function clear<T extends { x: number; y: number; width: number; height: number }>(all: T[]): T[] {
  const kept: T[] = [];
  for (const one of all) {
    const free = kept.every(
      (other) =>
        Math.abs(one.x - other.x) > (one.width + other.width) / 2 + 6 ||
        Math.abs(one.y - other.y) > (one.height + other.height) / 2 + 4,
    );
    if (free) kept.push(one);
  }
  return kept;
}
