"""What positions suggest of a visit, for as long as it says something that is not known.

Of a visit that has moved on nobody is asked any more: what was suggested goes with the move itself.
"""

from sqlalchemy import delete

from app.models.geofence_events import Crossed, EventStatus, GeofenceEvent
from app.models.visits import Visit, VisitStatus
from app.services.context import Ctx

S = VisitStatus
FOR = {
    Crossed.arrival: (S.dispatched, S.en_route),
    Crossed.departure: (S.on_site, S.working, S.paused),
}
"""Of which visits an event says something that is not known."""


async def let_go(ctx: Ctx, visit: Visit, was: str) -> None:
    """Let go of what was suggested about a visit that has just moved, and holds no more.

    `was` is its status before: of one that nobody was on the way to nothing was suggested.
    """
    if not any(was in waiting for waiting in FOR.values()):
        return
    over = [kind for kind, waiting in FOR.items() if visit.status not in waiting]
    await ctx.session.execute(
        delete(GeofenceEvent)
        .where(
            GeofenceEvent.visit_id == visit.id,
            GeofenceEvent.status == EventStatus.open,
            GeofenceEvent.kind.in_(over),
        )
        .execution_options(synchronize_session=False)
    )
