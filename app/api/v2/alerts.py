"""`/api/v2/alerts`: what is about to go wrong on a day."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.core import clock, wall
from app.models.permissions import Permission
from app.scheduling.alerts import AlertCode
from app.services.context import Ctx
from app.services.dispatching import watching
from app.services.inputs import Day

router = APIRouter(
    prefix="/api/v2/alerts", tags=["dispatch"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.visits_read)]


class AlertOut(Out):
    """One alert: computed now from plan, facts and expected times."""

    visit_id: UUID
    code: AlertCode
    detail: str
    minutes: int
    since: Instant | None
    cause_visit_id: UUID | None


class AlertsOut(Out):
    day: date
    data: list[AlertOut]
    look_again_at: Instant | None


@router.get(
    "", operation_id="list_alerts", summary="What is about to go wrong", responses=answers(422)
)
async def list_alerts(
    ctx: Reader,
    day: Annotated[
        Day | None, Query(description="Silence: today, where the organisation is.")
    ] = None,
) -> AlertsOut:
    """Late to leave, late to arrive, overrunning, windows at risk or oversold, not confirmed: what the
    board of that day says. Each is gone when it is cured; nothing moves by itself. `since` is when it was
    first seen, `look_again_at` when, if nobody does anything, there may be another one; what happens
    meanwhile is told on the board's topic."""
    asked = day or wall.day(clock.now(), (await ctx.organisation()).time_zone)
    found = await watching.watch(ctx, asked)
    return AlertsOut.model_validate(
        {"day": found.day, "data": found.alerts, "look_again_at": found.look_again_at}
    )
