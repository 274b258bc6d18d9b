"""Making a backup while everything goes on: dump, counts and files belong to one moment.

One transaction of the backup role exports its snapshot; `pg_dump` and the survey both read by it.
Files never change once they are there, so those that the snapshot names are copied after it: of an
organisation whose files are still on their way in, from where they wait.
"""

import asyncio
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import asyncpg

from app import __version__
from app.backup import survey
from app.core import clock
from app.core.archive import READ, Writer
from app.core.objects import ARRIVING
from app.installation import NotReadyError, Stored
from app.models.files import Part
from app.models.jobs import JobStatus
from app.postgres.clients import client, target
from app.services.files.arriving import JOB

CHUNK = 16 * 1024 * 1024
"""The dump comes through a pipe, so its length is known piece by piece."""
DATABASE = "database"
FILES = "files"


@dataclass(frozen=True)
class Made:
    """What a backup holds."""

    where: str
    length: int
    manifest: dict[str, Any]


def say(line: str) -> None:
    """Progress goes to standard error: standard output may be the archive."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def backup(stored: Stored, to: Path | None) -> Made:
    """Write the backup to a new file, or to standard output for None.

    Raises `NotReadyError` when there is something of that name, or the database cannot be read.
    """
    if to is None:
        return _written(stored, sys.stdout.buffer, "standard output")
    with beside(to) as out:
        return _written(stored, out, str(to))


@contextmanager
def beside(to: Path) -> Iterator[BinaryIO]:
    """A file beside `to` that takes its name once it is complete and on disk.

    Raises `NotReadyError` when there is something of that name, or it is being written.
    """
    if to.exists():
        raise NotReadyError(f"There is already a file {to}. Give this one another name.")
    to.parent.mkdir(parents=True, exist_ok=True)
    side = to.with_name(f"{to.name}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
    with os.fdopen(os.open(side, flags, 0o600), "wb") as out:
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotReadyError(f"Another one is being written to {side}.") from None
        out.truncate(0)  # what a killed one has left
        os.fchmod(out.fileno(), 0o600)
        try:
            yield out
        except BaseException:
            side.unlink()
            raise
        out.flush()
        os.fsync(out.fileno())
        side.rename(to)
    _keep_name(to.parent)


def _keep_name(folder: Path) -> None:
    """A file just named has its name after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _written(stored: Stored, out: BinaryIO, where: str) -> Made:
    return asyncio.run(_write(stored, Writer(out), where))


async def _write(stored: Stored, writer: Writer, where: str) -> Made:
    try:
        connection = await asyncpg.connect(stored.url, server_settings=survey.SETTINGS)
    except (OSError, asyncpg.PostgresError) as error:
        raise NotReadyError(
            f"The backup role cannot sign in ({error}). Start this version of Truckroll once, or run"
            " ./run db prepare with DATABASE_BACKUP_URL set."
        ) from error
    try:
        await connection.execute("begin isolation level repeatable read read only")
        made_at = clock.now()
        head = await connection.fetchval("select version_num from public.alembic_version")
        server = connection.get_server_version().major
        snapshot = await connection.fetchval("select pg_export_snapshot()")
        say(f"Copying the database (schema {head}, PostgreSQL {server})…")
        _dump(stored.url, server, snapshot, writer)
        dumped = writer.length
        say(f"  {_size(dumped)}. Counting what is in it…")
        figures = await survey.take(connection)
        rows = sum(one["rows"] for one in figures["tables"].values())
        say(f"  {rows:,} rows in {len(figures['tables'])} tables.")
        files = await _copy_files(connection, stored.files, writer)
    except asyncpg.PostgresError as error:
        raise NotReadyError(
            f"The backup role may not read everything ({error}). Bring the schema to the head of"
            " this version first: ./run, or ./run db upgrade."
        ) from error
    finally:
        await connection.close()
    manifest: dict[str, Any] = {
        "truckroll": __version__,
        "made_at": made_at.isoformat(),
        "schema": head,
        "postgresql": server,
        "survey": figures,
        "files": files,
        "sealed_with": stored.key_marks,
    }
    writer.finish(manifest)
    return Made(where, writer.length, manifest)


def _dump(url: str, server: int, snapshot: str, writer: Writer) -> None:
    """`pg_dump` as the backup role: row-level security stays on, and its policies show it all."""
    program, database = client("pg_dump", server), target(url)
    arguments: list[str | Path] = [
        program.path, "--format=custom", "--enable-row-security", "--no-unlogged-table-data",
        f"--snapshot={snapshot}", "--lock-wait-timeout=60s", database.argument,
    ]  # fmt: skip
    with subprocess.Popen(  # noqa: S603 - our own arguments, no shell
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=database.environment,
    ) as dump:
        assert dump.stdout is not None
        assert dump.stderr is not None
        number = 0
        while chunk := dump.stdout.read(CHUNK):
            number += 1
            writer.add(f"{DATABASE}/{number:06}", len(chunk), iter([chunk]))
            if number % 16 == 0:
                say(f"  {_size(writer.length)}…")
        complaint = dump.stderr.read().decode(errors="replace").strip()
    if dump.returncode != 0:
        raise NotReadyError(f"pg_dump stopped: {complaint}")


async def _copy_files(
    connection: asyncpg.Connection, folder: Path | None, writer: Writer
) -> dict[str, Any]:
    """Copy the files that the snapshot names."""
    known = await connection.fetch(
        "select org_id, id from public.files where purged_at is null order by org_id, id"
    )
    if folder is None:
        say(f"The {len(known)} files are in an object store and are not in the backup.")
        return {"kept": "elsewhere", "known": len(known), "copied": 0, "missing": []}
    pending = "select distinct org_id from public.jobs where kind = $1 and status <> $2"
    coming = {org_id for (org_id,) in await connection.fetch(pending, JOB, JobStatus.done.value)}
    copied, missing = 0, []
    say(f"Copying {len(known)} files…")
    for org_id, id in known:
        for part in sorted(Part):
            places = [folder / str(org_id) / str(id) / part]
            if org_id in coming:
                places.insert(0, folder / ARRIVING / str(org_id) / f"{id}.{part}")
            content = _opened(places)
            if content is not None:
                with content:
                    length = os.fstat(content.fileno()).st_size
                    writer.add(f"{FILES}/{org_id}/{id}/{part}", length, _read(content))
                copied += 1
            elif part is Part.content:
                missing.append(f"{org_id}/{id}")
    if missing:
        say(f"  {len(missing)} files that the database knows are not in {folder}.")
    return {"kept": "inside", "known": len(known), "copied": copied, "missing": missing}


def _opened(places: Sequence[Path]) -> BinaryIO | None:
    """The first of these that is there. Objects move from the first to the last and never back."""
    for place in places:
        try:
            return place.open("rb")
        except FileNotFoundError:
            continue
    return None


def _read(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(READ):
        yield chunk


def _size(length: int) -> str:
    return f"{length / 1_000_000:,.1f} MB"
