/** A basemap in one file (PMTiles), read piece by piece. */

import * as maplibre from "maplibre-gl";
import { PMTiles, Protocol, TileType } from "pmtiles";

const protocol = new Protocol({ metadata: true });
let known = false;

/** What is in it. Raises what went wrong. */
export async function archiveOf(url: string): Promise<{ raster: boolean; layers: Set<string> }> {
  if (!known) maplibre.addProtocol("pmtiles", protocol.tile);
  known = true;
  const archive = new PMTiles(url);
  protocol.add(archive);
  const { tileType } = await archive.getHeader();
  if (tileType !== TileType.Mvt) return { raster: true, layers: new Set() };
  const told = (await archive.getMetadata()) as { vector_layers?: { id: string }[] };
  return { raster: false, layers: new Set(told.vector_layers?.map((one) => one.id)) };
}
