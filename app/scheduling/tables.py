"""People's days as flat tables: one row for each gap between neighbours, so that all gaps of many days are
asked at once.

What is always true: a row says of its gap what the timeline says (`app.scheduling.timeline`): earliest
departures and latest times in both states of the break, and nothing is known here that is not known
there. A gap in which something is busy has a row for each stretch beside it, so that within a row one
asks only from when and until when. Tables never change: a changed board makes a new table, which takes
the rows of all others as they are. `app.scheduling.table_search` asks them.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

from app.scheduling.arrays import Ints, np
from app.scheduling.distances import Drives, Nodes, joined
from app.scheduling.lanes import Lane, Standing, lane
from app.scheduling.model import Resource
from app.scheduling.spans import NEVER
from app.scheduling.timeline import loads_of

# a gap's row
N, B, RESTED, READY_N, READY_B, PAUSE, FROM, UNTIL, OPENS, CLOSES, EARLY, LATE, ODD = range(13)
LANE, HERE, THERE, GAP, DRIVE, FREE, ROOM = range(13, 20)
TIMES, ROW = 13, 20
"""LANE and GAP say whose and which; HERE and THERE are the numbers of its two places; DRIVE is what is
driven now. FREE is the time between its neighbours, drives included, and ROOM what of it lies in this
stretch: no more fits. N, B are the earliest departures, RESTED that after a break taken first; READY_N
and READY_B when the place behind must be ready at the latest. PAUSE is the length of the break, which
begins between FROM and UNTIL; OPENS and CLOSES bound the work itself. EARLY and LATE are 1 where the drive
from home, or back, may lie outside of the shift. ODD: the number of what is busy here, or -1."""

# a board's column
STARTS, ENDS, CLOSED, ON_CALL, GAPS = range(5)
# a stretch of somebody's day in which they could work, were it free otherwise
OF, LOW, HIGH = range(3)

NO_TIME, NO_BREAK = (-NEVER, -NEVER), (NEVER, -NEVER)
"""What meets nothing; in which no break begins."""


class Board(Protocol):
    """Somebody's day and what stands on it: a `Lane`, or what becomes one."""

    @property
    def resource(self) -> Resource: ...
    @property
    def standing(self) -> tuple[Standing, ...]: ...


@dataclass(frozen=True, slots=True)
class Stood:
    """A day and what stands on it, not looked at yet."""

    resource: Resource
    standing: tuple[Standing, ...]


@dataclass(frozen=True)
class Table:
    """Boards as rows. Made by `app.scheduling.table_days`, and of several days by `together`."""

    boards: tuple[Board, ...]
    drives: Drives
    nodes: Nodes
    rows: Ints
    """A column for each gap, in the order of the boards."""
    lanes: Ints
    """A column for each board."""
    stretches: Ints
    busy: Ints
    """A column for each ODD: beginnings and ends, in turn, of what is busy."""
    pauses: Ints
    """A column for each ODD: the first and the last beginning, in turn, of stretches for the break."""
    parts: tuple["Table", ...] = ()
    """The days of which it was put together."""
    _kept: dict[Hashable, Ints] = field(default_factory=dict, repr=False, compare=False)

    def lane(self, number: int) -> Lane:
        """A board, ready to be asked by itself."""
        return as_lane(self.boards[number], self.drives)

    @property
    def bytes(self) -> int:
        """How much memory its rows take, without the boards."""
        columns = (self.rows, self.lanes, self.stretches, self.busy, self.pauses)
        return sum(one.nbytes for one in columns) + self.nodes.vectors.nbytes

    @property
    def gaps(self) -> int:
        """How many rows it has."""
        return int(self.rows.shape[1])

    @property
    def numbered(self) -> "Numbered":
        """Its rows and stretches, whatever their numbers begin with."""
        return Numbered(self.rows, self.stretches, Numbers(0, 0, 0, 0, 0))

    @cached_property
    def days(self) -> Ints:
        """By day: its first row, the one behind its last, when its people begin, and when they are done."""
        found, row = [], 0
        for one in self.parts or (self,):
            begins = int(one.lanes[STARTS].min(initial=NEVER))
            ends = int(one.lanes[ENDS].max(initial=-NEVER))
            found.append((row, row + one.gaps, begins, ends))
            row += one.gaps
        return columns(found, 4)

    @cached_property
    def places(self) -> int:
        """The most gaps on a board."""
        return int(self.lanes[GAPS].max(initial=1))

    @cached_property
    def outside(self) -> tuple[bool, bool]:
        """Whether any drive from home, and any back, may lie outside of the shift."""
        return bool(self.rows[EARLY].any()), bool(self.rows[LATE].any())

    @cached_property
    def order(self) -> Ints:
        """In which order rows come among equals: by the ids of the boards, then by the gap."""
        ids = [one.resource.id for one in self.boards]
        ranks = np.empty(len(ids), np.int64)
        ranks[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
        found: Ints = ranks[self.rows[LANE]] * self.places + self.rows[GAP]
        return found

    @cached_property
    def technicians(self) -> Mapping[str, Sequence[int]]:
        """Whose boards are which."""
        found: dict[str, list[int]] = {}
        for number, one in enumerate(self.boards):
            found.setdefault(one.resource.technician, []).append(number)
        return found

    def boards_of(self, technicians: frozenset[str]) -> list[int]:
        """The numbers of some people's boards."""
        return [n for one in technicians for n in self.technicians.get(one, ())]

    def of_boards(self, name: Hashable, told: Callable[[Resource], int]) -> Ints:
        """A number for each board; asked once, kept under its name."""
        found = self._kept.get(name)
        if found is None:
            if self.parts:
                found = np.concatenate([one.of_boards(name, told) for one in self.parts])
            else:
                found = np.array([told(one.resource) for one in self.boards], np.int64)
            self._kept[name] = found
        return found

    def loads(self, unit: str) -> Ints:
        """Of each gap, what of a unit is aboard, how much more comes behind it, and how much there is
        room for."""
        found = self._kept.get(("loads", unit))
        if found is None:
            if self.parts:
                found = np.concatenate([one.loads(unit) for one in self.parts], axis=1)
            else:
                found = self._loads(unit)
            self._kept["loads", unit] = found
        return found

    def _loads(self, unit: str) -> Ints:
        found = np.zeros((3, self.rows.shape[1]), np.int64)
        aboard = []
        for one in self.boards:
            tasks = [each.task for each in one.standing]
            aboard.append(loads_of(tasks) if any(each.demand for each in tasks) else None)
        for row, (number, gap) in enumerate(self.rows[[LANE, GAP]].T.tolist()):
            gaps = aboard[number]
            if gaps is not None:
                found[:2, row] = gaps[gap].get(unit, (0, 0))
            found[2, row] = self.boards[number].resource.capacity.get(unit, 0)
        return found


class Numbers(NamedTuple):
    """Where in a table of many days one of them begins, or ends."""

    board: int
    node: int
    row: int
    stretch: int
    odd: int


class Numbered(NamedTuple):
    """Rows and stretches, with the numbers of which those in them begin."""

    rows: Ints
    stretches: Ints
    first: Numbers

    def boards(self) -> tuple[Ints, Ints]:
        """Whose the rows are, and the stretches."""
        return self.rows[LANE] - self.first.board, self.stretches[OF] - self.first.board


class Cut(Table):
    """A day of a table that was made of many: its rows stay where they are, and get numbers of their own
    when somebody asks for this day alone."""

    def __init__(self, block: Table, nodes: Nodes, low: Numbers, high: Numbers) -> None:
        given: dict[str, object] = {
            "block": block,
            "low": low,
            "high": high,
            "boards": block.boards[low.board : high.board],
            "drives": block.drives,
            "nodes": nodes,
            "lanes": block.lanes[:, low.board : high.board],
            "busy": block.busy[:, low.odd : high.odd],
            "pauses": block.pauses[:, low.odd : high.odd],
            "parts": (),
            "_kept": {},
        }
        self.__dict__.update(given)

    block: Table
    low: Numbers
    high: Numbers

    @property
    def gaps(self) -> int:
        return self.high.row - self.low.row

    @property
    def numbered(self) -> Numbered:
        low, high = self.low, self.high
        return Numbered(
            self.block.rows[:, low.row : high.row],
            self.block.stretches[:, low.stretch : high.stretch],
            low,
        )

    @cached_property
    def rows(self) -> Ints:
        rows = self.numbered.rows.copy()
        _renumber(rows, -self.low.board, -self.low.node, -self.low.odd)
        return rows

    @cached_property
    def stretches(self) -> Ints:
        stretches = self.numbered.stretches.copy()
        stretches[OF] -= self.low.board
        return stretches


def _renumber(rows: Ints, board: int, node: int, odd: int) -> None:
    """So much more for each number in them."""
    if board:
        rows[LANE] += board
    if node:
        rows[HERE : THERE + 1] += node
    if odd:
        rows[ODD][rows[ODD] >= 0] += odd


def as_lane(board: Board, drives: Drives) -> Lane:
    """A board, ready to be asked by itself."""
    if isinstance(board, Lane):
        return board
    return lane(board.resource, board.standing, drives)


def together(parts: Sequence[Table]) -> Table:
    """Several days as one table: of days that were made together, the one they were cut from."""
    first = parts[0]
    if not isinstance(first, Cut) or not _whole(first.block, parts):
        return _joined(parts, tuple(parts))
    block = first.block
    return Table(
        boards=block.boards,
        drives=block.drives,
        nodes=block.nodes,
        rows=block.rows,
        lanes=block.lanes,
        stretches=block.stretches,
        busy=block.busy,
        pauses=block.pauses,
        parts=tuple(parts),
    )


def _whole(block: Table, parts: Sequence[Table]) -> bool:
    """Whether these are all of its days, in order."""
    at = 0
    for one in parts:
        if not isinstance(one, Cut) or one.block is not block or one.low.node != at:
            return False
        at = one.high.node
    return at == len(block.nodes.places)


def beside(parts: Sequence[Table]) -> Table:
    """Boards of one day, from several tables of it."""
    return parts[0] if len(parts) == 1 else _joined(parts, ())


def without(table: Table, numbers: Sequence[int]) -> Table:
    """A day's table without some of its boards."""
    stay = np.ones(len(table.boards), np.bool_)
    stay[numbers] = False
    number = stay.cumsum() - 1
    numbered = table.numbered
    whose, of = numbered.boards()
    rows = numbered.rows[:, stay[whose]]
    _renumber(rows, 0, -numbered.first.node, -numbered.first.odd)
    rows[LANE] = number[whose[stay[whose]]]
    stretches = numbered.stretches[:, stay[of]]
    stretches[OF] = number[of[stay[of]]]
    return Table(
        boards=tuple(one for one, stays in zip(table.boards, stay.tolist(), strict=True) if stays),
        drives=table.drives,
        nodes=table.nodes,
        rows=rows,
        lanes=table.lanes[:, stay],
        stretches=stretches,
        busy=table.busy,
        pauses=table.pauses,
    )


def _joined(parts: Sequence[Table], days: tuple[Table, ...]) -> Table:
    numbered = [one.numbered for one in parts]
    rows = np.concatenate([one.rows for one in numbered], axis=1)
    stretches = np.concatenate([one.stretches for one in numbered], axis=1)
    same = all(one.nodes is parts[0].nodes for one in parts)
    row = stretch = board = node = odd = 0
    for one, (_, hours, first) in zip(parts, numbered, strict=True):
        here = rows[:, row : row + one.gaps]
        _renumber(here, board - first.board, (0 if same else node) - first.node, odd - first.odd)
        row += one.gaps
        stretches[OF, stretch : stretch + hours.shape[1]] += board - first.board
        stretch += hours.shape[1]
        board += len(one.boards)
        node += len(one.nodes.places)
        odd += one.busy.shape[1]
    return Table(
        boards=tuple(board for one in parts for board in one.boards),
        drives=parts[0].drives,
        nodes=parts[0].nodes if same else joined([one.nodes for one in parts]),
        rows=rows,
        lanes=np.concatenate([one.lanes for one in parts], axis=1),
        stretches=stretches,
        busy=_padded([one.busy for one in parts], NO_TIME),
        pauses=_padded([one.pauses for one in parts], NO_BREAK),
        parts=days,
    )


def columns(rows: Sequence[tuple[int, ...]], width: int) -> Ints:
    """Rows as columns."""
    return np.array(rows, np.int64).reshape(len(rows), width).T.copy()


def ragged(rows: Sequence[tuple[int, ...]], nothing: tuple[int, int]) -> Ints:
    """Rows of pairs as columns, those with fewer filled up with what never holds."""
    most = max((len(one) for one in rows), default=0) // 2 or 1
    return columns([one + nothing * (most - len(one) // 2) for one in rows], 2 * most)


def _padded(parts: Sequence[Ints], nothing: tuple[int, int]) -> Ints:
    most = max(len(one) for one in parts) // 2
    filled = []
    for one in parts:
        more = np.empty((2 * most - len(one), one.shape[1]), np.int64)
        more[::2], more[1::2] = nothing
        filled.append(np.concatenate((one, more)))
    return np.concatenate(filled, axis=1)
