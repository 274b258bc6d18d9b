"""Work that takes days: one visit becomes a part on each day, at the same hours, with the same people.

The visit itself is the first part; the others are visits that follow each other. All days are booked,
or none is.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from app.core import wall
from app.core.errors import Conflict, invalid_field
from app.models.sites import Weekday
from app.models.visits import Visit, VisitStatus
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.inputs import Day
from app.services.visits import party, placements
from app.services.visits.moving import moved
from app.services.visits.parts import another, following, refuse_too_many
from app.services.visits.planning import Coming, lead
from app.services.visits.shifting import like
from app.services.visits.splitting import be_planned
from app.services.visits.times import refuse_span, resolve

MOST_DAYS = 14
ONE_DAY = timedelta(days=1)
HOUR = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
Hour = Annotated[str, Field(pattern=HOUR, max_length=5, examples=["08:00"])]
"""What the wall clock at the site shows, on every day."""


class DayParts(Coming):
    """On which days, at which hours, and who comes."""

    first_day: Day | None = Field(None, description="Silence: the day for which it is planned.")
    days: int | None = Field(None, ge=2, le=MOST_DAYS, description="How many; or send `until`.")
    until: Day | None = Field(None, description="The last day, if it is among `weekdays`.")
    weekdays: list[Weekday] = Field(
        list(Weekday)[:5],
        min_length=1,
        max_length=7,
        description="On which days there is work; silence: Monday to Friday.",
    )
    start_local: Hour
    end_local: Hour

    @field_validator("end_local")
    @classmethod
    def _later(cls, end: str, info: ValidationInfo) -> str:
        start = info.data.get("start_local")
        if start is not None and end <= start:
            raise ValueError("The end must come after the start, on the same day.")
        return end


async def day_parts(ctx: Ctx, visit: Visit, told: DayParts) -> Sequence[Visit]:
    """Plan a visit on several days. Returns its parts, the visit itself first.

    Raises `Invalid` for days that are none, `Conflict` `parts_follow` for a visit that goes on in
    another part already, and as `placements` does; then nothing is changed.
    """
    visit.refuse_unless("day-parts")
    before = await following(ctx, visit)
    if before is not None and before.is_open:
        raise Conflict(
            "This visit goes on in another part already: plan that one by itself, or cancel it first.",
            code="parts_follow",
            followed_by_id=before.id,
        )
    days = _days(visit, told)
    await refuse_too_many(ctx, visit.work_order, len(days) - 1)
    spans = [_span(visit, told, day) for day in days]
    pencilled = VisitStatus(visit.status)
    same = like(visit, told)
    parts, places = [visit], []
    for start, end in spans[1:]:
        minutes = round((end - start) / timedelta(minutes=1))
        parts.append(
            await another(
                ctx,
                visit,
                minutes=minutes,
                instructions=visit.instructions,
                follows=parts[-1],
                before=before,
            )
        )
    for part, (start, end) in zip(parts, spans, strict=True):
        who = await party.of(ctx, part, same, start)
        places.append(
            await placements.find(ctx, part, who, lead(part, same, who), start, end, told.override)
        )
    taken_off = await placements.take(ctx, places)
    planned = visit.status != VisitStatus.unscheduled
    await moved(
        ctx,
        visit,
        "day-parts",
        Fact.visit_moved if planned else Fact.visit_scheduled,
        told,
        target=VisitStatus(visit.status) if planned else VisitStatus.scheduled,
        also=taken_off[visit.id],
        **places[0].said(),
    )
    for place in places[1:]:
        await be_planned(ctx, place, pencilled)
    return parts


def _days(visit: Visit, told: DayParts) -> list[date]:
    """The days with work."""
    if (told.days is None) is (told.until is None):
        raise invalid_field(
            "days", "Say how many days it takes: days, or until, and not both.", code="missing"
        )
    day = told.first_day
    if day is None and visit.planned_start is not None:
        day = wall.day(visit.planned_start, visit.work_order.site.time_zone)
    if day is None:
        raise invalid_field("first_day", "Say on which day it starts.", code="missing")
    order = list(Weekday)
    if order[day.weekday()] not in told.weekdays:
        raise invalid_field(
            "first_day",
            f"{wall.spoken_day(day)} is not among the weekdays on which there is work.",
            code="no_work",
        )
    found: list[date] = []
    while len(found) < (told.days or MOST_DAYS + 1) and (told.until is None or day <= told.until):
        if order[day.weekday()] in told.weekdays:
            found.append(day)
        day += ONE_DAY
    if not 2 <= len(found) <= MOST_DAYS:
        raise invalid_field(
            "until", f"It must be 2 to {MOST_DAYS} days with work.", code="out_of_bounds"
        )
    return found


def _span(visit: Visit, told: DayParts, day: date) -> tuple[datetime, datetime]:
    zone = visit.work_order.site.time_zone
    start = resolve("start", None, f"{day}T{told.start_local}", 0, zone)
    end = resolve("end", None, f"{day}T{told.end_local}", 0, zone)
    assert start is not None
    assert end is not None
    refuse_span(start, end, "start_local", "end_local")
    return start, end
