"""A process ends while people listen and ask: nobody misses anything, and no request fails (check H8)."""

import asyncio
import os
import re
import signal
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.live.test_picture import agree
from tests.support import nest
from tests.support.database import Database
from tests.support.deep import times
from tests.support.field import VISITS, a_job, technician
from tests.support.live import listening
from tests.support.people import Company, Person, found_company, sign_in
from tests.support.picture import kept
from tests.support.process import free_port
from tests.support.server import Server

LISTENERS = 12
ENDS_WITHIN = 30
"""Seconds that a process may take to end."""


async def web(database: Database, data: Path, port: int) -> nest.Program:
    """A web process as `./run serve --no-work` is one, once it is ready."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DATABASE_", "REDIS_", "TRUCKROLL_"))
    } | {
        "DATABASE_URL": database.app,
        "TRUCKROLL_ENVIRONMENT": "test",
        "RATE_LIMITS_TIMES": "100",
        "OPS_PORT": "0",
        **({"REDIS_URL": database.redis} if database.redis else {}),
    }
    data.mkdir(parents=True, exist_ok=True)
    log = data / "output.log"
    arguments = ("serve", "--no-work", "--no-demo", "--data", str(data), "--port", str(port))
    with log.open("wb") as out:
        program = nest.python("app", *arguments, environment=environment, stdout=out, together=True)
    async with asyncio.timeout(60):
        while b"\nready http" not in b"\n" + log.read_bytes():
            assert program.poll() is None, log.read_text()
            await asyncio.sleep(0.05)
    return program


class Process:
    """A web process of its own, that goes and comes back at its address."""

    def __init__(self, database: Database, data: Path, url: str) -> None:
        self._start = lambda: web(database, data, int(url.rpartition(":")[2]))

    async def start(self) -> None:
        self._program = await self._start()

    async def end(self) -> None:
        self._program.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(self._program.wait, ENDS_WITHIN) == 0

    async def restart(self, pause: float) -> None:
        """After a while, and for a while."""
        await asyncio.sleep(pause)
        await self.end()
        await asyncio.sleep(pause)
        await self.start()


async def ask(person: Person, urls: list[str], stop: asyncio.Event) -> tuple[int, list[str]]:
    """Requests one after the other, each on a line of its own, as a balancer sends them: to the next
    process where one takes no connection, or hangs up before a word of an answer. How many, and those
    that failed."""
    asked, failed = 0, []
    while not stop.is_set():
        for url in urls:
            where = urlsplit(url)
            try:
                reader, writer = await asyncio.open_connection(where.hostname, where.port)
            except OSError:
                continue
            writer.write(
                f"GET {VISITS}?limit=1 HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n"
                f"Authorization: {person.headers['Authorization']}\r\n\r\n".encode()
            )
            try:
                reply = await reader.read()
            except OSError:
                reply = b""
            if not reply:  # it was ending, and had not begun to answer
                writer.close()
                continue
            if not (reply.startswith(b"HTTP/1.1 200 ") and reply.endswith(b"}")):
                failed.append(reply.decode())
            writer.close()
            asked += 1
            break
        await asyncio.sleep(0.01)
    return asked, failed


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL][: times(1, deep=2)])
async def test_a_process_ends_and_comes_back(
    database: Database, server: Server, tmp_path: Path, how: signal.Signals
) -> None:
    company = await found_company(server, how.name.lower())
    job = await a_job(company)
    tess = await technician(company)
    here, day = await company.person("dispatcher"), job.nine.date()
    port = free_port()
    there = f"http://127.0.0.1:{port}"
    program = await web(database, tmp_path, port)
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        asking = asyncio.create_task(ask(here, [there, server.url], stop))
        stays = await stack.enter_async_context(kept(here, day, server.url))
        moves = await stack.enter_async_context(
            kept(await company.person("manager"), day, there, server.url)
        )
        # to whom the one that goes is all there is: sockets, tickets and pictures
        viewer = await company.person("viewer")
        alone = await sign_in(replace(server, url=there), viewer.email, company.slug)
        stack.push_async_callback(alone.aclose)
        waits_for_it = await stack.enter_async_context(kept(alone, day, there))
        others = [
            await stack.enter_async_context(listening(one, f"board:{day}", url=there))
            for one in await several(company)
        ]
        visits = [(await job.visit())["id"] for _ in range(2)]
        for number in range(12):
            if number == 4:
                program.send_signal(how)
            if number == 8:
                await asyncio.to_thread(program.wait, ENDS_WITHIN)
                program = await web(database, tmp_path, port)
                await moves.live.cut()
            visit = await job.dana.got(f"{VISITS}/{visits[number % 2]}")
            await job.schedule(visit, tess, start=job.nine + timedelta(hours=number % 5))
        await agree(database, company, stays, moves, waits_for_it)
        assert stays.heard[-len(moves.heard) :] == moves.heard, "nothing was missed, or told twice"
        assert moves.resyncs == 1

        for other in others:
            assert await other.ended() == {signal.SIGTERM: 1012, signal.SIGKILL: 1006}[how]
        waits = [one["after_ms"] for other in others for one in other.all("reconnect")]
        assert len(waits) == {signal.SIGTERM: LISTENERS, signal.SIGKILL: 0}[how]
        assert max(waits, default=0) < 20 * 50
        assert len(set(waits)) >= len(waits) // 2, "they do not come back in step"
        stop.set()
        asked, failed = await asking
        assert asked > 10
        assert failed == [] or how == signal.SIGKILL
    program.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(program.wait, ENDS_WITHIN) == 0
    log = (tmp_path / "output.log").read_text()
    assert "ready http" in log
    assert not re.search(r"tr_[a-z]{2}_", log), "no ticket and no token stands in a log"
    await company.close()


async def several(company: Company) -> list[Person]:
    """So many places for listeners: no person has more than a few sockets."""
    people = [await company.person("viewer", name) for name in ("vic", "val")]
    return people * (LISTENERS // 2)
