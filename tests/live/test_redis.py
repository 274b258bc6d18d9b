"""Redis between the processes: ids only, nothing lost when it goes and comes, no word to other
installations (the rest of this folder runs on it, too)."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from signal import SIGCONT, SIGSTOP, SIGTERM
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from redis.asyncio import Redis as Client

from app.core.wake import LIVE, NUMBERED
from app.integrations.redis import Redis
from app.postgres import Cluster
from app.realtime.bounds import Bounds
from tests.support import nest
from tests.support.database import Database, clone, drop
from tests.support.field import a_job, did, technician
from tests.support.live import listening, living
from tests.support.people import Company, found_company
from tests.support.redis_server import RedisServer
from tests.support.server import Server

PATIENT = replace(Bounds(), marks=50, heartbeat=3600)
"""Nobody looks by themselves: what is told came by Redis, or by its return."""


told_by_redis = pytest.mark.parametrize("database", ["redis"], indirect=True, scope="module")


@pytest_asyncio.fixture(scope="module")
async def others(database: Database, server: Server) -> AsyncIterator[list[Server]]:
    """Two more processes, that do not look by themselves."""
    async with living(database, bounds=PATIENT) as one, living(database, bounds=PATIENT) as two:
        yield [one, two]


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)


@told_by_redis
async def test_what_travels_is_ids(acme: Company, redis: RedisServer, others: list[Server]) -> None:
    job = await a_job(acme)
    tess = await technician(acme, "Tess of Secrets")
    client = Client.from_url(redis.url, decode_responses=True)
    async with client.pubsub() as line, AsyncExitStack() as stack:
        await line.psubscribe("*")
        await line.get_message(timeout=5)
        lives = [
            await stack.enter_async_context(listening(job.dana, f"board:{job.day}", url=one.url))
            for one in others
        ]
        await lives[0].say("here", topic=f"board:{job.day}")
        visit = await job.planned(tess)
        await did(job.dana, visit, "dispatch")
        for live in lives:
            await live.fact("visit.dispatched")
            await live.one("presence")
        said = []
        while message := await line.get_message(timeout=0.5):
            said += [(message["channel"], one) for one in message["data"].split("\n")]
    await client.aclose()
    id = r"[0-9a-f-]{36}"
    allowed = {
        f"{NUMBERED}:3": rf"({id}|\*)",
        f"{LIVE}:3": rf"presence {id} board:[0-9-]{{10}} (\?|[0-9a-f]{{32}}) ({id})?",
    }
    assert {channel for channel, _ in said} == set(allowed)
    assert [(to, one) for to, one in said if not re.fullmatch(allowed[to], one)] == []


@told_by_redis
async def test_when_it_was_away_everybody_looks(
    acme: Company, redis: RedisServer, others: list[Server]
) -> None:
    job = await a_job(acme)
    topic = f"board:{job.day}"
    async with listening(job.dana, topic, url=others[0].url) as live:
        visit = await job.planned(await technician(acme))
        await live.fact("visit.scheduled")
        redis.stop()
        await did(job.dana, visit, "dispatch")  # nobody waits for it
        await asyncio.sleep(1)
        assert "visit.dispatched" not in live.facts
        async with listening(job.dana, topic, url=others[1].url) as came:  # nor does this
            await came.one("subscribed")
        redis.start()
        await live.fact("visit.dispatched")
        await did(job.dana, visit, "recall")
        await live.fact("visit.recalled")
        seqs = [one["seq"] for one in live.all("event")]
        assert seqs == sorted(set(seqs))


async def test_one_that_says_nothing_is_left(redis: RedisServer) -> None:
    """Its machine is gone without a word: the line looks as it always did."""
    backs: list[int] = []
    channel = {"truckroll_x": lambda _: None}
    hearing = asyncio.create_task(
        Redis(redis.url, patience=0.3).hear(channel, lambda: backs.append(1), asyncio.Event())
    )
    await until(lambda: backs)
    await asyncio.sleep(1.5)
    assert not hearing.done(), "silence is nothing, while somebody answers"
    redis.signal(SIGSTOP)
    try:
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(hearing, 5)
        with pytest.raises(OSError):
            async with Redis(redis.url, patience=0.3).speaking() as say:
                await asyncio.wait_for(say([("truckroll_x", "1")]), 5)
    finally:
        redis.signal(SIGCONT)


async def test_installations_with_numbers_of_their_own_do_not_hear_each_other(
    redis: RedisServer,
) -> None:
    stop, told = asyncio.Event(), {"/3": [], "/4": []}  # type: dict[str, list[str]]
    backs: list[str] = []
    urls = {number: redis.url.removesuffix("/3") + number for number in told}
    hearing = [
        asyncio.create_task(
            Redis(url).hear({NUMBERED: told[number].append}, lambda: backs.append("back"), stop)
        )
        for number, url in urls.items()
    ]
    await until(lambda: len(backs) == 2)
    organisations = {number: str(uuid4()) for number in told}
    for number, url in urls.items():
        async with Redis(url).speaking() as say:
            await say([(NUMBERED, organisations[number])])
    await until(lambda: all(told.values()))
    await asyncio.sleep(0.2)
    assert told == {number: [id] for number, id in organisations.items()}
    stop.set()
    await asyncio.wait_for(asyncio.gather(*hearing), 5)


@told_by_redis
async def test_who_may_not_come_in_says_so_and_the_rest_goes_on(
    database: Database, redis: RedisServer, acme: Company
) -> None:
    wrong = redis.url.replace(redis.password, "wrong")
    with pytest.raises(ConnectionError):
        await Redis(wrong).hear({NUMBERED: print}, lambda: None, asyncio.Event())
    job = await a_job(acme)
    bounds = replace(PATIENT, heartbeat=1)
    async with (
        living(database, bounds=bounds, redis_url=wrong) as deaf,
        listening(job.dana, f"board:{job.day}", url=deaf.url) as live,
    ):
        await job.planned(await technician(acme))
        await live.fact("visit.scheduled")  # by looking at every heartbeat


async def test_a_worker_of_its_own_tells_the_hubs(
    cluster: Cluster, redis: RedisServer, tmp_path: Path
) -> None:
    """`./run work` numbers, and says so by Redis; nobody else here does."""
    alone = replace(await clone(cluster, "test_live_redis_alone"), redis=redis.url)
    log = tmp_path / "output.log"
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": alone.app,
        "DATABASE_RELAY_URL": alone.relay,
        "REDIS_URL": redis.url,
        "TRUCKROLL_ENVIRONMENT": "test",
        "OPS_PORT": "0",
    }
    async with living(alone, bounds=PATIENT) as here:
        with log.open("wb") as out:
            worker = nest.python(
                "app",
                "work",
                "--data",
                tmp_path,
                environment=environment,
                stdout=out,
                together=True,
            )
        try:
            await until(lambda: b"working: taking jobs" in log.read_bytes())
            company = await found_company(here, "alone")
            job = await a_job(company)
            async with listening(job.dana, f"board:{job.day}") as live:
                await job.planned(await technician(company))
                await live.fact("visit.scheduled")
            await company.close()
        finally:
            worker.send_signal(SIGTERM)
        assert await asyncio.to_thread(worker.wait, 30) == 0, log.read_text()
    await drop(alone)
