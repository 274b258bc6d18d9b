"""Events that repeat: a rule, said once, becomes events of a series that are all booked at once.

The hour on the wall stays the same across a change of the clocks. Every event of a series is an event
like any other: it is changed or deleted by itself, with all that follow it, or with all that are still to
come. A series ends, and within two years; what has begun stays as it was.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from sqlalchemy.orm import selectinload

from app.core import clock, wall
from app.core.errors import Conflict, invalid_field
from app.core.ids import new_id
from app.models.events import Event
from app.scheduling.recurrence import Frequency, MonthEnd, Rule, Weekday, occurrences
from app.scheduling.worktime import derived, utc
from app.services.context import Ctx
from app.services.inputs import Day, Draft
from app.services.shifts import Weekday as Name
from app.services.visits import bookings
from app.services.visits.bookings import Wish
from app.services.visits.times import AHEAD

MOST = 120
"""Events of one series: more than two years of weeks."""
NAMED = 10
"""Clashes that a refusal names."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Of(StrEnum):
    """Which events of a series are meant."""

    this = "this"
    following = "following"
    all = "all"


class Repeats(Draft):
    """When an event takes place again: daily, weekly, monthly or yearly, and how it ends."""

    frequency: Frequency
    interval: int = Field(1, ge=1, le=99, description="2: every other day, week, month or year.")
    weekdays: list[Name] | None = Field(
        None, min_length=1, max_length=7, description="Silence: the weekday of the first one."
    )
    nth: int | None = Field(
        None,
        ge=-5,
        le=5,
        description="Monthly or yearly: of these weekdays, the second, or −1: the last.",
    )
    month_days: list[Annotated[int, Field(ge=-28, le=31)]] | None = Field(
        None, min_length=1, max_length=31, description="1 to 31; −1 is the last day of the month."
    )
    month_end: MonthEnd = Field(
        MonthEnd.clamp, description="What becomes of day 31 in shorter months: their last, or none."
    )
    count: int | None = Field(None, ge=1, le=MOST)
    until: Day | None = Field(None, description="The last day that it may be on.")
    except_days: list[Day] = Field([], max_length=100)

    @model_validator(mode="after")
    def _can_be_meant(self) -> Self:
        if (self.count is None) == (self.until is None):
            raise ValueError("Say how often it takes place (count), or until which day (until).")
        self.rule(date(2000, 1, 1))  # whether anybody can mean it, whenever it begins
        return self

    def rule(self, first: date) -> Rule:
        """The rule from its first day on. Raises ValueError for one that nobody can mean."""
        return Rule(
            self.frequency,
            first,
            interval=self.interval,
            weekdays=tuple(Weekday(WEEKDAYS.index(one), self.nth) for one in self.weekdays or ()),
            month_days=tuple(self.month_days or ()),
            month_end=self.month_end,
            count=self.count,
            until=self.until,
            exceptions=frozenset(self.except_days),
        )


def times(repeats: Repeats, start: datetime, zone: str) -> list[tuple[date, datetime]]:
    """The day and the instant of each event, from the first that the rule allows at or after `start`.

    Raises `Invalid` for a series that never takes place, has too many events or goes on for too long.
    """
    shown = start.astimezone(ZoneInfo(zone))
    horizon = wall.day(clock.now() + AHEAD, zone)
    try:
        rule = repeats.rule(shown.date())
    except ValueError as error:
        raise invalid_field("repeats", str(error), code="impossible") from error
    if repeats.until is not None and repeats.until > horizon:
        raise invalid_field(
            "repeats/until", "A series ends within two years.", code="out_of_bounds"
        )
    found = occurrences(rule, shown.time().replace(tzinfo=None), zone, shown.date(), horizon)
    if not found:
        raise invalid_field("repeats", "By this rule it never takes place.", code="impossible")
    if repeats.count is not None and len(found) + len(repeats.except_days) < repeats.count:
        raise invalid_field(
            "repeats/count", "A series ends within two years.", code="out_of_bounds"
        )
    if len(found) > MOST:
        raise invalid_field(
            "repeats", f"A series has {MOST} events at most. Let it end sooner.", code="too_many"
        )
    return [(one.day, utc(one.at)) for one in found]


def made(repeats: Repeats, given: dict[str, Any], zone: str) -> list[Event]:
    """The events of a new series, of what was given for each. Raises as `times` does."""
    series = new_id()
    length = given["ends_at"] - given["starts_at"]
    own_id = {"id": given.pop("id")} if "id" in given else {}
    found = times(repeats, given["starts_at"], zone)
    refuse_overlap([start for _, start in found], length)
    return [
        Event(
            **{**given, "starts_at": start, "ends_at": start + length},
            **(own_id if n == 0 else {}),
            series_id=series,
            series_day=day,
            repeats=repeats.model_dump(mode="json", exclude_none=True),
        )
        for n, (day, start) in enumerate(found)
    ]


def refuse_overlap(starts: Sequence[datetime], length: timedelta) -> None:
    """Raise `Invalid` when one is not over as the next begins."""
    if any(start + length > after for start, after in pairwise(sorted(starts))):
        raise invalid_field(
            "ends_at", "It must be over before it takes place again.", code="out_of_bounds"
        )


async def of(ctx: Ctx, event: Event, which: Of) -> list[Event]:
    """The events that are meant, in their order, with their participants, locked; `event` is among them.

    Raises `Conflict` when it is in no series and not it alone is meant.
    """
    if which is Of.this:
        return [event]
    if event.series_id is None or event.series_day is None:
        raise Conflict(
            "This event does not repeat. Leave out “of” to change it alone.", code="no_series"
        )
    query = ctx.select(Event).where(Event.series_id == event.series_id)
    if which is Of.following:
        query = query.where(Event.series_day >= event.series_day)
    else:
        query = query.where(Event.starts_at > clock.now())
    found = await ctx.session.scalars(
        query.options(selectinload(Event.participants))
        .order_by(Event.series_day)
        .limit(MOST)
        .with_for_update(key_share=True, of=Event)
    )
    there = list(found)
    return there if event in there else [event, *there]


def moved_with(
    event: Event, before: tuple[datetime, datetime], others: Sequence[Event], zone: str
) -> bool:
    """Let the others follow an event that was moved from `before`: to the same hour on the wall, as many
    days further, for as long. Whether they left the days of their rule."""
    there = ZoneInfo(zone)
    was, now = (at.astimezone(there) for at in (before[0], event.starts_at))
    days, hour = now.date() - was.date(), now.time().replace(tzinfo=None)
    length = event.ends_at - event.starts_at
    for other in others:
        day = other.starts_at.astimezone(there).date() + days
        other.starts_at = utc(derived(there, day, hour)[0])
        other.ends_at = other.starts_at + length
    refuse_overlap([one.starts_at for one in (event, *others)], length)
    return days != timedelta()


def set_apart(events: Sequence[Event]) -> None:
    """From now on these are a series of their own."""
    series = new_id()
    for one in events:
        one.series_id = series


def forget_rule(events: Sequence[Event]) -> None:
    """They are on other days than it says."""
    for one in events:
        one.repeats = None


async def book(ctx: Ctx, wishes: Sequence[Wish], zone: str) -> None:
    """Book all of these. Raises `Conflict` `double_booking` with every event that has no place, in
    `clashes`."""
    try:
        await bookings.book_together(ctx, wishes)
    except Conflict as refused:
        found = await bookings.refusals(ctx, wishes, NAMED)
        if len(wishes) == 1 or not found:
            raise
        raise _refusal(found, len(wishes), zone) from refused


def _refusal(found: Sequence[tuple[Wish, Conflict]], many: int, zone: str) -> Conflict:
    days = ", ".join(wall.spoken_day(wall.day(one.start, zone)) for one, _ in found)
    more = " or more" if len(found) == NAMED else ""
    first = found[0][1]
    return Conflict(
        f"Of {many} events, {len(found)}{more} meet other bookings: {days}. Leave these days out, or choose"
        f" another time. {first.detail}",
        code="double_booking",
        clashes=[
            {
                "day": wall.day(one.start, zone).isoformat(),
                "detail": why.detail,
                "clash": why.extra.get("clash"),
            }
            for one, why in found
        ],
        **first.extra,
    )
