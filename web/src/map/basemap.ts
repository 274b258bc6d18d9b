/** What lies under the pins: what this installation is set to show, or our own borders and towns. Colours of our
 * own layers are the theme's. */

import type * as GeoJSON from "geojson";
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { Basemap } from "@/api/installation";
import type { Ground, Line } from "./ground";
import { tokens } from "./paint";

const feature = (geometry: GeoJSON.Geometry): GeoJSON.Feature => ({
  type: "Feature",
  properties: {},
  geometry,
});
const points = (line: Line): GeoJSON.Position[] => line.points.map(([lon, lat]) => [lon, lat]);
const lines = (all: Line[]): GeoJSON.Feature =>
  feature({ type: "MultiLineString", coordinates: all.map(points) });

const geojson = (data: GeoJSON.GeoJSON): SourceSpecification => ({ type: "geojson", data, maxzoom: 12 });

/** Borders alone; they stand under everything else, and where nothing else could be had. */
export function bordersOf(ground: Ground | undefined): StyleSpecification {
  const of = tokens();
  const style: StyleSpecification = {
    version: 8,
    sources: {},
    layers: [{ id: "sea", type: "background", paint: { "background-color": of("map-sea") } }],
  };
  if (!ground) return style;
  style.sources = {
    land: geojson(feature({ type: "MultiPolygon", coordinates: ground.land.map((one) => [points(one)]) })),
    counties: geojson(lines(ground.counties)),
    states: geojson(lines(ground.states)),
  };
  style.layers.push(
    { id: "land", type: "fill", source: "land", paint: { "fill-color": of("map-land") } },
    {
      id: "counties",
      type: "line",
      source: "counties",
      minzoom: 5,
      paint: { "line-color": of("map-line"), "line-width": 1, "line-dasharray": [3, 2] },
    },
    {
      id: "states",
      type: "line",
      source: "states",
      paint: { "line-color": of("map-border"), "line-width": 1.5 },
    },
  );
  return style;
}

/** What vector tiles of Protomaps' scheme hold, drawn in the theme's colours: the names of their layers. */
function vectorLayers(known: ReadonlySet<string>): LayerSpecification[] {
  const of = tokens();
  const fill = (id: string, colour: string): LayerSpecification => ({
    id,
    type: "fill",
    source: "basemap",
    "source-layer": id,
    paint: { "fill-color": of(colour) },
  });
  const all: LayerSpecification[] = [
    fill("earth", "map-land"),
    fill("water", "map-sea"),
    {
      id: "boundaries",
      type: "line",
      source: "basemap",
      "source-layer": "boundaries",
      paint: { "line-color": of("map-border"), "line-dasharray": [3, 2] },
    },
    {
      id: "roads",
      type: "line",
      source: "basemap",
      "source-layer": "roads",
      paint: {
        "line-color": of("map-line"),
        "line-width": [
          "interpolate",
          ["exponential", 1.6],
          ["zoom"],
          6,
          ["case", ["==", ["get", "kind"], "highway"], 1, 0.3],
          15,
          ["case", ["==", ["get", "kind"], "highway"], 9, 4],
        ],
      },
    },
  ];
  return all.filter((one) => "source-layer" in one && known.has(one["source-layer"] as string));
}

/** The style of what is set; null where our own borders are all there is. Raises what went wrong. */
export async function styleOf(basemap: Basemap | null, dark: boolean): Promise<StyleSpecification | null> {
  if (!basemap) return null;
  const url = new URL((dark && basemap.dark_url) || basemap.url, location.origin).href;
  const attribution = basemap.attribution ? { attribution: basemap.attribution } : {};
  if (basemap.kind === "style") {
    const reply = await fetch(url);
    if (!reply.ok) throw new Error(`The basemap's style could not be read (${reply.status}).`);
    return (await reply.json()) as StyleSpecification;
  }
  const style = bordersOf(undefined);
  if (basemap.kind === "raster") {
    const tiles = [decodeURI(url).replaceAll("%7B", "{").replaceAll("%7D", "}")];
    style.sources.basemap = { type: "raster", tiles, tileSize: 256, ...attribution };
    style.layers.push({ id: "basemap", type: "raster", source: "basemap" });
    return style;
  }
  const { archiveOf } = await import("./archive");
  const archive = await archiveOf(url);
  const source = { url: `pmtiles://${url}`, ...attribution };
  if (archive.raster) {
    style.sources.basemap = { type: "raster", tileSize: 256, ...source };
    style.layers.push({ id: "basemap", type: "raster", source: "basemap" });
  } else {
    style.sources.basemap = { type: "vector", ...source };
    style.layers.push(...vectorLayers(archive.layers));
  }
  return style;
}

/** Whether it brings the names of towns with it. */
export const isNamed = (basemap: Basemap | null): boolean =>
  basemap?.kind === "style" || basemap?.kind === "raster";
