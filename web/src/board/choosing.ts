/** Choosing a visit from elsewhere than its block: it comes into sight and is opened. */

import { show } from "./keyboard";
import { lanesOf, UNASSIGNED } from "./picture";
import { useBoard } from "./store";

/** Null: none is open any more. One that this board does not show is not opened. */
export function choose(visit: string | null): void {
  const { picture } = useBoard.getState();
  if (visit === null) useBoard.setState({ open: null });
  if (visit === null || !picture?.cells[visit]) return;
  const place = { id: visit, lane: lanesOf(picture, new Set([visit]))[0] ?? UNASSIGNED };
  show(place);
  // once its row is drawn
  requestAnimationFrame(() => useBoard.setState({ open: visit, focus: place }));
}
