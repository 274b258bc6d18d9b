"""What is not in the journal: the latest of each thing, in its pace, to whoever may see it."""

from collections.abc import Collection

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import tell_live
from app.models.permissions import Permission
from app.models.technicians import Technician
from app.realtime import rooms, topics
from app.realtime.sources import Source, State, Stirred
from tests.support.field import technician
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
        "van", "fuel", Permission.technicians_read, look, Technician, ("van", "technician:")
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


async def refuel(server: Server, company: Company, id: str) -> None:
    """A transaction that changes nothing in the journal, and says so to live."""
    from app.core.db import Scope

    async with server.state.sessions.open(Scope(company.id)) as session:
        await session.connection()
        tell_live(session.sync_session, "van", company.id, id)
        await session.commit()
