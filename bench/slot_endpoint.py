"""What a question costs that comes over HTTP: server and PostgreSQL together, in CPU milliseconds.

*Warm* is a question to a process that was asked before; *after a write* the first one after a visit was moved
on the board, when nothing that was kept may be shown as it is. Each question is counted by itself, from when
the request is sent until its reply is there. The same is asked in every round, each time for a caller a metre
further on: what is known of drives to a place is kept, and nobody's place was asked for before.
"""

import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from app.scheduling.model import Task
from app.scheduling.tables import Stood
from bench import slot_rows
from bench.measuring import cpu, family, send, written
from bench.setting import Setting, opened
from bench.slot_rows import FIRST, named

ROUNDS, WARM, WRITES = 8, 60, 64
APART = 3.0
"""Seconds between rounds, as in `bench.slots`."""
QUESTIONS = WARM
METRE = 0.00001
"""Degrees of latitude, about."""
SETTLED = 0.25
"""Seconds after which whatever follows a write is done."""
Times = list[float]


@dataclass(frozen=True)
class Asked:
    """Milliseconds a question."""

    warm: list[Times]
    """Round by round."""
    after: Times
    """Each the first after a write."""
    afresh: float
    """The first that the process was asked."""


async def measured(days: Sequence[Sequence[Stood]], asked: Sequence[Task]) -> Asked:
    """Ask a server of its own, which has these rows."""
    with tempfile.TemporaryDirectory(prefix="truckroll-") as folder:
        data = Path(folder)
        data.chmod(0o755)
        async with opened(data) as setting:
            await slot_rows.write(setting, days)
            return await measure(setting, len(days), asked)


async def measure(setting: Setting, days: int, asked: Sequence[Task]) -> Asked:
    """The same of a server that has the rows."""
    paths = [
        [question(setting, one, days, metres) for one in asked] for metres in range(ROUNDS + 1)
    ]
    afresh = await took(setting, paths[0][0])
    for path in paths[0][:20]:
        await took(setting, path)
    warm = []
    for each in paths[1:]:
        warm.append([await took(setting, path) for path in each])
        await asyncio.sleep(APART)
    moves = await to_move(setting)
    after = []
    for n in range(WRITES):
        await move(setting, *moves.pop())
        await asyncio.sleep(SETTLED)
        after.append(await took(setting, paths[0][n % len(asked)]))
    return Asked(warm, after, afresh)


def question(setting: Setting, task: Task, days: int, metres: int) -> str:
    """Somebody calls, who lives so many metres north of where the task is."""
    asked = {
        "job_type_id": named(setting.org, "gas" if task.skills else "anybody"),
        "latitude": round(task.place.point.latitude + metres * METRE, 6),
        "longitude": round(task.place.point.longitude, 6),
        "duration_minutes": task.duration // 60,
        "from": FIRST,
        "to": FIRST + timedelta(days=days - 1),
    }
    return f"/availability?{urlencode(asked)}"


async def took(setting: Setting, path: str) -> float:
    """Milliseconds of CPU that the answer cost."""
    request = [written(setting.ours, 0, "GET", path, b"")]
    pids = [setting.ours.pid, *family(setting.postmaster)]
    before = cpu(pids)
    body = await send(setting.ours.port, request)
    used = sum(after - before[pid] for pid, after in cpu(pids).items() if pid in before)
    assert json.loads(body)["looked_at"] > 0, body
    return used * 1000


async def to_move(setting: Setting) -> list[tuple[str, int, str, datetime]]:
    """Visits at the end of somebody's day, each on a day of its own."""
    rows = await setting.admin.fetch(
        "select distinct on (a.technician_id) v.id, v.version, a.technician_id, v.planned_start"
        " from visits v join assignments a on a.org_id = v.org_id and a.visit_id = v.id"
        " where v.org_id = $1 and v.planned_start >= $2 and v.planned_start < $2 + interval '14 days'"
        " order by a.technician_id, v.planned_start::time desc limit $3",
        setting.org,
        datetime.fromisoformat(f"{FIRST}T00:00:00+00:00"),
        WRITES,
    )
    found = [(str(id), version, str(who), start) for id, version, who, start in rows]
    Random(3).shuffle(found)  # noqa: S311 -- no secret
    return found


async def move(setting: Setting, id: str, version: int, who: str, start: datetime) -> None:
    """Plan a visit a minute later than it was."""
    at = (start + timedelta(minutes=1)).isoformat()
    body = json.dumps({"technician_ids": [who], "start": at}).encode()
    server = replace(
        setting.ours,
        headers=[f'{one}If-Match: "v{version}"\r\n' for one in setting.ours.headers],
    )
    await send(server.port, [written(server, 0, "POST", f"/visits/{id}/schedule", body)])
