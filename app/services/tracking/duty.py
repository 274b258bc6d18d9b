"""Who is at work, for whoever asks many times a second: planned time is computed once, and stands for as
long as every row that it comes from does.

Those rows are in a *mark* (`system.working_marks`), which is read in the transaction that asks. So
nothing stands longer than it is true, in whichever process it was changed. What a visit under way adds
changes too often to be remembered: it is asked for those whom their plan does not have at work.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app.core import clock
from app.models.flags import LONGEST_KEPT
from app.models.technicians import Technician
from app.services.context import Ctx
from app.services.tracking import working
from app.services.tracking.working import Span

MOST = 20_000
"""Technicians whose time is remembered in one process: a hundred bytes and a few each."""
BEFORE, AFTER = timedelta(hours=1), timedelta(hours=24)
"""Around what was asked about: whoever asks next asks about nearly the same."""


@dataclass(frozen=True, slots=True)
class _Planned:
    mark: str
    first: datetime
    last: datetime
    spans: tuple[Span, ...]


_known: OrderedDict[tuple[UUID, UUID], _Planned] = OrderedDict()


def marked_since() -> date:
    """What had ended by this day is in no mark: nobody asks about anything as old as that."""
    return clock.now().date() - timedelta(days=LONGEST_KEPT + 7)


async def planned(
    ctx: Ctx, marks: Mapping[UUID, str], first: datetime, last: datetime
) -> dict[UUID, tuple[Span, ...]]:
    """When each of these technicians is planned to work, around what is asked about. The marks have to
    be of the snapshot in which `ctx` reads (`core.db.hold_still`)."""
    found, missing = {}, []
    for id, mark in marks.items():
        one = _known.get((ctx.org_id, id))
        if one is not None and one.mark == mark and one.first <= first and last <= one.last:
            found[id] = one.spans
        else:
            missing.append(id)
    if missing:
        rows = await ctx.session.scalars(select(Technician).where(Technician.id.in_(missing)))
        since, until = first - BEFORE, last + AFTER
        computed = await working.planned(ctx, rows.all(), since, until)
        for id, spans in computed.items():
            found[id] = tuple(spans)
            _known[ctx.org_id, id] = _Planned(marks[id], since, until, found[id])
            _known.move_to_end((ctx.org_id, id))
        while len(_known) > MOST:
            _known.popitem(last=False)
    return found


async def at_work(ctx: Ctx, marks: Mapping[UUID, str], at: datetime) -> set[UUID]:
    """Those of them who are at work at an instant, as `working.at_work` says it."""
    plans = await planned(ctx, marks, at, at)
    there = {id for id, spans in plans.items() if working.within(spans, at)}
    if there == marks.keys():
        return there
    under_way = await working.visits(ctx, [id for id in marks if id not in there], at, at)
    return there | {id for id, span in under_way if working.within([span], at)}
