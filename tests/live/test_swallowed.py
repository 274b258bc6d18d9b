"""A board that is not told of something does not show it: that two boards kept by events are the board that
one reads (`tests/support/boards.py`) says that they were told of everything."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from app.core import clock
from tests.support.boards import BOARD, Board, picture_of, settled, showing
from tests.support.field import Job, a_job, did
from tests.support.journal import numbered
from tests.support.people import Company
from tests.test_availability import at_work, desk
from tests.test_held import HOLDS, held

__all__ = ["desk"]
Act = Callable[[], Awaitable[Any]]


def acts(job: Job, tess: str, visit: Any, order: Any) -> dict[str, Act]:
    """What is done on a day, in order, and shows on a board of it."""
    start = job.nine + timedelta(hours=3)
    window = {
        "window_start": start.isoformat(),
        "window_end": (start + timedelta(hours=2)).isoformat(),
    }
    meeting = {"starts_at": (start + timedelta(hours=3)).isoformat(), "technician_ids": [tess]}
    meeting["ends_at"] = (start + timedelta(hours=4)).isoformat()
    plan = {"technician_ids": [tess], "start": start.isoformat()}
    later = (start + timedelta(minutes=30)).isoformat()
    holds: list[Any] = []

    async def hold() -> None:
        holds.append(await held(job, order))

    async def release() -> None:
        assert (await job.dana.delete(f"{HOLDS}/{holds[0]['id']}")).status_code == 204

    return {
        "promised": lambda: did(job.dana, visit, "promise", **window, told_via="phone"),
        "planned": lambda: did(job.dana, visit, "schedule", **plan),
        "moved": lambda: did(job.dana, visit, "move", start=later),
        "locked": lambda: did(job.dana, visit, "lock", lock="both"),
        "unlocked": lambda: did(job.dana, visit, "unlock"),
        "held": hold,
        "released": release,
        "met": lambda: job.dana.made("/api/v2/events", {"title": "Safety", **meeting}),
        "off": lambda: did(job.dana, visit, "unschedule"),
        "cancelled": lambda: did(job.dana, visit, "cancel", reason="Sold the house"),
    }


async def test_a_board_does_not_show_what_it_was_not_told(desk: Company) -> None:
    job = await a_job(desk)
    tess = await at_work(desk, job)
    # something to come: its lane would be read again when the minute turns
    await job.planned(tess)
    visit, order = await job.visit(), await job.work.order()
    mia = await desk.person("manager")
    with clock.set_everywhere(clock.now()):
        async with showing(mia, job.day, job.day) as [told, untold]:
            for what, act in acts(job, tess, visit, order).items():
                await act()
                await numbered(desk.server.database, desk.id)
                fresh = await mia.got(BOARD, date=job.day)
                swallowed = await swallow(untold, fresh["seq"])
                assert swallowed, what
                await settled([told, untold], fresh["seq"])
                assert told.picture == picture_of(fresh), what
                assert untold.picture != picture_of(fresh), what
                for one in swallowed:
                    one["type"] = "event"
                await untold.settle(fresh["seq"])
                assert untold.picture == picture_of(fresh), what


async def swallow(board: Board, seq: int) -> list[dict[str, Any]]:
    """Let a board not hear what it was told last, up to this number."""
    await board.live.up_to(seq)
    unheard = board.unheard
    for one in unheard:
        one["type"] = "swallowed"
    return unheard
