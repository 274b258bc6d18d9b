"""What others say on the channels between our processes: counted, passed over, and nobody's end."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from prometheus_client import REGISTRY
from redis.asyncio import Redis as Client

from app.core.bus import Bus, Postgres
from app.core.wake import FITS, LIVE, NUMBERED
from app.integrations.redis import Redis
from app.realtime.bounds import Bounds
from app.realtime.listening import Listener
from tests.support.database import Database
from tests.support.field import a_job, did, technician
from tests.support.live import listening, living
from tests.support.people import Company
from tests.support.server import Server

PATIENT = replace(Bounds(), marks=50, heartbeat=3600)
"""Nobody looks by themselves."""


def unreadable() -> float:
    return REGISTRY.get_sample_value("truckroll_hub_unreadable_total") or 0


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)


def nonsense(org_id: object) -> list[tuple[str, bytes]]:
    """To the channels of ours: no notice of ours, and some that begin like one."""
    some = str(uuid4())
    to_live = [
        f"gps {org_id}",
        f"gps {org_id} hello",
        f"gps {org_id} {some} {some}",
        f"gps hello {some}",
        f"presence {org_id} me",
        f"presence {org_id} me {uuid4().hex} hello",
        f"presence {org_id} me {uuid4().hex} {some} {some}",
        f"presence {org_id} me {uuid4().hex} \nhello",
    ]
    to_both = [
        *(b"hello", b"", b"\n\n", b"{}", b"\x1b[31m", b" " * 5_000, b"9" * FITS),
        *(b"\xff\xfe\x00\x80", b"\xc3", b"\x00", b"9" * 1_000_000),
        f"{org_id} {org_id}".encode(),
        f"gps\t{org_id}".encode(),
        f"{org_id}\nhello".encode(),
    ]
    return [
        *((LIVE, one.encode()) for one in to_live),
        *((channel, one) for channel in (NUMBERED, LIVE) for one in to_both),
    ]


async def say(database: Database, said: list[tuple[str, bytes]]) -> int:
    """As another program on the same Redis or database would; how many of these can be said there."""
    if database.redis:
        client = Client.from_url(database.redis)
        for channel, payload in said:
            await client.publish(f"{channel}:3", payload)
        await client.aclose()
        return len(said)
    other = await asyncpg.connect(database.app)
    texts = [(channel, one.decode("utf-8", "ignore")) for channel, one in said if len(one) <= FITS]
    texts = [(channel, one) for channel, one in texts if "\0" not in one]
    await other.executemany("select pg_notify($1, $2)", texts)
    await other.close()
    return len(texts)


async def test_what_others_say_there_is_counted_and_passed_over(
    acme: Company, server: Server, database: Database
) -> None:
    """Another program, or another version of this one."""
    job = await a_job(acme)
    tess = await technician(acme)
    before = unreadable()
    async with (
        living(database, bounds=PATIENT) as patient,
        listening(job.dana, f"board:{job.day}", "gps", url=patient.url) as live,
    ):
        said = await say(database, nonsense(acme.id))
        await until(lambda: unreadable() >= before + said)
        visit = await job.planned(tess)
        await live.fact("visit.scheduled")
        await did(job.dana, visit, "dispatch")
        await live.fact("visit.dispatched")
        assert live.closed is None


async def test_after_what_cannot_be_read_everybody_looks_once(database: Database) -> None:
    """Whoever said it may have meant something; a hundred times a second it is no order."""
    bus: Bus = Redis(database.redis) if database.redis else Postgres(database.app)
    backs: list[int] = []
    numbers: list[UUID] = []
    listener = Listener(
        bus,
        numbered=lambda said: numbers.append(UUID(said)),
        said=lambda _: None,
        back=lambda: backs.append(1),
    )
    stop = asyncio.Event()
    running = asyncio.create_task(listener.run(stop))
    await until(lambda: len(backs) == 1)
    good = uuid4()
    async with bus.speaking() as speak:
        await speak([(NUMBERED, f"hello {n}") for n in range(100)])
        await speak([(NUMBERED, str(good))])
    await until(lambda: numbers == [good])
    assert len(backs) == 1
    await until(lambda: len(backs) == 2)
    await asyncio.sleep(1.2)
    assert len(backs) == 2
    stop.set()
    await asyncio.wait_for(running, 5)
