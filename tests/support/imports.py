"""Sending a list of customers, and waiting until it has been read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.core.wake import Wake
from app.tasks.definitions import DEFINITIONS
from tests.support.jobs import SOON, working
from tests.support.people import Person
from tests.support.server import Server

ROOT = Path(__file__).resolve().parents[2]
IMPORTS = "/api/v2/imports"
TOUR = (ROOT / "docs" / "tour-customers.csv").read_bytes()
"""200 customers, six rows of which are broken, each in its own way."""


@asynccontextmanager
async def reading(server: Server) -> AsyncIterator[None]:
    """A worker, woken by commits, until the block ends; what fails is tried again at once."""
    stop, wake = asyncio.Event(), Wake(server.database.app)
    waking = asyncio.create_task(wake.run(stop))
    server.state.sessions._after_commit = wake.poke
    hasty = {kind: replace(one, delay=SOON) for kind, one in DEFINITIONS.items()}
    async with working(server.database, server.state.sessions, hasty):
        yield
    stop.set()
    await waking


async def send(person: Person, content: bytes | str, name: str = "list.csv", **form: Any) -> Any:
    """The reply to `POST /imports`."""
    body = content.encode() if isinstance(content, str) else content
    fields = {"kind": "customers", **form}
    return await person.post("/api/v2/imports", data=fields, files={"file": (name, body)})


async def imported(person: Person, content: bytes | str, **form: Any) -> dict[str, Any]:
    """The import once it has ended; a worker must be running."""
    reply = await send(person, content, **form)
    assert reply.status_code == 202, reply.text
    return await finished(person, reply.json()["id"])


async def asked(person: Person, import_id: str, verb: str) -> dict[str, Any]:
    """The import, or the one that took its place, once what was asked for has ended."""
    reply = await person.post(f"/api/v2/imports/{import_id}/{verb}")
    assert reply.is_success, reply.text
    return await finished(person, reply.json()["id"])


async def finished(person: Person, import_id: str) -> dict[str, Any]:
    """The import once it has ended."""
    async with asyncio.timeout(60):
        while True:
            found: dict[str, Any] = await person.got(f"/api/v2/imports/{import_id}")
            if found["status"] not in ("queued", "running", "undoing"):
                return found
            await asyncio.sleep(0.05)


async def errors(person: Person, import_id: str, **filters: Any) -> list[dict[str, Any]]:
    """What was found in it, in the file's order."""
    page = await person.got(f"/api/v2/imports/{import_id}/errors", limit=200, **filters)
    return list(page["data"])


def counts(found: dict[str, Any]) -> tuple[int, ...]:
    """Read, created, updated, unchanged, refused rows."""
    return tuple(
        found[f"rows_{word}"] for word in ("read", "created", "updated", "unchanged", "refused")
    )
