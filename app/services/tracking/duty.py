"""Who is at work, for whoever asks many times a second: planned time is computed once, and stands for as
long as every row that it comes from does.

Those rows are in a *mark* (`system.working_marks`), which is read in the transaction that asks. So
nothing stands longer than it is true, in whichever process it was changed. What a visit under way adds
changes too often to be remembered: it is asked for those whom their plan does not have at work.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from app.core import clock
from app.models.flags import LONGEST_KEPT
from app.models.technicians import Technician
from app.services.context import Ctx
from app.services.tracking import working
from app.services.tracking.working import Span

MOST = 20_000
"""Technicians whose time is remembered in one process: less than a kilobyte each."""
BEFORE, AFTER = timedelta(hours=1), timedelta(hours=24)
"""Around what was asked about: whoever asks next asks about nearly the same."""


@dataclass(frozen=True, slots=True)
class Planned:
    """When somebody is planned to work, from `first` to `last`, by what one mark stands for."""

    mark: str
    first: datetime
    last: datetime
    spans: tuple[Span, ...]
    """In order; none touches the next."""
    kept_days: int
    """For how long their organisation keeps positions."""

    def covers(self, first: datetime, last: datetime) -> bool:
        """Whether it says something of all that time."""
        return self.first <= first and last <= self.last


_known: OrderedDict[tuple[UUID, UUID], Planned] = OrderedDict()


def marked_since() -> date:
    """What had ended by this day is in no mark: nobody asks about anything as old as that."""
    return clock.now().date() - timedelta(days=LONGEST_KEPT + 7)


def remembered(org_id: UUID, technician_id: UUID) -> Planned | None:
    """What was computed last. It holds where the mark is still theirs, and says nothing otherwise."""
    return _known.get((org_id, technician_id))


async def learn(ctx: Ctx, technician_id: UUID, first: datetime, last: datetime) -> Planned | None:
    """What holds now around that time; None where there is no such technician. `ctx` holds still."""
    asked = func.system.working_marks(ctx.org_id, [technician_id], marked_since())
    mark = await ctx.session.scalar(select(asked.table_valued("technician_id", "mark").c.mark))
    if mark is None:
        return None
    return (await planned(ctx, {technician_id: mark}, first, last)).get(technician_id)


async def planned(
    ctx: Ctx, marks: Mapping[UUID, str], first: datetime, last: datetime
) -> dict[UUID, Planned]:
    """When each of these technicians is planned to work, around what is asked about. The marks have to
    be of the snapshot in which `ctx` reads (`core.db.hold_still`)."""
    found, missing = {}, []
    for id, mark in marks.items():
        one = remembered(ctx.org_id, id)
        if one is not None and one.mark == mark and one.covers(first, last):
            found[id] = one
        else:
            missing.append(id)
    if missing:
        rows = await ctx.session.scalars(select(Technician).where(Technician.id.in_(missing)))
        since, until = first - BEFORE, last + AFTER
        computed = await working.planned(ctx, rows.all(), since, until)
        kept_days = (await ctx.flags()).positions_kept_days
        for id, spans in computed.items():
            found[id] = Planned(marks[id], since, until, _united(spans), kept_days)
            _known[ctx.org_id, id] = found[id]
            _known.move_to_end((ctx.org_id, id))
        while len(_known) > MOST:
            _known.popitem(last=False)
    return found


def _united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in as few stretches as there are."""
    united: list[Span] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = united[-1][0], max(end, united[-1][1])
        else:
            united.append((start, end))
    return tuple(united)


async def at_work(ctx: Ctx, marks: Mapping[UUID, str], at: datetime) -> set[UUID]:
    """Those of them who are at work at an instant, as `working.at_work` says it."""
    plans = await planned(ctx, marks, at, at)
    there = {id for id, one in plans.items() if working.within(one.spans, at)}
    if there == marks.keys():
        return there
    under_way = await working.visits(ctx, [id for id in marks if id not in there], at, at)
    return there | {id for id, span in under_way if working.within([span], at)}
