"""Whose positions somebody reaches, and that they looked: each read leaves who, whose and when.

Looks are counted by the hour, so that a map that is open all day leaves a row an hour and not one a
second. Looking at oneself leaves none. What is told live is told only to whoever has looked a moment
ago (`app.services.tracking.live`), so that leaves its rows, too.
"""

from collections.abc import Iterable
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.errors import NotFound
from app.core.filters import Fields, filterable
from app.core.ids import new_id
from app.core.listing import Column, Filter, ListQuery
from app.models.positions import Look, PositionLook, reached
from app.models.technicians import Technician
from app.services.context import Ctx
from app.services.inputs import Moment


class LookQuery(ListQuery):
    """Filters and sorts of the list of looks."""

    SORTS: ClassVar[dict[str, Column]] = {
        "last_at": PositionLook.last_at,
        "hour": PositionLook.hour,
    }
    DEFAULT_SORT: ClassVar[str] = "-last_at"
    FILTERS: ClassVar[Fields | None] = filterable(
        PositionLook.id,
        PositionLook.looker_id,
        PositionLook.looked_at,
        PositionLook.hour,
        PositionLook.last_at,
        PositionLook.times,
    )

    looker_id: Annotated[UUID | None, Filter(PositionLook.looker_id)] = None
    last_from: Annotated[Moment | None, Filter(PositionLook.last_at, "gte")] = None
    last_before: Annotated[Moment | None, Filter(PositionLook.last_at, "lt")] = None


async def refuse_curious(ctx: Ctx, technician: Technician) -> None:
    """Raise `NotFound` for a technician whose positions are beyond this person's record scope."""
    there = select(Technician.id).where(
        Technician.id == technician.id,
        reached(Technician.id.expression, Technician.org_id.expression, ctx),
    )
    if await ctx.session.scalar(there) is None:
        raise NotFound("There is nothing that you may see of where this person is or was.")


def at_myself(ctx: Ctx) -> ColumnElement[bool]:
    """The looks at whoever this person is as a technician."""
    me = select(Technician.id).where(Technician.of_member(ctx.user_id))
    return PositionLook.technician_id.in_(me)


async def note(ctx: Ctx, look: Look, technicians: Iterable[Technician]) -> None:
    """Leave that this person looked at where these technicians are, or were."""
    if ctx.user_id is None:
        return
    now = clock.now()
    rows = [
        {
            "org_id": ctx.org_id,
            "id": new_id(),
            "technician_id": one.id,
            "looker_id": ctx.user_id,
            "looked_at": look,
            "hour": now.replace(minute=0, second=0, microsecond=0),
            "last_at": now,
            "times": 1,
        }
        for one in sorted(technicians, key=lambda one: one.id)
        if one.member_id != ctx.user_id
    ]
    if not rows:
        return
    statement = insert(PositionLook).values(rows)
    await ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["org_id", "technician_id", "looker_id", "looked_at", "hour"],
            set_={"last_at": now, "times": PositionLook.times + 1},
        ).execution_options(synchronize_session=False)
    )
