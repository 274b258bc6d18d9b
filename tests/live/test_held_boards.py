"""A time that is held appears on every live board and goes again: released, booked, or expired."""

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
