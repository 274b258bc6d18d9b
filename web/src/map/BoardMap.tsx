/** The map beside the board: what the board shows, where it is. What is chosen in one is chosen in the other. */

import { ExternalLink, X } from "lucide-react";
import { useState } from "react";
import { choose } from "@/board/choosing";
import { useBoard } from "@/board/store";
import { Button } from "@/ui/Button";
import { DayMap } from "./DayMap";
import { usePositions } from "./positions";

interface Props {
  today: string;
  /** Whether one may see where people are. */
  follows: boolean;
  onClose: () => void;
}

export default function BoardMap({ today, follows, onClose }: Props) {
  const picture = useBoard((shown) => shown.picture);
  const open = useBoard((shown) => shown.open);
  const positions = usePositions(follows);
  const [only, setOnly] = useState<string | null>(null);
  if (!picture) return null;
  const { date, as_of: past } = picture.meta;
  const address = `/map?${new URLSearchParams({ date, ...(open ? { visit: open } : {}) })}`;
  return (
    <aside aria-label="Map" className="board-map">
      <div className="flex items-center gap-1 border-line border-b px-2 py-1">
        <h2 className="mr-auto font-semibold">Map</h2>
        <Button look="plain" asChild>
          <a href={address} target="_blank" rel="noopener">
            <ExternalLink size={14} aria-hidden /> In a window
          </a>
        </Button>
        <Button look="plain" aria-label="Close the map" className="w-control px-0!" onClick={onClose}>
          <X size={15} aria-hidden />
        </Button>
      </div>
      <DayMap
        picture={picture}
        positions={positions}
        today={date === today && !past}
        follows={follows}
        selected={open}
        onSelect={choose}
        only={only}
        onOnly={setOnly}
        narrow
      />
    </aside>
  );
}
