/** The map as WebGL draws it: fetched when a map is first opened, and not with the office. */

import type * as GeoJSON from "geojson";
import * as maplibre from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import { useEffect, useImperativeHandle, useRef } from "react";
import { bordersOf, isNamed, styleOf } from "./basemap";
import type { GroundProps } from "./face";
import { type Ground, townsIn } from "./ground";
import { DENSITY, type Look, lookOf, nameOf, paint, tokens } from "./paint";
import { AROUND, boxOf, type Scene, spots, viewOf } from "./shapes";

maplibre.setWorkerUrl(workerUrl);

const OFFSET: maplibre.ExpressionSpecification = [
  "match",
  ["get", "spot"],
  ...AROUND.flatMap((at, n) => [n + 1, ["literal", [...at]]]),
  ["literal", [0, 0]],
] as unknown as maplibre.ExpressionSpecification;

type Features = GeoJSON.FeatureCollection;
const collection = (features: GeoJSON.Feature[]): Features => ({ type: "FeatureCollection", features });
const point = (at: readonly [number, number], properties: object): GeoJSON.Feature => ({
  type: "Feature",
  properties: { ...properties },
  geometry: { type: "Point", coordinates: [...at] },
});

function pinsOf(pins: Scene["pins"], selected: string | null): Features {
  const spot = spots(pins);
  return collection(
    pins.map(({ id, at, title: _, ...look }, n) => {
      const chosen = id === selected;
      return point(at, {
        id,
        icon: nameOf({ kind: "stop", ...look, chosen }),
        spot: spot.get(id) ?? 0,
        order: chosen ? pins.length : n,
      });
    }),
  );
}

function moversOf(movers: Scene["movers"], selected: string | null): Features {
  return collection(
    movers.map(({ id, at, title: _, ...look }) => {
      const chosen = id === selected;
      return point(at, { id, icon: nameOf({ kind: "mover", ...look, chosen }), order: chosen ? 1 : 0 });
    }),
  );
}

const routesOf = (routes: Scene["routes"]): Features =>
  collection(
    routes.map(({ colour, points }) => ({
      type: "Feature",
      properties: { colour },
      geometry: { type: "LineString", coordinates: points.map((one) => [...one]) },
    })),
  );

/** Puts what is ours above whatever lies under it. */
function furnish(map: maplibre.Map): void {
  const empty = { type: "geojson" as const, data: collection([]) };
  const icons = { "icon-image": ["get", "icon"] as maplibre.ExpressionSpecification };
  for (const name of ["towns", "routes", "pins", "movers"]) map.addSource(name, empty);
  map.addLayer({
    id: "towns",
    type: "symbol",
    source: "towns",
    layout: { ...icons, "symbol-sort-key": ["get", "rank"], "icon-padding": 6 },
  });
  const line = { "line-join": "round", "line-cap": "round" } as const;
  map.addLayer({
    id: "routes-under",
    type: "line",
    source: "routes",
    layout: line,
    paint: { "line-color": tokens()("surface"), "line-width": 5, "line-opacity": 0.7 },
  });
  map.addLayer({
    id: "routes",
    type: "line",
    source: "routes",
    layout: line,
    paint: { "line-color": ["get", "colour"], "line-width": 2.5 },
  });
  const always = {
    ...icons,
    "icon-allow-overlap": true,
    "icon-ignore-placement": true,
    "symbol-sort-key": ["get", "order"] as maplibre.ExpressionSpecification,
  };
  map.addLayer({ id: "pins", type: "symbol", source: "pins", layout: { ...always, "icon-offset": OFFSET } });
  map.addLayer({
    id: "movers",
    type: "symbol",
    source: "movers",
    // the drop's point, at 46 of 92, is its middle
    layout: always,
  });
}

function put(map: maplibre.Map, name: string, data: Features): void {
  map.getSource<maplibre.GeoJSONSource>(name)?.setData(data);
}

export default function Gl(props: GroundProps) {
  const element = useRef<HTMLDivElement>(null);
  const made = useRef<maplibre.Map>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { selected, ground, basemap, theme, handle } = props;
  const { pins, movers, routes } = props.scene;

  useImperativeHandle(handle, () => ({
    zoom: (by) => void (by > 0 ? made.current?.zoomIn() : made.current?.zoomOut()),
    fit: (points) => show(made.current, boxOf(points)),
    see: (at) => see(made.current, at),
  }));

  // the map itself, once
  useEffect(() => {
    const { handle: _, ...now } = latest.current;
    const box = element.current;
    if (!box) return undefined;
    let map: maplibre.Map;
    try {
      map = new maplibre.Map({
        container: box,
        style: bordersOf(now.ground),
        center: [...now.start.centre],
        zoom: now.start.zoom,
        attributionControl: now.basemap ? { compact: true } : false,
        dragRotate: false,
        pitchWithRotate: false,
        touchPitch: false,
        maxZoom: 18,
        fadeDuration: 0,
        cooperativeGestures: now.still ?? false,
        keyboard: false,
      });
    } catch {
      now.failed();
      return undefined;
    }
    made.current = map;
    map.touchZoomRotate.disableRotation();
    map.setMissingStyleImageResolver((id) => {
      const look: Look | null = lookOf(id);
      if (!look || map.hasImage(id)) return;
      const canvas = paint(look);
      const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
      map.addImage(id, pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: DENSITY });
    });
    map.on("webglcontextlost", () => latest.current.failed());
    map.on("error", ({ error }) => latest.current.wrong(new Error(error.message)));
    const near = (at: maplibre.Point, by: number) =>
      map.getLayer("pins")
        ? map.queryRenderedFeatures(
            [
              [at.x - by, at.y - by],
              [at.x + by, at.y + by],
            ],
            { layers: ["movers", "pins"] },
          )[0]?.properties.id
        : undefined;
    map.on("click", ({ point: at }) => latest.current.onSelect((near(at, 3) as string | undefined) ?? null));
    map.on("mousemove", ({ point: at }) => {
      const id = near(at, 1) as string | undefined;
      map.getCanvas().style.cursor = id ? "pointer" : "";
      latest.current.onPoint(id ? { id, x: at.x, y: at.y } : null);
    });
    map.on("mouseout", () => latest.current.onPoint(null));
    const moved = () => {
      const centre = map.getCenter();
      latest.current.onView({ centre: [centre.lng, centre.lat], zoom: map.getZoom() });
      label(map, latest.current.ground, isNamed(latest.current.basemap));
    };
    map.on("moveend", moved);
    map.on("movestart", () => latest.current.onPoint(null));
    map.on("idle", () => latest.current.drawn());
    // the list beside it is for those who do not see it, and for the keyboard
    const canvas = map.getCanvas();
    for (const name of ["tabindex", "role", "aria-label"]) canvas.removeAttribute(name);
    canvas.setAttribute("aria-hidden", "true");
    return () => {
      made.current = undefined;
      map.remove();
    };
  }, []);

  // what lies under it: again when the theme changes, or its setting is known
  useEffect(() => {
    const map = made.current;
    if (!map) return undefined;
    let over = false;
    const lay = (style: maplibre.StyleSpecification) => {
      if (over) return;
      map.setStyle(style, { diff: false });
      map.once("style.load", () => {
        if (over) return;
        furnish(map);
        fill(map, latest.current);
        label(map, latest.current.ground, isNamed(latest.current.basemap));
      });
    };
    void styleOf(basemap, theme === "dark").then(
      (style) => lay(style ?? bordersOf(ground)),
      (error) => {
        if (over) return;
        latest.current.wrong(error as Error);
        lay(bordersOf(ground));
      },
    );
    return () => {
      over = true;
    };
  }, [ground, basemap, theme]);

  useEffect(() => {
    if (made.current) put(made.current, "pins", pinsOf(pins, selected));
  }, [pins, selected]);
  useEffect(() => {
    if (made.current) put(made.current, "movers", moversOf(movers, selected));
  }, [movers, selected]);
  useEffect(() => {
    if (made.current) put(made.current, "routes", routesOf(routes));
  }, [routes]);

  return <div ref={element} className="absolute! inset-0" data-ground="webgl" />;
}

function fill(map: maplibre.Map, { scene, selected }: GroundProps): void {
  put(map, "pins", pinsOf(scene.pins, selected));
  put(map, "movers", moversOf(scene.movers, selected));
  put(map, "routes", routesOf(scene.routes));
}

function label(map: maplibre.Map, ground: Ground | undefined, named: boolean): void {
  if (!ground || named) return;
  const bounds = map.getBounds();
  const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()] as const;
  const towns = townsIn(ground, box, map.getZoom());
  put(
    map,
    "towns",
    collection(
      towns.map((one) =>
        point(one.at, { rank: one.rank, icon: nameOf({ kind: "town", text: one.name, rank: one.rank }) }),
      ),
    ),
  );
}

function show(map: maplibre.Map | undefined, box: ReturnType<typeof boxOf>): void {
  if (!map || !box) return;
  const { clientWidth, clientHeight } = map.getContainer();
  const { centre, zoom } = viewOf(box, clientWidth, clientHeight);
  map.jumpTo({ center: [...centre], zoom });
}

/** Brings a place into sight, if it is not. */
function see(map: maplibre.Map | undefined, at: readonly [number, number]): void {
  if (!map) return;
  const { x, y } = map.project([...at]);
  const { clientWidth, clientHeight } = map.getContainer();
  const inside = x > 30 && y > 30 && x < clientWidth - 30 && y < clientHeight - 30;
  if (!inside) map.easeTo({ center: [...at], duration: 250 });
}
