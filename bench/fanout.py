"""`python -m bench.fanout`: what it costs to tell 200 boards where 1,000 technicians are.

The hub, `websockets.broadcast` and a bare sender on epoll take turns; each sends frames of the same
size, fifty a second to 200 sockets of one reader, and what is counted is CPU time of the sending
process, for the hub PostgreSQL's too, read from /proc. The hub does all that it does in the product, for
200 people: it hears that positions changed, reads them, looks at the sessions, asks who may follow
whom. Latency counts from the moment the position was written.
Then 5,000 sockets (with `--quick` 1,000), each of a session of its own, are opened that say hello,
listen, and hear nothing but signs of life, which they answer: what one keeps in memory, and what all of
them cost in a second. Ends with 1 where a ceiling does not hold.
"""

import asyncio
import gc
import json
import os
import selectors
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from websockets.asyncio.server import ServerConnection, broadcast, serve

from bench.measuring import cpu
from tests.support import process
from tests.support.process import free_port

BOARDS, TECHNICIANS, A_SECOND = 200, 1_000, 50
SECONDS, ROUNDS = 6, 5
WARM = TECHNICIANS // A_SECOND + 2
"""Seconds in which each technician has moved once."""
QUIET = 30
"""Seconds of silence that are measured: two heartbeats."""
IDLE = 1_000 if "--quick" in sys.argv else 5_000
CPU_CEILING, CPU_TARGET, P99_CEILING, KB_CEILING = 1.5, 1.2, 250, 40
PING = 0x89
AN_ADDRESS = 50
"""Sockets that may be about to say hello from one address."""
IDS = [str(UUID(int=number)) for number in range(TECHNICIANS)]


def position(id: str) -> dict[str, Any]:
    """Where a technician is, as the hub tells it."""
    return {
        "technician_id": id,
        "at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "latitude": 33.4484,
        "longitude": -112.074,
        "accuracy_m": 8,
        "speed_mps": 11.6,
    }


# the three senders


async def hub(port: int, url: str) -> None:
    """The hub, as a web process runs it."""
    from app.config import Settings
    from app.core.crypto import Signer
    from app.core.db import Sessions, make_engine
    from app.main import create_app
    from app.process import State
    from app.realtime.bounds import Bounds
    from app.serving import protocols

    engine = make_engine(url)
    state = State(Settings(), engine, Sessions(engine), Signer("bench", "cursor"))
    state.hub.bounds = replace(Bounds(), of_person=IDLE, of_organisation=2 * IDLE)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(state),
            port=port,
            log_config=None,
            access_log=False,
            lifespan="off",
            **protocols(state.hub.bounds),
        )
    )
    gc.freeze()  # as the product does
    await asyncio.gather(server.serve(), state.hub.run(asyncio.Event()))


async def library(port: int) -> None:
    """`websockets.broadcast`, to whoever is connected."""
    connections: set[ServerConnection] = set()

    async def hold(connection: ServerConnection) -> None:
        connections.add(connection)
        await connection.wait_closed()
        connections.discard(connection)

    async with serve(hold, "127.0.0.1", port, compression=None, ping_interval=None):
        for number in range(10**9):
            body = {"type": "position", "topic": "gps", **position(IDS[number % TECHNICIANS])}
            broadcast(connections, orjson.dumps(body).decode())
            await asyncio.sleep(1 / A_SECOND)


def bare(port: int) -> None:
    """Bytes to sockets that can take them, and nothing else."""
    from app.realtime.frames import message

    listener = socket.create_server(("127.0.0.1", port), backlog=BOARDS)
    listener.setblocking(False)
    ready = selectors.EpollSelector()
    ready.register(listener, selectors.EVENT_READ)
    held: set[socket.socket] = set()
    due, number = time.monotonic(), 0
    while True:
        for key, _ in ready.select(max(0, due - time.monotonic())):
            if key.fileobj is listener:
                one, _ = listener.accept()
                one.setblocking(False)
                ready.register(one, selectors.EVENT_READ)
                held.add(one)
            else:  # nobody says anything: it went
                ready.unregister(key.fileobj)
                held.discard(key.fileobj)  # type: ignore[arg-type]
        if time.monotonic() >= due:
            frame = message("position", topic="gps", **position(IDS[number % TECHNICIANS]))
            for one in held:
                with suppress(BlockingIOError, ConnectionError):
                    one.send(frame)
            due, number = due + 1 / A_SECOND, number + 1


# the reader


def connected(port: int, hello: bytes | None) -> socket.socket:
    """A socket, upgraded where there is something to say."""
    one = socket.create_connection(("127.0.0.1", port))
    if hello is not None:
        one.sendall(
            b"GET /api/v2/realtime HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Version: 13\r\n\r\n"
        )
        reply = b""
        while not reply.endswith(b"\r\n\r\n"):
            reply += one.recv(1)
        assert b" 101 " in reply, reply
        if hello:
            one.sendall(struct.pack("!BBH", 0x81, 0x80 | 126, len(hello)) + bytes(4) + hello)
    return one


def read(sockets: list[socket.socket], seconds: float) -> list[float]:
    """Everything that comes for so long; how long each position took, in seconds."""
    ready = selectors.EpollSelector()
    for one in sockets:
        one.setblocking(False)
        ready.register(one, selectors.EVENT_READ)
    took: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for key, _ in ready.select(0.1):
            data = key.fileobj.recv(1 << 16)  # type: ignore[union-attr]
            now = time.time()
            moments = (part[:27].decode() for part in data.split(b'"at":"')[1:])
            took += [
                now - datetime.fromisoformat(one).timestamp() for one in moments if len(one) == 27
            ]
    return took


class Attendant(threading.Thread):
    """Takes what comes on sockets, and answers the server's pings as a browser does."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.answered = 0
        self.lost = 0
        self._ready = selectors.EpollSelector()
        self._over = threading.Event()

    def take(self, sockets: list[socket.socket]) -> None:
        """Attend to these, too."""
        for one in sockets:
            one.setblocking(False)
            self._ready.register(one, selectors.EVENT_READ)

    def run(self) -> None:
        while not self._over.is_set():
            for key, _ in self._ready.select(0.1):
                self._answer(key.fileobj)  # type: ignore[arg-type]

    def _answer(self, one: socket.socket) -> None:
        data = one.recv(1 << 16)
        if not data:
            self.lost += 1
            self._ready.unregister(one)
        while data:
            size, at = data[1], 2
            if size == 126:
                size, at = int.from_bytes(data[2:4], "big"), 4
            if data[0] == PING:
                one.sendall(bytes((0x8A, 0x80 | size)) + bytes(4) + data[at : at + size])
                self.answered += 1
            data = data[at + size :]

    def end(self) -> None:
        """Attend to nothing any more."""
        self._over.set()
        self.join()


def told(one: socket.socket) -> None:
    """Wait for `subscribed`."""
    seen = b""
    while b'"subscribed"' not in seen:
        more = one.recv(4096)
        assert more, seen
        seen += more


# all of it


def started(*arguments: str, port: int) -> subprocess.Popen[bytes]:
    """A sender in a process of its own, once it takes connections."""
    sender = subprocess.Popen([sys.executable, "-m", "bench.fanout", *arguments])
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return sender
        except OSError:
            if sender.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)


def resident(pid: int) -> int:
    """KB in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


PEOPLE = """
    insert into technicians (org_id, id, name, sort_name, color, time_zone, active)
    select $1, id, 'Technician ' || n, 'technician ' || n, '#3b82f6', 'America/Chicago', true
      from unnest($2::uuid[]) with ordinality as one (id, n);
    insert into positions (org_id, id, at, latitude_e6, longitude_e6, accuracy_m, speed_cms, heard_at)
    select $1, id, now(), 33448400, -112074000, 8, 1160, now() from unnest($2::uuid[]) as id;
    insert into position_looks (org_id, id, technician_id, looker_id, looked_at, hour, last_at, times)
    select $1, gen_random_uuid(), id, member, 'position', date_trunc('hour', now()), now(), 1
      from unnest($2::uuid[]) as id, unnest($3::uuid[]) as member;
    insert into shifts (org_id, id, technician_id, name, kind, overrides, valid_from, anchor,
                        rotation_weeks, spans, overtime_minutes)
    select $1, gen_random_uuid(), id, 'Day and night', 'normal', false, '2026-01-05', '2026-01-05',
           1, $4::jsonb, 0
      from unnest($2::uuid[]) as id
"""


async def peopled(admin: asyncpg.Connection, url: str, org: UUID) -> list[list[str]]:
    """1,000 technicians at work somewhere, 200 dispatchers who have looked; the access tokens of each of
    these: of one session first, and of as many more as the silent sockets need."""
    from app.core import clock
    from app.core.db import Scope, Sessions, make_engine
    from app.models.identity import User
    from app.services.identity import sessions
    from app.services.identity.devices import Device
    from app.services.identity.organisations import add_person

    engine = make_engine(url)
    tokens: list[list[str]] = []
    ids = []
    for number in range(BOARDS):
        async with Sessions(engine).open(Scope(org)) as session:
            email = f"board{number}@bench.example.com"
            member = await add_person(
                session,
                email=email,
                name=f"Board {number}",
                role="dispatcher",
                password_hash="-",  # noqa: S106  (nobody signs in by it)
            )
            user = await session.get_one(User, member.id)
            (here,) = await sessions.organisations_of(session, user.id)
            device = Device("bench", None)
            mine = [
                await sessions.begin(session, user, here, device, proved_at=clock.now())
                for _ in range(IDLE // BOARDS)
            ]
            await session.commit()
        tokens.append([one.access_token for one in mine])
        ids.append(member.id)
    await engine.dispose()
    technicians = [UUID(one) for one in IDS]
    async with admin.transaction():
        await admin.execute("set local session_replication_role = replica")
        for statement in PEOPLE.split(";"):
            given = [org, technicians]
            given += [ids] if "$3" in statement else []
            given += [json.dumps(always())] if "$4" in statement else []
            await admin.execute(statement.replace("$4", f"${len(given)}"), *given)
    for table in ("technicians", "positions", "position_looks", "shifts"):
        await admin.execute(f"vacuum analyze {table}")
    return tokens


def always() -> list[dict[str, Any]]:
    """The hours of a shift that never ends, as they are kept."""
    from tests.support.tracking import ALWAYS

    spans: Any = ALWAYS["spans"]
    return [{**one, "breaks": [], "week": 1} for one in spans]


async def ticket(engine: Any, token: str) -> str:
    """A ticket of a session, as `POST /realtime/tickets` gives one."""
    from app.core.db import Sessions
    from app.services.identity.entering import let_in
    from app.services.identity.live import issue_ticket

    async with Sessions(engine).open() as session:
        entered = await let_in(session, token, source="api", request_id="bench", key=None)
        made = await issue_ticket(entered.ctx)
        await session.commit()
        return made


MOVED = """
    with moved as (
      update positions set at = clock_timestamp() where org_id = $1 and id = any($2::uuid[])
      returning id)
    select pg_notify('truckroll_live', string_agg('gps ' || $1::text || ' ' || id, chr(10))) from moved
"""


async def moving(url: str, org: UUID) -> None:
    """Positions that are written, fifty a second, each by itself as devices tell them, and the notice
    that says so."""
    admin = await asyncpg.connect(url)
    await admin.execute("set session_replication_role = replica")
    due = time.monotonic()
    for number in range(10**9):
        await admin.execute(MOVED, org, [IDS[number % TECHNICIANS]])
        due = max(due + 1 / A_SECOND, time.monotonic() - 1)
        await asyncio.sleep(due - time.monotonic())


def hello_of(ticket: str) -> bytes:
    return json.dumps({"type": "hello", "ticket": ticket, "topics": ["gps"]}).encode()


class Rounds:
    """What was measured of one sender."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cost: list[float] = []
        self.rate: list[float] = []
        self.took: list[float] = []

    def note(self, used: float, took: list[float]) -> None:
        """One round: CPU seconds, and how long each delivery took."""
        self.cost.append(used / len(took) * 1e6)
        self.rate.append(len(took) / SECONDS)
        self.took += took

    def percentile(self, percent: int) -> float:
        return sorted(self.took)[len(self.took) * percent // 100] * 1e3


async def measured(data: Path) -> bool:
    """Everything; whether the ceilings hold."""
    from app.postgres import start
    from bench.measuring import family
    from bench.setting import sign_in

    # all of them come from one address, which opens more sockets here than an office does
    os.environ["RATE_LIMITS_TIMES"] = "100"
    process.START_WITHIN = 300  # a busy machine builds the demo slowly, and that is not measured
    running = process.start(data)
    cluster = start(data / "postgres")
    admin = await asyncpg.connect(
        cluster.dsn("truckroll", cluster.superuser, cluster.superuser_password)
    )
    url = str(running.run_json["database_url"])
    org = UUID(sign_in(running)["org"]["id"])
    people = await peopled(admin, url, org)
    postmaster = max(process.postmasters(data), key=lambda pid: len(family(pid)))
    ports = {name: free_port() for name in ("hub", "library", "bare")}
    senders = {
        "hub": started("hub", str(ports["hub"]), url, port=ports["hub"]),
        "library": started("library", str(ports["library"]), port=ports["library"]),
        "bare": started("bare", str(ports["bare"]), port=ports["bare"]),
    }
    found = {name: Rounds(name) for name in senders}
    owner = cluster.dsn("truckroll", cluster.superuser, cluster.superuser_password)
    movement = subprocess.Popen([sys.executable, "-m", "bench.fanout", "moving", owner, str(org)])
    try:
        for number in range(ROUNDS):
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr)
            for name, sender in senders.items():
                if name == "hub":
                    sockets = await listeners(url, [one[0] for one in people], ports[name])
                else:
                    upgrade = b"" if name == "library" else None
                    sockets = [connected(ports[name], upgrade) for _ in range(BOARDS)]
                warm = WARM if name == "hub" and number == 0 else 1
                await asyncio.to_thread(read, sockets, warm)
                pids = [sender.pid, *(family(postmaster) if name == "hub" else [])]
                before = cpu(pids)
                took = await asyncio.to_thread(read, sockets, SECONDS)
                after = cpu(pids)
                used = sum(after[pid] - before[pid] for pid in after if pid in before)
                found[name].note(used, took)
                for one in sockets:
                    one.close()
        movement.kill()
        print(f"{IDLE:,} silent sockets", file=sys.stderr)
        quiet = await idle(url, people, ports["hub"], senders["hub"].pid, postmaster)
    finally:
        for one in (movement, *senders.values()):
            one.kill()
            one.wait()
        await admin.close()
        cluster.close()
        running.stop()
    return table(found, *quiet)


async def listeners(url: str, tokens: list[str], port: int) -> list[socket.socket]:
    """A socket of the hub for each of these sessions, that has said hello and listens."""
    from app.core.db import make_engine

    def listener(ticket: str) -> socket.socket:
        one = connected(port, hello_of(ticket))
        told(one)
        return one

    engine, held = make_engine(url), []
    for first in range(0, len(tokens), AN_ADDRESS // 2):
        good = [await ticket(engine, one) for one in tokens[first : first + AN_ADDRESS // 2]]
        held += await asyncio.gather(*(asyncio.to_thread(listener, one) for one in good))
    await engine.dispose()
    return held


async def idle(
    url: str, people: list[list[str]], port: int, pid: int, postmaster: int
) -> tuple[float, float]:
    """KB that each of many silent sockets keeps in the process that holds them, and the CPU seconds that
    all of them cost in one."""
    from bench.measuring import family

    attendant = Attendant()
    attendant.start()
    before = resident(pid)
    held: list[socket.socket] = []
    for place in range(len(people[0])):
        more = await listeners(url, [one[place] for one in people], port)
        attendant.take(more)
        held += more
    pids = [pid, *family(postmaster)]
    used, answered = cpu(pids), attendant.answered
    await asyncio.sleep(QUIET)
    after = cpu(pids)
    kept = (resident(pid) - before) / len(held)
    attendant.end()
    assert not attendant.lost, f"{attendant.lost} silent sockets were closed"
    assert attendant.answered >= answered + len(held), "not everybody was asked for a sign of life"
    for one in held:
        one.close()
    return kept, sum(after[one] - used[one] for one in after if one in used) / QUIET


def table(found: dict[str, Rounds], kept: float, idling: float) -> bool:
    """Print the comparison; whether every ceiling holds."""
    print(f"\n{'':22}{'µs CPU':>8}{'a second':>10}{'p50 ms':>8}{'p99 ms':>8}")
    names = {"hub": "hub", "library": "websockets.broadcast", "bare": "bare epoll sender"}
    for one in found.values():
        cost, rate = statistics.median(one.cost), statistics.median(one.rate)
        print(
            f"{names[one.name]:22}{cost:8.1f}{rate:10.0f}"
            f"{one.percentile(50):8.1f}{one.percentile(99):8.1f}"
        )
    ratio = statistics.median(
        ours / theirs for ours, theirs in zip(found["hub"].cost, found["library"].cost, strict=True)
    )
    p99 = found["hub"].percentile(99)
    bars = (
        ("CPU of a delivery, times websockets.broadcast", ratio, CPU_CEILING, CPU_TARGET),
        ("p99, ms", p99, P99_CEILING, P99_CEILING),
        (f"KB a socket, {IDLE:,} silent ones", kept, KB_CEILING, KB_CEILING),
    )
    print()
    for name, value, ceiling, target in bars:
        verdict = "" if value <= target else "above the target"
        verdict = "ABOVE THE CEILING" if value > ceiling else verdict
        print(f"{name:48}{value:8.2f}  target {target}, ceiling {ceiling}  {verdict}")
    print(f"{f'CPU of {IDLE:,} silent sockets, % of a core':48}{idling * 100:8.2f}")
    return all(value <= ceiling for _, value, ceiling, _ in bars)


def main() -> int:
    match sys.argv[1:]:
        case ["hub", port, url]:
            asyncio.run(hub(int(port), url))
        case ["moving", url, org]:
            asyncio.run(moving(url, UUID(org)))
        case ["library", port]:
            asyncio.run(library(int(port)))
        case ["bare", port]:
            bare(int(port))
        case _:
            with tempfile.TemporaryDirectory(prefix="truckroll-") as folder:
                data = Path(folder)
                data.chmod(0o755)
                return 0 if asyncio.run(measured(data)) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
