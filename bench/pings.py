"""`python -m bench.pings`: taking in positions beside a bare COPY of the same rows, in CPU a row.

Ours is the whole way: HTTP, rights, who is at work, what is worth keeping, the rows, the last position.
The bare one is a client that writes the same rows with COPY, into a table of the same columns and key.
Server or client and PostgreSQL are counted together; both take turns, and the median of the rounds
counts. Ends with 1 when the ceiling does not hold.
"""

import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from app.core import clock
from bench.measuring import CONNECTIONS, ROUNDS, cpu, family, send, written
from bench.setting import Setting, opened
from tests.support.tracking import ALWAYS

TOGETHER = 2_000
"""Rows in a batch, of ours and of the COPY."""
BATCHES = 3
"""On each connection in a round."""
CEILING = 3.0
FIRST = clock.now().replace(microsecond=0) - timedelta(days=25)
Row = tuple[int, float, float, float, float]


def batch(number: int) -> list[Row]:
    """Seconds after the first, latitude, longitude, accuracy, speed: of a drive to the north."""
    start = number * TOGETHER
    return [
        (start + n, 33.4 + (start + n) % 9_000 * 1e-5, -112.0, 5.0 + n % 7, 8.5)
        for n in range(TOGETHER)
    ]


def told(rows: Sequence[Row]) -> bytes:
    """As a device sends them."""
    pings = [
        {
            "at": (FIRST + timedelta(seconds=at)).isoformat(),
            "latitude": round(latitude, 6),
            "longitude": longitude,
            "accuracy_m": accuracy,
            "speed_mps": speed,
        }
        for at, latitude, longitude, accuracy, speed in rows
    ]
    return json.dumps({"pings": pings}).encode()


async def technicians(setting: Setting) -> list[str]:
    """One for each connection, always at work."""
    found = []
    for place in range(CONNECTIONS):
        made = await _made(setting, "/technicians", {"name": f"Bench {place}"})
        await _made(setting, "/shifts", {"technician_id": made["id"], **ALWAYS})
        found.append(str(made["id"]))
    return found


async def _made(setting: Setting, path: str, body: dict[str, Any]) -> Any:
    request = written(setting.ours, 0, "POST", path, json.dumps(body).encode())
    return json.loads(await send(setting.ours.port, [request]))


async def ours(setting: Setting, who: Sequence[str], first: int) -> tuple[float, float]:
    """CPU seconds a row: all of it, and the server's own part."""
    requests = [
        [
            written(
                setting.ours, place, "POST", f"/technicians/{id}/positions",
                told(batch(first + n)),
            )
            for n in range(BATCHES)
        ]
        for place, id in enumerate(who)
    ]  # fmt: skip
    pids = [setting.ours.pid, *family(setting.postmaster)]
    before = cpu(pids)
    replies = await asyncio.gather(*(send(setting.ours.port, one) for one in requests))
    used = {pid: after - before[pid] for pid, after in cpu(pids).items() if pid in before}
    assert all(json.loads(one)["kept"] == TOGETHER for one in replies), replies
    rows = len(who) * BATCHES * TOGETHER
    return sum(used.values()) / rows, used[setting.ours.pid] / rows


async def bare(
    setting: Setting, pool: Sequence[asyncpg.Connection], who: Sequence[str], first: int
) -> float:
    """The same by COPY: as rows of values, which is what a client of PostgreSQL has."""
    org = setting.org
    records = [
        [
            [
                (
                    org, UUID(id), FIRST + timedelta(seconds=at), round(latitude * 1_000_000),
                    round(longitude * 1_000_000), round(accuracy), round(speed * 100),
                )
                for at, latitude, longitude, accuracy, speed in batch(first + n)
            ]
            for n in range(BATCHES)
        ]
        for id in who
    ]  # fmt: skip

    async def write(connection: asyncpg.Connection, batches: list[Any]) -> None:
        for rows in batches:
            await connection.copy_records_to_table("bare_pings", records=rows)

    pids = [os.getpid(), *family(setting.postmaster)]
    before = cpu(pids)
    await asyncio.gather(*map(write, pool, records))
    used = sum(after - before[pid] for pid, after in cpu(pids).items() if pid in before)
    return used / (len(who) * BATCHES * TOGETHER)


async def measured(setting: Setting) -> bool:
    """Print what both cost; whether the ceiling holds."""
    who = await technicians(setting)
    await setting.admin.execute("create table bare_pings (like pings including all)")
    dsn = setting.cluster.dsn(
        "truckroll", setting.cluster.superuser, setting.cluster.superuser_password
    )
    pool = [await asyncpg.connect(dsn) for _ in who]
    found = []
    for round_ in range(ROUNDS + 1):
        first = round_ * BATCHES
        whole, own = await ours(setting, who, first)
        figures = whole, own, await bare(setting, pool, who, first)
        found += [figures] if round_ else []  # the first warms
    for connection in pool:
        await connection.close()
    whole, own, copied = (statistics.median(one) for one in zip(*found, strict=True))
    ratio = statistics.median(one / other for one, _, other in found)
    rows = len(who) * BATCHES * TOGETHER
    print(
        f"pings, {rows:,} rows a round in batches of {TOGETHER:,}: truckroll {whole * 1e6:.1f} µs of"
        f" CPU a row ({own * 1e6:.1f} of them the server's), COPY {copied * 1e6:.1f},"
        f" ratio {ratio:.2f} (ceiling {CEILING:.1f}); {1 / whole:,.0f} a second on one core"
        + ("" if ratio <= CEILING else "  ABOVE THE CEILING")
    )
    return ratio <= CEILING


async def main() -> int:
    with tempfile.TemporaryDirectory(prefix="truckroll-") as folder:
        data = Path(folder)
        data.chmod(0o755)
        async with opened(data) as setting:
            return 0 if await measured(setting) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
