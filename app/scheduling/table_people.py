"""Who may do a task, and what it costs that they do: of all boards of a table at once.

What is always true: the same as `rules.may` and `cost.assigning` say of each.
"""

from collections.abc import Sequence

from app.scheduling import tables as t
from app.scheduling.arrays import Bools, Ints, np
from app.scheduling.cost import leaving
from app.scheduling.model import EMERGENCY, Lock, Resource, Task, Weights
from app.scheduling.tables import Table


def may(table: Table, task: Task) -> Bools:
    """Who may do a task at all, whenever."""
    able = np.ones(len(table.boards), np.bool_)
    for code, level in task.skills.items():
        able &= _levels(table, code) >= level
    if task.territory is not None:
        able &= _covers(table, task.territory) > 0
    if task.priority > EMERGENCY:
        able &= table.lanes[t.ON_CALL] == 0
    if task.required:
        able &= _these(table, table.boards_of(task.required))
    if task.excluded:
        able[table.boards_of(task.excluded)] = False
    if task.lock in (Lock.resource, Lock.both) and task.current:
        able &= _these(table, _were(table, task))
    return able


def costs(table: Table, task: Task, weights: Weights) -> Ints | None:
    """What it costs that each does it; None: nothing, whoever does."""
    found = None
    if task.preferred:
        found = np.full(len(table.boards), weights.not_preferred, np.int64)
        found[table.boards_of(task.preferred)] = 0
    for code, level in task.skills.items():
        surplus = np.maximum(_levels(table, code) - level, 0) * weights.surplus_level
        found = surplus if found is None else found + surplus
    if task.current:
        days = [one.day.toordinal() for one in task.current]
        dates = table.of_boards("day", lambda one: one.day.toordinal())
        moves = np.where(
            np.isin(dates, days), leaving(task, True, weights), leaving(task, False, weights)
        )
        moves[_were(table, task)] = 0
        found = moves if found is None else found + moves
    return found


def lengths(table: Table, task: Task) -> list[tuple[int, Bools | None]]:
    """How long it takes, and whom; None is everybody."""
    own = {} if task.roles > 1 else task.duration_by_technician
    numbers = {who: of for who in own if (of := table.technicians.get(who))}
    if not numbers:
        return [(task.duration, None)]
    takes = np.full(len(table.boards), task.duration, np.int64)
    for who, of in numbers.items():
        takes[of] = own[who]
    return [(int(length), takes == length) for length in np.unique(takes)]


def _levels(table: Table, code: str) -> Ints:
    def level(one: Resource) -> int:
        return one.skills.get(code, 0)

    return table.of_boards(("skill", code), level)


def _covers(table: Table, territory: str) -> Ints:
    def covers(one: Resource) -> int:
        return not one.territories or territory in one.territories

    return table.of_boards(("territory", territory), covers)


def _were(table: Table, task: Task) -> list[int]:
    """The boards on which it stands now."""
    was = {(one.technician, one.day) for one in task.current}
    return [
        n
        for n in table.boards_of(frozenset(who for who, _ in was))
        if (table.boards[n].resource.technician, table.boards[n].resource.day) in was
    ]


def _these(table: Table, numbers: Sequence[int]) -> Bools:
    found = np.zeros(len(table.boards), np.bool_)
    found[numbers] = True
    return found
