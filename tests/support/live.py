"""Sockets in tests: `async with listening(dana, "board:2026-11-23") as live`, then `await live.event(…)`.

The server is the real one, with the hub running; what a client holds is everything it was told.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.core.wake import Wake
from app.main import create_app
from app.process import make_bus
from app.realtime.bounds import Bounds
from app.serving import protocols
from tests.support.database import Database
from tests.support.people import Person
from tests.support.server import Server, a_state, settings_for

TICKETS = "/api/v2/realtime/tickets"
PATIENCE = 10
"""Seconds after which a test gives up waiting; what it waits for takes milliseconds."""


@asynccontextmanager
async def living(
    database: Database, *, pool_size: int = 10, bounds: Bounds | None = None, **settings: Any
) -> AsyncIterator[Server]:
    """A server with a hub, until the block ends."""
    settings = {"redis_url": database.redis, **settings}
    wake = Wake(database.app, make_bus(settings_for(database, **settings)))
    state = a_state(database, pool_size=pool_size, after_commit=wake.poke, **settings)
    state.hub.bounds = bounds or replace(Bounds(), marks=50)
    app = create_app(state)
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            timeout_graceful_shutdown=10,
            **protocols(state.hub.bounds),
        )
    )
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(server.serve(sockets=[listener])),
        asyncio.create_task(state.hub.run(stop)),
        asyncio.create_task(wake.run(stop)),
    ]
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield Server(f"http://127.0.0.1:{listener.getsockname()[1]}", app, state, database)
    finally:
        server.should_exit = True
        await tasks[0]
        stop.set()
        await asyncio.gather(*tasks)
        await state.engine.dispose()


async def ticket(person: Person) -> str:
    """A ticket of this person's session."""
    return str((await person.made(TICKETS))["ticket"])


def address(url: str) -> str:
    """Where a server's sockets are."""
    return f"{url.replace('http', 'ws', 1)}/api/v2/realtime"


def board(visit: Any) -> str:
    """The topic of the day on which a planned visit shows, by the clock of tests' companies."""
    start = datetime.fromisoformat(visit["planned_start"])
    return f"board:{start.astimezone(ZoneInfo('America/Chicago')).date()}"


@dataclass
class Live:
    """A client's end: what it was told, in order."""

    connection: ClientConnection
    told: list[dict[str, Any]] = field(default_factory=list)
    closed: tuple[int, str] | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        """Take what comes until the end."""
        try:
            async for text in self.connection:
                self.told.append(json.loads(text))
                self._changed.set()
        except ConnectionClosed:
            pass
        self.closed = (self.connection.close_code or 0, self.connection.close_reason or "")
        self._changed.set()

    async def say(self, kind: str, **body: Any) -> None:
        """Send one message."""
        await self.connection.send(json.dumps({"type": kind, **body}))

    async def until(self, holds: Callable[[], Any]) -> Any:
        """What `holds()` answers once that is something."""
        async with asyncio.timeout(PATIENCE):
            while not (found := holds()):
                assert self.closed is None, (self.closed, self.told[-3:])
                self._changed.clear()
                await self._changed.wait()
        return found

    async def ended(self) -> int:
        """The close code, once it was closed."""
        async with asyncio.timeout(PATIENCE):
            while self.closed is None:
                self._changed.clear()
                await self._changed.wait()
        return self.closed[0]

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Everything told of one type."""
        return [one for one in self.told if one["type"] == kind]

    async def one(self, kind: str) -> dict[str, Any]:
        """The first of this type."""
        found: dict[str, Any] = (await self.until(lambda: self.all(kind)))[0]
        return found

    async def up_to(self, seq: int) -> None:
        """Wait until the client knows that nothing up to a number is missing."""
        await self.until(lambda: self.mark >= seq)

    @property
    def mark(self) -> int:
        """The number up to which nothing is missing."""
        return max((one["seq"] for one in self.told if "seq" in one), default=0)

    @property
    def facts(self) -> list[str]:
        """What happened, in order."""
        return [one["action"] for one in self.all("event")]

    async def fact(self, name: str) -> dict[str, Any]:
        """The first event of this fact."""
        return (await self.until(lambda: [e for e in self.all("event") if e["action"] == name]))[0]


@asynccontextmanager
async def listening(
    person: Person,
    *topics: str,
    url: str | None = None,
    since: int | None = None,
    proof: str = "",
    **options: Any,
) -> AsyncIterator[Live]:
    """This person's socket, subscribed, until the block ends."""
    hello: dict[str, Any] = {"ticket": await ticket(person)}
    if since is not None:
        hello |= {"since": since, "proof": proof}
    if topics:
        hello["topics"] = list(topics)
    async with connect(address(url or str(person.base_url).rstrip("/")), **options) as connection:
        live = Live(connection)
        task = asyncio.create_task(live.read())
        await live.say("hello", **hello)
        await live.one("subscribed" if topics else "welcome")
        try:
            yield live
        finally:
            await connection.close()
            await task
