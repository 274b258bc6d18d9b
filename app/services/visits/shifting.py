"""Changing one thing of a plan and keeping the rest: its time, its length, or who comes.

A visit keeps its status by it; what a plan may be is asked as when it was made (`placements`).
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import Field

from app.core.errors import invalid_field
from app.models.visits import Visit, VisitStatus
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.inputs import Moment
from app.services.visits import crew, party
from app.services.visits.gating import Override
from app.services.visits.happenings import Happening
from app.services.visits.planning import Coming, Starting, begins, put
from app.services.visits.times import Fold, WallTime, refuse_span, resolve

C = TypeVar("C", bound=Coming)


class Resize(Happening):
    """How long it takes, or when it ends."""

    minutes: int | None = Field(None, ge=5, le=10_080, description="Or send an end.")
    end: Moment | None = None
    end_local: WallTime | None = None
    fold: Fold = 0
    override: Override | None = None


async def move(ctx: Ctx, visit: Visit, told: Starting) -> None:
    """Another start, the same length; the same people unless others are named. Raises as
    `planning.schedule` does."""
    visit.refuse_unless("move")
    was, until = planned(visit)
    start = begins(told, visit.work_order.site.time_zone)
    end = start + (until - was)
    refuse_span(start, end, "start", "start")
    await _put(ctx, visit, "move", same_people(visit, told), start, end, Fact.visit_moved)


async def resize(ctx: Ctx, visit: Visit, told: Resize) -> None:
    """The same start, another end. Raises as `planning.schedule` does, and `Invalid` without an end."""
    visit.refuse_unless("resize")
    start, _ = planned(visit)
    end = resolve("end", told.end, told.end_local, told.fold, visit.work_order.site.time_zone)
    if (end is None) is (told.minutes is None):
        raise invalid_field(
            "minutes", "Say how long it takes: minutes, or an end, and not both.", code="missing"
        )
    if end is None:
        end = start + timedelta(minutes=told.minutes or 0)
    refuse_span(start, end, "start", "end")
    who = Coming(override=told.override, reason=told.reason, occurred_at=told.occurred_at)
    await _put(ctx, visit, "resize", same_people(visit, who), start, end, Fact.visit_resized)


async def assign(ctx: Ctx, visit: Visit, told: Coming) -> None:
    """Who comes, with what, and who leads; the time stays. Raises as `planning.schedule` does, and
    `Invalid` when nobody and nothing is named."""
    visit.refuse_unless("assign")
    named = (told.technician_ids, told.crew_id, told.vehicle_ids, told.lead_id)
    if all(one is None for one in named):
        raise invalid_field(
            "technician_ids",
            "Say who or what comes: technician_ids, crew_id, vehicle_ids or lead_id.",
            code="missing",
        )
    start, end = planned(visit)
    await _put(ctx, visit, "assign", same_people(visit, told), start, end, Fact.visit_assigned)


def planned(visit: Visit) -> tuple[datetime, datetime]:
    """The time for which a planned visit is planned."""
    assert visit.planned_start is not None
    assert visit.planned_end is not None
    return visit.planned_start, visit.planned_end


def same_people(visit: Visit, told: C) -> C:
    """What was told, with those who are on the visit where nobody is named. Raises `Conflict` when
    nobody is."""
    if told.technician_ids is not None or told.crew_id is not None:
        return told
    ids = [one.technician_id for one in crew.somebody_on(visit)]
    return told.model_copy(update={"technician_ids": ids})


def like(visit: Visit, told: C) -> C:
    """What was told of another visit, with all who and what comes to this one where nobody is named."""
    who = party.present(visit)
    if told.technician_ids is not None or told.crew_id is not None or not who.technician_ids:
        return told
    same: dict[str, Any] = {"technician_ids": list(who.technician_ids)}
    if told.vehicle_ids is None:
        same["vehicle_ids"] = [one.id for one in who.vehicles]
    if who.crew is not None and who.crew.active and who.crew.deleted_at is None:
        same["crew_id"] = who.crew.id
    if told.lead_id is None:
        same["lead_id"] = crew.lead_of(visit)
    return told.model_copy(update=same)


async def _put(
    ctx: Ctx, visit: Visit, verb: str, told: Coming, start: datetime, end: datetime, fact: Fact
) -> None:
    await put(ctx, visit, verb, told, start, end, fact, VisitStatus(visit.status))
