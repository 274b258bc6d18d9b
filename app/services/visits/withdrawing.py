"""Cancelling a visit, by itself or with its whole work order.

Its crew stays named, so that they see it is cancelled; its promise is withdrawn; what was done is
kept, and the time that is left is free.
"""

from app.models.visits import BEGUN, Visit
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.tracking.suggestions import let_go
from app.services.visits import bookings, promises
from app.services.visits.happenings import ReasonedHappening, moment, refuse_disorder
from app.services.visits.pausing import end_pause
from app.services.visits.telling import tell


async def withdraw(ctx: Ctx, visit: Visit, said: ReasonedHappening) -> None:
    """Cancel a visit that was loaded whole; the caller lets the work order follow."""
    visit.refuse_unless("cancel")
    at = moment(visit, said)
    begun = visit.status in BEGUN
    visit.expected_end = None
    end_pause(visit, at)
    if visit.arrived_at is not None:
        visit.finished_at = at
        refuse_disorder(visit)
    await bookings.free(ctx, visit, at=at if begun else None)
    await promises.close(ctx, visit)
    was = visit.status
    visit.move("cancel")
    visit.status_reason = said.reason
    await let_go(ctx, visit, was)
    await tell(ctx, Fact.visit_canceled, visit, occurred_at=said.occurred_at, reason=said.reason)
