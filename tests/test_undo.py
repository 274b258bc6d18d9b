"""What was done on the board can be undone and redone, unless somebody has touched it since."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.core import clock
from app.core.db import Scope
from app.models.bookings import Booking
from app.models.commands import Command, CommandRun
from app.models.promises import Promise
from app.services import bulk
from app.services.context import Ctx
from app.services.dispatching.commands import KEPT
from app.services.identity.acting import act_for
from app.tasks.schedules import in_each, sweep_commands
from tests.support.deep import times
from tests.support.field import VISITS, Job, a_job, did, story, technician
from tests.support.people import Company, Person
from tests.support.post import delivered
from tests.support.queries import counted
from tests.support.work import ORDERS, some_work

COMMANDS = "/api/v2/commands"
EVENTS = "/api/v2/events"
HOUR = timedelta(hours=1)


async def last(person: Person) -> Any:
    """What somebody did last on the board."""
    return (await person.got(COMMANDS, mine="true", limit=1))["data"][0]


async def step(person: Person, command: Any, name: str) -> Any:
    """Undo or redo it."""
    return await person.made(f"{COMMANDS}/{command['id']}/{name}")


async def refused(person: Person, command: Any, name: str = "undo") -> Any:
    """The refusal to undo or redo it."""
    reply = await person.post(f"{COMMANDS}/{command['id']}/{name}")
    assert reply.status_code in (403, 404, 409), reply.text
    return reply.json()


def plain(record: Any) -> Any:
    """A record without what moves with every change, there and back."""
    return {name: value for name, value in record.items() if name not in ("version", "updated_at")}


async def ledger(company: Company, visit_id: str) -> list[Any]:
    """All promises of a visit: from when, how it was told, why, and whether it stands; oldest first."""
    async with company.server.state.sessions.open(Scope(company.id)) as session:
        rows = await session.scalars(
            select(Promise).where(Promise.visit_id == visit_id).order_by(Promise.created_at)
        )
        return [
            (one.window_start, one.told_via, one.told_to, one.reason, one.closed_at is None)
            for one in rows
        ]


async def test_a_move_is_undone_and_redone(acme: Company) -> None:
    job = await a_job(acme)
    ana, bo = await technician(acme, "Ana Diaz"), await technician(acme, "Bo Lee")
    before = await job.planned(ana)
    moved = (await job.schedule(before, bo, start=job.nine + 3 * HOUR)).json()
    command = await last(job.dana)
    number = before["work_order"]["number"]
    assert command["sentence"] == f"Moved {number} to {job.said}, 12:00–13:00, Bo Lee"
    assert (command["operation"], command["can_undo"], command["why_not"]) == (
        "schedule_visit", True, None,
    )  # fmt: skip
    undone = await step(job.dana, command, "undo")
    assert [plain(one) for one in undone["visits"]] == [plain(before)]
    assert undone["visits"][0]["version"] > moved["version"]
    assert (undone["command"]["undone"], undone["command"]["can_redo"]) == (True, True)
    assert undone["not_taken_back"] == []
    assert (await refused(job.dana, command))["code"] == "already_undone"
    redone = await step(job.dana, command, "redo")
    assert [plain(one) for one in redone["visits"]] == [plain(moved)]
    assert (await refused(job.dana, command, "redo"))["code"] == "not_undone"
    told = await story(job.dana, f"{VISITS}/{before['id']}")
    said = f"The visit was moved to {job.said}, 12:00–13:00 with Bo Lee."
    assert [one["sentence"] for one in told][-2:] == [
        f"This was undone: {said}",
        f"This was redone: {said}",
    ]
    assert said in [
        one["sentence"].removeprefix("This was undone: ")
        for one in await story(job.dana, f"/api/v2/technicians/{bo}")
    ]


async def test_what_another_has_touched_is_not_undone_and_says_who(acme: Company) -> None:
    job = await a_job(acme)
    dan, max_ = await acme.person("dispatcher", "dan"), await acme.person("manager", "max")
    ana = await technician(acme, "Ana Diaz")
    visit = await job.planned(ana)
    mine = await last(job.dana)
    number = visit["work_order"]["number"]
    assert (await refused(dan, mine))["code"] == "not_yours"
    await did(dan, visit, "confirm", via="phone")
    no = await refused(job.dana, mine)
    assert (no["code"], no["by"]["name"]) == ("touched_since", "Dan")
    assert no["detail"] == f"Dan changed the visit of {number} after that. Look at it as it is now."
    assert no["record"] == {
        "entity": "visit", "id": visit["id"], "label": f"the visit of {number}",
    }  # fmt: skip
    seen = await job.dana.got(f"{COMMANDS}/{mine['id']}")
    assert (seen["can_undo"], seen["why_not"]["code"]) == (False, "touched_since")
    # what Dan did is undone, by somebody who may overrule: nothing of it is left in the way
    undone = await step(max_, await last(dan), "undo")
    assert undone["visits"][0]["confirmed_at"] is None
    assert undone["command"]["undone_by"]["name"] == "Max"
    assert (await job.dana.got(f"{COMMANDS}/{mine['id']}"))["can_undo"] is True
    back = await step(job.dana, mine, "undo")
    assert (back["visits"][0]["status"], back["visits"][0]["assignments"]) == ("unscheduled", [])
    assert (await refused(dan, await last(dan), "redo"))["code"] == "touched_since"


async def test_a_chain_goes_back_and_forth_in_its_order(acme: Company) -> None:
    job = await a_job(acme)
    ana, bo = await technician(acme, "Ana Diaz"), await technician(acme, "Bo Lee")
    states, chain = [await job.visit()], []
    for who, hours in ((ana, 0), (bo, 2), (ana, 4)):
        moved = await job.schedule(states[-1], who, start=job.nine + hours * HOUR)
        states.append(moved.json())
        chain.append(await last(job.dana))
    no = await refused(job.dana, chain[0])
    assert no["detail"].endswith("after that. Undo that first.")
    for place in (2, 1, 0):
        undone = await step(job.dana, chain[place], "undo")
        assert plain(undone["visits"][0]) == plain(states[place])
    assert (await refused(job.dana, chain[1], "redo"))["code"] == "touched_since"
    for place in (0, 1, 2):
        redone = await step(job.dana, chain[place], "redo")
        assert plain(redone["visits"][0]) == plain(states[place + 1])


async def test_the_ledger_is_closed_and_written_anew_but_never_rewritten(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.visit()

    def window(at: Any, via: str) -> dict[str, Any]:
        return {
            "window_start": at.isoformat(),
            "window_end": (at + 2 * HOUR).isoformat(),
            "told_via": via,
        }

    await did(job.dana, visit, "promise", **window(job.nine, "phone"), told_to="Mrs Lee")
    first = await last(job.dana)
    await did(job.dana, visit, "promise", **window(job.nine + HOUR, "not_yet"))
    undone = await step(job.dana, await last(job.dana), "undo")
    # nobody had heard of the second: what Mrs Lee was told stands as she was told it
    assert undone["visits"][0]["promise"]["told_to"] == "Mrs Lee"
    await did(job.dana, visit, "promise", **window(job.nine + 3 * HOUR, "sms"))
    third = await last(job.dana)
    undone = await step(job.dana, third, "undo")
    assert undone["visits"][0]["promise"]["told_via"] == "not_yet"
    redone = await step(job.dana, third, "redo")
    assert redone["visits"][0]["promise"]["told_via"] == "sms"
    why, again = "The change was undone.", "The change was redone."
    assert await ledger(acme, visit["id"]) == [
        (job.nine, "phone", "Mrs Lee", None, False),
        (job.nine + HOUR, "not_yet", None, None, False),
        (job.nine, "phone", "Mrs Lee", why, False),
        (job.nine + 3 * HOUR, "sms", None, None, False),
        (job.nine, "not_yet", None, why, False),
        (job.nine + 3 * HOUR, "sms", None, again, True),
    ]
    assert (await refused(job.dana, first))["code"] == "touched_since"
    lonely = await job.visit()
    await did(job.dana, lonely, "promise", **window(job.nine, "phone"))
    undone = await step(job.dana, await last(job.dana), "undo")
    assert (undone["visits"][0]["promise"], undone["visits"][0]["promised_start"]) == (None, None)


async def test_what_technicians_saw_is_said_and_what_they_answered_stands(acme: Company) -> None:
    job = await a_job(acme)
    tom = await acme.person("technician", "tom")
    visit = await job.planned(await technician(acme, "Tom Ode", who=tom))
    await did(job.dana, visit, "dispatch")
    command = await last(job.dana)
    undone = await step(job.dana, command, "undo")
    (left,) = undone["not_taken_back"]
    assert left["kind"] == "dispatch"
    assert left["detail"].startswith(f"Tom Ode had {visit['work_order']['number']} since ")
    assert plain(undone["visits"][0]) == plain(visit)
    await step(job.dana, command, "redo")
    await did(tom, visit, "accept")
    no = await refused(job.dana, command)
    assert (no["code"], no["by"]["name"]) == ("touched_since", "Tom")
    assert (await tom.get(COMMANDS)).status_code == 403


async def test_a_cancelled_visit_that_had_begun_takes_its_time_again(acme: Company) -> None:
    job = await a_job(acme)
    tom = await acme.person("technician", "tim")
    tess = await technician(acme, "Tim Ode", who=tom)
    start = clock.now() - timedelta(minutes=30)
    visit = await job.planned(
        tess,
        at=start,
        window_start=start.isoformat(),
        window_end=(start + HOUR).isoformat(),
        told_via="phone",
    )
    await did(job.dana, visit, "dispatch")
    for name in ("en-route", "arrive", "start", "pause"):
        await did(tom, visit, name)
    before = await job.dana.got(f"{VISITS}/{visit['id']}")
    await did(job.dana, visit, "cancel", reason="A flood.")
    undone = await step(job.dana, await last(job.dana), "undo")
    shown = undone["visits"][0]
    differs = {"promise"}
    assert {k: v for k, v in plain(shown).items() if k not in differs} == {
        k: v for k, v in plain(before).items() if k not in differs
    }
    assert shown["promise"]["told_via"] == "phone"  # they were told nothing else
    assert shown["pauses"][0]["ended_at"] is None
    async with acme.server.state.sessions.open(Scope(acme.id)) as session:
        (booking,) = await session.scalars(select(Booking).where(Booking.visit_id == visit["id"]))
    assert (booking.starts_at, booking.ends_at) == (start, start + HOUR)
    order = await job.dana.got(f"/api/v2/work-orders/{visit['work_order_id']}")
    assert order["status"] == "in_progress"


async def test_a_visit_that_was_added_goes_and_comes_back(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.visit()
    command = await last(job.dana)
    assert command["sentence"] == f"Added a visit to {visit['work_order']['number']}"
    undone = await step(job.dana, command, "undo")
    assert undone["visits"][0]["deleted_at"] is not None
    assert (await job.dana.get(f"{VISITS}/{visit['id']}")).status_code == 404
    redone = await step(job.dana, command, "redo")
    assert plain(redone["visits"][0]) == plain(visit)
    assert (await job.dana.delete(f"{VISITS}/{visit['id']}")).status_code == 204
    assert (await refused(job.dana, command))["code"] == "touched_since"
    undone = await step(job.dana, await last(job.dana), "undo")
    assert plain(undone["visits"][0]) == plain(visit)


async def test_a_work_order_does_not_go_with_what_others_put_into_it(acme: Company) -> None:
    job = await a_job(acme)
    dan, owner = await acme.person("dispatcher", "dan"), await acme.person("owner")
    ana = await technician(acme, "Ana Diaz")
    first = await job.work.order()
    copy = await job.dana.made(f"{ORDERS}/{first['id']}/duplicate")
    mine = await last(job.dana)
    assert mine["operation"] == "duplicate_work_order"

    # another visit is booked, with time of somebody's
    more = await dan.made(VISITS, {"work_order_id": copy["id"]})
    await did(dan, more, "schedule", technician_ids=[ana], start=job.nine.isoformat())
    no = await refused(job.dana, mine)
    assert (no["code"], no["by"]["name"]) == ("touched_since", "Dan")
    label = f"a visit of {copy['number']}"
    assert no["detail"] == f"Dan added {label} after that. Look at it as it is now."
    assert no["record"] == {"entity": "visit", "id": more["id"], "label": label}
    seen = await job.dana.got(f"{COMMANDS}/{mine['id']}")
    assert (seen["can_undo"], seen["why_not"]) == (
        False, {"code": "touched_since", "detail": "Dan put something into it after that."},
    )  # fmt: skip
    assert (await job.dana.got(f"{ORDERS}/{copy['id']}"))["deleted_at"] is None
    assert (await job.dana.got(f"{VISITS}/{more['id']}"))["status"] == "scheduled"
    for one in (await dan.got(COMMANDS, mine="true", limit=2))["data"]:
        await step(dan, one, "undo")

    # nothing of it is left, so the copy goes; it comes back, and somebody bills it
    await step(job.dana, mine, "undo")
    assert (await job.dana.get(f"{ORDERS}/{copy['id']}")).status_code == 404
    await step(job.dana, mine, "redo")
    bill = await owner.made(f"{ORDERS}/{copy['id']}/invoices", {})
    no = await refused(job.dana, mine)
    assert (no["code"], no["record"]["entity"]) == ("touched_since", "invoice")
    assert no["record"]["label"] == f"an invoice of {copy['number']}"
    assert (await owner.delete(f"/api/v2/invoices/{bill['id']}")).status_code == 204
    # what is written anew on it is not buried either, also once it has come back
    version = (await dan.got(f"{ORDERS}/{copy['id']}"))["version"]
    await dan.patched(f"{ORDERS}/{copy['id']}", version, {"summary": "Both tanks"})
    assert (await refused(job.dana, mine))["code"] == "touched_since"


async def test_a_call_back_does_not_go_with_a_visit_that_comes_in_the_same_moment(
    acme: Company,
) -> None:
    job = await a_job(acme)
    dan = await acme.person("dispatcher", "dan")
    visit = await job.planned(await technician(acme, "Ana Diaz"))
    for name in ("dispatch", "en-route", "arrive", "start", "complete"):
        await did(job.dana, visit, name)
    path = f"{ORDERS}/{visit['work_order_id']}"
    outcomes = set()
    for _ in range(times(8, deep=100)):
        made = await job.dana.made(f"{path}/call-back", {"reason": "It smells again"})
        mine = await last(job.dana)
        undone, added = await asyncio.gather(
            job.dana.post(f"{COMMANDS}/{mine['id']}/undo"),
            dan.post(VISITS, json={"work_order_id": made["id"]}),
        )
        outcomes.add((undone.status_code, added.status_code))
        there = await job.dana.get(f"{ORDERS}/{made['id']}")
        assert (there.status_code == 200) == (added.status_code == 201)
    assert outcomes <= {(200, 404), (409, 201)}


async def test_events_come_back_with_whoever_took_part(acme: Company) -> None:
    job = await a_job(acme)
    ana, bo = await technician(acme, "Ana Diaz"), await technician(acme, "Bo Lee")
    truck = (await job.dana.made("/api/v2/vehicles", {"name": "Truck 7"}))["id"]
    event = await job.dana.made(
        EVENTS,
        {
            "title": "Safety",
            "starts_at": job.nine.isoformat(),
            "ends_at": (job.nine + HOUR).isoformat(),
            "technician_ids": [ana, bo],
            "vehicle_ids": [truck],
        },
    )
    made = await last(job.dana)
    assert (
        made["sentence"] == f"Set “Safety” for {job.said}, 09:00–10:00"
        or "Safety" in made["sentence"]
    )
    path = f"{EVENTS}/{event['id']}"
    changed = await job.dana.patched(
        path, event["version"], {"technician_ids": [bo], "vehicle_ids": [], "title": "Safety first"}
    )
    undone = await step(job.dana, await last(job.dana), "undo")
    assert [plain(one) for one in undone["events"]] == [plain(event)]
    redone = await step(job.dana, await last(job.dana), "redo")
    assert [plain(one) for one in redone["events"]] == [plain(changed)]
    assert (await job.dana.delete(path)).status_code == 204
    assert (await refused(job.dana, made))["record"]["label"] == "“Safety first”"
    await step(job.dana, await last(job.dana), "undo")
    assert plain(await job.dana.got(path)) == plain(changed)
    told = [one["sentence"] for one in await story(job.dana, path)]
    assert told[-1].startswith("This was undone: “Safety first”, ")


async def test_time_that_somebody_has_by_now_is_not_taken(acme: Company) -> None:
    job = await a_job(acme)
    ana = await technician(acme, "Ana Diaz")
    visit, other = await job.planned(ana), await job.visit()
    await job.schedule(visit, ana, start=job.nine + 3 * HOUR)
    command = await last(job.dana)
    assert (await job.schedule(other, ana, start=job.nine)).status_code == 200
    no = await refused(job.dana, command)
    assert (no["code"], no["clash"]["visit_id"]) == ("double_booking", other["id"])
    assert no["detail"].startswith(f"Ana Diaz is booked {job.said}, 09:00–10:00 by work order ")
    assert no["next_free"]
    shown = await job.dana.got(f"{VISITS}/{visit['id']}")
    assert shown["planned_start"].startswith((job.nine + 3 * HOUR).strftime("%Y-%m-%dT%H"))


async def test_what_may_not_be_planned_any_more_is_not_undone_into_being(acme: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    ana = await technician(acme, "Ana Diaz")
    visit = await job.planned(ana)
    await did(job.dana, visit, "unschedule")
    command = await last(job.dana)
    customer = f"/api/v2/customers/{visit['customer']['id']}"
    await owner.made(f"{customer}/stop-service", {"reason": "Unpaid since May."})
    assert (await refused(job.dana, command))["code"] == "do_not_service"
    await owner.made(f"{customer}/resume-service", {})
    technician_path = f"/api/v2/technicians/{ana}"
    version = (await owner.got(technician_path))["version"]
    gone = await owner.patch(
        technician_path, json={"active": False}, headers={"If-Match": f'"v{version}"'}
    )
    assert gone.status_code == 200, gone.text
    assert (await refused(job.dana, command))["code"] == "technician_inactive"
    order = f"/api/v2/work-orders/{visit['work_order_id']}"
    await owner.made(f"{order}/hold", {"reason": "Parts."})
    assert (await refused(job.dana, command))["code"] == "technician_inactive"


async def test_a_mail_that_waits_is_kept_back_and_one_that_left_is_said(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    customer = f"/api/v2/customers/{work.customer['id']}"
    await dana.patched(customer, work.customer["version"], {"email": "ann@example.com"})
    job = Job(acme, dana, work)
    visit = await job.visit()
    body = {
        "window_start": job.nine.isoformat(),
        "window_end": (job.nine + HOUR).isoformat(),
        "told_via": "not_yet",
        "notify": True,
    }
    await did(dana, visit, "promise", **body)
    command = await last(dana)
    undone = await step(dana, command, "undo")
    assert undone["not_taken_back"] == []
    (mail,) = (await dana.got("/api/v2/mails", about_id=visit["id"]))["data"]
    assert (mail["status"], mail["failure"]) == ("refused", "It was undone before it was sent.")
    redone = await step(dana, command, "redo")
    assert redone["visits"][0]["promise"]["told_via"] == "not_yet"  # nobody wrote to them
    other = await job.visit()
    await did(dana, other, "promise", **body)
    await delivered(acme.server, "ann@example.com")
    undone = await step(dana, await last(dana), "undo")
    assert [one["kind"] for one in undone["not_taken_back"]] == ["mail"]
    assert undone["not_taken_back"][0]["detail"].endswith("to ann@example.com already. Call them.")


async def test_others_commands_are_seen_by_whoever_sees_all(acme: Company) -> None:
    job = await a_job(acme)
    dan = await acme.person("dispatcher", "idle")
    await job.visit()
    made = await last(job.dana)
    assert (await dan.got(COMMANDS, mine="true"))["data"] == []
    (seen,) = (await dan.got(COMMANDS, request_id=made["request_id"]))["data"]
    assert (seen["id"], seen["asked_by"]["name"]) == (made["id"], "Dispatcher")
    assert (seen["can_undo"], seen["why_not"]["code"]) == (False, "not_yours")


async def test_noting_a_command_costs_one_statement(acme: Company) -> None:
    job = await a_job(acme)
    people = [await technician(acme, f"Tech {place}") for place in range(5)]
    first, second = await job.visit(), await job.visit()
    noted = []
    for visit, crew in ((first, people[:1]), (second, people[1:])):
        with counted(acme.server) as queries:
            assert (await job.schedule(visit, *crew, start=job.nine)).status_code == 200
        noted.append(sum("command" in one for one in queries))
    assert noted == [1, 1]


async def test_nothing_is_noted_of_what_changed_nothing(acme: Company) -> None:
    job = await a_job(acme)
    ana = await technician(acme, "Ana Diaz")
    visit = await job.planned(ana)
    before = await last(job.dana)
    again = await job.schedule(visit, ana, start=job.nine)
    assert (again.status_code, again.json()["version"]) == (200, visit["version"])
    assert (
        await job.schedule(visit, ana, start=job.nine, end=job.nine.isoformat())
    ).status_code == 422
    assert await last(job.dana) == before


async def test_commands_are_forgotten_after_a_week(acme: Company) -> None:
    job = Job(acme, rare := await acme.person("dispatcher", "rare"), await some_work(acme, rare))
    kept, old = await job.visit(), await job.visit()
    aged = await last(job.dana)
    sessions = acme.server.state.sessions
    async with sessions.open(Scope(acme.id)) as session:
        week_ago = clock.now() - KEPT - HOUR
        await session.execute(
            update(Command).where(Command.id == aged["id"]).values(created_at=week_ago)
        )
        await session.commit()
    await in_each(sessions, "sweep_commands", sweep_commands)
    (left,) = (await rare.got(COMMANDS, mine="true"))["data"]
    assert left["sentence"] == f"Added a visit to {kept['work_order']['number']}"
    assert (await refused(job.dana, aged))["code"] == "not_found"
    async with sessions.open(Scope(acme.id)) as session:
        runs = select(CommandRun).where(CommandRun.command_id == aged["id"])
        assert (await session.scalars(runs)).all() == []
    assert (await job.dana.got(f"{VISITS}/{old['id']}"))["id"] == old["id"]


async def test_an_undo_against_a_move_has_one_winner_and_nobody_is_in_two_places(
    acme: Company,
) -> None:
    job = await a_job(acme)
    dan = await acme.person("dispatcher", "dan")
    ana = await technician(acme, "Ana Diaz")
    visit, other = await job.planned(ana), await job.visit()
    outcomes: Counter[str] = Counter()
    for round_ in range(times(4, deep=60)):
        seen = await job.dana.got(f"{VISITS}/{visit['id']}")
        there = job.nine + (3 + round_ % 2) * HOUR
        moved = await job.schedule(seen, ana, start=there)
        assert moved.status_code == 200, moved.text
        command = await last(job.dana)
        waiting = await dan.got(f"{VISITS}/{other['id']}")
        wanted = [moved.json(), waiting][round_ % 2]  # the same visit, or another into its place
        back, taken = await asyncio.gather(
            job.dana.post(f"{COMMANDS}/{command['id']}/undo"),
            dan.post(
                f"{VISITS}/{wanted['id']}/schedule",
                json={
                    "technician_ids": [ana],
                    "start": (seen_start(seen) if round_ % 2 else job.nine + 6 * HOUR).isoformat(),
                },
                headers={"If-Match": f'"v{wanted["version"]}"'},
            ),
        )
        outcomes[f"{back.status_code} {taken.status_code}"] += 1
        assert sorted((back.status_code == 200, taken.status_code == 200)) == [False, True], (
            back.text, taken.text,
        )  # fmt: skip
        async with acme.server.state.sessions.open(Scope(acme.id)) as session:
            found = await session.scalars(
                select(Booking).where(Booking.resource_id == ana).order_by(Booking.starts_at)
            )
            booked = [(one.starts_at, one.ends_at) for one in found]
        assert all(end <= start for (_, end), (start, _) in pairwise(booked))
        for one in (visit, other):
            shown = await dan.got(f"{VISITS}/{one['id']}")
            if shown["status"] == "scheduled" and one is other:
                await did(dan, other, "unschedule")
    print(outcomes)


def seen_start(visit: Any) -> Any:
    """When a visit is planned."""
    return datetime.fromisoformat(visit["planned_start"])


async def test_a_day_that_was_cleared_in_bulk_is_undone_and_redone_as_one(acme: Company) -> None:
    job = await a_job(acme)
    ana = await technician(acme, "Ana Bulk")
    visits = [await job.planned(ana, at=job.nine + place * HOUR) for place in range(3)]
    ended_one = await job.visit()
    await did(job.dana, ended_one, "cancel", reason="Rain.")
    asked = await job.dana.made(
        "/api/v2/bulk",
        {
            "list": "visits",
            "action": "unschedule",
            "params": {"reason": "Ana is ill."},
            "ids": [one["id"] for one in (*visits, ended_one)],
        },
    )
    path = f"/api/v2/bulk/{asked['id']}"
    assert (await job.dana.post(f"{path}/undo")).json()["code"] == "not_undoable"
    async with acme.server.state.sessions.open(Scope(acme.id, job.dana.user_id)) as session:
        ctx = await act_for(session, job.dana.user_id)

        @asynccontextmanager
        async def transaction(*, last: bool = False) -> AsyncIterator[Ctx]:
            yield ctx
            await session.commit()

        await bulk.carry_out(transaction, UUID(asked["id"]))
    done = await job.dana.got(path)
    assert (done["rows_changed"], done["rows_refused"]) == (3, 1)
    command = await last(job.dana)
    assert (command["sentence"], command["bulk_action_id"]) == ("Unschedule: 3 visits", asked["id"])
    undone = await step(job.dana, command, "undo")
    assert [plain(one) for one in undone["visits"]] == [plain(one) for one in visits]
    assert (await job.dana.got(path))["rows_restored"] == 3
    redone = await step(job.dana, command, "redo")
    assert {one["status"] for one in redone["visits"]} == {"unscheduled"}
    back = await job.dana.made(f"{path}/undo")
    assert (back["status"], back["rows_changed"], back["rows_restored"]) == ("undone", 0, 3)
    await step(job.dana, command, "redo")
    await job.schedule(redone["visits"][0], ana, start=job.nine)
    now = await job.dana.got(f"{VISITS}/{visits[0]['id']}")
    await job.schedule(now, ana, start=job.nine)
    assert (await refused(job.dana, command))["code"] == "touched_since"
