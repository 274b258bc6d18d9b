"""Splitting a visit in two parts: the first stays where it is and is shorter, the second may be given
a place at once or waits in the tray.
"""

from datetime import timedelta

from pydantic import Field

from app.core import clock
from app.core.errors import invalid_field
from app.models.visits import Visit, VisitStatus
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.inputs import LongText
from app.services.visits import crew, gating, party, placements
from app.services.visits.happenings import Happening
from app.services.visits.moving import moved
from app.services.visits.parts import another, following, refuse_too_many
from app.services.visits.placements import Placement
from app.services.visits.planning import Starting, lead
from app.services.visits.shifting import like, planned
from app.services.visits.telling import because, tell
from app.services.visits.times import refuse_span
from app.services.visits.work import refuse_ended

SHORTEST = 5


class Split(Starting):
    """How long the first part stays; when the second begins and who comes to it, if that is known."""

    minutes: int = Field(ge=SHORTEST, le=10_080, description="Of the first part.")
    second_minutes: int | None = Field(
        None, ge=SHORTEST, le=10_080, description="Of the second part; silence: what is left."
    )
    instructions: LongText | None = Field(
        None, description="For the second part; silence takes those of the first."
    )


async def split(ctx: Ctx, visit: Visit, told: Split) -> Visit:
    """Split a visit that has not begun. Returns the second part, which follows it.

    Raises `Invalid` when nothing is left for a second part, `Conflict` as `placements` does; then
    neither is changed.
    """
    visit.refuse_unless("split")
    refuse_ended(visit.work_order)
    await refuse_too_many(ctx, visit.work_order)
    rest = told.second_minutes or visit.duration_minutes - told.minutes
    if told.minutes >= visit.duration_minutes or rest < SHORTEST:
        raise invalid_field(
            "minutes",
            f"The visit takes {visit.duration_minutes} minutes: the first part must leave"
            f" {SHORTEST} or more for the second.",
            code="out_of_bounds",
        )
    instructions = visit.instructions if told.instructions is None else told.instructions
    second = await another(
        ctx,
        visit,
        minutes=rest,
        instructions=instructions,
        follows=visit,
        before=await following(ctx, visit),
    )
    places = [
        *await _first(ctx, visit, told),
        *await _second(ctx, visit, second, told),
    ]
    if places:
        await placements.take(ctx, places)
    visit.duration_minutes = told.minutes
    visit.moved_at = clock.now()
    overruled = [what for one in places for what in one.overruled]
    await tell(
        ctx,
        Fact.visit_split,
        visit,
        occurred_at=told.occurred_at,
        minutes=told.minutes,
        rest=rest,
        second_id=str(second.id),
        reason=told.reason,
        because=because(told.reason),
        **gating.spoken(told.override, overruled),
    )
    for place in places:
        if place.visit is second:
            await be_planned(ctx, place, VisitStatus(visit.status))
    return second


async def be_planned(ctx: Ctx, place: Placement, like: VisitStatus) -> None:
    """Say that a new part is planned: pencilled in if the visit that it came from is."""
    pencilled = like == VisitStatus.tentative
    await moved(
        ctx,
        place.visit,
        "schedule",
        Fact.visit_scheduled,
        Happening(),
        target=VisitStatus.tentative if pencilled else VisitStatus.scheduled,
        **place.said(),
    )


async def _first(ctx: Ctx, visit: Visit, told: Split) -> list[Placement]:
    if visit.planned_start is None:
        return []
    crew.somebody_on(visit)
    who, (start, _) = party.present(visit), planned(visit)
    first = crew.lead_of(visit) or who.technician_ids[0]
    end = start + timedelta(minutes=told.minutes)
    return [await placements.find(ctx, visit, who, first, start, end, told.override)]


async def _second(ctx: Ctx, visit: Visit, second: Visit, told: Split) -> list[Placement]:
    start = told.begins(visit.work_order.site.time_zone)
    named = (told.technician_ids, told.crew_id, told.vehicle_ids, told.lead_id)
    if start is None:
        if any(one is not None for one in named):
            raise invalid_field(
                "start", "Say when the second part starts, or name nobody for it.", code="missing"
            )
        return []
    end = start + timedelta(minutes=second.duration_minutes)
    refuse_span(start, end, "start", "start")
    same = like(visit, told)
    who = await party.of(ctx, second, same, start)
    leads = lead(second, same, who)
    return [await placements.find(ctx, second, who, leads, start, end, told.override)]
