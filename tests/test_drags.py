"""What a client reckons of a drag, from the board and its lane table, is what the server says of the drop."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest_asyncio

from app.core.ids import new_id
from tests.support import clocks
from tests.support.deep import times
from tests.support.drags import reckoned
from tests.support.field import PHOENIX, Job, a_job, did, needs, skill, technician
from tests.support.people import Company, Person, found_company
from tests.support.queries import counted
from tests.support.server import Server
from tests.test_board import BOARD, seen
from tests.test_holds import held
from tests.test_warnings import DAYS, shift

TABLE = f"{BOARD}/table"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SIX = datetime(2026, 11, 23, 6, tzinfo=PHOENIX)
NOT_TOLD = {"time_off_requested", "before_its_part"}
"""Warnings that nobody reckons (docs/board.md)."""
TOO_TIGHT = re.compile(
    "more for the drive|no room for the break|would set out .* before|would be back .* after"
)
"""Of drives and the floating break, of which a drag says when everybody would be where instead."""
BREAKS: tuple[list[dict[str, Any]], ...] = (
    [{"minutes": 45, "earliest": "11:30", "latest": "13:00"}],
    [{"start": "12:00", "minutes": 30}],
    [],
)


@dataclass
class Desk:
    """A day of three technicians, full of this and that."""

    jobs: list[Job]
    pick: Random
    hands: clocks.Hands
    people: list[str] = field(default_factory=list)
    visits: list[Any] = field(default_factory=list)
    sites: list[tuple[Job, Any]] = field(default_factory=list)

    @property
    def dana(self) -> Person:
        return self.jobs[0].dana

    async def fill(self) -> None:
        """Everything that a drag can meet."""
        owner = await self.jobs[0].company.person("owner")
        welding = await skill(self.jobs[0].company, "Welding")
        await needs(self.jobs[0].company, self.jobs[1], {"skill_id": welding, "level": 2})
        for number, breaks in enumerate(BREAKS):
            skills = ({"skill_id": welding, "level": number + 1},)
            who = await technician(self.jobs[0].company, f"Number {number}", skills=skills)
            spans = [
                {"weekday": day, "start": "08:00", "end": "17:00", "breaks": breaks} for day in DAYS
            ]
            await shift(self.jobs[0], who, spans=spans)
            path = f"/api/v2/technicians/{who}"
            base = dict(zip(("base_latitude", "base_longitude"), self.point(), strict=True))
            await owner.patched(path, (await owner.got(path))["version"], base)
            self.people.append(who)
        hours = [{"weekday": day, "opens": "08:00", "closes": "12:00"} for day in DAYS]
        for number in range(6):
            job = self.jobs[number % 3]
            place = dict(zip(("latitude", "longitude"), self.point(), strict=True))
            site = await self.dana.made(
                "/api/v2/sites",
                {
                    "customer_id": job.work.customer["id"],
                    "street": f"{number} Oak St",
                    "postal_code": "85001",
                    "access_hours": hours if number == 1 else [],
                    **place,
                },
            )
            self.sites.append((job, site))
        await self.meet(10, 11, self.people[0])
        await self.meet(14, 15, self.people[1], place="Supply house", **self.place())
        for _ in range(9):
            await self.visit()
        for job in self.jobs[:2]:
            self.visits.append(await job.visit(duration_minutes=45))
        await held(
            await self.jobs[0].company.person("manager"), self.jobs[2].work.customer, "hold-credit"
        )

    def point(self) -> tuple[float, float]:
        return (
            round(33.45 + self.pick.uniform(-0.2, 0.2), 6),
            round(-112.07 + self.pick.uniform(-0.2, 0.2), 6),
        )

    def place(self) -> dict[str, float]:
        return dict(zip(("latitude", "longitude"), self.point(), strict=True))

    async def meet(self, start: int, end: int, who: str, **more: Any) -> None:
        hours = {"starts_at": self.at(start).isoformat(), "ends_at": self.at(end).isoformat()}
        event = {"title": "Meeting", "technician_ids": [who], **hours, **more}
        await self.dana.made("/api/v2/events", event)

    def at(self, hour: float) -> datetime:
        return SIX + (hour - 6) * HOUR

    async def visit(self) -> None:
        """Somewhere in somebody's day, if they have room; some are locked."""
        pick = self.pick
        job, site = pick.choice(self.sites)
        order = await job.work.order(site_id=site["id"])
        start = self.at(pick.randrange(32, 66) / 4)
        window = {
            "window_start": (start - pick.choice((0, 30)) * MINUTE).isoformat(),
            "window_end": (start + pick.choice((30, 60)) * MINUTE).isoformat(),
        }
        made = await job.visit(
            work_order_id=order["id"],
            duration_minutes=pick.choice((30, 45, 60, 90)),
            **(window if pick.random() < 0.7 else {}),
        )
        reply = await job.schedule(made, pick.choice(self.people), start=start)
        if reply.status_code == 200 and pick.random() < 0.15:
            await did(job.dana, made, "lock", lock=pick.choice(("time", "resource")))
        self.visits.append(made)

    async def begin(self) -> None:
        """It is half past ten, and some have begun what they had to do."""
        self.hands.set(self.at(10.5))
        for one in self.jobs[0].company.people.values():
            await one.again()
        board = await seen(self.jobs[0], date="2026-11-23")
        owner = await self.jobs[0].company.person("owner")
        for cell in board["visits"]:
            start = datetime.fromisoformat(cell["planned_start"] or "9999-01-01T00:00:00Z")
            if cell["assigned"] and start < self.at(9.5) and self.pick.random() < 0.8:
                done = {
                    "arrived_at": (start + 5 * MINUTE).isoformat(),
                    "started_at": (start + 5 * MINUTE).isoformat(),
                    "finished_at": (start + 40 * MINUTE).isoformat(),
                }
                await did(owner, cell, "complete", **done)

    def drop(self) -> dict[str, Any]:
        """One of the visits, over somebody's lane."""
        pick = self.pick
        who = pick.sample(self.people, 2 if pick.random() < 0.1 else 1)
        found = {
            "visit_id": pick.choice(self.visits)["id"],
            "technician_ids": who,
            "start": (self.at(pick.randrange(96, 212) / 12)).isoformat(),
        }
        if pick.random() < 0.6:
            length = pick.choice((15, 30, 75)) * MINUTE
            found["end"] = (datetime.fromisoformat(found["start"]) + length).isoformat()
        return found


@asynccontextmanager
async def a_desk(server: Server, seed: int) -> AsyncIterator[Desk]:
    """A desk at six in the morning."""
    with clocks.at(SIX) as hands:
        company = await found_company(server, f"drags-{seed}-{new_id()}"[:40], "America/Phoenix")
        jobs = [await a_job(company, name=name) for name in ("Any", "Weld", "Held")]
        desk = Desk(jobs, Random(seed), hands)
        await desk.fill()
        yield desk
        await company.close()


@pytest_asyncio.fixture(scope="module")
async def monday(server: Server) -> AsyncIterator[Desk]:
    """The desk that both stories are about."""
    async with a_desk(server, 0) as made:
        yield made


async def dragged(desk: Desk) -> tuple[Any, Any, list[Any]]:
    """The board, its table, and what waits in the tray as it can be dragged."""
    board = await seen(desk.jobs[0], date="2026-11-23")
    there = {one["id"] for one in board["visits"]}
    tray = [one["id"] for one in desk.visits if one["id"] not in there]
    table = await desk.dana.got(TABLE, date="2026-11-23", ids=tray)
    rows = (await desk.dana.got(f"{BOARD}/tray", tab="to_schedule", limit=200))["data"]
    nothing = dict.fromkeys(
        ("expected_end", "travel_started_at", "arrived_at", "started_at", "finished_at")
    )
    waiting = [
        {**row, **nothing, "id": row["visit_id"], "lock": "none", "assigned": []}
        for row in rows
        if row["visit_id"] in tray
    ]
    return board, table, waiting


async def said(desk: Desk, drop: dict[str, Any]) -> Any:
    """What the server says of the drop, without its sentences and without what nobody reckons."""
    reply = await desk.dana.post(f"{BOARD}/consequence", json=drop)
    assert reply.status_code == 200, reply.text
    found = reply.json()
    return {
        "refusal": found["refusal"] and {"code": found["refusal"]["code"]},
        "warnings": sorted(
            {
                one["code"]
                for one in found["warnings"]
                if one["code"] not in NOT_TOLD and not TOO_TIGHT.search(one["detail"])
            }
        ),
        "stops": found["stops"],
        "lanes": [{k: v for k, v in one.items() if k != "name"} for one in found["lanes"]],
        "moves": found["moves"],
    }


def as_said(told: Any) -> Any:
    """What was reckoned, in the same form."""
    stops = [{k: v for k, v in one.items() if k != "late"} for one in told["stops"]]
    codes = sorted({one["code"] for one in told["warnings"]})
    assert told["unseen"] == []
    return {
        **{k: told[k] for k in ("refusal", "lanes", "moves")},
        "warnings": codes,
        "stops": stops,
    }


async def test_the_table_holds_what_nobody_sees_on_the_board(monday: Desk) -> None:
    await monday.dana.got(TABLE, date="2026-11-23")
    with counted(monday.jobs[0].company.server) as queries:
        table = await monday.dana.got(TABLE, date="2026-11-23")
    asked = len(queries)
    assert {one["id"] for one in table["lanes"]} == {*monday.people}
    [first] = table["lanes"][0]["days"]
    assert first["pause"] == {
        "seconds": 2700,
        "earliest": "2026-11-23T18:30:00Z",
        "latest": "2026-11-23T20:00:00Z",
    }
    assert len(table["points"]) == 4  # three bases and the supply house
    assert list(table["needs"].values()) == [
        {next(iter(first["skills"])): 2},
    ]
    held_back = {code for codes in table["refused"].values() for code in codes}
    assert held_back <= {"credit_hold"}
    # a visit's move changes nothing in it
    waiting = monday.visits[-1]
    reply = await monday.jobs[1].schedule(waiting, monday.people[1], start=monday.at(16))
    assert reply.status_code == 200, reply.text
    await monday.dana.got(TABLE, date="2026-11-23")
    with counted(monday.jobs[0].company.server) as queries:
        again = await monday.dana.got(TABLE, date="2026-11-23")
    assert len(queries) == asked < 20
    changing = {"seq", "access", "refused"}
    assert {k: v for k, v in again.items() if k not in changing} == {
        k: v for k, v in table.items() if k not in changing
    }


async def test_what_is_reckoned_of_a_drag_is_what_the_drop_says(monday: Desk) -> None:
    met = await dragged_about(monday, 0)
    for seed in range(1, times(1, deep=10)):
        async with a_desk(monday.jobs[0].company.server, seed) as desk:
            met |= await dragged_about(desk, seed)
    assert {None, "moves", "double_booking"} <= met


async def dragged_about(desk: Desk, seed: int) -> set[Any]:
    """Drags early in the morning and once the day has begun; what came of them."""
    met: set[Any] = set()
    for half in (desk.begin, None):
        board, table, waiting = await dragged(desk)
        visits = {one["id"]: one for one in (*board["visits"], *waiting)}
        for _ in range(times(12, deep=40)):
            drop = desk.drop()
            told = reckoned(board, table, {**drop, "visit": visits[drop["visit_id"]]})
            server_says = await said(desk, drop)
            assert as_said(told) == server_says, (seed, drop)
            met |= {told["refusal"] and told["refusal"]["code"]} | {"moves" for _ in told["moves"]}
        if half:
            await half()
    return met


async def test_whoever_may_not_plan_is_not_told_where_people_live(acme: Company) -> None:
    job = await a_job(acme)
    tess = await acme.person("technician")
    reply = await tess.get(TABLE, params={"date": job.day})
    assert (reply.status_code, reply.json()["permission"]) == (403, "dispatch:write")
    assert (await job.dana.got(TABLE, date=job.day))["date"] == job.day
