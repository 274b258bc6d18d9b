"""The lanes of technicians: whose they are, and their local days before anything stands on them.

What is always true: days are remembered by what they are made from, to the last version of each row, so
nothing that is remembered can be old. They change rarely and are asked for all the time.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, ColumnElement, Date, and_, case, cast, func, or_, select
from sqlalchemy.orm import selectinload

from app.core.recent import Recent
from app.models.branches import Branch, Team
from app.models.crews import Crew, CrewMember
from app.models.holidays import Holiday
from app.models.organisations import OrganisationSettings
from app.models.shifts import Shift
from app.models.technicians import Technician
from app.models.time_off import TimeOff
from app.models.vehicles import Vehicle
from app.services.board.cells import Seen
from app.services.board.lanes import LaneDay
from app.services.board.questions import Question
from app.services.board.visits import these
from app.services.context import Ctx
from app.services.dispatching import marks, people
from app.services.hot.shapes import told

MOST = 500
ONE_DAY = timedelta(days=1)
KEPT = 48_000_000
"""Bytes of lanes that a process remembers, of all organisations together."""
A_LANE, A_DAY = 2_500, 3_500
"""What one of them takes, in bytes, with room to spare."""
AT_WORK = and_(Technician.active, Technician.deleted_at.is_(None))
MADE_FROM = (
    Branch, Crew, CrewMember, Holiday, OrganisationSettings, Shift, Team, Technician, TimeOff,
)  # fmt: skip
"""What lanes and their working time are made from (`services.working_time`)."""


@dataclass(slots=True)
class Lane:
    """Somebody's or something's lane, and its days."""

    id: str
    shown: dict[str, Any]
    days: list[LaneDay]
    head: bytes = field(init=False)
    """What is shown of it but for its days, as JSON that goes on."""

    def __post_init__(self) -> None:
        self.head = orjson.dumps(self.shown, default=str)[:-1]


Key = tuple[UUID, date, date]
Marked = tuple[Sequence[Any], dict[str, Lane]]
"""Lanes, and the mark of what they were made from."""


def weight(kept: Marked) -> int:
    """In bytes."""
    return sum(A_LANE + A_DAY * len(one.days) for one in kept[1].values())


_kept: Recent[Key, Marked] = Recent(KEPT, weight)


@dataclass(slots=True)
class Read:
    """Whom a board read anew, a day further on both sides: for whoever looks at the same people next."""

    team: people.Team | None = None


async def lanes(
    ctx: Ctx,
    first: date,
    last: date,
    on_lane: Mapping[str, Sequence[Seen]],
    only: frozenset[UUID] | None,
    *,
    past: bool,
    read: Read | None = None,
) -> list[Lane]:
    """Everybody's who works at present, and of whoever has something then; or these."""
    if past or not ctx.sees_all:
        return await _made(ctx, first, last, those(Technician, on_lane, only))
    key, mark = (ctx.org_id, first, last), await _mark(ctx, first)
    was, known = _kept.get(key) or (None, {})
    if was != mark:
        if only is not None:
            return await _made(ctx, first, last, those(Technician, on_lane, only))
        known = {one.id: one for one in await _made(ctx, first, last, AT_WORK, read)}
        _kept.keep(key, (mark, known))
    wanted = set(known) | set(on_lane) if only is None else {str(id) for id in only}
    others = [UUID(id) for id in wanted - set(known)]
    found = [one for id, one in known.items() if id in wanted]
    if others:
        found += await _made(ctx, first, last, these(Technician.id, others))
    return found


def _sum_of(model: Any) -> Any:
    # an id may be used again after its row was deleted, and begins with version 1 as before
    moved = cast(func.date_part("epoch", model.updated_at) * 1_000_000, BigInteger)
    rows = select(func.sum(func.uuid_hash_extended(model.id, moved + model.version)))
    if model is TimeOff:
        rows = rows.where(TimeOff.last_day >= told("since", Date()))
    return rows.scalar_subquery()


MARK = Question(
    lambda _: select(*(_sum_of(model).label(model.__tablename__) for model in MADE_FROM))
)
"""Changes with any row that lanes are made from: sums over their ids, versions and moments of change."""


async def _mark(ctx: Ctx, first: date) -> Sequence[Any]:
    [row] = await MARK.ask(ctx, since=first - timedelta(days=2))
    return tuple(row)


def those(
    model: type[Technician | Crew | Vehicle],
    on_lane: Mapping[str, Sequence[Seen]],
    only: frozenset[UUID] | None,
) -> ColumnElement[bool]:
    """These; or whatever is at work, and what has something on its lane."""
    if only is not None:
        return these(model.id, only)
    busy = these(model.id, [UUID(id) for id in on_lane])
    return or_(and_(model.active, model.deleted_at.is_(None)), busy)


async def _made(
    ctx: Ctx,
    first: date,
    last: date,
    condition: ColumnElement[bool],
    read: Read | None = None,
) -> list[Lane]:
    seen = await marks.now(ctx) if read is not None else None
    team = (
        await ctx.session.scalars(
            select(Technician)
            .options(selectinload(Technician.skills))
            .where(condition, Technician.visible_to(ctx))
            .order_by(case((AT_WORK, 0), else_=1), Technician.sort_name, Technician.id)
            .limit(MOST)
        )
    ).all()
    days: dict[UUID, dict[date, LaneDay]] = defaultdict(dict)
    low, high = (first - ONE_DAY, last + ONE_DAY) if read is not None else (first, last)
    persons = await people.days(ctx, team, low, high)
    if read is not None and seen is not None:
        read.team = people.Team(low, high, team, persons, seen)
    for one in persons:
        if not first <= one.day <= last:
            continue
        work, kept = one.work, days[one.technician_id].get(one.day)
        if kept is None or kept.resource.shift.start == kept.resource.shift.end:
            # somebody who is only on call has their day by that
            days[one.technician_id][one.day] = LaneDay(
                one.day, work.start, work.end, one.resource, work
            )
    return [
        Lane(
            str(one.id),
            {
                "id": one.id,
                "kind": "technician",
                "name": one.name,
                "color": one.color,
                "time_zone": one.time_zone,
                "active": one.active and one.deleted_at is None,
                "team_id": one.team_id,
                "member_ids": [],
            },
            list(days[one.id].values()),
        )
        for one in team
    ]
