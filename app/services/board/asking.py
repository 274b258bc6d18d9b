"""What may be asked of the board: which days, whose lanes, as of when.

A day of the board is a local day: of the organisation for the board as a whole, of each technician for
their lane. It is as long as its clocks make it: 23, 24 or 25 hours.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import NoResultFound

from app.core import clock
from app.core.errors import FieldError, Invalid
from app.services.context import Ctx
from app.services.inputs import Day, Moment

LONGEST = 7
"""Days of a board."""
MOST_PATCHED = 50
"""Visits, and lanes, that are read again at once."""


class By(StrEnum):
    """Whose lanes."""

    technicians = "technicians"
    crews = "crews"
    vehicles = "vehicles"


class BoardQuery(BaseModel):
    """Which board."""

    model_config = ConfigDict(extra="forbid")

    date: Day | None = Field(None, description="The first day. Silence: today.")
    days: int = Field(1, ge=1, le=LONGEST, description="How many days, from `date` on.")
    by: By = Field(By.technicians, description="Whose lanes.")
    territory_id: UUID | None = Field(
        None,
        description="Only the lanes of those who look after this territory or are there then, and only"
        " its unassigned visits.",
    )
    as_of: Moment | None = Field(
        None, description="The board as it was at this moment. Silence: as it is."
    )


class PatchQuery(BoardQuery):
    """Which parts of a board."""

    ids: Annotated[list[UUID], Field(max_length=MOST_PATCHED)] = Field(
        default_factory=list, description="Visits to read again: those that events named."
    )
    lanes: Annotated[list[UUID], Field(max_length=MOST_PATCHED)] = Field(
        default_factory=list,
        description="Lanes to read again: those on which you show these visits.",
    )


def refuse_to_come(moment: datetime) -> None:
    """Raise `Invalid` for a moment that is still to come."""
    if moment > clock.now():
        detail = "That moment is still to come. Ask for one that has passed, or leave “as_of” out."
        raise Invalid(detail, errors=[FieldError("?as_of", "in_future", detail)])


async def days_of(ctx: Ctx, query: BoardQuery) -> tuple[date, date]:
    """The first and the last day. Raises `Invalid` for a moment before the organisation was there."""
    try:
        zone = (await ctx.organisation()).time_zone
    except NoResultFound:
        detail = "Your organisation was not here at that moment yet. Ask for a later one."
        raise Invalid(detail, errors=[FieldError("?as_of", "too_early", detail)]) from None
    at = query.as_of or clock.now()
    first = query.date or at.astimezone(ZoneInfo(zone)).date()
    return first, first + timedelta(days=query.days - 1)


async def local_day(ctx: Ctx, moment: datetime) -> date:
    """The organisation's day in which a moment lies."""
    return moment.astimezone(ZoneInfo((await ctx.organisation()).time_zone)).date()
