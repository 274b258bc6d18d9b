"""Handing over: what somebody who leaves had still to do goes back into the tray.

A visit that is taken off keeps its promise: the customer was told a time, and somebody else comes.
Locks are taken in everybody's order, all visits, then the technician, then the work orders.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from app.core.errors import Conflict
from app.models.assignments import Assignment, AssignmentStatus
from app.models.permissions import RecordScope
from app.models.technicians import Technician
from app.models.visits import BEGUN, Visit, VisitStatus
from app.services.context import Ctx
from app.services.usage import count_of
from app.services.visits import bookings, locking, planning, releases
from app.services.visits.happenings import Happening
from app.services.visits.taking import WHOLE

AHEAD = (VisitStatus.tentative, VisitStatus.scheduled, VisitStatus.dispatched)
"""Planned, and nobody has set off."""
MOST = 2000
"""Visits that one person has ahead of them."""


async def hand_over(ctx: Ctx, technician: Technician, why: str) -> list[Visit]:
    """Put every visit that is ahead of `technician` into the tray, telling each `why`; by their time.

    All of them, also those that the caller does not see. Afterwards the technician is locked: nobody
    books them until the transaction ends. Raises `Conflict` while they are on a visit.
    """
    everything = replace(ctx, record_scope=RecordScope.all)
    visits = await _taken(everything, await _ahead(everything, technician.id))
    begun = [visit for visit in visits if visit.status in BEGUN]
    if begun:
        raise Conflict(
            f"{technician.name} is out on {count_of(len(begun), 'a visit', 'visits')}"
            f" ({', '.join(visit.work_order.number for visit in begun[:5])})."
            " End it first, or put somebody else on it.",
            code="visits_begun",
            visits=[visit.id for visit in begun],
        )
    await bookings.lock(ctx, [technician.id])
    if set(await _ahead(everything, technician.id)) - {visit.id for visit in visits}:
        raise Conflict(
            f"{technician.name} was given another visit at this moment. Try again.", code="busy"
        )
    for visit in visits:
        said = Happening(reason=why)
        if visit.status == VisitStatus.dispatched:
            await releases.recall(everything, visit, said)
        await locking.unlock(everything, visit, said)
        await planning.unschedule(everything, visit, said)
    return visits


async def _ahead(ctx: Ctx, technician_id: UUID) -> list[UUID]:
    """Visits that are ahead of them, or that they are on."""
    theirs = (
        select(Visit.id)
        .join(Assignment, (Assignment.org_id == Visit.org_id) & (Assignment.visit_id == Visit.id))
        .where(
            Assignment.technician_id == technician_id,
            Assignment.status.in_((AssignmentStatus.offered, AssignmentStatus.accepted)),
            Visit.status.in_((*AHEAD, *BEGUN)),
            Visit.deleted_at.is_(None),
        )
        .order_by(Visit.id)
        .limit(MOST)
    )
    return list(await ctx.session.scalars(theirs))


async def _taken(ctx: Ctx, ids: Sequence[UUID]) -> list[Visit]:
    """These visits as they are now, locked, whole, by their time."""
    found = await ctx.session.scalars(
        ctx.select(Visit)
        .where(Visit.id.in_(ids), Visit.status.in_((*AHEAD, *BEGUN)))
        .options(*WHOLE)
        .order_by(Visit.id)
        .with_for_update(key_share=True, of=Visit)
        .execution_options(populate_existing=True)
    )
    return sorted(found.unique(), key=lambda visit: (str(visit.planned_start), visit.id))
