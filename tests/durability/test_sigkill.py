"""What was acknowledged is there, once, whatever kills us in between.

`make test-deep` writes a thousand and kills three times.
"""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest_asyncio

from app.config import Settings
from app.core.db import Scope, Sessions, make_engine
from app.installation import opened
from app.services.identity.organisations import NewOrganisation, add_person, create_organisation
from tests.support import process
from tests.support.deep import times
from tests.support.people import PASSWORD
from tests.support.ready import ready

WRITES, WRITERS, KILLS = times(150, deep=1000), 8, times(1, deep=3)
QUIET = 25
"""Looks, a tenth of a second apart; the relay looks every second whatever wakes it."""
EMAIL = "dana@durable.example.com"


async def found(url: str) -> None:
    """An organisation with one dispatcher."""
    engine = make_engine(url, pool_size=1)
    async with Sessions(engine).open() as session:
        new = NewOrganisation("Durable", "durable", "America/Chicago")
        org_id = await create_organisation(session, new)
        await session.commit()
    async with Sessions(engine).open(Scope(org_id)) as session:
        await add_person(session, email=EMAIL, name="Dana", role="dispatcher", password=PASSWORD)
        await session.commit()
    await engine.dispose()


@pytest_asyncio.fixture
async def data() -> AsyncIterator[Path]:
    """A data folder with one organisation in it, and nothing running."""
    with tempfile.TemporaryDirectory(prefix="truckroll-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        await asyncio.to_thread(prepare, path)
        yield path
        assert await process.until_gone(path)


def prepare(path: Path) -> None:
    ready(path)
    with opened(Settings(data=path, database_url=None)) as installation:
        asyncio.run(found(installation.app_url))


@pytest_asyncio.fixture
async def started(data: Path) -> AsyncIterator[list[process.Running]]:
    """What the test has started: none of it outlives the test, however it ends."""
    running: list[process.Running] = []
    yield running
    for one in running:
        if one.process.poll() is None:
            await asyncio.to_thread(one.kill)


class Writer:
    """Sends numbered customers until told to stop, and remembers what was acknowledged."""

    def __init__(self, url: str, token: str, todo: list[int], said: dict[int, bytes]) -> None:
        self.client = httpx2.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=20
        )
        self.todo, self.said = todo, said

    async def send(self, number: int) -> httpx2.Response:
        return await self.client.post(
            "/api/v2/customers",
            json={"name": f"Customer {number:04}"},
            headers={"Idempotency-Key": f"write-{number}"},
        )

    async def run(self) -> None:
        while self.todo:
            number = self.todo.pop()
            try:
                reply = await self.send(number)
            except httpx2.HTTPError:
                self.todo.append(number)  # not acknowledged: it is sent again after the restart
                return
            assert reply.status_code == 201, reply.text
            self.said[number] = reply.content


async def sign_in(url: str) -> str:
    async with httpx2.AsyncClient(base_url=url) as client:
        reply = await client.post("/api/v2/auth/login", json={"email": EMAIL, "password": PASSWORD})
        token: str = reply.json()["access_token"]
        return token


async def read_feed(client: httpx2.AsyncClient) -> list[dict[str, Any]]:
    """The whole journal by number, until the relay has had time to give more and gave none."""
    feed: list[dict[str, Any]] = []
    quiet = 0
    while quiet < QUIET:
        since = feed[-1]["seq"] if feed else 0
        reply = await client.get("/api/v2/journal", params={"since": since, "limit": 200})
        feed += reply.json()["data"]
        quiet = 0 if reply.json()["data"] else quiet + 1
        if quiet:
            await asyncio.sleep(0.1)
    return feed


async def test_sigkill_during_a_thousand_writes(data: Path, started: list[process.Running]) -> None:
    todo, said = list(range(WRITES)), dict[int, bytes]()
    chance = random.Random(7)
    for kill in range(KILLS + 1):
        running = await asyncio.to_thread(process.start, data, "--no-demo")
        started.append(running)
        token = await sign_in(running.url)
        writers = [Writer(running.url, token, todo, said) for _ in range(WRITERS)]
        work = [asyncio.create_task(writer.run()) for writer in writers]
        if kill < KILLS:
            target = len(said) + WRITES // (KILLS + 2) + chance.randrange(40)
            while len(said) < target:
                await asyncio.sleep(0.005)
            await asyncio.to_thread(running.kill)
            await asyncio.gather(*work)
            assert await process.until_gone(data), "PostgreSQL outlived its last server"
        else:
            await asyncio.gather(*work)
        for writer in writers:
            await writer.client.aclose()
    assert len(process.postmasters(data)) == 1
    assert sorted(said) == list(range(WRITES))

    # every request again: byte-equal replies, and nothing new
    again = Writer(running.url, token, [], {})
    for number in range(WRITES):
        reply = await again.send(number)
        assert reply.headers["idempotent-replayed"] == "true"
        assert reply.content == said[number]
    page = await again.client.get("/api/v2/customers", params={"limit": 1, "include_total": "true"})
    assert page.json()["total"] == WRITES

    # each write stands in the journal once, and the numbers have no hole
    feed = await read_feed(again.client)
    created = [one for one in feed if one["entity"] == "customer" and one["action"] == "created"]
    assert len(created) == len({one["entity_id"] for one in created}) == WRITES
    assert [one["seq"] for one in feed] == list(range(1, len(feed) + 1))
    await again.client.aclose()
    assert await asyncio.to_thread(running.stop) == 0
    print(f"{WRITES} acknowledged, {KILLS} kills, 0 lost, 0 doubled, {len(feed)} numbers, 0 holes")
