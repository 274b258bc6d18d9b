"""Two people at one board: whatever one did last can be undone, and the board is as it was before it,
unless the other has touched it; then the refusal says so.

What of a record differs after it was undone is named in `DIFFERS` and `OF_A_PROMISE`; all else that the
API shows of visits and events, and every booking, is the same.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from app.core.db import Scope
from app.models.bookings import Booking
from tests.support.deep import times
from tests.support.field import VISITS, Job, a_job, technician, verb
from tests.support.people import Company, Person

COMMANDS = "/api/v2/commands"
EVENTS = "/api/v2/events"
SEEDS = range(times(1, deep=3))
STEPS = times(4, deep=200)

DIFFERS = {"version", "updated_at"}
"""What moves with every change, there and back."""
OF_A_PROMISE = {"created_at", "told_via", "told_to", "reason"}
"""The ledger is never rewritten: the window stands again in a row of its own, to be told anew."""


def _visit(shown: Any) -> Any:
    kept = {name: value for name, value in shown.items() if name not in DIFFERS}
    if kept["promise"] is not None:
        kept["promise"] = {
            name: value for name, value in kept["promise"].items() if name not in OF_A_PROMISE
        }
    return kept | {"followed_by_id": None}


def _event(shown: Any) -> Any:
    return {name: value for name, value in shown.items() if name not in DIFFERS}


@dataclass
class Board:
    """What the API shows of the board, by record, and who is booked when."""

    records: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    booked: dict[str, set[Any]] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict)
    """What of a visit another visit decides: its work order's status, the part that follows."""

    def changed(self, later: "Board") -> set[str]:
        """The records that another look shows in a later version, or not any more, or newly."""
        ids = self.versions.keys() | later.versions.keys()
        return {id for id in ids if self.versions.get(id) != later.versions.get(id)}

    def of(self, ids: set[str]) -> dict[str, Any]:
        return {id: (self.records.get(id), self.booked.get(id, set())) for id in ids}


async def everything(person: Person, path: str) -> list[Any]:
    """All rows of a list, page by page."""
    page = await person.got(path, limit=200)
    rows = list(page["data"])
    while page["next_cursor"] is not None:
        page = await person.got(path, limit=200, cursor=page["next_cursor"])
        rows += page["data"]
    return rows


async def look(company: Company, person: Person) -> Board:
    """The board as it is now."""
    board = Board()
    for path, plain in ((VISITS, _visit), (EVENTS, _event)):
        for one in await everything(person, path):
            board.records[one["id"]] = plain(one)
            board.versions[one["id"]] = one["version"]
            if path == VISITS:
                board.beside[one["id"]] = one["followed_by_id"]
    for order in await everything(person, "/api/v2/work-orders"):
        board.beside[order["id"]] = (order["number"], order["status"], order["status_reason"])
    async with company.server.state.sessions.open(Scope(company.id)) as session:
        for row in await session.scalars(select(Booking)):
            of = str(row.visit_id or row.event_id)
            board.booked.setdefault(of, set()).add((row.resource_id, row.starts_at, row.ends_at))
    return board


@dataclass
class Table:
    """A board with two people at it, and a stack of dice."""

    job: Job
    people: list[Person]
    technicians: list[str]
    vehicles: list[str]
    orders: list[Any]
    dice: Random

    async def someone(self, path: str, person: Person) -> Any | None:
        found = (await person.got(path, limit=200))["data"]
        return self.dice.choice(found) if found else None

    def time(self) -> Any:
        return self.job.nine + timedelta(minutes=30 * self.dice.randrange(20))

    def some(self, of: list[str]) -> list[str]:
        return self.dice.sample(of, self.dice.randint(1, 2))

    async def say(self, person: Person, name: str, **body: Any) -> Any:
        visit = await self.someone(VISITS, person)
        return await verb(person, visit, name, **body)


async def plan(at: Table, person: Person) -> Any:
    body: dict[str, Any] = {
        "start": at.time().isoformat(),
        "technician_ids": at.some(at.technicians),
    }
    if at.dice.random() < 0.3:
        body["vehicle_ids"] = at.some(at.vehicles)
    return await at.say(person, "schedule", **body)


async def promise(at: Table, person: Person) -> Any:
    start = at.time()
    return await at.say(
        person,
        "promise",
        window_start=start.isoformat(),
        window_end=(start + timedelta(hours=2)).isoformat(),
        told_via=at.dice.choice(["phone", "not_yet", "sms"]),
    )


async def add(at: Table, person: Person) -> Any:
    order = at.dice.choice(at.orders)
    start = at.time()
    window = {
        "window_start": start.isoformat(),
        "window_end": (start + timedelta(hours=1)).isoformat(),
    }
    wanted = at.dice.random() < 0.5
    return await person.post(
        VISITS, json={"work_order_id": order["id"], **(window if wanted else {})}
    )


async def change(at: Table, person: Person) -> Any:
    visit = await at.someone(VISITS, person)
    return await person.patch(
        f"{VISITS}/{visit['id']}",
        json={"instructions": f"Ring {at.dice.randrange(9)} times."},
        headers={"If-Match": f'"v{visit["version"]}"'},
    )


async def remove(at: Table, person: Person) -> Any:
    visit = await at.someone(VISITS, person)
    return await person.delete(f"{VISITS}/{visit['id']}")


async def set_event(at: Table, person: Person) -> Any:
    start = at.time()
    return await person.post(
        EVENTS,
        json={
            "title": f"Meeting {at.dice.randrange(100)}",
            "starts_at": start.isoformat(),
            "ends_at": (start + timedelta(minutes=30)).isoformat(),
            "technician_ids": at.some(at.technicians),
            "vehicle_ids": at.some(at.vehicles),
        },
    )


async def move_event(at: Table, person: Person) -> Any:
    event = await at.someone(EVENTS, person)
    if event is None:
        return await set_event(at, person)
    start = at.time()
    return await person.patch(
        f"{EVENTS}/{event['id']}",
        json={
            "starts_at": start.isoformat(),
            "ends_at": (start + timedelta(minutes=30)).isoformat(),
            "technician_ids": at.some(at.technicians),
        },
        headers={"If-Match": f'"v{event["version"]}"'},
    )


async def drop_event(at: Table, person: Person) -> Any:
    event = await at.someone(EVENTS, person)
    if event is None:
        return await set_event(at, person)
    return await person.delete(f"{EVENTS}/{event['id']}")


async def move(at: Table, person: Person) -> Any:
    return await at.say(person, "move", start=at.time().isoformat())


async def resize(at: Table, person: Person) -> Any:
    return await at.say(person, "resize", minutes=15 * at.dice.randint(1, 8))


async def assign(at: Table, person: Person) -> Any:
    return await at.say(person, "assign", technician_ids=at.some(at.technicians))


async def swap(at: Table, person: Person) -> Any:
    other = await at.someone(VISITS, person)
    return await at.say(
        person,
        "swap",
        with_id=other["id"],
        with_version=other["version"],
        what=at.dice.choice(["times", "people", "both"]),
    )


async def split(at: Table, person: Person) -> Any:
    body = {"start": at.time().isoformat()} if at.dice.random() < 0.5 else {}
    return await at.say(person, "split", minutes=30, **body)


async def days(at: Table, person: Person) -> Any:
    return await at.say(
        person,
        "day-parts",
        days=2,
        first_day=at.job.day,
        start_local="18:00",
        end_local="19:00",
        weekdays=["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        technician_ids=at.some(at.technicians),
    )


async def again(at: Table, person: Person) -> Any:
    visit = await at.someone(VISITS, person)
    return await person.post(f"{VISITS}/{visit['id']}/duplicate", json={})


async def work_again(at: Table, person: Person) -> Any:
    visit = await at.someone(VISITS, person)
    return await person.post(f"/api/v2/work-orders/{visit['work_order_id']}/duplicate", json={})


def saying(name: str, **body: Any) -> Callable[[Table, Person], Awaitable[Any]]:
    async def said(at: Table, person: Person) -> Any:
        return await at.say(person, name, **body)

    return said


VERBS: list[Callable[[Table, Person], Awaitable[Any]]] = [
    plan, plan, plan, move, move, resize, assign, swap, swap, split, split, days, again, work_again,
    saying("lock", lock="time"), saying("unlock"), promise, promise, add, change, remove, set_event, move_event, drop_event,
    saying("unschedule"), saying("confirm", via="phone"), saying("dispatch"), saying("dispatch"),
    saying("recall"), saying("cancel", reason="They called it off."),
]  # fmt: skip


async def something(at: Table, person: Person) -> None:
    """Whatever the dice say, again until it is possible."""
    for _ in range(50):
        reply = await at.dice.choice(VERBS)(at, person)
        assert reply.status_code < 500, reply.text
        if reply.status_code < 300:
            return
    raise AssertionError("Nothing is possible on this board.")


async def own_last(person: Person) -> Any:
    return (await person.got(COMMANDS, mine="true", limit=1))["data"][0]


async def laid(acme: Company, seed: int) -> Table:
    job = await a_job(acme)
    people = [job.dana, await acme.person("dispatcher", "dan")]
    technicians = [await technician(acme, name) for name in ("Ana Diaz", "Bo Lee", "Cy Young")]
    vehicles = [str((await job.dana.made("/api/v2/vehicles", {"name": one}))["id"]) for one in "AB"]
    orders = [await job.work.order() for _ in range(6)]
    at = Table(job, people, technicians, vehicles, orders, Random(seed))
    for _ in range(4):
        await job.visit()
    return at


@pytest.mark.timeout(times(60, deep=1500))
@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_one_did_last_is_undone(acme: Company, seed: int) -> None:
    at = await laid(acme, seed)
    outcomes = {"alone": 0, "beside": 0, "touched": 0, "taken": 0, "nothing": 0}
    for _ in range(STEPS):
        one, other = at.dice.sample(at.people, 2)
        before = await look(acme, one)
        await something(at, one)
        after = await look(acme, one)
        meanwhile = after
        if at.dice.random() < 0.4:
            await something(at, other)
            meanwhile = await look(acme, one)
        outcomes[await taken_back(at, one, other, before, after, meanwhile)] += 1
        if at.dice.random() < 0.5:
            await something(at, one)  # so that the board does not stay what it was
    print(f"seed {seed}: {outcomes}")
    assert outcomes["alone"] + outcomes["beside"]


async def taken_back(
    at: Table, one: Person, other: Person, before: Board, after: Board, meanwhile: Board
) -> str:
    """Undo what `one` did last, and hold the board against what it was; what became of it."""
    mine, others = before.changed(after), after.changed(meanwhile)
    if not mine:
        return "nothing"  # it was so already
    command = await own_last(one)
    reply = await one.post(f"{COMMANDS}/{command['id']}/undo")
    now = await look(at.job.company, one)
    if mine & others:
        assert (reply.status_code, reply.json()["code"]) == (409, "touched_since"), reply.text
        assert reply.json()["by"]["id"] == str(other.user_id)
        assert command["why_not"]["code"] == "touched_since"
        assert now == meanwhile
        return "touched"
    assert command["can_undo"], command
    if reply.status_code == 409:
        assert reply.json()["code"] == "double_booking", reply.text
        clash = reply.json()["clash"]
        assert clash["visit_id"] in others or clash.get("event_id") in others
        assert now == meanwhile
        return "taken"
    assert reply.status_code == 200, (command, reply.text)
    assert now.of(mine) == before.of(mine), command
    assert others or now.beside == before.beside, command
    rest = now.records.keys() - mine
    assert now.of(rest) == meanwhile.of(rest), command
    if at.dice.random() < 0.5:
        redone = await one.post(f"{COMMANDS}/{command['id']}/redo")
        assert redone.status_code == 200, (command, redone.text)
        again = await look(at.job.company, one)
        assert again.of(mine) == after.of(mine), command
        assert others or again.beside == after.beside, command
        if at.dice.random() < 0.5:
            await one.made(f"{COMMANDS}/{command['id']}/undo")
            assert (await look(at.job.company, one)).of(mine) == before.of(mine), command
    return "beside" if others else "alone"
