"""Holidays: the organisation's own, or taken over from the list of a country or region."""

from datetime import date, time
from typing import Annotated, Any, ClassVar
from uuid import UUID

import holidays as lists
from pydantic import Field
from sqlalchemy import select

from app.core import wall
from app.core.errors import invalid_field
from app.core.listing import Column, Filter, ListQuery
from app.models.holidays import Holiday
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Country, Day, Draft, Name, Patch
from app.services.shifts import WallClock


class HolidayDraft(Draft):
    """A holiday: a whole day, or from `start_time`, or until `end_time`."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    day: Day
    name: Name
    start_time: WallClock | None = Field(None, description="Silence: from midnight.")
    end_time: WallClock | None = Field(None, description="Silence: until midnight.")


class HolidayPatch(Patch):
    """Changes to a holiday."""

    day: Day = date.min
    name: Name = ""
    start_time: WallClock | None = None
    end_time: WallClock | None = None


class Region(Draft):
    """Whose list of public holidays, and for which year."""

    country: Country
    region: str | None = Field(
        None, max_length=20, pattern=r"^[A-Za-z0-9 ._-]+$", examples=["TX"],
        description="A state or province by its code.",
    )  # fmt: skip
    year: int = Field(ge=1970, le=2199)


class HolidayQuery(ListQuery):
    """Filters and sorts of the list of holidays."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Holiday.created_at, "day": Holiday.day}

    day_from: Annotated[Day | None, Filter(Holiday.day, "gte")] = None
    day_before: Annotated[Day | None, Filter(Holiday.day, "lt")] = None


async def create(ctx: Ctx, draft: HolidayDraft) -> Holiday:
    """Add a holiday. Raises `Conflict` for one of the same name on the same day."""
    holiday = Holiday(
        **draft.model_dump(exclude_none=True, exclude={"start_time", "end_time"}),
        start_time=_time(draft.start_time),
        end_time=_time(draft.end_time),
    )
    _refuse_nonsense(holiday)
    await ctx.add(holiday)
    await _tell(ctx, Fact.holiday_created, holiday)
    return holiday


async def change(ctx: Ctx, holiday: Holiday, patch: HolidayPatch) -> Holiday:
    """Change what the patch names. Raises as `create` does."""
    for name, value in patch.given().items():
        setattr(holiday, name, _time(value) if name in ("start_time", "end_time") else value)
    _refuse_nonsense(holiday)
    if fields := changed(holiday):
        await _tell(ctx, Fact.holiday_changed, holiday, fields=", ".join(fields))
    return holiday


async def delete(ctx: Ctx, holiday: Holiday) -> None:
    """It is a working day after all."""
    await _tell(ctx, Fact.holiday_deleted, holiday)
    await ctx.session.delete(holiday)


async def adopt(ctx: Ctx, region: Region) -> list[Holiday]:
    """Take over a region's public holidays of a year; days that are holidays already stay as they
    are. Returns what was added. Raises `Invalid` for a country or region without a list."""
    try:
        listed = lists.country_holidays(
            region.country, subdiv=region.region, years=region.year, language="en_US"
        )
    except NotImplementedError:
        name = region.region or region.country
        raise invalid_field(
            "region" if region.region else "country",
            f"There is no list of holidays for {name}. Add the days one by one.",
            code="unknown",
        ) from None
    days = sorted((day, name[:200]) for day, name in listed.items() if day.year == region.year)
    known = set(
        await ctx.session.scalars(
            select(Holiday.day).where(Holiday.day.in_([day for day, _ in days]))
        )
    )
    added = [Holiday(day=day, name=name) for day, name in days if day not in known]
    ctx.session.add_all(added)
    await ctx.session.flush()
    for holiday in added:
        await _tell(ctx, Fact.holiday_created, holiday)
    return added


async def _tell(ctx: Ctx, fact: Fact, holiday: Holiday, **data: Any) -> None:
    await emit(ctx, fact, holiday, name=holiday.name, day=wall.spoken_day(holiday.day), **data)


def _time(text: str | None) -> time | None:
    return None if text is None else time.fromisoformat(text)


def _refuse_nonsense(holiday: Holiday) -> None:
    start, end = holiday.start_time, holiday.end_time
    if start is not None and end is not None and end <= start:
        raise invalid_field("end_time", "The end must come after the start.", code="turned_round")
