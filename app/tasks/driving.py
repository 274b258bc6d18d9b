"""Asking a map service how long drives take: a table at a time, within what it allows.

No transaction is open while it takes its time. When it does not answer the job ends; what is left is
taken again by the clock.
"""

from uuid import UUID
from zoneinfo import ZoneInfo

from app.core import clock
from app.core.limits import Charge, Limits
from app.core.places import NotNow
from app.core.roads import Roads
from app.core.telemetry import PROVIDERS
from app.core.tools import roads_of
from app.scheduling.travel import typical
from app.services.tracking import roads as driving
from app.services.tracking.roads import Wanted
from app.tasks.turns import wait_for_turn
from app.tasks.work import Definition, Work

MOST_TABLES = 200
"""Of one job: a busy organisation's others get their turn."""


async def drive_times(work: Work, _: UUID | None) -> None:
    """Ask for what is due."""
    limits = Limits(work.sessions.engine)
    for _turn in range(MOST_TABLES):
        async with work.transaction() as ctx:
            wanted = await driving.take(ctx)
            roads = roads_of(ctx.session)
        if not wanted or roads is None or not await _ask(work, limits, roads, wanted):
            break
    async with work.transaction(last=True):
        pass


async def _ask(work: Work, limits: Limits, roads: Roads, wanted: list[Wanted]) -> bool:
    """Ask for one table; whether they answered."""
    starts = list(dict.fromkeys(one.start for one in wanted))
    goals = list(dict.fromkeys(one.goal for one in wanted))
    leaving = typical(wanted[0].band, clock.now().astimezone(ZoneInfo(wanted[0].zone)).date())
    try:
        await wait_for_turn(limits, Charge(driving.policy(roads), roads.name))
        table = await roads.table(starts, goals, leaving)
    except NotNow as error:
        PROVIDERS.labels(roads.name, "failed").inc()
        async with work.transaction(stopping=True) as ctx:
            await driving.put_off(ctx, wanted, error)
        return False
    PROVIDERS.labels(roads.name, "answered").inc()
    at = {
        (start, goal): table[i][j] for i, start in enumerate(starts) for j, goal in enumerate(goals)
    }
    async with work.transaction() as ctx:
        await driving.answer(ctx, {one.key: at[one.start, one.goal] for one in wanted})
    return True


DRIVING = Definition(drive_times, attempts=5, source="roads", at_once=1)
