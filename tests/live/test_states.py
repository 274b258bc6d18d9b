"""What is not in the journal: the latest of each thing, in its pace, to whoever may see it."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.v2.stories import READ_WITH
from app.core.db import Scope, Sessions, tell_live
from app.models.customers import Customer
from app.models.permissions import Permission, RecordScope
from app.models.sites import Site
from app.models.technicians import Technician
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.realtime import rights, rooms, topics
from app.realtime.seeing import reached_by
from app.realtime.sources import Source, State, Stirred
from app.services.identity.live import standings, versions
from app.services.reading import THROUGH
from app.services.tracking.live import Watched
from tests.support.field import a_job, technician
from tests.support.live import listening
from tests.support.people import Company
from tests.support.server import Server


def test_each_key_has_its_pace_and_too_many_lose_the_oldest() -> None:
    stirred = Stirred(most=3, pace=1)
    stirred.add("a")
    assert stirred.due(10.0) == ["a"]
    stirred.add("a")
    stirred.add("b")
    assert stirred.due(10.5) == ["b"]
    assert stirred.due(10.9) == []
    assert stirred.due(11.0) == ["a"]
    for key in "cdefc":
        stirred.add(key)
    assert stirred.due(20.0) == ["e", "f", "c"]
    assert list(stirred.told) == ["e", "f", "c"]
    stirred = Stirred(most=3, pace=1)
    stirred.put_back(["f", "c"])
    stirred.add("g")
    assert stirred.due(30.0) == ["f", "c", "g"]


async def test_states_are_told_to_whoever_sees_their_record(
    server: Server, acme: Company, rival: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a kind of this test's own, told from the transaction that changes it."""
    tess = await technician(acme)
    looked: list[list[str]] = []

    async def look(session: AsyncSession, keys: Collection[str]) -> list[State]:
        looked.append(sorted(keys))
        return [
            State(key, ("van", f"technician:{key}"), {"technician_id": key, "fuel": len(looked)})
            for key in keys
        ]

    van = Source(
        "van", "fuel", Permission.technicians_read, look, Technician, told_on=("van", "technician:")
    )
    monkeypatch.setattr(rooms, "SOURCES", (van,))
    monkeypatch.setattr(topics, "SOURCES", (van,))
    dana, fred = await acme.person("dispatcher"), await rival.person("dispatcher")
    async with listening(dana, "van") as here, listening(fred, "van") as theirs:
        async with listening(dana, f"technician:{tess}") as one:
            for _ in range(5):
                await refuel(server, acme, tess)
            assert (await here.one("fuel"))["technician_id"] == tess
            assert (await one.one("fuel"))["topic"] == f"technician:{tess}"
            await refuel(server, acme, tess)
            await here.until(lambda: len(here.all("fuel")) == 2)
        assert all(keys == [tess] for keys in looked)
        assert len(looked) == 2, "what follows within a second waits, and is told once"
        assert theirs.all("fuel") == []


async def test_what_could_not_be_told_is_told_later(
    server: Server, acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database fails in a look, and cuts who publishes and who listens."""
    tess = await technician(acme)
    fails = [OSError("the database is away")]
    drives: list[str] = []

    async def look(session: AsyncSession, keys: Collection[str]) -> list[State]:
        while fails:
            raise fails.pop()
        return [State(key, ("van",), {"drives": len(drives)}) for key in keys]

    async def all_of_them(session: AsyncSession, most: int) -> list[str]:
        return [tess]

    van = Source(
        "van", "fuel", Permission.technicians_read, look, everything=all_of_them, told_on=("van",)
    )
    monkeypatch.setattr(rooms, "SOURCES", (van,))
    monkeypatch.setattr(topics, "SOURCES", (van,))
    admin = await asyncpg.connect(server.database.admin)
    ended = (
        "select pg_terminate_backend(pid, 1000) from pg_stat_activity where application_name = $1"
    )
    async with listening(await acme.person("dispatcher", "levels"), "van") as live:
        for cut in ("nobody", "truckroll wake", "truckroll hub"):
            await admin.execute(ended, cut)
            drives.append(cut)
            await refuel(server, acme, tess)
            await live.until(lambda: live.told[-1].get("drives") == len(drives))
    await admin.close()


async def refuel(server: Server, company: Company, id: str) -> None:
    """A transaction that changes nothing in the journal, and says so to live."""
    async with server.state.sessions.open(Scope(company.id)) as session:
        await session.connection()
        tell_live(session.sync_session, "van", company.id, id)
        await session.commit()


async def test_many_are_asked_about_as_each_would_be(server: Server, acme: Company) -> None:
    """One question for all who have a scope answers what each one's own would."""
    everybody = [
        await acme.person(role, f"{role} {number}")
        for role in ("technician", "dispatcher")
        for number in range(2)
    ]
    crew = [await technician(acme, one.email, who=one) for one in everybody[:2]]
    job = await a_job(acme)
    for start, on_it in enumerate(crew):
        await job.planned(on_it, at=job.nine + timedelta(hours=3 * start))
    for one in everybody[2:3]:
        await one.got("/api/v2/technicians/positions")
    async with server.state.sessions.open(Scope(acme.id)) as session:
        asked = [model for model in READ_WITH if model not in THROUGH]
        ids = {model: set(await session.scalars(select(model.id))) for model in asked} | {
            Watched: {UUID(id) for id in crew}
        }
        assert all(ids[model] for model in (Visit, WorkOrder, Customer, Site, Technician))
        sign_ins = [
            UUID(mine["id"])
            for one in everybody
            for mine in (await one.got("/api/v2/me/sessions"))["data"]
            if mine["current"]
        ]
        found = await standings(server.state.sessions, sign_ins)
        for scope in RecordScope:
            group = {replace(who, record_scope=scope) for who in found.values()}
            for model, records in ids.items():
                together = await reached_by(session, model, records, group)  # type: ignore[arg-type]
                for who in group:
                    alone = select(model.id).where(model.id.in_(records), model.visible_to(who))
                    mine = set(await session.scalars(alone))
                    assert set(together.get(who, ())) == mine, (model, scope)


async def test_who_comes_while_rights_are_looked_at_stays(
    server: Server, acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look at the rights of those who are there says nothing of somebody who came meanwhile."""
    asked, may_go_on = asyncio.Event(), asyncio.Event()

    async def slowly(sessions: Sessions, ids: Collection[UUID]) -> dict[UUID, int]:
        found = await versions(sessions, ids)
        asked.set()
        await may_go_on.wait()
        return found

    early, late = await acme.person("dispatcher", "early"), await acme.person("viewer", "late")
    async with listening(early, "me") as before:
        (room,) = server.state.hub.rooms.values()
        monkeypatch.setattr(rights, "versions", slowly)
        looking = asyncio.create_task(room._close_the_fallen(1e9))
        await asked.wait()
        monkeypatch.setattr(rights, "versions", versions)
        async with listening(late, "me") as after:
            may_go_on.set()
            await looking
            await after.say("unsubscribe", topic="me")
            await after.one("unsubscribed")
        assert before.closed is None
