"""Many who sell, hold and plan at once: nobody is in two places, and nobody is told anything but why."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg

from app.core.ids import new_id
from tests.support.deep import times
from tests.support.field import a_job
from tests.support.people import Company
from tests.test_availability import BOOK, at_work, booking, desk, offered
from tests.test_board_at_once import UNTRUE
from tests.test_held import HOLDS

__all__ = ["desk"]
HOUR = timedelta(hours=1)
EXCLUDED = "23P01"
TAKEN = ("200", "201", "raw")

OVERLAPS = """
select count(*) from bookings a join bookings b
  on a.org_id = b.org_id and a.resource_id = b.resource_id and a.id < b.id and a.during && b.during
"""


async def test_64_at_once_through_every_door_overlap_nowhere(
    desk: Company,
) -> None:
    job = await a_job(desk)
    people = [await at_work(desk, job, name) for name in ("Tess", "Tom", "Uma", "Vic")]
    writers = times(16, deep=64)
    orders = [await job.work.order() for _ in range(writers)]
    slots = (await offered(job, work_order_id=orders[0]["id"]))["slots"]
    visits = [await job.visit(work_order_id=one["id"]) for one in orders[::4]]

    async def sent(path: str, body: dict[str, Any]) -> str:
        return await patiently(lambda: job.dana.post(path, json=body))

    async def book(n: int) -> str:
        return await sent(BOOK, booking(orders[n], slots[n % 2]))

    async def promise(n: int) -> str:
        return await sent(BOOK, booking(orders[n], slots[n % 2], assign=False))

    async def hold(n: int) -> str:
        return await sent(HOLDS, booking(orders[n], slots[n % 2]))

    async def plan(n: int) -> str:
        start, who = job.nine - HOUR + timedelta(minutes=20) * (n % 6), people[n // 4 % 4]
        return await patiently(lambda: job.schedule(visits[n // 4], who, start=start))

    async def raw(n: int) -> str:
        """What minds no lock of ours: the constraint is all there is."""
        other = await asyncpg.connect(desk.server.database.admin)
        start = job.nine + timedelta(minutes=15) * (n % 8)
        try:
            await other.execute(
                "select set_config('app.source', 'psql', false),"
                " set_config('app.request_id', 'psql', false), set_config('app.org_id', $1, false),"
                " set_config('app.actor', '', false)",
                str(desk.id),
            )
            await other.execute(
                "insert into bookings (org_id, id, resource_id, during, kind, expires_at)"
                " values ($1, $2, $3, tstzrange($4::timestamptz, $5::timestamptz), 'hold', $6)",
                desk.id,
                new_id(),
                people[n % 4],
                start,
                start + HOUR,
                start + 100 * HOUR,
            )
        except asyncpg.PostgresError as error:
            return str(error.sqlstate)
        finally:
            await other.close()
        return "raw"

    doors: list[Callable[[int], Awaitable[str]]] = [plan, book, hold, promise]
    tried = [*(doors[n % 4] for n in range(writers)), *[raw] * (writers // 4)]
    numbers = [*range(writers), *range(writers // 4)]
    ways = await asyncio.gather(*(one(n) for one, n in zip(tried, numbers, strict=True)))
    assert set(ways) <= {*TAKEN, "slot_gone", "double_booking", EXCLUDED}, Counter(ways)
    through = Counter(one for one, way in zip(tried, ways, strict=True) if way in TAKEN)
    assert all(through[one] for one in (plan, hold, raw)), (through, Counter(ways))
    assert through[book] + through[promise], (through, Counter(ways))
    admin = await asyncpg.connect(desk.server.database.admin)
    overlaps = await admin.fetchval(OVERLAPS)
    untrue = await admin.fetchval(UNTRUE, desk.id)
    await admin.close()
    assert overlaps == 0
    assert untrue == 0


async def patiently(send: Callable[[], Awaitable[Any]]) -> str:
    """The status of a success, the code of a refusal. Who is told to come back in a moment does."""
    reply = await send()
    while reply.status_code == 503:
        await asyncio.sleep(float(reply.headers["retry-after"]))
        reply = await send()
    return str(reply.status_code) if reply.status_code < 300 else str(reply.json()["code"])
