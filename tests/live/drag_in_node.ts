/** Drags reckoned by `web/src/board/consequence.ts` in Node, for `tests/live/test_drags.py`: boards and drops
 * on standard input, what would come of each on standard output. */

import { readFileSync } from "node:fs";

import type { Consequence, Drop } from "../../web/src/board/consequence.ts";
import { Drag } from "../../web/src/board/consequence.ts";
import type { Board, Cell, Table } from "../../web/src/board/shapes.ts";

interface Case {
  board: number;
  drop: Omit<Drop, "visit"> & { visit_id: string };
}

const { boards, cases } = JSON.parse(readFileSync(0, "utf8")) as {
  boards: { board: Board; table: Table; tray: Cell[] }[];
  cases: Case[];
};
const drags = boards.map(({ board, table }) => new Drag(board, table));

function reckoned({ board, drop }: Case): Consequence | null {
  const at = boards[board];
  const visit = [...(at?.board.visits ?? []), ...(at?.tray ?? [])].find((one) => one.id === drop.visit_id);
  if (visit === undefined) throw new Error(`no visit ${drop.visit_id}`);
  return drags[board]?.over({ ...drop, visit }) ?? null;
}

console.log(JSON.stringify(cases.map(reckoned)));
