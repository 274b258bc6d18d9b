"""Sets of arrival windows, and the windows of one day as instants at the site.

They are what is offered; a promise may still be of any window.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.core.listing import Column, Filter, ListQuery
from app.models.arrival_windows import ArrivalWindowSet
from app.models.branches import Branch
from app.models.job_types import JobType
from app.models.organisations import WEEKDAYS
from app.models.sites import Site
from app.scheduling.worktime import instants_of, utc
from app.services.branches import branch_at
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Draft, Name, Patch
from app.services.shifts import WallClock, Weekday

MOST = 200


class Offered(Draft):
    """One window of arrival, on the clock at the site."""

    start: WallClock
    end: WallClock
    weekdays: list[Weekday] | None = Field(
        None, min_length=1, max_length=7, description="Silence: on every day."
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Offered":
        if self.end <= self.start:
            raise ValueError("The end of a window must come after its start.")
        return self


Windows = Annotated[list[Offered], Field(min_length=1, max_length=50)]


class ArrivalWindowSetDraft(Draft):
    """A new set of windows."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    name: Name
    job_type_id: UUID | None = Field(
        None, description="Silence: for every job type without sets of its own."
    )
    branch_id: UUID | None = Field(
        None, description="Silence: at every branch without sets of its own."
    )
    windows: Windows


class ArrivalWindowSetPatch(Patch):
    """Changes to a set; `windows` are replaced as a whole."""

    name: Name = ""
    windows: Windows = Field([])


class ArrivalWindowSetQuery(ListQuery):
    """Filters and sorts of the list of sets."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": ArrivalWindowSet.created_at}

    job_type_id: Annotated[UUID | None, Filter(ArrivalWindowSet.job_type_id)] = None
    branch_id: Annotated[UUID | None, Filter(ArrivalWindowSet.branch_id)] = None


@dataclass(frozen=True)
class DayWindow:
    """A window of a certain day, as instants and as the clock at the site shows it."""

    start: datetime
    end: datetime
    start_local: str
    end_local: str


async def create(ctx: Ctx, draft: ArrivalWindowSetDraft) -> ArrivalWindowSet:
    """Add a set. Raises `NotFound` for the job type or branch."""
    if draft.job_type_id is not None:
        await ctx.get(JobType, draft.job_type_id, pointer="/job_type_id")
    if draft.branch_id is not None:
        await ctx.get(Branch, draft.branch_id, pointer="/branch_id")
    given = draft.model_dump(exclude_none=True)
    made = await ctx.add(ArrivalWindowSet(**given))
    await emit(ctx, Fact.arrival_window_created, made, name=made.name)
    return made


async def change(
    ctx: Ctx, arrival_windows: ArrivalWindowSet, patch: ArrivalWindowSetPatch
) -> ArrivalWindowSet:
    """Change what the patch names. What was promised stays promised."""
    given = patch.given()
    if "windows" in given:
        given["windows"] = [one.model_dump(exclude_none=True) for one in patch.windows]
    for name, value in given.items():
        setattr(arrival_windows, name, value)
    if fields := changed(arrival_windows):
        await emit(
            ctx,
            Fact.arrival_window_changed,
            arrival_windows,
            name=arrival_windows.name,
            fields=", ".join(fields),
        )
    return arrival_windows


async def delete(ctx: Ctx, arrival_windows: ArrivalWindowSet) -> None:
    """Offer these windows no more."""
    await emit(ctx, Fact.arrival_window_deleted, arrival_windows, name=arrival_windows.name)
    await ctx.session.delete(arrival_windows)


async def of_day(ctx: Ctx, job_type_id: UUID | None, site: Site, day: date) -> list[DayWindow]:
    """The windows for this kind of work on `day` at the site, each once, the earliest first: those of
    the sets that fit nearest. A job type's come before a branch's, for they say what the work takes."""
    branch = await branch_at(ctx, site.id)
    sets = await nearest(ctx, job_type_id, branch.id if branch else None)
    return on(sets, site.time_zone, day)


async def nearest(
    ctx: Ctx, job_type_id: UUID | None, branch_id: UUID | None
) -> list[ArrivalWindowSet]:
    """The sets that fit nearest to a kind of work at a branch; None: any without sets of its own."""
    found = await ctx.session.scalars(
        select(ArrivalWindowSet)
        .where(
            _this_or_any(ArrivalWindowSet.job_type_id, job_type_id),
            _this_or_any(ArrivalWindowSet.branch_id, branch_id),
        )
        .order_by(ArrivalWindowSet.created_at, ArrivalWindowSet.id)
        .limit(MOST)
    )
    sets = found.all()
    nearest = max(map(_nearness, sets), default=None)
    return [one for one in sets if _nearness(one) == nearest]


def on(sets: Sequence[ArrivalWindowSet], zone: str, day: date) -> list[DayWindow]:
    """The windows of some sets on a day, each once, the earliest first."""
    windows = {window for one in sets for window in _on(one.windows, zone, day)}
    return sorted(windows, key=lambda one: (one.start, one.end))


def _this_or_any(
    column: InstrumentedAttribute[UUID | None], id: UUID | None
) -> ColumnElement[bool]:
    return or_(column == id, column.is_(None))


def _nearness(one: ArrivalWindowSet) -> tuple[bool, bool]:
    return one.job_type_id is not None, one.branch_id is not None


def _on(windows: Sequence[dict[str, Any]], zone: str, day: date) -> Iterator[DayWindow]:
    """A time that the clocks skip on that day is moved forward, and shown where it went."""
    there = ZoneInfo(zone)
    for one in windows:
        if one.get("weekdays") and WEEKDAYS[day.weekday()] not in one["weekdays"]:
            continue
        span = instants_of(
            zone, day, day, time.fromisoformat(one["start"]), time.fromisoformat(one["end"])
        )
        start, end = map(utc, span)
        if start < end:
            shown = (f"{at.astimezone(there):%H:%M}" for at in (start, end))
            yield DayWindow(start, end, *shown)
