"""A table made from timelines, board by board: of days on which something slides, or lies over something
else.
"""

from collections.abc import Sequence

from app.scheduling.distances import Drives, nodes
from app.scheduling.lanes import Lane
from app.scheduling.model import COMMUTE, Busy, Leg, Place, Resource
from app.scheduling.spans import NEVER, first, last
from app.scheduling.tables import (
    NO_BREAK,
    NO_TIME,
    ROW,
    Board,
    Table,
    as_lane,
    columns,
    ragged,
)


def by_timeline(boards: Sequence[Board], drives: Drives) -> Table:
    """Boards as rows, each as its timeline says."""
    numbers: dict[str, int] = {}
    places: list[Place] = []
    rows: list[tuple[int, ...]] = []
    lanes: list[tuple[int, ...]] = []
    stretches: list[tuple[int, int, int]] = []
    busy: list[tuple[int, ...]] = []
    pauses: list[tuple[int, ...]] = []

    def number(place: Place) -> int:
        found = numbers.setdefault(place.key, len(places))
        if found == len(places):
            places.append(place)
        return found

    for which, one in enumerate(boards):
        who, looked = one.resource, as_lane(one, drives)
        line = looked.line
        hours = hours_of(who, line.resource.busy)
        lanes.append((who.opens, who.shift.end, who.closes, who.on_call, len(line.places) - 1))
        stretches += ((which, low, high) for low, high in hours)
        knows = [number(place) for place in line.places]
        for gap in range(len(knows) - 1):
            rows += _gap(looked, which, gap, knows, hours, busy, pauses)
    return Table(
        boards=tuple(boards),
        drives=drives,
        nodes=nodes(places),
        rows=columns(rows, ROW),
        lanes=columns(lanes, 5),
        stretches=columns(stretches, 3),
        busy=ragged(busy, NO_TIME),
        pauses=ragged(pauses, NO_BREAK),
    )


def hours_of(who: Resource, busy: Sequence[Busy]) -> list[tuple[int, int]]:
    """The stretches of somebody's day beside what is busy."""
    found, low = [], who.opens
    for one in busy:
        found.append((low, min(one.start, who.shift.end)))
        low = max(low, one.end)
    found.append((low, who.shift.end))
    return [(low, high) for low, high in found if low < high]


def _gap(
    board: Lane,
    which: int,
    gap: int,
    knows: Sequence[int],
    hours: Sequence[tuple[int, int]],
    busy: list[tuple[int, ...]],
    pauses: list[tuple[int, ...]],
) -> list[tuple[int, ...]]:
    """A gap's rows, one in each stretch; what is busy in it is noted."""
    line = board.line
    who = line.resource
    begins, ends = gap == 0, gap == len(line.tasks)
    n, b = line.earliest[gap]
    if ends:
        ready_b = who.closes
        ready_n = last(line.pauses, NEVER)
    else:
        ready_n, ready_b = line.latest[gap]
    pause = who.pause.duration if who.pause is not None else 0
    rested = min(NEVER, first(line.pauses, n) + pause)
    low = min(n, b) - (COMMUTE if begins else 0)
    high = max(ready_n, ready_b) + (COMMUTE if ends else 0)
    early = begins and who.first_leg is Leg.outside and who.available_from is None
    late = ends and who.last_leg is Leg.outside
    met = any(one.start < high and low < one.end for one in who.busy)
    odd = -1
    found: list[tuple[int, ...]] = []
    for opens, closes in hours:
        room = min(high, closes) - max(low, opens)
        if room <= 0:
            continue
        if odd < 0 and (met or len(line.pauses) > 1):
            odd = len(busy)
            busy.append(tuple(at for one in who.busy for at in (one.start, one.end)))
            pauses.append(tuple(at for span in line.pauses for at in span))
        since, until = line.pauses[0] if line.pauses else (NEVER, -NEVER)
        found.append((
            n, b, rested, ready_n, ready_b, pause, since, until, opens, closes, early, late, odd,
            which, knows[gap], knows[gap + 1], gap, board.drives[gap], high - low, room,
        ))  # fmt: skip
    return found
