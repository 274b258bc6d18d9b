"""Putting a visit on the board and taking it off: schedule (also moves and resizes), unschedule.

Planned time is taken of every technician of the crew, or of none. What can be overruled is named in
`Overrulable`; an overlap is not among it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field, field_validator
from sqlalchemy.orm import selectinload

from app.core import clock, wall
from app.core.errors import Conflict, invalid_field
from app.models.permissions import Permission
from app.models.technicians import Technician
from app.models.visits import Visit, VisitStatus
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.inputs import Draft, Moment, Reason
from app.services.visits import bookings, crew
from app.services.visits.happenings import Happening
from app.services.visits.moving import moved
from app.services.visits.skills import Missing, missing_skills
from app.services.visits.telling import local
from app.services.visits.times import Fold, WallTime, refuse_span, resolve
from app.services.visits.work import refuse_ended

LARGEST_CREW = 20


class Overrulable(StrEnum):
    """What a person may overrule, with the permission for it and a reason."""

    skill_missing = "skill_missing"


class Override(Draft):
    """What is overruled, and why. An overlap can never be."""

    codes: list[Overrulable] = Field(min_length=1, max_length=10)
    reason: Reason

    @field_validator("codes", mode="before")
    @classmethod
    def _no_overlap(cls, codes: Any) -> Any:
        if isinstance(codes, list) and "double_booking" in codes:
            raise ValueError("A double booking can never be overruled. Choose another time.")
        return codes


class Plan(Happening):
    """Who comes, and from when until when."""

    technician_ids: list[UUID] = Field(min_length=1, max_length=LARGEST_CREW)
    lead_id: UUID | None = Field(
        None, description="One of them; silence keeps the lead, or takes the first."
    )
    start: Moment | None = Field(None, description="An instant; or send `start_local`.")
    start_local: WallTime | None = None
    end: Moment | None = Field(None, description="Silence: as long as the visit takes.")
    end_local: WallTime | None = None
    fold: Fold = 0
    override: Override | None = None

    @field_validator("technician_ids")
    @classmethod
    def _once_each(cls, ids: list[UUID]) -> list[UUID]:
        if len(set(ids)) != len(ids):
            raise ValueError("Name each technician once.")
        return ids

    def between(self, visit: Visit) -> tuple[datetime, datetime]:
        """The planned time. Raises `Invalid` for one that cannot be."""
        zone = visit.work_order.site.time_zone
        start = resolve("start", self.start, self.start_local, self.fold, zone)
        if start is None:
            raise invalid_field(
                "start", "Say when it starts: start or start_local.", code="missing"
            )
        end = resolve("end", self.end, self.end_local, self.fold, zone)
        end = end or start + timedelta(minutes=visit.duration_minutes)
        refuse_span(start, end, "start", "end")
        return start, end


async def schedule(ctx: Ctx, visit: Visit, plan: Plan) -> None:
    """Plan, move or resize a visit.

    Raises `Conflict`: `double_booking` with the clash and the next free times; `skill_missing`
    unless it is overruled by somebody who may; `technician_inactive`; `illegal_transition` once
    somebody has set off. `NotFound` names a technician who is not there.
    """
    visit.refuse_unless("schedule")
    refuse_ended(visit.work_order)
    start, end = plan.between(visit)
    lead_id = _lead(visit, plan)
    people = await crew.technicians(ctx, plan.technician_ids, selectinload(Technician.skills))
    overruled = await _check_skills(ctx, visit, plan, people, end)
    before = (visit.planned_start, visit.planned_end, crew.lead_of(visit), _ids(visit))
    if before == (start, end, lead_id, set(plan.technician_ids)):
        return
    await bookings.book(ctx, visit, people, start, end)
    # they are locked only now; whoever was being deleted meanwhile is found missing here
    await crew.technicians(ctx, plan.technician_ids)
    _write(visit, start, end)
    taken_off = crew.assemble(
        visit,
        people,
        lead_id=lead_id,
        dispatched_at=clock.now() if visit.status == VisitStatus.dispatched else None,
    )
    if before[:2] != (start, end):
        crew.offer_again(visit)
        if visit.promised_start is None:
            _unconfirm(visit)  # it was this time that the customer confirmed
    planned = visit.status in (VisitStatus.scheduled, VisitStatus.dispatched)
    await moved(
        ctx,
        visit,
        "schedule",
        Fact.visit_moved if planned else Fact.visit_scheduled,
        plan,
        target=VisitStatus(visit.status) if planned else VisitStatus.scheduled,
        also=taken_off,
        planned=local(visit, start, end),
        **_spoken(plan.override, overruled),
    )


async def unschedule(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Take a visit off the board. What was promised stands; the technicians are free again."""
    visit.refuse_unless("unschedule")
    await bookings.free(ctx, visit)
    taken_off = crew.clear(visit)
    visit.planned_start = visit.planned_end = visit.planned_wall = visit.planned_zone = None
    if visit.promised_start is None:
        _unconfirm(visit)
    await moved(ctx, visit, "unschedule", Fact.visit_unscheduled, said, also=taken_off)


def _lead(visit: Visit, plan: Plan) -> UUID:
    if plan.lead_id is not None:
        if plan.lead_id not in plan.technician_ids:
            raise invalid_field(
                "lead_id", "The lead must be one of technician_ids.", code="unknown"
            )
        return plan.lead_id
    present = crew.lead_of(visit)
    return present if present in plan.technician_ids else plan.technician_ids[0]


def _ids(visit: Visit) -> set[UUID]:
    return {one.technician_id for one in crew.standing(visit)}


def _write(visit: Visit, start: datetime, end: datetime) -> None:
    zone = visit.work_order.site.time_zone
    visit.planned_start, visit.planned_end = start, end
    visit.planned_wall, visit.planned_zone = wall.written(start, zone), zone
    visit.duration_minutes = round((end - start) / timedelta(minutes=1))


def _unconfirm(visit: Visit) -> None:
    visit.confirmed_at = visit.confirmed_via = None


async def _check_skills(
    ctx: Ctx, visit: Visit, plan: Plan, people: Sequence[Technician], end: datetime
) -> list[Missing]:
    """The missing skills that are overruled; refused when they are not."""
    day = wall.day(end - timedelta(microseconds=1), visit.work_order.site.time_zone)
    missing = await missing_skills(ctx, visit.work_order.job_type, people, day)
    if not missing:
        return []
    if plan.override is not None and Overrulable.skill_missing in plan.override.codes:
        ctx.require(Permission.dispatch_override)
        return missing
    raise Conflict(
        f"Nobody on this visit has {' or '.join(map(str, missing))}. Choose somebody who does, or"
        " have it overruled with a reason.",
        code="skill_missing",
        missing=[
            {"skill_id": one.skill_id, "name": one.name, "level": one.level, "day": one.day}
            for one in missing
        ],
        permission_to_overrule=Permission.dispatch_override.value,
    )


def _spoken(override: Override | None, overruled: Sequence[Missing]) -> dict[str, Any]:
    if override is None or not overruled:
        return {"although": "", "overruled": []}
    return {
        "although": f", although nobody has {' or '.join(map(str, overruled))}:"
        f" “{override.reason}”",
        "overruled": [Overrulable.skill_missing.value],
        "overruled_because": override.reason,
        "missing_skills": [one.name for one in overruled],
    }
