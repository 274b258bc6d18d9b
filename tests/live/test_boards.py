"""Two boards that are kept by events alone are the board that one would read (`docs/board.md`)."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg

from tests.support.database import Database
from tests.support.deep import times
from tests.support.field import VISITS, Job, a_job, technician, verb
from tests.support.journal import numbered
from tests.support.people import Company, found_company
from tests.support.picture import Picture, kept
from tests.support.server import Server

BOARD = "/api/v2/board"
HOUR = timedelta(hours=1)


@dataclass
class Board(Picture):
    """A board as a client keeps it: read once, then patched."""

    drawn: dict[str, Any] = field(default_factory=dict)
    patched: int = 0

    async def resync(self, topics: list[str]) -> None:
        await self.reading.wait()
        if any(topic.startswith("board:") for topic in topics):
            self.drawn = await self.person.got(BOARD, date=str(self.day))
            self.resyncs += 1

    async def event(self, event: dict[str, Any]) -> None:
        await self.reading.wait()
        self.heard.append(event)
        if event["entity"] != "visit" or not self.drawn:
            return
        id = event["id"]
        lanes = [
            lane["id"]
            for lane in self.drawn["lanes"]
            if any(id in day["visit_ids"] for day in lane["days"])
        ]
        asked = {"date": str(self.day), "ids": [id], "lanes": lanes}
        self.put(await self.person.got(f"{BOARD}/visits", **asked), {id})

    def put(self, patch: dict[str, Any], asked: set[str]) -> None:
        """As `docs/board.md` says."""
        new = {one["id"]: one for one in patch["visits"]}
        kept = [one for one in self.drawn["visits"] if one["id"] not in asked]
        self.drawn["visits"] = [*kept, *new.values()]
        for name in ("unassigned", "without_lane"):
            left = [one for one in self.drawn[name] if one not in asked]
            self.drawn[name] = [*left, *patch[name]]
        lanes = {one["id"]: one for one in patch["lanes"]}
        self.drawn["lanes"] = [lanes.get(one["id"], one) for one in self.drawn["lanes"]]
        self.patched += 1


def told(board: dict[str, Any]) -> dict[str, Any]:
    """What a board says, whatever order it came in."""
    visits = sorted(board["visits"], key=lambda one: one["id"])
    return {
        "visits": visits,
        "lanes": board["lanes"],
        "unassigned": sorted(board["unassigned"]),
        "without_lane": sorted(board["without_lane"]),
        "by_status": Counter(one["status"] for one in visits),
    }


@dataclass
class Hands:
    """Somebody who does this and that on a board; what is refused did not happen."""

    job: Job
    technicians: list[str]
    luck: random.Random
    visits: list[str] = field(default_factory=list)

    async def step(self) -> None:
        if len(self.visits) < 4 or self.luck.random() < 0.15:
            start = self.job.nine + self.luck.randrange(8) * HOUR
            window = {
                "window_start": start.isoformat(),
                "window_end": (start + 2 * HOUR).isoformat(),
            }
            made = await self.job.visit(**(window if self.luck.random() < 0.5 else {}))
            self.visits.append(made["id"])
            return
        visit = await self.job.dana.got(f"{VISITS}/{self.luck.choice(self.visits)}")
        act = self.luck.choices(
            ("schedule", "unschedule", "dispatch", "en-route", "arrive", "cancel"),
            (9, 2, 3, 1, 1, 1),
        )[0]
        if act == "schedule":
            who = self.luck.sample(self.technicians, self.luck.choice((1, 1, 2)))
            day = self.luck.choice((0, 0, 0, 24)) * HOUR
            start = self.job.nine + day + self.luck.randrange(16) * HOUR / 2
            await self.job.schedule(visit, *who, start=start)
        else:
            reason = {"reason": "Sold the house"} if act == "cancel" else {}
            await verb(self.job.dana, visit, act, **reason)


async def test_two_boards_patched_by_events_are_the_board_that_one_reads(
    database: Database, server: Server
) -> None:
    acme = await found_company(server, "boards")
    job = await a_job(acme)
    tom = await acme.person("manager")
    people = [await technician(acme, f"Number {n}") for n in range(3)]
    hands = Hands(job, people, random.Random(11))
    day = job.nine.date()
    async with (
        kept(job.dana, day, server.url, made=Board) as one,
        kept(tom, day, server.url, made=Board) as other,
    ):
        for _ in range(times(12, deep=400)):
            await hands.step()
            if hands.luck.random() < 0.5:  # else what follows comes while they still read
                await as_one_reads_it(database, acme, one, other)
        await as_one_reads_it(database, acme, one, other)
        assert min(one.patched, other.patched) > 5


async def as_one_reads_it(database: Database, company: Company, *boards: Board) -> None:
    """Once they have heard everything, they are the board that one reads, and were read whole once."""
    await numbered(database, company.id)
    admin = await asyncpg.connect(database.admin)
    seq = await admin.fetchval(
        "select max(seq) from system.journal_numbers where org_id = $1", company.id
    )
    await admin.close()
    for board in boards:
        await board.up_to(seq)
        fresh = await board.person.got(BOARD, date=str(board.day))
        assert told(board.drawn) == told(fresh)
        assert board.resyncs == 1
