/** A time is held from the board: it stands on its lane at once, and can be taken back. */

import type { Sought } from "@/holds/holds";
import NewHold from "@/holds/NewHold";
import { when, wrote } from "./held";

interface Props {
  whose: string;
  sought: Sought;
  onClose: () => void;
}

export default function HoldTime({ whose, sought, onClose }: Props) {
  return (
    <NewHold
      whose={whose}
      sought={sought}
      chosen={null}
      onHeld={({ data, requestId }) =>
        wrote(data, requestId, `Held for ${whose}: ${when(data)}, ${data.technicians[0]?.name ?? ""}.`)
      }
      onClose={onClose}
    />
  );
}
