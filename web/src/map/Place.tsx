/** A small map on a record's page: where it is. In words beside it stands the address; this is for the eye. */

import { Pane } from "@/ui/Page";
import { LiveMap } from "./LiveMap";
import type { Mover, Pin, Scene } from "./shapes";

export interface Placed {
  id: string;
  latitude: number | null;
  longitude: number | null;
  /** What it is, for the one who points at it. */
  title: string;
  /** In the pin. */
  text?: string;
}

const pinOf = (one: Placed): Pin[] =>
  one.latitude === null || one.longitude === null
    ? []
    : [
        {
          id: one.id,
          at: [one.longitude, one.latitude],
          text: one.text ?? null,
          mark: "planned",
          colour: "#1f5fd6",
          alert: false,
          title: one.title,
        },
      ];

/** Sites, or somebody who was seen; nothing where none of them has a place. */
export default function Place({
  title = "On the map",
  sites = [],
  movers = [],
  onSelect,
}: {
  title?: string;
  sites?: readonly Placed[];
  movers?: Mover[];
  onSelect?: (id: string) => void;
}) {
  const scene: Scene = { pins: sites.flatMap(pinOf), movers, routes: [] };
  if (scene.pins.length + movers.length === 0) return null;
  return (
    <Pane title={title}>
      <div className="-m-4 h-56 overflow-hidden rounded-b-lg">
        <LiveMap
          label={title}
          scene={scene}
          small
          fits={[...sites, ...movers].map((one) => one.id).join()}
          {...(onSelect ? { onSelect: (id: string | null) => id !== null && onSelect(id) } : {})}
        />
      </div>
    </Pane>
  );
}
