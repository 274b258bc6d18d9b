"""Exports that are made without a worker, or by one that can be killed.

`python -m tests.support.exports URL FOLDER` is a worker in a process of its own, that makes exports.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from app.api.reading import ListReader
from app.config import Environment, Settings
from app.core.crypto import Signer
from app.core.db import Scope, Sessions, hold_still, make_engine
from app.main import create_app
from app.process import State, make_tools
from app.services import exports
from app.services.context import Ctx
from app.services.identity.acting import act_for
from app.tasks.exporting import exporting
from app.tasks.work import Definition
from app.tasks.worker import Worker
from tests.support import nest
from tests.support.database import Database
from tests.support.jobs import HEARTBEAT
from tests.support.people import Person
from tests.support.server import Server

EXPORTS = "/api/v2/exports"


@dataclass
class Attempt:
    """As `app.tasks.work.Work`, without a job."""

    server: Server
    person: Person
    org_id: UUID

    @asynccontextmanager
    async def transaction(self, *, last: bool = False) -> AsyncIterator[Ctx]:
        async with self.server.state.sessions.open(self._scope) as session:
            yield await act_for(session, self.person.user_id)
            await session.commit()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Ctx]:
        async with self.server.state.sessions.open(self._scope) as session:
            await hold_still(session)
            yield await act_for(session, self.person.user_id)

    @property
    def _scope(self) -> Scope:
        return Scope(self.org_id, self.person.user_id, "export", "attempt")


async def asked(person: Person, **body: Any) -> dict[str, Any]:
    """An export that nobody has begun to make."""
    reply = await person.post(EXPORTS, json=body)
    assert reply.status_code == 202, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def make(server: Server, person: Person, org_id: UUID, export_id: str) -> None:
    """Make it here and now."""
    await exports.carry_out(
        Attempt(server, person, org_id), ListReader(server.app), UUID(export_id)
    )


def makers(server: Server) -> Mapping[str, Definition]:
    """What a worker that makes exports can do."""
    return {exports.JOB: exporting(ListReader(server.app))}


async def ended(person: Person, export_id: str, *, within: float = 30) -> dict[str, Any]:
    """Wait until nothing more becomes of it."""
    async with asyncio.timeout(within):
        while True:
            found: dict[str, Any] = await person.got(f"{EXPORTS}/{export_id}")
            if found["status"] not in ("queued", "running"):
                return found
            await asyncio.sleep(0.05)


async def worker_process(database: Database, folder: Path) -> nest.Program:
    """A worker in a process of its own."""
    return await asyncio.to_thread(
        nest.python, "tests.support.exports", database.app, folder, stdout=sys.__stdout__
    )


async def _main(url: str, folder: str) -> None:
    engine = make_engine(url, pool_size=6)
    settings = Settings(environment=Environment.test, data=Path(folder), database_url=url)
    sessions = Sessions(engine, tools=make_tools(settings, "test", engine))
    app = create_app(State(settings, engine, sessions, Signer("test", "cursor")))
    definitions = {exports.JOB: exporting(ListReader(app))}
    await Worker(sessions, url, definitions=definitions, heartbeat=HEARTBEAT).run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
