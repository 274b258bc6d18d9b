"""Releasing a visit to its technicians and their answers: dispatch, recall, accept, decline."""

from uuid import UUID

from pydantic import Field

from app.core import clock
from app.models.assignments import AssignmentStatus
from app.models.visits import Visit
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.visits import bookings, crew
from app.services.visits.happenings import Happening, ReasonedHappening, moment
from app.services.visits.moving import moved
from app.services.visits.telling import tell

WHO = "Whose answer it is; silence means the caller, or the only technician on the visit."


class Answer(Happening):
    """A technician's yes."""

    technician_id: UUID | None = Field(None, description=WHO)


class Refused(ReasonedHappening):
    """A technician's no, and why."""

    technician_id: UUID | None = Field(None, description=WHO)


async def dispatch(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Release a scheduled visit to its technicians. Raises `Conflict` when nobody is on it."""
    visit.refuse_unless("dispatch")
    for assignment in crew.somebody_on(visit):
        assignment.dispatched_at = moment(visit, said)
    await moved(ctx, visit, "dispatch", Fact.visit_dispatched, said)


async def recall(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Take a dispatched visit back before anybody travels; it stays planned."""
    visit.refuse_unless("recall")
    crew.offer_again(visit)
    for assignment in crew.standing(visit):
        assignment.dispatched_at = None
    await moved(ctx, visit, "recall", Fact.visit_recalled, said)


async def accept(ctx: Ctx, visit: Visit, answer: Answer) -> None:
    """A technician takes the visit. Raises as `crew.answering`."""
    visit.refuse_unless("accept")
    assignment = await crew.answering(ctx, visit, answer.technician_id)
    if assignment.status == AssignmentStatus.accepted:
        return
    assignment.status = AssignmentStatus.accepted
    visit.moved_at = clock.now()
    await tell(
        ctx,
        Fact.visit_accepted,
        visit,
        occurred_at=answer.occurred_at,
        technician=assignment.technician.name,
    )


async def decline(ctx: Ctx, visit: Visit, refused: Refused) -> None:
    """A technician does not take the visit: it goes back to the board and their time is free.

    Whoever else is on it stays; one of them leads when it was the lead who declined.
    """
    visit.refuse_unless("decline")
    assignment = await crew.answering(ctx, visit, refused.technician_id)
    assignment.status = AssignmentStatus.declined
    assignment.reason = refused.reason
    left = crew.standing(visit)
    if assignment.is_lead and left:
        left[0].is_lead = True
    assignment.is_lead = False
    await bookings.free_one(ctx, visit, assignment.technician_id)
    await moved(
        ctx,
        visit,
        "decline",
        Fact.visit_declined,
        refused,
        also=(assignment.technician,),
        technician=assignment.technician.name,
    )
