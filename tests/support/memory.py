"""Where a clone lies: in the machine's memory, if there is room for it.

A clone is some nine hundred files, and a disk takes half a second to begin so many; memory takes a
hundredth of that. Each clone has a tablespace of its own, which goes with it. In the deep run, whose
databases are large, and on machines without room, clones lie beside the cluster.
"""

import hashlib
import os
import shutil
from pathlib import Path

import asyncpg

from app.postgres import Cluster
from tests.support.deep import DEEP

MEMORY = Path("/dev/shm")  # noqa: S108  a folder for each clone, which only its server may enter
ROOM = 2 * 1024**3


def _folder(cluster: Cluster, name: str) -> Path:
    """Where this clone's files lie, if in memory: another place for each cluster."""
    mark = hashlib.sha256(f"{cluster.folder.path.resolve()} {name}".encode()).hexdigest()[:16]
    return MEMORY / f"truckroll-test-{mark}"


async def tablespace(connection: asyncpg.Connection, cluster: Cluster, name: str) -> str:
    """An empty tablespace for this clone, or the cluster's own."""
    if DEEP or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return "pg_default"
    folder, owner = _folder(cluster, name), cluster.folder.cluster.stat()
    folder.mkdir(mode=0o700)
    os.chown(folder, owner.st_uid, owner.st_gid)
    await connection.execute(f"create tablespace \"{name}\" location '{folder}'")
    return name


async def forget(connection: asyncpg.Connection, cluster: Cluster, name: str) -> None:
    """Drop the tablespace of a clone that is gone, if it had one."""
    await connection.execute(f'drop tablespace if exists "{name}"')
    shutil.rmtree(_folder(cluster, name), ignore_errors=True)
