"""A time that is held appears on every live board and goes again: released, booked, or expired. Notes of days are heard
of on them, too."""

from datetime import timedelta

from app.core import clock
from app.core.db import Scope
from app.services.context import Ctx
from app.tasks.schedules import sweep_holds
from tests.support.boards import BOARD, Board, picture_of, settled, showing
from tests.support.field import a_job
from tests.support.journal import numbered
from tests.support.people import Company
from tests.test_availability import at_work, desk
from tests.test_held import HOLDS, held

__all__ = ["desk"]


async def test_a_hold_appears_on_a_live_board_and_goes(desk: Company) -> None:
    job = await a_job(desk)
    tess = await at_work(desk, job)
    order = await job.work.order()
    mia = await desk.person("manager")
    async with showing(mia, job.day) as boards:
        [board] = boards

        async def shown() -> list[str]:
            """The holds of Tess's lane, on a board that is the one that one would read."""
            await numbered(desk.server.database, desk.id)
            seq = (await mia.got(BOARD, date=job.day))["seq"]
            await settled(boards, seq)
            assert board.picture == picture_of(await mia.got(BOARD, date=job.day))
            return holds_of(board, tess)

        assert await shown() == []
        hold = await held(job, order, minutes=5)
        assert await shown() == [hold["id"]]
        await job.dana.made(f"{HOLDS}/{hold['id']}/extend", {"minutes": 30})
        assert await shown() == [hold["id"]]
        assert (await job.dana.delete(f"{HOLDS}/{hold['id']}")).status_code == 204
        assert await shown() == []

        hold = await held(job, order, minutes=5)
        assert await shown() == [hold["id"]]
        with clock.set_to(clock.now() + timedelta(minutes=6)):
            async with desk.server.state.sessions.open(Scope(desk.id)) as session:
                assert await sweep_holds(Ctx(session, desk.id, None, frozenset())) == 1
                await session.commit()
        assert await shown() == []

        hold = await held(job, order)
        assert await shown() == [hold["id"]]
        await job.dana.made(f"{HOLDS}/{hold['id']}/book", {"told_via": "phone"})
        assert await shown() == []


def holds_of(board: Board, who: str) -> list[str]:
    [lane] = [one for one in board.shown["lanes"] if one["id"] == who]
    return [one["hold_id"] for day in lane["days"] for one in day["holds"]]


async def test_a_board_hears_of_notes_of_days(desk: Company) -> None:
    job = await a_job(desk)
    mia = await desk.person("manager")
    notes = "/api/v2/day-notes"
    async with showing(mia, job.day) as [board]:

        async def heard() -> list[tuple[str, str]]:
            """The notes of which it was told so far: each with what was done to it."""
            await numbered(desk.server.database, desk.id)
            await board.live.up_to((await mia.got(BOARD, date=job.day))["seq"])
            told = [one for one in board.live.all("event") if one["entity"] == "day_note"]
            return [(one["id"], one["fact"]) for one in told]

        note = await job.dana.made(notes, {"day": job.day, "body": "The yard is closed"})
        assert await heard() == [(note["id"], "day_note.added")]
        await job.dana.patched(f"{notes}/{note['id']}", note["version"], {"body": "It is open"})
        assert (await job.dana.delete(f"{notes}/{note['id']}")).status_code == 204
        assert [fact for _, fact in await heard()] == [
            "day_note.added",
            "day_note.changed",
            "day_note.deleted",
        ]
