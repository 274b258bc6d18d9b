"""Putting a visit on the board and taking it off: schedule (also moves and resizes), unschedule.

Planned time is taken of every technician of the crew, or of none. What can be overruled is named in
`gating.Overrulable`; an overlap is not among it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import Field, field_validator

from app.core.errors import invalid_field
from app.models.visits import Visit, VisitStatus
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.inputs import Moment
from app.services.visits import bookings, crew, party, placements
from app.services.visits.gating import Override
from app.services.visits.happenings import Happening
from app.services.visits.locking import refuse_locked
from app.services.visits.moving import moved
from app.services.visits.times import Fold, WallTime, refuse_span, resolve

LARGEST_CREW = 20


class Coming(Happening):
    """Who and what comes."""

    technician_ids: list[UUID] | None = Field(
        None,
        min_length=1,
        max_length=LARGEST_CREW,
        description="Silence: the crew's of that day; where a plan is changed, whoever is on it.",
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
    override: Override | None = None

    @field_validator("technician_ids", "vehicle_ids")
    @classmethod
    def _once_each(cls, ids: list[UUID] | None) -> list[UUID] | None:
        if ids is not None and len(set(ids)) != len(ids):
            raise ValueError("Name each of them once.")
        return ids


class Starting(Coming):
    """Who comes, and from when."""

    start: Moment | None = Field(None, description="An instant; or send `start_local`.")
    start_local: WallTime | None = None
    fold: Fold = 0

    def begins(self, zone: str) -> datetime | None:
        """When it starts, if that was said."""
        return resolve("start", self.start, self.start_local, self.fold, zone)


class Plan(Starting):
    """Who comes, and from when until when."""

    end: Moment | None = Field(None, description="Silence: as long as the visit takes.")
    end_local: WallTime | None = None

    def between(self, visit: Visit) -> tuple[datetime, datetime]:
        """The planned time. Raises `Invalid` for one that cannot be."""
        zone = visit.work_order.site.time_zone
        start = begins(self, zone)
        end = resolve("end", self.end, self.end_local, self.fold, zone)
        end = end or start + timedelta(minutes=visit.duration_minutes)
        refuse_span(start, end, "start", "end")
        return start, end


def begins(told: Starting, zone: str) -> datetime:
    """When it starts. Raises `Invalid` when that was not said."""
    start = told.begins(zone)
    if start is None:
        raise invalid_field("start", "Say when it starts: start or start_local.", code="missing")
    return start


async def schedule(ctx: Ctx, visit: Visit, plan: Plan) -> None:
    """Plan, move or resize a visit.

    Raises `Conflict`: `double_booking` with the clash and the next free times; what `gating` names,
    such as `skill_missing`, unless it is overruled by somebody who may; `technician_inactive`;
    `locked`; `illegal_transition` once somebody has set off. `NotFound` names a technician who is not
    there.
    """
    visit.refuse_unless("schedule")
    start, end = plan.between(visit)
    planned = visit.status in (VisitStatus.scheduled, VisitStatus.dispatched)
    await put(
        ctx,
        visit,
        "schedule",
        plan,
        start,
        end,
        Fact.visit_moved if planned else Fact.visit_scheduled,
        VisitStatus(visit.status) if planned else VisitStatus.scheduled,
    )


async def put(
    ctx: Ctx,
    visit: Visit,
    verb: str,
    told: Coming,
    start: datetime,
    end: datetime,
    fact: Fact,
    status: VisitStatus,
) -> None:
    """Let the visit have this place by `verb`, and `status` with it; nothing when it is there
    already. Raises as `placements` does."""
    who = await party.of(ctx, visit, told, start)
    lead_id = lead(visit, told, who)
    place = await placements.find(ctx, visit, who, lead_id, start, end, told.override)
    if place.is_there:
        return
    taken_off = await placements.take(ctx, [place])
    await moved(
        ctx,
        visit,
        verb,
        fact,
        told,
        target=status,
        also=taken_off[visit.id],
        minutes=visit.duration_minutes,
        **place.said(),
    )


async def unschedule(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Take a visit off the board. What was promised stands; the technicians are free again. Raises
    `Conflict` `locked`."""
    visit.refuse_unless("unschedule")
    refuse_locked(visit, time=True, people=True)
    await bookings.free(ctx, visit)
    taken_off = crew.clear(visit)
    party.NOBODY.come_to(visit)
    visit.warnings = []
    visit.planned_start = visit.planned_end = visit.planned_wall = visit.planned_zone = None
    if visit.promised_start is None:
        placements.unconfirm(visit)
    await moved(ctx, visit, "unschedule", Fact.visit_unscheduled, said, also=taken_off)


def lead(visit: Visit, told: Coming, who: party.Party) -> UUID:
    """Who leads: the one named, or who did, or the crew's lead, or the first. Raises `Invalid` for
    one who does not come."""
    if told.lead_id is not None:
        if told.lead_id not in who.technician_ids:
            raise invalid_field(
                "lead_id", "The lead must be one of technician_ids.", code="unknown"
            )
        return told.lead_id
    leads = (crew.lead_of(visit), who.crew.lead_id if who.crew else None)
    return next((one for one in who.technician_ids if one in leads), who.technician_ids[0])
