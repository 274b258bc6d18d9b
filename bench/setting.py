"""Truckroll and the bare server on one fresh cluster, with rows to ask for."""

import asyncio
import itertools
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from app.core import prepare
from app.postgres import Cluster, start
from bench import bare, rows
from bench.measuring import CONNECTIONS, KINDS, Server, family, send, written
from tests.support import process
from tests.support.process import Running, free_port, postmasters, until_gone
from tests.support.process import start as start_truckroll

ASKED = 200
"""Different records that are asked for."""

ALIKE = 10
"""Of each kind of request, how many answers are compared."""
UNLIKE = (
    # a cursor is sealed for whom it was made for
    re.compile(rb'("next_cursor":")[^"]+'),
    # what was just created has an id and moments of its own
    re.compile(rb'^(\{"id":")[^"]+(?=".*"possible_duplicates":)'),
    re.compile(rb'("(?:created|updated)_at":")[^"]+(?=".*"possible_duplicates":)'),
)
"""What differs between two answers to the same question."""


@dataclass
class Setting:
    """What is measured, and on what."""

    cluster: Cluster
    admin: asyncpg.Connection
    org: UUID
    ours: Server
    token: str
    postmaster: int
    began: datetime
    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    """Whole names of customers."""
    _bare: Server | None = None
    _process: subprocess.Popen[bytes] | None = None
    _others: int = 0
    _number: Iterator[int] = field(default_factory=itertools.count)

    @property
    def bare(self) -> Server:
        assert self._bare is not None
        return self._bare

    def next(self) -> int:
        """A number that nothing has yet."""
        return next(self._number)

    async def grow(self, first: int, last: int) -> None:
        """Write the work orders from `first` up to `last` of the organisation that is asked."""
        began = time.monotonic()
        await rows.add(self.admin, self.org, self.org, first, last - 1)
        await rows.learn(self.admin)
        self.ids = [
            str(row["id"])
            for row in await self.admin.fetch(
                "select id from work_orders where org_id = $1 and number like 'W-%'"
                " order by md5(id::text) limit $2",
                self.org,
                ASKED,
            )
        ]
        self.people = [
            row["name"]
            for row in await self.admin.fetch(
                "select name from customers where org_id = $1 and email like 'c%@example.com'"
                " order by created_at limit $2",
                self.org,
                ASKED,
            )
        ]
        self.names = [name.split()[-1].lower() for name in self.people]
        print(f"{last:,} work orders after {time.monotonic() - began:.0f} s", file=sys.stderr)

    async def settle(self) -> None:
        """Let the customers who were just added be like the others, who have work: nobody's territory may
        claim them, and no list looks at them for that."""
        async with self.admin.transaction():
            await self.admin.execute("set local session_replication_role = replica")
            await self.admin.execute(
                "update customers set unclaimed = false where org_id = $1 and unclaimed"
                " and created_at > $2",
                self.org,
                self.began,
            )
        await rows.learn(self.admin)

    async def accompany(self, organisations: int, each: int) -> None:
        """Let there be so many other organisations; the new ones have `each` work orders."""
        for _ in range(organisations - self._others):
            await rows.add(self.admin, uuid4(), self.org, 0, each - 1)
        self._others = organisations
        await rows.learn(self.admin)

    async def quiet(self) -> None:
        """Let what was written be on disk, so that nothing of it is counted with the next requests."""
        await self.admin.execute("checkpoint")

    async def copy(self) -> None:
        """Let the bare server have plain copies of the rows."""
        await bare.copy(self.admin, self.org, prepare.APP)
        await rows.learn(self.admin, "bare")
        await self._answer_the_same()

    async def start_bare(self) -> None:
        """Start the bare server, which has no rows yet."""
        port = free_port()
        url = self.cluster.dsn("truckroll", prepare.APP, self.cluster.secret(prepare.APP))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.bare", str(port)],
            env={**os.environ, "BARE_URL": url, "BARE_ORG": str(self.org)},
        )
        self._bare = Server("bare", port, "", (), self._process.pid)
        until = time.monotonic() + 300
        while True:
            try:
                await send(port, [written(self._bare, 0, "GET", "/still", b"")])
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.1)

    async def _answer_the_same(self) -> None:
        """The same bytes for every kind of request, or nothing is compared."""
        for kind in (one for one in KINDS if one.alike):
            beside = replace(self.bare, prefix=kind.beside)
            for n in range(ALIKE):
                request = kind.ask(self, n)
                answers = []
                for server in (self.ours, beside):
                    body = await send(server.port, [written(server, 0, *request)])
                    for own in UNLIKE:
                        body = own.sub(rb"\1", body)
                    answers.append(body)
                assert answers[0] == answers[1], (kind.name, *answers)

    def end(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()


def sign_in(running: Running) -> Any:
    """A session of the demo's owner."""
    demo: Any = running.run_json["demo"]
    owner = next(one for one in demo if one["role"] == "owner")
    body = {key: owner[key] for key in ("email", "password", "org")}
    login = urllib.request.Request(  # noqa: S310  (our own loopback server)
        f"{running.url}/api/v2/auth/login",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(login) as reply:  # noqa: S310
        return json.load(reply)


@asynccontextmanager
async def opened(data: Path) -> AsyncIterator[Setting]:
    """Everything started on `data`, and stopped again."""
    # one person asks more in a minute than any person may; the limits are counted all the same
    os.environ["RATE_LIMITS_TIMES"] = "100"
    process.START_WITHIN = 300  # a busy machine builds the demo slowly, and that is not measured
    running = start_truckroll(data)
    cluster = start(data / "postgres")
    admin = await asyncpg.connect(
        cluster.dsn("truckroll", cluster.superuser, cluster.superuser_password)
    )
    setting: Setting | None = None
    try:
        sessions = [sign_in(running) for _ in range(CONNECTIONS)]
        headers = [f"Authorization: Bearer {one['access_token']}\r\n" for one in sessions]
        setting = Setting(
            cluster,
            admin,
            UUID(sessions[0]["org"]["id"]),
            Server("truckroll", running.port, "/api/v2", headers, running.process.pid),
            sessions[0]["access_token"],
            max(postmasters(data), key=lambda pid: len(family(pid))),
            await admin.fetchval("select now()"),
        )
        yield setting
    finally:
        if setting is not None:
            setting.end()
        await admin.close()
        cluster.close()
        running.stop()
        # it writes until its last checkpoint is done, and its folder goes with this
        await until_gone(data, within=120)
