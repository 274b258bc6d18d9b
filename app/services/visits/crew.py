"""Who is on a visit: its assignments, one of which leads.

An assignment is offered when the visit is booked, dispatched with it, accepted or declined by the
technician, removed when somebody is taken off, and done when the visit has ended.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm.interfaces import ORMOption

from app.core.errors import Conflict, FieldError, Forbidden, NotFound, invalid_field
from app.models.assignments import Assignment, AssignmentStatus
from app.models.technicians import Technician
from app.models.visits import Visit
from app.services.context import Ctx

A = AssignmentStatus


def standing(visit: Visit) -> list[Assignment]:
    """The assignments of those who are on the visit."""
    return [one for one in visit.assignments if one.stands]


def somebody_on(visit: Visit) -> list[Assignment]:
    """`standing`, or `Conflict` when that is nobody."""
    if not (found := standing(visit)):
        raise Conflict(
            "Nobody is on this visit. Schedule it with a technician first.", code="nobody_assigned"
        )
    return found


async def technicians(ctx: Ctx, ids: Sequence[UUID], *options: ORMOption) -> list[Technician]:
    """These technicians as they are now, in this order.

    Raises `NotFound` with a pointer to each that is not there, `Conflict` for one who does not work
    at present.
    """
    found = {
        one.id: one
        for one in await ctx.session.scalars(
            ctx.select(Technician)
            .where(Technician.id.in_(ids))
            .options(*options)
            .execution_options(populate_existing=True)
        )
    }
    detail = "There is no such technician."
    errors = [
        FieldError(f"/technician_ids/{place}", "not_found", detail)
        for place, one in enumerate(ids)
        if one not in found
    ]
    if errors:
        raise NotFound(detail, errors=errors)
    for one in found.values():
        if not one.active:
            raise Conflict(
                f"{one.name} is not active. Choose somebody else, or make {one.name} active.",
                code="technician_inactive",
                technician_id=one.id,
            )
    return [found[one] for one in ids]


def assemble(
    visit: Visit,
    crew: Sequence[Technician],
    *,
    lead_id: UUID | None,
    dispatched_at: datetime | None,
) -> list[Technician]:
    """Put exactly `crew` on the visit, led by `lead_id`. Returns those who were taken off."""
    on_it = {one.technician_id: one for one in standing(visit)}
    wanted = {one.id for one in crew}
    taken_off = [one for one in on_it.values() if one.technician_id not in wanted]
    for assignment in taken_off:
        assignment.status = A.removed
        assignment.is_lead = False
    for technician in crew:
        assignment = on_it.get(technician.id) or Assignment(
            technician=technician, status=A.offered, dispatched_at=dispatched_at
        )
        assignment.is_lead = technician.id == lead_id
        if technician.id not in on_it:
            visit.assignments.append(assignment)
    return [one.technician for one in taken_off]


def clear(visit: Visit) -> list[Technician]:
    """Take everybody off. Returns who it was."""
    return assemble(visit, (), lead_id=None, dispatched_at=None)


def lead_of(visit: Visit) -> UUID | None:
    """The technician who leads at present."""
    return next((one.technician_id for one in standing(visit) if one.is_lead), None)


def offer_again(visit: Visit) -> None:
    """Whoever had accepted is asked again: it is another time now."""
    for assignment in standing(visit):
        if assignment.status == A.accepted:
            assignment.status = A.offered


def finish(visit: Visit) -> None:
    """Everybody's part is over."""
    for assignment in standing(visit):
        assignment.status = A.done


def carry_on(visit: Visit) -> None:
    """Everybody is on it again."""
    for assignment in standing(visit):
        if assignment.status == A.done:
            assignment.status = A.accepted


async def answering(ctx: Ctx, visit: Visit, technician_id: UUID | None) -> Assignment:
    """Whose assignment is accepted or declined: the caller's own, or the one the office names.

    Raises `Forbidden` for a technician who answers for another, `Invalid` when it is not clear who
    is meant.
    """
    on_it = standing(visit)
    mine = [one for one in on_it if one.technician.member_id == ctx.user_id]
    if technician_id is not None:
        await ctx.get(Technician, technician_id, deleted=True, pointer="/technician_id")
        meant = [one for one in on_it if one.technician_id == technician_id]
    else:
        meant = mine or on_it
    if ctx.sees_only_own and meant != mine:
        raise Forbidden("You can answer only for yourself.", code="not_yours")
    if len(meant) != 1:
        raise invalid_field(
            "technician_id", "Name the technician of this visit who answers.", code="unclear"
        )
    return meant[0]


def refuse_outsiders(ctx: Ctx, visit: Visit) -> None:
    """Raise `Forbidden` for a technician who has declined the visit: others carry it out."""
    if not ctx.sees_only_own:
        return
    if not any(one.technician.member_id == ctx.user_id for one in standing(visit)):
        raise Forbidden("You declined this visit, so others carry it out.", code="not_yours")
