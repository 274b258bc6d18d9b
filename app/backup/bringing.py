"""Bringing one organisation in from its archive, beside whoever else lives here.

Everything is proved before anything is touched, and everything is written in one transaction: until
it commits nobody sees a row, and a process that dies leaves none. Files stand beside their places until
then, and go there by a job that commits with the rows. It is written by the owning role
with the organisation's context set, so row-level security itself refuses a row of any other. Before
the commit all of it is read again, by the statements that wrote the archive, and has to give the same
digests.
"""

import asyncio
import hashlib
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.backup import present, replacing
from app.backup.archiving import packed, served
from app.backup.comparing import compare
from app.backup.loading import load
from app.backup.making import beside, say
from app.backup.proving import FILE, NAMES, people_of, prove, refuse_another, refuse_schema
from app.backup.settling import Settling
from app.config import Settings
from app.core import clock
from app.core.archive import Damaged, walk
from app.core.db import Scope, Sessions, make_engine
from app.core.errors import Conflict, Refusal
from app.core.objects import Key, Missing, Objects
from app.installation import Installation, NotReadyError, opened
from app.services.files import arriving
from app.services.identity.acting import act_for
from app.services.leaving import reading
from app.services.leaving.carried import ENTRIES
from app.services.leaving.packing import Packed

_RESTORING = text("select set_config('app.restoring', 'on', true)")
PAUSE = 200
"""Milliseconds between two looks whether a worker has moved the files."""


@dataclass
class Brought:
    """What was done, for whoever asked."""

    organisation: dict[str, str]
    rows: int
    files: int
    kept: Path | None = None
    """Where what was replaced is now."""
    remarks: list[str] = field(default_factory=list)


def bring(
    settings: Settings, archive: Path, slug: str, *, replace: bool = False, discard: bool = False
) -> Brought:
    """Bring the organisation called `slug` in from its archive. `discard`: do not keep what it
    replaces, for one so damaged that it cannot be read.

    Raises `NotReadyError` with what to do when the archive is not whole, is another organisation's or
    another schema's, or the organisation is here already and `replace` was not asked for.
    """
    say(f"Checking {archive}…")
    try:
        manifest = prove(archive)
        refuse_another(archive, manifest, slug)
        with opened(settings) as installation:
            refuse_schema(archive, manifest)
            if installation.owner_url is None:
                raise NotReadyError(
                    "Set DATABASE_OWNER_URL too: an organisation is written by the owning role."
                )
            return asyncio.run(
                _bring(installation, archive, manifest, replace=replace, discard=discard)
            )
    except Damaged as error:
        raise NotReadyError(str(error)) from error
    except Refusal as refusal:
        raise NotReadyError(f"{refusal.detail} Nothing was changed.") from refusal
    except DBAPIError as error:
        raise NotReadyError(
            f"The database refused what the archive holds, and nothing was changed: {error.orig}"
        ) from error


async def _bring(
    installation: Installation,
    archive: Path,
    manifest: dict[str, Any],
    *,
    replace: bool,
    discard: bool,
) -> Brought:
    assert installation.owner_url is not None
    org_id = UUID(manifest["content"]["organisation"]["id"])
    engine = make_engine(installation.owner_url, pool_size=1, command_timeout=None)
    owner = Sessions(engine)
    try:
        async with served(installation) as sessions:
            await arriving.finish(sessions, org_id)  # what a try that died has left
            before = await present.look(owner, org_id, manifest, people_of(archive, manifest))
            kept = None
            if before.there and not replace:
                raise NotReadyError(before.refusal(archive))
            if before.there and not discard:
                to = archive.with_name(f"{archive.stem}-replaced-{clock.now():%Y-%m-%d-%H%M%S}.tar")
                kept = await _keep(installation, sessions, org_id, to)
                say(f"What is here now is kept in {to}.")
            assert sessions.tools is not None
            bringing = _Bringing(owner, org_id, archive, manifest, sessions.tools.objects, kept)
            try:
                done = await bringing.run(before)
            except BaseException:
                with suppress(Refusal, SQLAlchemyError, OSError):  # what stays is swept
                    await arriving.finish(sessions, org_id)
                raise
            await _put_in_place(sessions, org_id, done)
            done.kept = to if kept else None
            return done
    finally:
        await engine.dispose()


async def _put_in_place(sessions: Sessions, org_id: UUID, done: Brought) -> None:
    """Move the files, unless a worker does so already."""
    say("Putting its files in their places…")
    try:
        while True:
            try:
                return await arriving.finish(sessions, org_id)
            except Conflict:
                await asyncio.sleep(PAUSE / 1000)
    except (Refusal, SQLAlchemyError, OSError) as error:
        raise NotReadyError(
            f"{done.organisation['name']} is here with all its rows, but not all of its files are in"
            " their places yet, and cannot be opened until they are. A worker goes on with it by itself:"
            " let Truckroll run (./run), and see that the store of files is in reach."
        ) from error


async def _keep(installation: Installation, sessions: Sessions, org_id: UUID, to: Path) -> Packed:
    """Write what is about to be replaced into an archive of its own."""
    with beside(to) as out:
        try:
            return await packed(installation, sessions, org_id, out)
        except Refusal as refusal:
            raise NotReadyError(
                f"What is here now could not be kept, so nothing was replaced. {refusal.detail} If it"
                " is too damaged to be kept: --replace --discard."
            ) from refusal


class _Bringing:
    """One organisation on its way in."""

    def __init__(
        self,
        owner: Sessions,
        org_id: UUID,
        archive: Path,
        manifest: dict[str, Any],
        objects: Objects,
        kept: Packed | None,
    ) -> None:
        self._owner, self._org_id, self._archive = owner, org_id, archive
        self._held: dict[str, Any] = manifest["content"]
        self._manifest, self._objects, self._kept = manifest, objects, kept
        self._arriving = objects.arriving(org_id)

    async def run(self, before: present.Before) -> Brought:
        """Everything in one transaction."""
        async with self._owner.open(Scope(self._org_id, source="restore")) as session:
            await reading.as_written(session)
            await session.execute(_RESTORING)
            await arriving.alone(session)
            gone = await replacing.outdated(
                session, self._objects, self._org_id, self._held["files"]["parts"]
            )
            if before.known:
                kept = self._kept.manifest["content"]["journal"]["rows"] if self._kept else None
                await replacing.clear(
                    session, self._org_id, before.entries if kept is None else kept
                )
            say("Bringing it in…")
            settling = Settling(session, self._org_id, self._held)
            files = await self._load(session, settling)
            say("Comparing it with what was saved…")
            if before.known:
                await replacing.nobody_wrote(session, self._org_id)
            await compare(session, self._org_id, self._held, people=not settling.remarks)
            await self._arriving.replace(gone)
            await arriving.ask(await act_for(session, None))
            if before.known:
                await replacing.nobody_writes(session, self._org_id)
            await session.commit()
        rows = sum(one["rows"] for one in self._held["tables"].values())
        return Brought(
            self._held["organisation"],
            rows + self._held["journal"]["rows"],
            files,
            remarks=settling.remarks,
        )

    async def _load(self, session: AsyncSession, settling: Settling) -> int:
        """Read the parts in: the rows, which go to their places once the last have been read; then
        the files. How many parts of files there were."""
        files = 0
        for name, content in walk(self._archive, self._manifest):
            table = NAMES.get(name)
            if table is None:
                await self._put(name, content)
                files += 1
                continue
            await load(session, table, content, self._held["journal"])
            if table is ENTRIES:
                await settling.run()
        return files

    async def _put(self, name: str, content: BinaryIO) -> None:
        """Put a file beside its place, unless the very same is in it."""
        found = FILE.fullmatch(name)
        assert found is not None, "proved"
        key = Key(self._org_id, UUID(found[1]), found[2])
        figures = self._held["files"]["parts"][name.removeprefix("files/")]
        if await _is_there(self._objects, key, figures["length"], figures["sha256"]):
            return
        with tempfile.TemporaryFile() as file:
            shutil.copyfileobj(content, file)
            file.seek(0)
            await self._arriving.put(key, file)


async def _is_there(objects: Objects, key: Key, length: int, sha256: str) -> bool:
    try:
        content = await objects.open(key)
    except Missing:
        return False
    if content.length != length:
        return False
    whole = hashlib.sha256()
    async for chunk in content.chunks:
        whole.update(chunk)
    return whole.hexdigest() == sha256
