"""Giving visits their places on the board: who comes, from when until when.

Every verb that plans goes through here: what stands in the way is asked of each visit, their time is
taken of everybody or of nobody, and what each is warned of is looked up. Several places are taken
together or not at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import selectinload

from app.core import clock, wall
from app.models.technicians import Technician
from app.models.visits import Visit, VisitStatus
from app.services.context import Ctx
from app.services.dispatching import too_tight
from app.services.visits import bookings, crew, gating, warnings
from app.services.visits.bookings import Wish
from app.services.visits.gating import Obstacle, Override
from app.services.visits.locking import refuse_locked
from app.services.visits.party import Party
from app.services.visits.skills import missing_skills
from app.services.visits.telling import local
from app.services.visits.work import refuse_ended


@dataclass(frozen=True)
class Placement:
    """A place that a visit may have, if nobody is booked for that time."""

    visit: Visit
    who: Party
    people: Sequence[Technician]
    lead_id: UUID
    start: datetime
    end: datetime
    override: Override | None
    overruled: Sequence[Obstacle]

    @property
    def other_time(self) -> bool:
        return (self.visit.planned_start, self.visit.planned_end) != (self.start, self.end)

    @property
    def other_people(self) -> bool:
        present = {one.technician_id for one in crew.standing(self.visit)}
        return (
            crew.lead_of(self.visit) != self.lead_id
            or present != set(self.who.technician_ids)
            or not self.who.is_on(self.visit)
        )

    @property
    def is_there(self) -> bool:
        """Whether it is the visit's place already."""
        return not self.other_time and not self.other_people

    def said(self) -> dict[str, Any]:
        """What the fact says and carries about it."""
        return {
            "planned": local(self.visit, self.start, self.end),
            **gating.spoken(self.override, self.overruled),
        }


async def find(
    ctx: Ctx,
    visit: Visit,
    who: Party,
    lead_id: UUID,
    start: datetime,
    end: datetime,
    override: Override | None = None,
) -> Placement:
    """The place, if the visit may have it.

    Raises `Conflict`: `work_order_ended`; `technician_inactive`; `locked`; what `gating` names, unless
    it is overruled by somebody who may. `NotFound` names a technician who is not there.
    """
    refuse_ended(visit.work_order)
    people = await crew.technicians(ctx, who.technician_ids, selectinload(Technician.skills))
    found = Placement(visit, who, people, lead_id, start, end, override, ())
    refuse_locked(visit, time=found.other_time, people=found.other_people)
    obstacles = [
        *gating.of_customer(visit.work_order.customer),
        *gating.of_site(visit.work_order.site, start, end),
        *await _unskilled(ctx, visit, people, end),
    ]
    return replace(found, overruled=gating.let_pass(ctx, obstacles, override))


async def take(ctx: Ctx, places: Sequence[Placement]) -> Mapping[UUID, Iterable[Technician]]:
    """Let the visits have their places, all or none. Returns who was taken off which visit.

    Raises `Conflict` `double_booking` with the clash and the next free times. The caller says what
    happened (`said`) and moves the status.
    """
    await bookings.book_together(
        ctx,
        [
            Wish(bookings.of_visit(one.visit), [*one.people, *one.who.vehicles], one.start, one.end)
            for one in places
        ],
    )
    # they are locked only now; whoever was being deleted meanwhile is found missing here
    for ids in {tuple(one.who.technician_ids) for one in places}:
        await crew.technicians(ctx, ids)
    taken_off = {one.visit.id: _write(one) for one in places}
    with ctx.session.no_autoflush:  # one command is one new version of each
        visits = [one.visit for one in places]
        said = await warnings.of_plans(ctx, visits)
        tight = await too_tight.warned(ctx, visits)
    for one in visits:
        one.warnings = [*said[one.id], *(each.stored() for each in tight[one.id])]
    return taken_off


def unconfirm(visit: Visit) -> None:
    """What the customer confirmed is not so any more."""
    visit.confirmed_at = visit.confirmed_via = None


def _write(place: Placement) -> list[Technician]:
    visit = place.visit
    if place.other_time:
        crew.offer_again(visit)
        if visit.promised_start is None:
            unconfirm(visit)  # it was this time that the customer confirmed
    zone = visit.work_order.site.time_zone
    visit.planned_start, visit.planned_end = place.start, place.end
    visit.planned_wall, visit.planned_zone = wall.written(place.start, zone), zone
    visit.duration_minutes = round((place.end - place.start) / timedelta(minutes=1))
    place.who.come_to(visit)
    return crew.assemble(
        visit,
        place.people,
        lead_id=place.lead_id,
        dispatched_at=clock.now() if visit.status == VisitStatus.dispatched else None,
    )


async def _unskilled(
    ctx: Ctx, visit: Visit, people: Sequence[Technician], end: datetime
) -> list[Obstacle]:
    """What the crew lacks for this kind of work."""
    day = wall.day(end - timedelta(microseconds=1), visit.work_order.site.time_zone)
    missing = await missing_skills(ctx, visit.work_order.job_type, people, day)
    if not missing:
        return []
    lacking = " or ".join(map(str, missing))
    return [
        Obstacle(
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
