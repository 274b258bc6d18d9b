"""Putting a visit on the board and taking it off: schedule (also moves and resizes), unschedule.

Planned time is taken of every technician of the crew, or of none. What can be overruled is named in
`gating.Overrulable`; an overlap is not among it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import Field, field_validator
from sqlalchemy.orm import selectinload

from app.core import clock, wall
from app.core.errors import invalid_field
from app.models.technicians import Technician
from app.models.visits import Visit, VisitStatus
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.inputs import Moment
from app.services.visits import bookings, crew, gating, party, warnings
from app.services.visits.gating import Override
from app.services.visits.happenings import Happening
from app.services.visits.moving import moved
from app.services.visits.skills import missing_skills
from app.services.visits.telling import local
from app.services.visits.times import Fold, WallTime, refuse_span, resolve
from app.services.visits.work import refuse_ended

LARGEST_CREW = 20


class Plan(Happening):
    """Who comes, and from when until when."""

    technician_ids: list[UUID] | None = Field(
        None, min_length=1, max_length=LARGEST_CREW, description="Silence: the crew's of that day."
    )
    crew_id: UUID | None = Field(
        None, description="The crew that it is planned for; silence keeps it for the same people."
    )
    vehicle_ids: list[UUID] | None = Field(
        None, max_length=LARGEST_CREW, description="Silence keeps them, or takes the crew's."
    )
    lead_id: UUID | None = Field(
        None, description="One of them; silence keeps the lead, or takes the first."
    )
    start: Moment | None = Field(None, description="An instant; or send `start_local`.")
    start_local: WallTime | None = None
    end: Moment | None = Field(None, description="Silence: as long as the visit takes.")
    end_local: WallTime | None = None
    fold: Fold = 0
    override: Override | None = None

    @field_validator("technician_ids", "vehicle_ids")
    @classmethod
    def _once_each(cls, ids: list[UUID] | None) -> list[UUID] | None:
        if ids is not None and len(set(ids)) != len(ids):
            raise ValueError("Name each of them once.")
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

    Raises `Conflict`: `double_booking` with the clash and the next free times; what `gating` names,
    such as `skill_missing`, unless it is overruled by somebody who may; `technician_inactive`; `illegal_transition` once
    somebody has set off. `NotFound` names a technician who is not there.
    """
    visit.refuse_unless("schedule")
    refuse_ended(visit.work_order)
    start, end = plan.between(visit)
    who = await party.of(ctx, visit, plan, start)
    lead_id = _lead(visit, plan, who)
    people = await crew.technicians(ctx, who.technician_ids, selectinload(Technician.skills))
    obstacles = [
        *gating.of_customer(visit.work_order.customer),
        *gating.of_site(visit.work_order.site, start, end),
        *await _unskilled(ctx, visit, people, end),
    ]
    overruled = gating.let_pass(ctx, obstacles, plan.override)
    before = (visit.planned_start, visit.planned_end, crew.lead_of(visit), _ids(visit))
    same_people = before == (start, end, lead_id, set(who.technician_ids))
    if same_people and who.is_on(visit):
        return
    claim = bookings.of_visit(visit)
    await bookings.book(ctx, claim, [*people, *who.vehicles], start, end)
    # they are locked only now; whoever was being deleted meanwhile is found missing here
    await crew.technicians(ctx, who.technician_ids)
    who.come_to(visit)
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
    visit.warnings = await warnings.of_plan(ctx, visit)
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
        **gating.spoken(plan.override, overruled),
    )


async def unschedule(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Take a visit off the board. What was promised stands; the technicians are free again."""
    visit.refuse_unless("unschedule")
    await bookings.free(ctx, visit)
    taken_off = crew.clear(visit)
    party.NOBODY.come_to(visit)
    visit.warnings = []
    visit.planned_start = visit.planned_end = visit.planned_wall = visit.planned_zone = None
    if visit.promised_start is None:
        _unconfirm(visit)
    await moved(ctx, visit, "unschedule", Fact.visit_unscheduled, said, also=taken_off)


def _lead(visit: Visit, plan: Plan, who: party.Party) -> UUID:
    if plan.lead_id is not None:
        if plan.lead_id not in who.technician_ids:
            raise invalid_field(
                "lead_id", "The lead must be one of technician_ids.", code="unknown"
            )
        return plan.lead_id
    leads = (crew.lead_of(visit), who.crew.lead_id if who.crew else None)
    return next((one for one in who.technician_ids if one in leads), who.technician_ids[0])


def _ids(visit: Visit) -> set[UUID]:
    return {one.technician_id for one in crew.standing(visit)}


def _write(visit: Visit, start: datetime, end: datetime) -> None:
    zone = visit.work_order.site.time_zone
    visit.planned_start, visit.planned_end = start, end
    visit.planned_wall, visit.planned_zone = wall.written(start, zone), zone
    visit.duration_minutes = round((end - start) / timedelta(minutes=1))


def _unconfirm(visit: Visit) -> None:
    visit.confirmed_at = visit.confirmed_via = None


async def _unskilled(
    ctx: Ctx, visit: Visit, people: Sequence[Technician], end: datetime
) -> list[gating.Obstacle]:
    """What the crew lacks for this kind of work."""
    day = wall.day(end - timedelta(microseconds=1), visit.work_order.site.time_zone)
    missing = await missing_skills(ctx, visit.work_order.job_type, people, day)
    if not missing:
        return []
    lacking = " or ".join(map(str, missing))
    return [
        gating.Obstacle(
            gating.Overrulable.skill_missing,
            f"Nobody on this visit has {lacking}. Choose somebody who does, or"
            " have it overruled with a reason.",
            f"nobody has {lacking}",
            {
                "missing": [
                    {"skill_id": one.skill_id, "name": one.name, "level": one.level, "day": one.day}
                    for one in missing
                ]
            },
            {"missing_skills": [one.name for one in missing]},
        )
    ]
