# ruff: noqa: S608  (statements of constants of this module)
"""`python -m bench.board`: a board beside the same rows through bare asyncpg, its bytes, and a move.

The board is asked over HTTP as a browser asks it, with all that it reckons: working time, drives, expected
times, alerts, totals. The bare one is a client on one connection past all walls, which fetches the rows
that a board is made of and writes them as JSON. Server or client and PostgreSQL are counted together; both
take turns, and the median of the rounds counts. *Afresh* is a server that has never seen such a day; *of a
minute* is the first board after the minute has turned, for which every lane is reckoned again.

A move is timed from the request until a second client has read again what the event named. Ends with 1
where a ceiling does not hold.
"""

import asyncio
import gzip
import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from websockets.asyncio.client import connect

from bench.measuring import ROUNDS, cpu, family, send, written
from bench.setting import Setting, opened

CEILING = 1.6
KB = 150
"""Of the first size, compressed."""
TABLE_KB = 60
WAYS = ("zstd", "br", "gzip")
BOARDS = 24
"""Of each kind, asked in a round."""
MOVES = 30 if "--quick" in sys.argv else 200
ID = "md5('{}' || n || $1::uuid::text)::uuid"
TODAY = datetime.now(UTC).date()
FIRST = TODAY + timedelta(days=307 - TODAY.weekday())
"""A Monday so far ahead that the demo has nothing on it."""


@dataclass(frozen=True)
class Size:
    """A board of so many technicians and days, with so many visits for each on each."""

    technicians: int
    days: int
    first: date
    each: int = 6

    @property
    def visits(self) -> int:
        return self.technicians * self.days * self.each

    def __str__(self) -> str:
        return f"{self.technicians} technicians x {self.days} day{'s' * (self.days > 1)}"


SIZES = (Size(100, 1, FIRST), Size(20, 7, FIRST + timedelta(days=7)))

HOURS = [
    {"weekday": day, "start": "07:00", "end": "18:00", "week": 1,
     "breaks": [{"minutes": 30, "earliest": "11:00", "latest": "13:30"}]}
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
]  # fmt: skip
PEOPLE = (
    (
        "insert into job_types (org_id, id, name, trade, duration_minutes, checklist)"
        " values ($1, md5('j' || $1::uuid::text)::uuid, 'Bench work', 'septic', 60, '{}')"
    ),
    (
        f"insert into resources (org_id, id, kind) select $1, {ID.format('h')}, 'technician'"
        " from generate_series(0, 99) n"
    ),
    (
        "insert into technicians (org_id, id, name, sort_name, color, time_zone, active)"
        f" select $1, {ID.format('h')}, 'Bench ' || n, 'bench ' || lpad(n::text, 3, '0'), '#336699',"
        " 'America/Chicago', true from generate_series(0, 99) n"
    ),
    (
        "insert into shifts (org_id, id, technician_id, name, kind, overrides, rotation_weeks, overtime_minutes,"
        " valid_from, anchor, spans)"
        f" select $1, {ID.format('f')}, {ID.format('h')}, 'Every day', 'normal', false, 1, 0, '2020-01-06', '2020-01-06',"
        f" '{json.dumps(HOURS)}' from generate_series(0, 99) n"
    ),
)
# visit n: technician n / (days * each), day n / each, slot n
WORK = (
    ("insert into customers (org_id, id, kind, stage, name, sort_name, phone, tax_exempt, unclaimed)"
    f" select $1, {ID.format('c{mark}')}, 'person', 'active', 'Ada Bench ' || md5(n::text), 'bench ' || n,"
    " '+1312555' || lpad(n::text, 4, '0'), false, false from generate_series(0, $2::int - 1) n"),
    ("insert into sites (org_id, id, street, city, region, postal_code, country, latitude, longitude, time_zone)"
    f" select $1, {ID.format('s{mark}')}, (n * 7) || ' ' || initcap(substr(md5(n::text), 1, 8)) || ' Street',"
    " 'Topeka', 'KS', '66604', 'US', 38.9 + (n * 7919 % 1000) * 0.0003, -95.8 + (n * 104729 % 1000) * 0.0003,"
    " 'America/Chicago' from generate_series(0, $2::int - 1) n"),
    ("insert into work_orders (org_id, id, number, status, priority, customer_id, site_id, job_type_id, summary)"
    f" select $1, {ID.format('w{mark}')}, '{{mark}}-' || n, 'scheduled', 'normal', {ID.format('c{mark}')},"
    f" {ID.format('s{mark}')}, md5('j' || $1::uuid::text)::uuid,"
    " 'Pump the tank, look at the filter' from generate_series(0, $2::int - 1) n"),
    ("insert into visits (org_id, id, work_order_id, status, duration_minutes, planned_start, planned_end,"
    " promised_start, promised_end, planned_zone)"
    f" select $1, {ID.format('v{mark}')}, {ID.format('w{mark}')}, 'scheduled', 60, at, at + interval '1 hour',"
    " at - interval '30 minutes', at + interval '90 minutes', 'America/Chicago'"
    " from (select n, $3::timestamptz + (n / $4::int % $5::int) * interval '1 day'"
    "         + (n % $4::int) * interval '100 minutes' as at from generate_series(0, $2::int - 1) n) n"),
    ("insert into assignments (org_id, id, visit_id, technician_id, status, is_lead)"
    f" select $1, {ID.format('a{mark}')}, {ID.format('v{mark}')},"
    " md5('h' || n / ($3::int * $4::int) || $1::uuid::text)::uuid, 'offered', true"
    " from generate_series(0, $2::int - 1) n"),
    ("insert into bookings (org_id, id, resource_id, kind, visit_id, during)"
    f" select $1, {ID.format('b{mark}')}, a.technician_id, 'visit', v.id, tstzrange(v.planned_start, v.planned_end)"
    f" from generate_series(0, $2::int - 1) n join visits v on v.org_id = $1 and v.id = {ID.format('v{mark}')}"
    " join assignments a on a.org_id = $1 and a.visit_id = v.id"),
)  # fmt: skip

BARE = (
    (
        "select id::text, name, color, time_zone, active, team_id::text, base_latitude, base_longitude"
        " from technicians where org_id = $1 and active and deleted_at is null and $2::timestamptz < $3::timestamptz order by sort_name"
    ),
    (
        "select technician_id::text, kind, valid_from, valid_until, anchor, rotation_weeks, spans, overtime_minutes"
        " from shifts where org_id = $1 and valid_from <= $3::timestamptz::date and $2::timestamptz < $3::timestamptz"
    ),
    (
        "select v.id::text, v.version, v.status, v.lock, v.duration_minutes, v.planned_start, v.planned_end,"
        " v.promised_start, v.promised_end, v.requested_start, v.requested_end, v.expected_end, v.travel_started_at,"
        " v.arrived_at, v.started_at, v.finished_at, v.confirmed_at, v.status_reason, v.crew_id::text,"
        " w.id::text as work_order_id, w.number, w.summary, w.priority, w.job_type_id::text, j.name as job_type,"
        " j.trade, j.crew_size, w.customer_id::text, c.name as customer, c.phone, w.site_id::text, s.street, s.city,"
        " s.latitude::float8, s.longitude::float8, s.time_zone, s.territory_id::text, v.warnings"
        " from visits v join work_orders w on w.org_id = v.org_id and w.id = v.work_order_id"
        " join job_types j on j.org_id = w.org_id and j.id = w.job_type_id"
        " join customers c on c.org_id = w.org_id and c.id = w.customer_id"
        " join sites s on s.org_id = w.org_id and s.id = w.site_id"
        " where v.org_id = $1 and v.planned_start >= $2 and v.planned_start < $3 order by v.planned_start, v.id"
    ),
    (
        "select a.visit_id::text, a.technician_id::text, a.status, a.is_lead"
        " from assignments a join visits v on v.org_id = a.org_id and v.id = a.visit_id"
        " where v.org_id = $1 and v.planned_start >= $2 and v.planned_start < $3"
    ),
    (
        "select id::text, resource_id::text, starts_at, ends_at, expires_at from bookings"
        " where org_id = $1 and kind = 'hold' and starts_at < $3 and starts_at > $2"
    ),
    (
        "select id::text, kind, title, starts_at, ends_at from events"
        " where org_id = $1 and starts_at < $3 and ends_at > $2"
    ),
)
"""The rows that a board is made of."""


async def write(setting: Setting) -> None:
    """The technicians and their visits; nobody else works there any more."""
    admin, org = setting.admin, setting.org
    async with admin.transaction():
        await admin.execute("set local session_replication_role = replica")
        await admin.execute("update technicians set active = false where org_id = $1", org)
        for statement in PEOPLE:
            await admin.execute(statement, org)
        for mark, size in enumerate(SIZES):
            start = datetime.combine(size.first, datetime.min.time(), UTC) + timedelta(hours=14)
            given = (org, size.visits, start, size.each, size.days)
            for statement in WORK:
                text = statement.format(mark=mark)
                await admin.execute(text, *_wanted(text, given, size))
    await admin.execute("vacuum analyze")


def _wanted(text: str, given: tuple[Any, ...], size: Size) -> tuple[Any, ...]:
    """As many parameters as the statement takes."""
    if "insert into assignments" in text:
        return (given[0], given[1], size.days, size.each)
    return given if "$5" in text else given[:2]


async def only(setting: Setting, technicians: int) -> None:
    """So many work at present."""
    async with setting.admin.transaction():
        await setting.admin.execute("set local session_replication_role = replica")
        await setting.admin.execute(
            "update technicians set active = name like 'Bench %' and split_part(name, ' ', 2)::int < $2"
            " where org_id = $1 and name like 'Bench %'",
            setting.org,
            technicians,
        )


def beside(size: Size) -> str:
    """What drags over that board are reckoned from."""
    return f"/board/table?date={size.first}&days={size.days}"


def path(size: Size) -> str:
    return f"/board?date={size.first}&days={size.days}"


async def ours(setting: Setting, size: Size, times: int = BOARDS) -> tuple[float, float, bytes]:
    """CPU milliseconds a board, the server's own part of it, and its bytes."""
    requests = [written(setting.ours, 0, "GET", path(size), b"")] * times
    pids = [setting.ours.pid, *family(setting.postmaster)]
    before = cpu(pids)
    body = await send(setting.ours.port, requests)
    used = {pid: after - before[pid] for pid, after in cpu(pids).items() if pid in before}
    return sum(used.values()) / times * 1000, used[setting.ours.pid] / times * 1000, body


async def bare(setting: Setting, connection: asyncpg.Connection, size: Size) -> float:
    """The same of the rows alone."""
    start = datetime.combine(size.first, datetime.min.time(), UTC) + timedelta(hours=6)
    span = (start, start + timedelta(days=size.days))
    pids = [os.getpid(), *family(setting.postmaster)]
    before = cpu(pids)
    for _ in range(BOARDS):
        found = [await connection.fetch(statement, setting.org, *span) for statement in BARE]
        written_out = orjson.dumps(
            [[dict(row) for row in rows] for rows in found], default=str, option=orjson.OPT_UTC_Z
        )
    used = sum(after - before[pid] for pid, after in cpu(pids).items() if pid in before)
    assert len(found[2]) == size.visits, (len(found[2]), size)
    assert len(written_out) > size.visits * 500
    return used / BOARDS * 1000


async def compared(setting: Setting, connection: asyncpg.Connection, size: Size) -> bool:
    """Print what a board of this size costs and weighs; whether its ceilings hold."""
    await only(setting, size.technicians)
    afresh, _, body = await ours(setting, size, 1)
    board = json.loads(body)
    assert (len(board["lanes"]), len(board["visits"])) == (size.technicians, size.visits)
    await bare(setting, connection, size)
    mine, own, theirs = [], [], []
    for _ in range(ROUNDS):
        all_of_it, part, _ = await ours(setting, size)
        mine.append(all_of_it)
        own.append(part)
        theirs.append(await bare(setting, connection, size))
    ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
    first = await turned(setting, size)
    small = {name: await weighed(setting, path(size), name) for name in WAYS}
    table = {name: await weighed(setting, beside(size), name) for name in WAYS}
    verdict = "" if ratio <= CEILING else "ABOVE THE CEILING"
    print(
        f"{size!s:30}{statistics.median(mine):10.1f}{statistics.median(theirs):8.1f}{ratio:8.2f}"
        f"{CEILING:9.1f}{afresh:10.1f}{first:13.1f}  {verdict}"
    )
    told = ", ".join(f"{name} {bytes_ / 1024:.0f}" for name, bytes_ in small.items())
    heavy = size is SIZES[0] and max(small.values()) > KB * 1024
    lean = max(table.values()) <= TABLE_KB * 1024
    print(
        f"{'':30}{statistics.median(own):.1f} of it the server's own; {len(body) / 1024:.0f} KB,"
        f" compressed {told} (ceiling {KB})"
        f"{'  ABOVE THE CEILING' if heavy else ''}"
    )
    told = ", ".join(f"{name} {bytes_ / 1024:.0f}" for name, bytes_ in table.items())
    print(
        f"{'':30}its lane table compressed {told} KB (ceiling {TABLE_KB})"
        f"{'' if lean else '  ABOVE THE CEILING'}"
    )
    return ratio <= CEILING and not heavy and lean


async def turned(setting: Setting, size: Size) -> float:
    """CPU milliseconds of the first board of a minute."""
    await asyncio.sleep(60 - time.time() % 60 + 0.5)
    return (await ours(setting, size, 1))[0]


async def weighed(setting: Setting, asked: str, encoding: str) -> int:
    """Bytes of an answer as it goes over the wire."""
    url = f"http://127.0.0.1:{setting.ours.port}{setting.ours.prefix}{asked}"
    headers = {"Accept-Encoding": encoding, "Authorization": f"Bearer {setting.token}"}

    def read() -> tuple[str | None, bytes]:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as reply:
            return reply.headers["Content-Encoding"], reply.read()

    said, body = await asyncio.to_thread(read)
    assert said == encoding, said
    if encoding == "gzip":
        assert gzip.decompress(body).startswith(b"{")
    return len(body)


async def moved(setting: Setting) -> list[float]:
    """Milliseconds from the request to move a visit until a second client has read it again, each."""
    size = SIZES[0]
    await only(setting, size.technicians)
    board = json.loads(await _asked(setting, 0, "GET", path(size)))
    lanes = {
        id: lane["id"] for lane in board["lanes"] for day in lane["days"] for id in day["visit_ids"]
    }
    versions = {one["id"]: (one["version"], one["planned_start"]) for one in board["visits"]}
    ticket = json.loads(await _asked(setting, 1, "POST", "/realtime/tickets"))["ticket"]
    took = []
    async with connect(f"ws://127.0.0.1:{setting.ours.port}/api/v2/realtime") as socket:
        hello = {"type": "hello", "ticket": ticket, "topics": [f"board:{size.first}"]}
        await socket.send(json.dumps(hello))
        while json.loads(await socket.recv())["type"] != "subscribed":
            pass
        for id, (version, start) in list(versions.items())[:MOVES]:
            began = time.perf_counter()
            at = datetime.fromisoformat(start) + timedelta(minutes=10)
            plan = json.dumps({"technician_ids": [lanes[id]], "start": at.isoformat()}).encode()
            command = asyncio.create_task(
                _asked(setting, 0, "POST", f"/visits/{id}/schedule", plan, version)
            )
            while True:
                event = json.loads(await asyncio.wait_for(socket.recv(), 30))
                if command.done():
                    command.result()  # or nothing will ever be told
                if event["type"] == "event" and event["id"] == id:
                    break
            asked = f"/board/visits?date={size.first}&ids={id}&lanes={lanes[id]}"
            patch = json.loads(await _asked(setting, 1, "GET", asked))
            took.append((time.perf_counter() - began) * 1000)
            assert patch["visits"][0]["version"] > version
            await command
    return took


async def _asked(
    setting: Setting, place: int, method: str, path: str, body: bytes = b"", seen: int | None = None
) -> bytes:
    server = setting.ours
    if seen is not None:
        match = f'If-Match: "v{seen}"\r\n'
        server = replace(server, headers=[one + match for one in server.headers])
    return await send(server.port, [written(server, place, method, path, body)])


async def main() -> int:
    with tempfile.TemporaryDirectory(prefix="truckroll-") as folder:
        data = Path(folder)
        data.chmod(0o755)
        async with opened(data) as setting:
            await write(setting)
            plain = await asyncpg.connect(
                setting.cluster.dsn(
                    "truckroll", setting.cluster.superuser, setting.cluster.superuser_password
                )
            )
            try:
                print(
                    f"\n{'':30}{'truckroll':>10}{'bare':>8}{'ratio':>8}{'ceiling':>9}{'afresh':>10}"
                    f"{'of a minute':>13}"
                )
                holds = [await compared(setting, plain, size) for size in SIZES]
                print("ms of CPU a board, server and PostgreSQL together, medians of one run")
            finally:
                await plain.close()
            took = sorted(await moved(setting))
        p50, p95 = statistics.median(took), took[int(len(took) * 0.95)]
        print(
            f"\na move, from the request until a second client has read it again:"
            f" p50 {p50:.0f} ms, p95 {p95:.0f} ms ({len(took)} moves)\n"
        )
        return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
