"""A whole backup that is taken while files are still on their way into an organisation."""

import asyncio
import io
from pathlib import Path
from typing import Any

import asyncpg
import obstore
import pytest

from app.backup.making import FILES, _copy_files
from app.core.archive import Writer
from app.core.db import Scope
from app.core.errors import Conflict
from app.services.files import arriving
from app.services.identity.acting import act_for
from tests.support.people import Company
from tests.support.server import Server
from tests.test_files import sent

KEPT = Path(".data/files")


async def test_files_that_wait_beside_their_places_are_in_the_backup(
    acme: Company, server: Server
) -> None:
    file = await sent(await acme.person("owner"), "plan.txt", b"On its way.")
    home, beside = KEPT / str(acme.id) / file["id"], KEPT / "arriving" / str(acme.id)
    beside.mkdir(parents=True)
    (home / "content").rename(beside / f"{file['id']}.content")
    async with server.state.sessions.open(Scope(acme.id, source="restore")) as session:
        await arriving.ask(await act_for(session, None))
        await session.commit()

    told = await copied(server)
    assert (told["missing"], told["copied"]) == ([], 1)
    assert await finished(server, acme)
    again = await copied(server)
    assert (again["missing"], again["copied"]) == ([], 1)


async def finished(server: Server, company: Company) -> bool:
    """Let them come to their places."""
    await arriving.finish(server.state.sessions, company.id)
    return not list((KEPT / "arriving" / str(company.id)).glob("*"))


async def copied(server: Server) -> dict[str, Any]:
    """What a backup says of the files that it copied."""
    connection = await asyncpg.connect(server.database.admin)
    try:
        writer = Writer(io.BytesIO())
        told = await _copy_files(connection, KEPT, writer)
        assert [part.name.partition("/")[0] for part in writer.parts] == [FILES] * told["copied"]
        return told
    finally:
        await connection.close()


async def test_no_transaction_is_open_while_files_are_moved_and_nobody_else_moves_them(
    acme: Company, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that is slow holds no row, and longer than a transaction may idle is no fault."""
    file = await sent(await acme.person("owner"), "slow.txt", b"On its slow way.")
    home, beside = KEPT / str(acme.id) / file["id"], KEPT / "arriving" / str(acme.id)
    beside.mkdir(parents=True, exist_ok=True)
    (home / "content").rename(beside / f"{file['id']}.content")
    async with server.state.sessions.open(Scope(acme.id, source="restore")) as session:
        await arriving.ask(await act_for(session, None))
        await session.commit()

    moving, go_on = asyncio.Event(), asyncio.Event()
    rename = obstore.rename_async

    async def slowly(*given: Any) -> None:
        moving.set()
        await go_on.wait()
        await rename(*given)

    monkeypatch.setattr(obstore, "rename_async", slowly)
    admin = await asyncpg.connect(server.database.admin)
    first = asyncio.create_task(arriving.finish(server.state.sessions, acme.id))
    await moving.wait()
    idle = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'"
    assert await admin.fetchval(idle) == 0
    async with server.state.sessions.open(Scope(acme.id, source="restore")) as session:
        with pytest.raises(Conflict, match="by somebody else"):
            await arriving.alone(session)
    with pytest.raises(Conflict, match="by somebody else"):
        await arriving.finish(server.state.sessions, acme.id)
    go_on.set()
    await first
    assert (home / "content").read_bytes() == b"On its slow way."
    held = (
        "select count(*) from pg_locks l join pg_database d on d.oid = l.database"
        " where locktype = 'advisory' and datname = current_database()"
    )
    assert await admin.fetchval(held) == 0
    async with arriving.alone_outside(server.state.sessions, acme.id):
        pass  # whoever comes next is let in
    await admin.close()
