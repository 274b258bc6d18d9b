/** What both kinds of map take and tell: one drawn by WebGL, one in plain SVG. */

import type { Ref } from "react";
import type { Basemap } from "@/api/installation";
import type { Ground } from "./ground";
import type { Lonlat, Scene, View } from "./shapes";

/** What can be done with a map from outside of it. */
export interface Handle {
  zoom: (by: 1 | -1) => void;
  /** Show all of these. */
  fit: (points: Lonlat[]) => void;
  /** Bring one into sight, if it is not. */
  see: (at: Lonlat) => void;
}

export interface Pointed {
  id: string;
  x: number;
  y: number;
}

export interface GroundProps {
  handle: Ref<Handle>;
  scene: Scene;
  selected: string | null;
  start: View;
  ground: Ground | undefined;
  basemap: Basemap | null;
  theme: "light" | "dark";
  /** Part of a page that scrolls: the wheel scrolls the page. */
  still?: boolean | undefined;
  onSelect: (id: string | null) => void;
  onPoint: (what: Pointed | null) => void;
  onView: (view: View) => void;
  /** All that is known is on the screen. */
  drawn: () => void;
  /** Something of the basemap could not be had. */
  wrong: (error: Error) => void;
  /** It cannot be drawn this way at all. */
  failed: () => void;
}
