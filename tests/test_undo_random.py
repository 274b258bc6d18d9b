"""Two people at one board: whatever one did last can be undone, and the board is as it was before it,
unless the other has touched it; then the refusal says so.

What of a record differs after it was undone is named in `DIFFERS`; all else that the API shows of visits,
events, holds and notes of days, and every booking, is the same. A promise that stands again is the one that
stood, told as `told_again` says: the ledger is never rewritten.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.core.db import Scope
from app.models.bookings import Booking
from app.services import bulk
from app.services.context import Ctx
from app.services.identity.acting import act_for
from tests.support.deep import DEEP, times
from tests.support.field import VISITS, Job, a_job, verb
from tests.support.people import Company, Person
from tests.test_availability import AVAILABILITY, BOOK, at_work, booking
from tests.test_held import HOLDS
from tests.test_inserting import accepted

COMMANDS = "/api/v2/commands"
EVENTS, NOTES = "/api/v2/events", "/api/v2/day-notes"
ORDERS = "/api/v2/work-orders"
SEEDS = range(times(1, deep=3))
STEPS = times(24, deep=200)

DIFFERS = {"version", "updated_at"}
"""What moves with every change, there and back."""
OF_A_PROMISE = {"created_at", "told_via", "told_to", "reason"}
"""What `told_again` says of a promise that stands again."""


def _visit(shown: Any) -> Any:
    kept = _plain(shown)
    if kept["promise"] is not None:
        kept["promise"] = {
            name: value for name, value in kept["promise"].items() if name not in OF_A_PROMISE
        }
    return kept | {"followed_by_id": None}


def _plain(shown: Any) -> Any:
    return {name: value for name, value in shown.items() if name not in DIFFERS}


def _removed(shown: Any) -> Any:
    """A row that is really gone meanwhile comes back as of the instant at which the journal has it made,
    which is a moment after its own."""
    return {name: value for name, value in _plain(shown).items() if name != "created_at"}


def told_again(stood: Any, undone: Any, now: Any, why: str) -> None:
    """A promise that stands again, once what was promised in its place is taken back: nobody has to be
    told who was told of it and never heard of the other. One that stood all the time is as it was."""
    if stood == undone or stood is None:
        assert now == stood
        return
    heard = undone is not None and undone["told_via"] != "not_yet"
    still = stood["told_via"] != "not_yet" and not heard
    assert now["reason"] == why
    assert now["created_at"] > stood["created_at"]
    assert (now["told_via"], now["told_to"]) == (
        (stood["told_via"], stood["told_to"]) if still else ("not_yet", None)
    )


@dataclass
class Board:
    """What the API shows of the board, by record, and who is booked when."""

    records: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    booked: dict[str, set[Any]] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    """The promise that stands of each visit."""
    orders: set[str] = field(default_factory=set)
    beside: dict[str, Any] = field(default_factory=dict)
    """What of a visit another visit decides: its work order's status, the part that follows."""

    def changed(self, later: "Board") -> set[str]:
        """The records that another look shows in a later version, or not any more, or newly."""
        ids = self.versions.keys() | later.versions.keys()
        return {id for id in ids if self.versions.get(id) != later.versions.get(id)}

    def put_into(self, after: "Board", meanwhile: "Board") -> set[str]:
        """The visits that stand, a while later, in work orders that were made between two looks."""
        new = after.orders - self.orders
        return {id for id, one in meanwhile.records.items() if one.get("work_order_id") in new}

    def of(self, ids: set[str]) -> dict[str, Any]:
        return {id: (self.records.get(id), self.booked.get(id, set())) for id in ids}


SPAN = ("starts_at", "ends_at")


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
    plain = {VISITS: _visit, EVENTS: _plain, HOLDS: _removed, NOTES: _removed}
    for path, kept in plain.items():
        for one in await everything(person, path):
            if path == HOLDS and one["status"] in ("released", "expired"):
                continue  # it is in its story, and on no board
            board.records[one["id"]] = kept(one)
            board.versions[one["id"]] = one["version"]
            if path == VISITS:
                board.beside[one["id"]] = one["followed_by_id"]
                board.told[one["id"]] = one["promise"]
    for order in await everything(person, ORDERS):
        board.orders.add(order["id"])
        board.beside[order["id"]] = (order["number"], order["status"], order["status_reason"])
    async with company.server.state.sessions.open(Scope(company.id)) as session:
        for row in await session.scalars(select(Booking)):
            of = str(row.visit_id or row.event_id or row.hold_id)
            board.booked.setdefault(of, set()).add((row.resource_id, row.starts_at, row.ends_at))
    for id, one in board.records.items():
        # whatever stands at a time takes just that time of whoever it takes
        edges = ("planned_start", "planned_end") if "planned_start" in one else SPAN
        span = tuple(map(datetime.fromisoformat, map(one.get, edges))) if one.get(edges[0]) else ()
        assert {(start, end) for _, start, end in board.booked.get(id, ())} <= {span}, (id, one)
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
    gone: dict[str, list[str]] = field(default_factory=lambda: {VISITS: [], EVENTS: []})
    """What was deleted."""
    done: Counter[str] = field(default_factory=Counter)
    """How often each verb was done."""

    async def someone(self, path: str, person: Person, **only: Any) -> Any | None:
        found = (await person.got(path, limit=200, **only))["data"]
        return self.dice.choice(found) if found else None

    def time(self) -> Any:
        return self.job.nine + timedelta(minutes=30 * self.dice.randrange(20))

    def some(self, of: list[str]) -> list[str]:
        return self.dice.sample(of, self.dice.randint(1, 2))

    async def open_to(self, person: Person, name: str) -> list[Any]:
        """The visits that somebody may say this verb of now."""
        visits = await everything(person, VISITS)
        return [one for one in visits if name in one["allowed_transitions"]]

    async def say(self, person: Person, name: str, **body: Any) -> Any:
        """A verb for one that it is open to; None where it is open to none."""
        visits = await self.open_to(person, name)
        return await verb(person, self.dice.choice(visits), name, **body) if visits else None

    async def say_of(
        self, person: Person, statuses: tuple[str, ...], name: str, **body: Any
    ) -> Any:
        """A verb for what stands so; None where nothing does."""
        visits = [one for one in await everything(person, VISITS) if one["status"] in statuses]
        return await verb(person, self.dice.choice(visits), name, **body) if visits else None


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
        told_to=at.dice.choice(["Ann", "Bea"]),
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
    at.gone[VISITS].append(visit["id"])
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
        return None
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
        return None
    at.gone[EVENTS].append(event["id"])
    return await person.delete(f"{EVENTS}/{event['id']}")


async def move(at: Table, person: Person) -> Any:
    return await at.say(person, "move", start=at.time().isoformat())


async def resize(at: Table, person: Person) -> Any:
    return await at.say(person, "resize", minutes=15 * at.dice.randint(1, 8))


async def assign(at: Table, person: Person) -> Any:
    return await at.say(person, "assign", technician_ids=at.some(at.technicians))


async def swap(at: Table, person: Person) -> Any:
    visits = await at.open_to(person, "swap")
    if not visits:
        return None
    other = at.dice.choice(visits)
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


async def restore(at: Table, person: Person) -> Any:
    path = at.dice.choice([VISITS, EVENTS])
    if not at.gone[path]:
        return None
    return await person.post(f"{path}/{at.dice.choice(at.gone[path])}/restore", json={})


async def extend(at: Table, person: Person) -> Any:
    minutes = 15 * at.dice.randint(1, 4)
    return await at.say_of(person, ("en_route", "on_site", "working"), "extend", minutes=minutes)


async def reopen(at: Table, person: Person) -> Any:
    return await at.say_of(person, ("completed",), "reopen", reason="It leaks.")


async def drop(at: Table, person: Person) -> Any:
    """Onto a name: whatever may be planned, or moved."""
    visits = [*await at.open_to(person, "schedule"), *await at.open_to(person, "move")]
    body = {"technician_id": at.dice.choice(at.technicians), "day": at.job.day}
    return await verb(person, at.dice.choice(visits), "drop", **body) if visits else None


async def insert(at: Table, person: Person) -> Any:
    """An emergency; whoever has to give way does."""
    visit = await at.someone(VISITS, person)
    who = at.dice.choice(at.technicians)
    body = {"technician_ids": [who], "start": at.time().isoformat(), "reason": "Flooded"}
    reply = await verb(person, visit, "insert", **body)
    if reply.status_code == 409 and reply.json()["code"] == "displaces":
        reply = await verb(person, visit, "insert", **body, accept=accepted(reply.json()))
    return reply


async def _window(at: Table, person: Person) -> Any:
    """What books, or holds, something that is offered; None where nothing is."""
    order, days = at.dice.choice(at.orders), {"from": at.job.day, "to": at.job.day}
    reply = await person.get(AVAILABILITY, params={"work_order_id": order["id"], **days})
    slots = reply.json().get("slots")
    return booking(order, at.dice.choice(slots)) if slots else None


async def book(at: Table, person: Person) -> Any:
    found = await _window(at, person)
    more = {"assign": at.dice.random() < 0.7, "told_via": "phone"}
    return found and await person.post(BOOK, json=found | more)


async def hold(at: Table, person: Person) -> Any:
    found = await _window(at, person)
    return found and await person.post(HOLDS, json=found | {"minutes": 60})


async def _of_a_hold(at: Table, person: Person, name: str, **body: Any) -> Any:
    held = await at.someone(HOLDS, person, status="open")
    return held and await person.post(f"{HOLDS}/{held['id']}/{name}", json=body)


async def hold_longer(at: Table, person: Person) -> Any:
    return await _of_a_hold(at, person, "extend", minutes=60)


async def book_hold(at: Table, person: Person) -> Any:
    return await _of_a_hold(at, person, "book", told_via="phone", told_to="Ann")


async def release_hold(at: Table, person: Person) -> Any:
    held = await at.someone(HOLDS, person, status="open")
    return held and await person.delete(f"{HOLDS}/{held['id']}")


async def write_note(at: Table, person: Person) -> Any:
    who = at.dice.choice([None, *at.technicians])
    body = {"day": at.job.day, "technician_id": who, "body": f"Tyres {at.dice.randrange(99)}."}
    return await person.post(NOTES, json=body)


async def change_note(at: Table, person: Person) -> Any:
    note = await at.someone(NOTES, person)
    return note and await person.patch(
        f"{NOTES}/{note['id']}",
        json={"body": f"The dump closes at {at.dice.randrange(24)}."},
        headers={"If-Match": f'"v{note["version"]}"'},
    )


async def drop_note(at: Table, person: Person) -> Any:
    note = await at.someone(NOTES, person)
    return note and await person.delete(f"{NOTES}/{note['id']}")


ENDED = ("completed", "approved", "closed")
"""Work that somebody may be called back to."""


async def call_back(at: Table, person: Person) -> Any:
    done = [one for one in await everything(person, ORDERS) if one["status"] in ENDED]
    if not done:
        return None
    path = f"{ORDERS}/{at.dice.choice(done)['id']}/call-back"
    return await person.post(path, json={"reason": "It smells again."})


async def tell(at: Table, person: Person) -> Any:
    waiting = await at.someone("/api/v2/customers-to-tell", person)
    body = {"told_via": "phone", "told_to": "Cleo"}
    return waiting and await person.post(
        "/api/v2/customers-to-tell", json={"visit_id": waiting["visit_id"], **body}
    )


async def many(at: Table, person: Person) -> Any:
    """One verb for some visits, done at once as the job would do it."""
    visits = await everything(person, VISITS)
    asked = await person.made(
        "/api/v2/bulk",
        {
            "list": "visits",
            "action": at.dice.choice(["unschedule", "dispatch", "recall", "cancel"]),
            "params": {"reason": "Rain."},
            "ids": [one["id"] for one in at.dice.sample(visits, min(3, len(visits)))],
        },
    )
    company = at.job.company
    async with company.server.state.sessions.open(Scope(company.id, person.user_id)) as session:
        ctx = await act_for(session, person.user_id)

        @asynccontextmanager
        async def transaction(*, last: bool = False) -> AsyncIterator[Ctx]:
            yield ctx
            await session.commit()

        await bulk.carry_out(transaction, UUID(asked["id"]))
    reply = await person.get(f"/api/v2/bulk/{asked['id']}")
    return reply if reply.json()["rows_changed"] else None


def saying(name: str, **body: Any) -> Callable[[Table, Person], Awaitable[Any]]:
    async def said(at: Table, person: Person) -> Any:
        return await at.say(person, name, **body)

    said.__name__ = name
    return said


Verb = Callable[[Table, Person], Awaitable[Any]]
VERBS: list[Verb] = [
    plan, move, resize, assign, swap, split, days, again, work_again, promise, add, change, remove,
    set_event, move_event, drop_event, restore, extend, reopen, drop, insert, book, hold, hold_longer,
    book_hold, release_hold, write_note, change_note, drop_note, call_back, tell, many,
    saying("lock", lock="time"), saying("unlock"), saying("unschedule"),
    saying("confirm", via="phone"), saying("dispatch"), saying("recall"),
    saying("cancel", reason="They called it off."),
]  # fmt: skip
OFTEN: list[Verb] = [plan, plan, plan, move, swap, split, promise, add]
"""What keeps a board from running empty."""


async def something(at: Table, person: Person) -> str:
    """Whatever the dice say, again until it is possible: what was done least, or what keeps the board
    full. What was done."""
    for _ in range(100):
        rarest = min(VERBS, key=lambda one: (at.done[one.__name__], at.dice.random()))
        chosen = at.dice.choice([rarest, at.dice.choice(VERBS), at.dice.choice(OFTEN)])
        reply = await chosen(at, person)
        if reply is None:
            continue
        assert reply.status_code < 500, reply.text
        if reply.status_code < 300:
            at.done[chosen.__name__] += 1
            return chosen.__name__
    raise AssertionError("Nothing is possible on this board.")


async def in_the_field(at: Table) -> None:
    """Somebody goes to a visit, works, and perhaps finishes: no command, and nobody undoes it."""
    steps = ["dispatch", "en-route", "arrive", "start", "complete"]
    ready = [
        one
        for one in await everything(at.job.dana, VISITS)
        if one["status"] == "scheduled" and one["lock"] == "none"
    ]
    if ready:
        visit = at.dice.choice(ready)
        for name in steps[: at.dice.choice([2, 4, 5, 5])]:
            now = await at.job.dana.got(f"{VISITS}/{visit['id']}")
            reply = await verb(at.job.dana, now, name)
            assert reply.status_code in (200, 409), reply.text


async def own_last(person: Person) -> Any:
    return (await person.got(COMMANDS, mine="true", limit=1))["data"][0]


async def laid(acme: Company, seed: int) -> Table:
    job = await a_job(acme)
    people = [job.dana, await acme.person("dispatcher", "dan")]
    technicians = [await at_work(acme, job, name) for name in ("Ana Diaz", "Bo Lee", "Cy Young")]
    vehicles = [str((await job.dana.made("/api/v2/vehicles", {"name": one}))["id"]) for one in "AB"]
    orders = [await job.work.order() for _ in range(6)]
    at = Table(job, people, technicians, vehicles, orders, Random(seed))
    for _ in range(4):
        await job.visit()
    return at


@pytest.mark.timeout(times(300, deep=2900))
async def test_whatever_one_did_last_is_undone(acme: Company) -> None:
    outcomes: Counter[str] = Counter()
    done: Counter[str] = Counter()
    undone: Counter[str] = Counter()
    for seed in SEEDS:
        at = await laid(acme, seed)
        for _ in range(STEPS):
            one, other = at.dice.sample(at.people, 2)
            before = await look(acme, one)
            what = await something(at, one)
            after = await look(acme, one)
            meanwhile = after
            if at.dice.random() < 0.4:
                await something(at, other)
                meanwhile = await look(acme, one)
            became = await taken_back(at, one, other, before, after, meanwhile)
            outcomes.update(became)
            undone.update([what] if "undone" in became else [])
            if at.dice.random() < 0.5:
                await something(at, one)  # so that the board does not stay what it was
            if at.dice.random() < 0.3:
                await in_the_field(at)
        done += at.done
        print(f"{seed}: {dict(outcomes)}", flush=True)
    print(f"{SEEDS}: {dict(outcomes)}; done {dict(done)}; undone {dict(undone)}")
    assert outcomes["undone"]
    if DEEP:
        # that somebody has the time by now is rare here, and has a story of its own (`test_undo`)
        assert set(outcomes) >= {"alone", "beside", "touched", "redone", "undone again"}
        assert {one.__name__ for one in VERBS} == set(undone)


async def taken_back(
    at: Table, one: Person, other: Person, before: Board, after: Board, meanwhile: Board
) -> list[str]:
    """Undo what `one` did last, and hold the board against what it was; what became of it."""
    mine, others = before.changed(after), after.changed(meanwhile)
    if not mine:
        return ["nothing"]  # it was so already
    command = await own_last(one)
    reply = await one.post(f"{COMMANDS}/{command['id']}/undo")
    now = await look(at.job.company, one)
    if (mine | before.put_into(after, meanwhile)) & others:
        assert reply.status_code == 409, (command, reply.text)
        assert reply.json()["code"] == "touched_since", (command, reply.text)
        assert reply.json()["by"]["id"] == str(other.user_id)
        assert command["why_not"]["code"] == "touched_since"
        assert now == meanwhile
        return ["touched"]
    assert command["can_undo"], command
    if reply.status_code == 409:
        assert reply.json()["code"] == "double_booking", reply.text
        clash = reply.json()["clash"]
        assert {clash.get(f"{kind}_id") for kind in ("visit", "event", "hold")} & others
        assert now == meanwhile
        return ["taken"]
    assert reply.status_code == 200, (command, reply.text)
    assert now.of(mine) == before.of(mine), command
    assert others or now.beside == before.beside, command
    rest = now.records.keys() - mine
    assert now.of(rest) == meanwhile.of(rest), command
    for id in mine & now.told.keys():
        told_again(before.told[id], after.told.get(id), now.told[id], "The change was undone.")
    became = ["undone", "beside" if others else "alone"]
    if at.dice.random() < 0.5:
        redone = await one.post(f"{COMMANDS}/{command['id']}/redo")
        assert redone.status_code == 200, (command, redone.text)
        again = await look(at.job.company, one)
        assert again.of(mine) == after.of(mine), command
        assert others or again.beside == after.beside, command
        for id in mine & again.told.keys():
            told_again(after.told[id], now.told.get(id), again.told[id], "The change was redone.")
        became.append("redone")
        if at.dice.random() < 0.5:
            await one.made(f"{COMMANDS}/{command['id']}/undo")
            back = await look(at.job.company, one)
            assert back.of(mine) == before.of(mine), command
            for id in mine & back.told.keys():
                told_again(
                    before.told[id], again.told.get(id), back.told[id], "The change was undone."
                )
            became.append("undone again")
    return became
