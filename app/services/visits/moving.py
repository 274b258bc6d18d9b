"""One move of a visit: its status, the reason, the fact, and the work order that follows."""

from collections.abc import Iterable
from typing import Any

from app.core import clock
from app.models.technicians import Technician
from app.models.visits import Visit, VisitStatus
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.tracking.suggestions import let_go
from app.services.visits.happenings import Happening
from app.services.visits.telling import because, tell
from app.services.work_orders.following import follow


async def moved(
    ctx: Ctx,
    visit: Visit,
    verb: str,
    fact: Fact,
    said: Happening,
    *,
    target: VisitStatus | None = None,
    also: Iterable[Technician] = (),
    **data: Any,
) -> None:
    """Move the visit by `verb` and say so. Everything else about it has been written before."""
    was = visit.status
    visit.move(verb, target)
    visit.status_reason = said.reason
    visit.moved_at = clock.now()
    await let_go(ctx, visit, was)
    await tell(
        ctx,
        fact,
        visit,
        occurred_at=said.occurred_at,
        also=also,
        **{"reason": said.reason, "because": because(said.reason), **data},
    )
    await follow(ctx, visit.work_order)
