"""Booked times that change at once: neighbours change places, what meets is left and named."""

from collections import defaultdict
from itertools import pairwise
from random import Random

from app.scheduling.resettling import Shift, Taken, settle
from tests.support.deep import times


def test_neighbours_that_all_move_an_hour_move() -> None:
    day = [Shift(n, ("tess",), (n, n + 1), (n + 1, n + 2)) for n in range(8)]
    assert settle(day, []) == []


def test_who_would_meet_what_does_not_move_is_left_and_so_is_who_would_meet_them() -> None:
    first = Shift("first", ("tess",), (8, 9), (9, 10))
    second = Shift("second", ("tess", "ann"), (9, 10), (10, 11))
    left = settle([first, second], [Taken("meeting", "ann", (10, 12))])
    assert [(one.shift.key, one.resource, one.by) for one in left] == [
        ("second", "ann", "meeting"),
        ("first", "tess", "second"),
    ]


def test_whatever_moves_nobody_has_two_things_at_once() -> None:
    random = Random("settle")
    moved = stayed = 0
    for _ in range(times(200, deep=20_000)):
        shifts, rest = drawn(random)
        left = settle(shifts, rest)
        stays = {one.shift.key for one in left}
        standing = defaultdict(list)
        for one in rest:
            standing[one.resource].append((*one.span, one.key))
        for shift in shifts:
            for resource in shift.resources:
                span = shift.before if shift.key in stays else shift.after
                standing[resource].append((*span, shift.key))
        for taken in standing.values():
            assert all(one[1] <= other[0] for one, other in pairwise(sorted(taken)))
        for (
            one
        ) in left:  # it would meet what is named as it stands, or as it stood before it was left
            (by,) = {it.span for it in rest if it.key == one.by} or {
                it.before if it.key in stays else it.after for it in shifts if it.key == one.by
            }
            after = one.shift.after
            assert (after[0] < by[1] and by[0] < after[1]) or one.by in stays
        moved += len(shifts) - len(left)
        stayed += len(left)
    assert moved > 100
    assert stayed > 100


def drawn(random: Random) -> tuple[list[Shift], list[Taken]]:
    """A day of three people without overlaps, some of whose parts are to move."""
    free = dict.fromkeys(("ann", "bo", "cy"), 0)
    shifts: list[Shift] = []
    rest: list[Taken] = []
    for key in range(random.randrange(2, 14)):
        crew = tuple(random.sample(list(free), random.randrange(1, 4)))
        start = max(free[one] for one in crew) + random.choice((0, 0, 30, 90))
        end = start + random.choice((30, 60, 120))
        free.update(dict.fromkeys(crew, end))
        if by := random.choice((0, 0, 60, 60, -60, 30)):
            shifts.append(Shift(key, crew, (start, end), (start + by, end + by)))
        else:
            rest += [Taken(key, one, (start, end)) for one in crew]
    return shifts, rest
