"""Visits in parts: one piece of work at several presences, each a visit of its own.

A part names the one before it (`follows_id`); at most one follows each, so that the parts of a piece
of work are a line. Each has its own time, people, promise and status, and is cancelled, moved or done
by itself.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from app.core.errors import Conflict
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.visits.fitting import MOST
from app.services.visits.telling import tell


async def refuse_too_many(ctx: Ctx, work_order: WorkOrder, more: int = 1) -> None:
    """Raise `Conflict` when the work order does not hold so many visits more."""
    visits = select(func.count()).select_from(Visit).where(Visit.work_order_id == work_order.id)
    if (await ctx.session.scalar(visits) or 0) + more > MOST:
        raise Conflict(
            f"Work order {work_order.number} has {MOST} visits, and no more fit. Open a new one.",
            code="too_many",
        )


async def another(
    ctx: Ctx,
    visit: Visit,
    *,
    minutes: int,
    instructions: str | None,
    id: UUID | None = None,
    follows: Visit | None = None,
    before: Visit | None = None,
) -> Visit:
    """One more visit for the same work, unscheduled. As a part it comes after `follows`, and then
    comes `before`, the part that came after that so far."""
    if before is not None:
        before.follows_id = None
        await ctx.session.flush()  # one part follows another, never two
    made = Visit(
        work_order=visit.work_order,
        duration_minutes=minutes,
        instructions=instructions,
        follows_id=follows.id if follows is not None else None,
        crew=None,
        assignments=[],
        vehicles=[],
        **({"id": id} if id else {}),
    )
    await ctx.add(made)
    if before is not None:
        before.follows_id = made.id
    await tell(ctx, Fact.visit_created, made, minutes=minutes, although="", overruled=[])
    return made


async def following(ctx: Ctx, visit: Visit) -> Visit | None:
    """The part that comes after this one, locked: whoever changes the line holds both."""
    part: Visit | None = await ctx.session.scalar(
        select(Visit).where(Visit.follows_id == visit.id).with_for_update(key_share=True)
    )
    return part


async def followers(ctx: Ctx, visits: Sequence[Visit]) -> dict[UUID | None, UUID]:
    """The part that comes after each of these, where one does."""
    rows = await ctx.session.execute(
        select(Visit.follows_id, Visit.id).where(Visit.follows_id.in_([one.id for one in visits]))
    )
    return {row.follows_id: row.id for row in rows}


async def unlink(ctx: Ctx, visit: Visit) -> None:
    """Take a part out of its line; the one that came after it comes after the one before."""
    after, before = await following(ctx, visit), visit.follows_id
    visit.follows_id = None
    if after is not None:
        await ctx.session.flush()
        after.follows_id = before
