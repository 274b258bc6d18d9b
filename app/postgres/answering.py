"""Whether the server of a cluster answers, and that it is this cluster's and no other's.

Something that answers on a port is not yet ours. We go there because the cluster's own
directory, which only its server writes, says so, and we stay when the system identifier it
tells after the login is the one in the cluster's files.
"""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import asyncpg

from app.postgres.creating import SUPERUSER
from app.postgres.errors import StartError
from app.postgres.folder import Folder
from app.postgres.settings import HOST


@dataclass(frozen=True)
class PidFile:
    """What `postmaster.pid` claims. After a crash it may name a process that is another's."""

    pid: int
    port: int
    status: str


def pid_file(folder: Folder) -> PidFile | None:
    """The claim, or None while it is absent or half written, or what a power cut left of it."""
    try:
        lines = (folder.cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 8 or not (lines[0].isdecimal() and lines[3].isdecimal()):
        return None
    return PidFile(pid=int(lines[0]), port=int(lines[3]), status=lines[7].strip())


def port_if_ready(folder: Folder, password: str) -> int | None:
    """The port on which the cluster's server takes work, or None while it does not."""
    claim = pid_file(folder)
    if claim is None or claim.status != "ready":
        return None
    found = system_identifier_at(claim.port, password)
    if found is not None and found != system_identifier(folder):
        raise StartError(
            f"The database in {folder.cluster} says that it answers on {HOST}:{claim.port}, and "
            f"another PostgreSQL answers there. Stop that one, and start again."
        )
    return None if found is None else claim.port


def system_identifier(folder: Folder) -> int:
    """The number initdb gave the cluster. PostgreSQL promises these eight bytes their place."""
    control = (folder.cluster / "global" / "pg_control").read_bytes()
    return int.from_bytes(control[:8], sys.byteorder)


def system_identifier_at(port: int, password: str) -> int | None:
    """The number of the cluster that serves a port, or None while nothing there takes work."""
    # A thread of its own, because the caller may already be inside an event loop.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, _ask(port, password)).result()


async def _ask(port: int, password: str) -> int | None:
    try:
        connection = await asyncpg.connect(
            host=HOST,
            port=port,
            user=SUPERUSER,
            password=password,
            database="postgres",
            ssl=False,
            timeout=5,
        )
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise StartError(
            f"What answers on {HOST}:{port} does not accept this cluster's password ({error}). "
            "Either another server answers there, or the file secrets/superuser was changed."
        ) from error
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None  # it is starting or stopping; who asked looks again until its time is up
    try:
        number: int = await connection.fetchval("SELECT system_identifier FROM pg_control_system()")
    finally:
        await connection.close(timeout=5)
    return number
