"""`make bench`: what a request costs beside the bare limit, in CPU of server and PostgreSQL together.

Wall time on a shared machine says little, so each figure is CPU time read from /proc around a fixed
number of requests over eight connections, the median of five rounds, both servers in turn.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from app.core import prepare
from app.postgres import Cluster, start
from tests.support.process import Running, free_port, postmasters
from tests.support.process import start as start_truckroll

CONNECTIONS, REQUESTS, ROUNDS, ROWS = 8, 400, 5, 1000
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Target:
    """A server to ask."""

    name: str
    port: int
    prefix: str
    headers: str
    pid: int
    one: str


def cpu(pids: list[int]) -> float:
    """CPU seconds of these processes and of their ended children so far."""
    total = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += sum(int(fields[n]) for n in (11, 12, 13, 14)) / TICK
    return total


def family(postmaster: int) -> list[int]:
    """A postmaster and its living children."""
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return [postmaster, *map(int, children)]


async def ask(port: int, requests: list[bytes]) -> None:
    """Send these one after the other on one connection; every reply must be a success."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 20"), head
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()


def request(target: Target, method: str, path: str, body: bytes = b"") -> bytes:
    head = f"{method} {target.prefix}{path} HTTP/1.1\r\nHost: localhost\r\n{target.headers}"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def asked(target: Target, what: str, mark: str) -> bytes:
    """One request of the kind `what`."""
    if what == "list":
        return request(target, "GET", "/customers?limit=50&sort=name")
    if what == "get":
        return request(target, "GET", f"/customers/{target.one}")
    return request(target, "POST", "/customers", json.dumps({"name": f"Row {mark}"}).encode())


async def measure(target: Target, what: str, postmaster: int, round_: int) -> float:
    """CPU microseconds a request."""
    share = REQUESTS // CONNECTIONS
    batches = [
        [asked(target, what, f"{round_}-{c}-{n}") for n in range(share)] for c in range(CONNECTIONS)
    ]
    pids = [target.pid, *family(postmaster)]
    before = cpu(pids)
    await asyncio.gather(*(ask(target.port, batch) for batch in batches))
    return (cpu(pids) - before) / REQUESTS * 1e6


def sign_in(running: Running) -> Any:
    """The demo dispatcher's session."""
    demo: Any = running.run_json["demo"]
    body = {key: demo[1][key] for key in ("email", "password", "org")}
    login = urllib.request.Request(  # noqa: S310  (our own loopback server)
        f"{running.url}/api/v2/auth/login",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(login) as reply:  # noqa: S310
        return json.load(reply)


async def fill(cluster: Cluster, org: str) -> str:
    """ROWS more customers and their plain copy for the bare server; the id of one of them."""
    admin = cluster.dsn("truckroll", cluster.superuser, cluster.superuser_password)
    connection = await asyncpg.connect(admin)
    await connection.execute("set app.source = 'bench'; set app.request_id = 'bench'")
    await connection.execute("select set_config('app.org_id', $1, false)", org)
    await connection.execute(
        "insert into customers (org_id, id, kind, stage, name, sort_name, tax_exempt)"
        " select $1, gen_random_uuid(), 'person', 'active', 'Row ' || n, 'row ' || n, false"
        " from generate_series(1, $2::int) n",
        org,
        ROWS,
    )
    await connection.execute("create table bare_customers (like customers including all)")
    await connection.execute("insert into bare_customers select * from customers")
    await connection.execute(f"grant all on bare_customers to {prepare.APP}")
    await connection.execute("analyze customers, bare_customers")
    one = await connection.fetchval("select id from customers where org_id = $1 limit 1", org)
    await connection.close()
    return str(one)


async def until_it_answers(target: Target) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            return await ask(target.port, [asked(target, "get", "")])
        except OSError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.1)


async def compare(target: Target, limit: Target, postmaster: int) -> None:
    """Print the table."""
    print(f"{'':8} {'truckroll':>12} {'bare':>12} {'ratio':>7}   µs of CPU a request, median")
    for what in ("get", "list", "create"):
        figures: dict[str, list[float]] = {target.name: [], limit.name: []}
        for round_ in range(ROUNDS + 1):
            for one in (target, limit):
                figure = await measure(one, what, postmaster, round_)
                if round_:  # the first round warms caches and plans
                    figures[one.name].append(figure)
        ours, theirs = (statistics.median(figures[one.name]) for one in (target, limit))
        print(f"{what:8} {ours:12.0f} {theirs:12.0f} {ours / theirs:7.2f}")


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="truckroll-") as folder:
        data = Path(folder)
        data.chmod(0o755)
        running = start_truckroll(data)
        cluster = start(data / "postgres")
        bare: subprocess.Popen[bytes] | None = None
        try:
            told = sign_in(running)
            one = await fill(cluster, told["org"]["id"])
            token = f"Authorization: Bearer {told['access_token']}\r\n"
            target = Target("truckroll", running.port, "/api/v2", token, running.process.pid, one)
            port = free_port()
            url = cluster.dsn("truckroll", prepare.APP, cluster.secret(prepare.APP))
            bare = subprocess.Popen(
                [sys.executable, "-m", "bench.bare", str(port)],
                env={**os.environ, "BARE_URL": url, "BARE_ORG": told["org"]["id"]},
            )
            limit = Target("bare", port, "", "", bare.pid, one)
            await until_it_answers(limit)
            postmaster = max(postmasters(data), key=lambda pid: len(family(pid)))
            await compare(target, limit, postmaster)
        finally:
            if bare is not None:
                bare.terminate()
                bare.wait()
            cluster.close()
            running.stop()


if __name__ == "__main__":
    asyncio.run(main())
