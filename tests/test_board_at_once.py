"""Check G2: many dispatchers rearrange one board at random and at once.

Whatever they do: nobody is ever in two places, each visit's bookings are what its plan says, no reply
is an error of ours, and no deadlock is surfaced. A run is repeated by its seed.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from httpx2 import Response

from tests.support.database import Database
from tests.support.deep import times
from tests.support.field import VISITS, Job, a_job, technician, verb
from tests.support.people import Company, Person
from tests.support.server import Server, serving

SEED = 7
WRITERS = times(4, deep=20)
COMMANDS = times(12, deep=150)
"""Of each writer."""
HOURS = 9
EXPECTED = {200, 201, 404, 409, 412, 422, 503}
"""503: whoever waited for somebody's lock for five seconds is told to come back; nothing was done."""

OVERLAPS = """
    select count(*) from bookings a join bookings b
        on a.org_id = b.org_id and a.resource_id = b.resource_id and a.id < b.id
       and a.during && b.during
     where a.org_id = $1
"""
UNTRUE = """
    with planned as (
        select v.id, r.resource_id, tstzrange(v.planned_start, v.planned_end, '[)') as during
          from visits v join (
              select org_id, visit_id, technician_id as resource_id from assignments
               where status in ('offered', 'accepted')
              union all
              select org_id, visit_id, vehicle_id from visit_vehicles
          ) r on r.org_id = v.org_id and r.visit_id = v.id
         where v.org_id = $1 and v.status in ('tentative', 'scheduled', 'dispatched')
    ), booked as (
        select visit_id as id, resource_id, during from bookings where org_id = $1 and kind = 'visit'
    )
    select count(*) from ((table planned except table booked)
                          union all (table booked except table planned)) x
"""
"""Bookings that no plan says, and plans that nobody is booked for."""


@dataclass
class Board:
    """What writers share: who can be sent, with what, to which visits."""

    job: Job
    crew: list[str]
    vans: list[str]
    visits: list[str] = field(default_factory=list)

    def hour(self, random: Random) -> str:
        return (self.job.nine + timedelta(minutes=30 * random.randrange(2 * HOURS))).isoformat()

    def party(self, random: Random) -> dict[str, Any]:
        """One, two or three people, and perhaps a van."""
        return {
            "technician_ids": random.sample(self.crew, random.choice((1, 1, 2, 3))),
            "vehicle_ids": random.sample(self.vans, random.choice((0, 0, 1))),
        }


@pytest_asyncio.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Server]:
    """A server with a connection for each writer, so that they really meet in the database."""
    async with serving(database, pool_size=WRITERS + 4) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def admin(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The superuser, who looks behind the walls."""
    connection = await asyncpg.connect(database.admin)
    yield connection
    await connection.close()


async def a_board(company: Company) -> Board:
    """Four people, two vans and their visits on one day."""
    job = await a_job(company)
    crew = [await technician(company, name) for name in ("Ann", "Bo", "Cy", "Di")]
    owner = await company.person("owner")
    vans = [(await owner.made("/api/v2/vehicles", {"name": f"Van {n}"}))["id"] for n in (1, 2)]
    board = Board(job, crew, vans)
    order = await job.work.order()
    for n in range(times(8, deep=30)):
        made = await job.visit(work_order_id=order["id"], duration_minutes=120)
        board.visits.append(made["id"])
        start = job.nine + timedelta(hours=2 * (n % 4))
        await job.schedule(made, crew[n % 4], start=start)
    return board


Body = Callable[[Board, Random, Any], dict[str, Any]]
COMMANDS_OF: dict[str, Body] = {
    "schedule": lambda board, random, _: {**board.party(random), "start": board.hour(random)},
    "move": lambda board, random, _: {"start": board.hour(random)},
    "resize": lambda board, random, _: {"minutes": random.choice((30, 60, 90, 120))},
    "assign": lambda board, random, _: board.party(random),
    "swap": lambda board, random, other: {
        "with_id": other["id"],
        "with_version": other["version"],
        "what": random.choice(("times", "people", "both")),
    },
    "split": lambda board, random, _: {
        "minutes": random.choice((15, 30, 60)),
        **random.choice(({}, {"start": board.hour(random)})),
    },
    "unschedule": lambda board, random, _: {},
    "cancel": lambda board, random, _: {"reason": "They called"},
    "duplicate": lambda board, random, _: {},
    "lock": lambda board, random, _: {"lock": random.choice(("time", "resource", "both"))},
    "unlock": lambda board, random, _: {},
}
OFTEN = Counter(move=4, swap=8, assign=4, resize=4, schedule=8, split=1, unlock=4)
"""How much more often than the rest."""


async def rearrange(board: Board, who: Person, random: Random) -> Counter[Any]:
    """One writer's commands, each on what they saw a moment ago; how each was answered."""
    answered: Counter[Any] = Counter()
    for _ in range(COMMANDS):
        one, other = [await who.got(f"{VISITS}/{id}") for id in random.sample(board.visits, 2)]
        open_now = sorted({*one["allowed_transitions"], "duplicate"} & COMMANDS_OF.keys())
        [name] = random.choices(open_now, [1 + OFTEN[name] for name in open_now])
        reply: Response = await verb(who, one, name, **COMMANDS_OF[name](board, random, other))
        answered[name, reply.status_code, reply.json().get("code")] += 1
        made = [reply.json().get("id"), reply.json().get("followed_by_id")]
        new = [id for id in made if id and id not in board.visits]
        board.visits += new if reply.status_code in (200, 201) else []
        if reply.json().get("status") == "canceled":
            board.visits.remove(one["id"])
    return answered


@pytest.mark.timeout(times(120, deep=1800))
async def test_random_commands_of_many_leave_nobody_in_two_places(
    acme: Company, database: Database, admin: asyncpg.Connection
) -> None:
    board = await a_board(acme)
    deadlocks = "select deadlocks from pg_stat_database where datname = current_database()"
    before = await admin.fetchval(deadlocks)
    writers = [await acme.person("dispatcher", f"writer {n}") for n in range(WRITERS)]
    answers = await asyncio.gather(
        *(rearrange(board, who, Random(f"{SEED} {n}")) for n, who in enumerate(writers))
    )
    answered = sum(answers, Counter[Any]())
    by_status = Counter[Any]()
    for (_, status, _), count in answered.items():
        by_status[status] += count
    print(f"G2: {answered.total()} commands by {WRITERS}: {dict(by_status)}; {dict(answered)}")
    assert by_status.keys() <= EXPECTED, answered
    done = {name for name, status, _ in answered if status in (200, 201)}
    assert len(done) >= times(4, deep=len(COMMANDS_OF)), answered
    assert await admin.fetchval(OVERLAPS, acme.id) == 0
    assert await admin.fetchval(UNTRUE, acme.id) == 0
    met = await admin.fetchval(deadlocks) - before
    print(f"G2: {met} deadlocks met and done again")
