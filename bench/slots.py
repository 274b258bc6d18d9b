"""`python -m bench.slots`: finding a slot among 100 people on 14 days, in CPU milliseconds of one core.

*Warm* is a question to tables that are there; *changed* is one visit more on a board, and the tables made
anew from what they were; *cold* is all tables from people's days and what stands on them. The same is asked in
every round, and rounds come over a minute or so: a question costs the least that it ever did, for whoever else is
on the machine can only add to it. What is left between p50 and p95 is what one question asks more than another.
Beside it stands the p95 of all as they came. Then the endpoint is asked the same over HTTP
(`bench.slot_endpoint`). Ends with 1 above a ceiling.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from random import Random

from app.core.geo import Point
from app.scheduling import timeline
from app.scheduling.capacity import Cell, Taken, cells
from app.scheduling.distances import Estimated
from app.scheduling.lanes import Standing
from app.scheduling.model import (
    HOUR,
    MINUTE,
    ONE_DAY,
    Break,
    Interval,
    Place,
    Resource,
    Task,
    Weights,
)
from app.scheduling.slots import search
from app.scheduling.table_days import changed, tables
from app.scheduling.table_search import search_tables
from app.scheduling.table_windows import Held, Windows
from app.scheduling.tables import GAPS, Stood, Table, as_lane, together
from bench import slot_endpoint

PEOPLE, DAYS, VISITS = 100, 14, 6
MONDAY = date(2031, 3, 3)
ROUNDS, QUESTIONS, BUILDS, PLAIN = 60, 100, 21, 21
APART = 1.0
"""Seconds between rounds."""


@dataclass(frozen=True)
class Figure:
    """What was measured, in milliseconds of CPU, and how much it may be."""

    name: str
    p50: float
    p95: float
    came: float
    """The p95 of all askings, disturbed or not."""
    bar: float | None = None
    """At the 95th of a hundred."""

    @property
    def holds(self) -> bool:
        return self.bar is None or self.p95 <= self.bar


def of_times(name: str, rounds: Sequence[Sequence[float]], bar: float | None = None) -> Figure:
    """Of rounds that ask the same in the same order."""
    least = [min(one) for one in zip(*rounds, strict=True)]
    every = [one for each in rounds for one in each]
    return Figure(name, statistics.median(least), p95(least), p95(every), bar)


def p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


@dataclass(frozen=True)
class Board:
    """Who works when, what they do, which windows are sold, and how much of them."""

    days: Sequence[Sequence[Stood]]
    windows: Sequence[Interval]
    cells: Sequence[Cell]


def somewhere(pick: Random, key: str, around: Place | None = None) -> Place:
    """In a town fifty kilometres wide, or in somebody's part of it, a third as wide."""
    north, east, wide = (41.85, -87.85, 0.25)
    if around is not None:
        north, east, wide = (*around.point, 0.08)
    spot = Point(pick.uniform(north - wide, north + wide), pick.uniform(east - wide, east + wide))
    return Place(key, spot, f"{key} Street")


def a_board(pick: Random) -> Board:
    """Two weeks: a shift of nine hours with a floating lunch, six visits in an order that can be kept."""
    drives = Estimated()
    homes = [somewhere(pick, f"home {n}") for n in range(PEOPLE)]
    skills = [{"gas": pick.randint(1, 3)} if n % 3 else {} for n in range(PEOPLE)]
    days, windows, taken = [], [], []
    for number in range(DAYS):
        midnight = number * ONE_DAY
        windows += [
            Interval(midnight + at * HOUR, midnight + (at + 2) * HOUR) for at in (8, 10, 12, 14)
        ]
        day = []
        for n in range(PEOPLE):
            who = Resource(
                f"{n:03}/{number}", f"{n:03}", MONDAY + timedelta(number), homes[n], homes[n],
                Interval(midnight + 8 * HOUR, midnight + 17 * HOUR),
                pause=Break(30 * MINUTE, midnight + 11 * HOUR, midnight + 13 * HOUR),
                skills=skills[n],
            )  # fmt: skip
            row = visits(pick, who, drives)
            taken += [Taken(at, at + task.duration, who.id) for task, at in row]
            day.append(Stood(who, tuple(Standing(task, at) for task, at in row)))
        days.append(day)
    people = [one.resource for day in days for one in day]
    return Board(days, windows, cells(windows, people, taken, now=-ONE_DAY))


def visits(pick: Random, who: Resource, drives: Estimated) -> list[tuple[Task, int]]:
    """Six, or as many of them as find room."""
    order: list[Task] = []
    for number in range(VISITS):
        key = f"{who.id}/{number}"
        task = Task(key, somewhere(pick, key, who.start), pick.choice((30, 45, 60, 75)) * MINUTE)
        at = pick.randint(0, len(order))
        tried = [*order[:at], task, *order[at:]]
        if timeline.of(who, tried, drives).feasible:
            order = tried
    starts = {one.task: one.start for one in timeline.of(who, order, drives).stops() or ()}
    return [(task, starts[task.id]) for task in order]


def questions(pick: Random, count: int) -> list[Task]:
    """Calls: anywhere in town, of an hour or so, half of them for whoever knows gas."""
    return [
        Task(
            "new",
            somewhere(pick, f"caller {n}"),
            pick.choice((30, 60, 60, 90, 120)) * MINUTE,
            skills={"gas": pick.randint(1, 2)} if n % 2 else {},
        )
        for n in range(count)
    ]


def timed(what: Callable[[], object]) -> float:
    """Milliseconds of CPU."""
    before = time.thread_time_ns()
    what()
    return (time.thread_time_ns() - before) / 1e6


def cold(board: Board) -> list[Table]:
    return tables(board.days, Estimated())


def fuller(board: Stood) -> Stood:
    """The same day with one visit more, at its end."""
    at = board.resource.shift.end - HOUR
    more = Task("more", somewhere(Random(at), "more"), HOUR)  # noqa: S311 -- no secret
    return Stood(board.resource, (*board.standing, Standing(more, at)))


def of_tables() -> list[Figure]:
    """What the planner's tables cost, on one board."""
    pick = Random(1)  # noqa: S311 -- the same board in every run
    board, weights = a_board(pick), Weights()
    days = cold(board)
    whole = together(days)
    lanes = [as_lane(one, Estimated()) for one in whole.boards]
    print(
        f"{PEOPLE} people, {DAYS} days, {sum(len(one.standing) for one in whole.boards):,} visits,"
        f" {int(whole.lanes[GAPS].sum()):,} gaps, {len(board.windows)} windows"
    )
    calls = questions(pick, QUESTIONS)
    windows, held = Windows(board.windows), Held(board.cells)  # as a picture keeps them
    new = fuller(board.days[3][7])

    def ask(task: Task) -> object:
        return search_tables(whole, task, windows, weights, cells=held)

    def ask_plainly(task: Task) -> object:
        return search(task, lanes, board.windows, weights, cells=board.cells)

    def change() -> object:
        one = changed(days[3], {new.resource.id: new})
        return together([*days[:3], one, *days[4:]])

    for task in calls:
        ask(task)
    warm, renewed, built = [], [], []
    for _ in range(ROUNDS):
        warm.append([timed(partial(ask, one)) for one in calls])
        renewed.append([timed(change) for _ in range(BUILDS)])
        built.append([timed(lambda: together(cold(board))) for _ in range(BUILDS)])
        time.sleep(APART)
    plain = [timed(partial(ask_plainly, one)) for one in calls[:PLAIN]]
    return [
        of_times("warm, a question", warm, 1.0),
        of_times("changed, one board", renewed),
        of_times("cold, all tables", built, 8.0),
        of_times("plain search, the same answer", [plain]),
    ]


async def of_endpoint() -> list[Figure]:
    """What the answers to the same questions cost over HTTP."""
    pick = Random(1)  # noqa: S311 -- the same board in every run
    days = a_board(pick).days
    asked = await slot_endpoint.measured(days, questions(pick, slot_endpoint.QUESTIONS))
    return [
        of_times("endpoint, a question", asked.warm, 20.0),
        of_times("endpoint, the first after a write", [asked.after]),
        of_times("endpoint, the very first", [[asked.afresh] * 2]),
    ]


def shown(found: Sequence[Figure]) -> bool:
    """Print them; whether every bar holds."""
    print(f"\n{'slots':36}{'p50 ms':>9}{'p95 ms':>9}{'bar':>7}{'as it came':>12}")
    for one in found:
        bar = "" if one.bar is None else f"{one.bar:.0f}"
        verdict = "" if one.holds else "ABOVE THE CEILING"
        print(f"{one.name:36}{one.p50:9.2f}{one.p95:9.2f}{bar:>7}{one.came:12.2f}  {verdict}")
    print("CPU of one core, the least of each question; PostgreSQL's is counted in\n")
    return all(one.holds for one in found)


def main() -> int:
    return 0 if shown([*of_tables(), *asyncio.run(of_endpoint())]) else 1


if __name__ == "__main__":
    sys.exit(main())
