"""The lane table: what a board does not say and a client needs to reckon, by itself, what a drag would do.

What is always true: nothing in it changes when a visit moves, so a client that keeps its board right by
events (`docs/board.md`) reads the table with the board and not with each event. It holds the planner's own
day of each lane, before anything stands on it, and the parameters of our drives; what stands on the lanes is
the board's. Of what somebody may not see it says nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Text, cast, select

from app.core import clock
from app.core.geo import EARTH_RADIUS_M, Point
from app.models.customers import Customer
from app.models.job_types import JobType
from app.models.sites import Site
from app.models.skills import JobTypeSkill
from app.models.time_off import TimeOff, TimeOffStatus
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.scheduling import travel
from app.scheduling.model import COMMUTE, Place
from app.scheduling.travel import NOWHERE, Travel
from app.scheduling.worktime import instants_of, utc
from app.services import journal_chain
from app.services.board import beside, team
from app.services.board.asking import LONGEST, MOST_PATCHED, BoardQuery, days_of
from app.services.board.lanes import LaneDay
from app.services.board.picture import EARLIEST_ZONE, LATEST_ZONE
from app.services.board.team import Lane
from app.services.board.visits import MOST, Asked, these, visits
from app.services.context import Ctx
from app.services.dispatching import drives
from app.services.dispatching.drives import Drives, ends
from app.services.inputs import Day
from app.services.visits import access, gating
from app.services.visits.work import why_not_planned

MOST_KNOWN = 5_000
"""Drives that a map service knows, of one table: 9 bytes each, compressed."""
MOST_NEEDS = 5_000
"""Skills that kinds of work need, together."""


class TableQuery(BaseModel):
    """Of which board."""

    model_config = ConfigDict(extra="forbid")

    date: Day | None = Field(None, description="The first day. Silence: today.")
    days: int = Field(1, ge=1, le=LONGEST, description="How many days, from `date` on.")
    ids: Annotated[list[UUID], Field(max_length=MOST_PATCHED)] = Field(
        default_factory=list,
        description="Visits beside the board's that may be dragged onto it: those of your tray.",
    )


class Standing(NamedTuple):
    """What a visit's place and customer are like, for whoever drags it."""

    id: UUID
    site_id: str
    point: Point
    access_hours: list[dict[str, str]]
    time_zone: str
    refused: list[str]


async def table(ctx: Ctx, query: TableQuery) -> dict[str, Any]:
    """The table. Raises `Conflict` `too_many`, as the board."""
    first, last = await days_of(ctx, BoardQuery(date=query.date, days=query.days))
    now = clock.now().replace(second=0, microsecond=0)
    low, high = instants_of("UTC", first, last)
    begin, until = utc(low) - EARLIEST_ZONE, utc(high) + LATEST_ZONE
    shown = await visits(ctx, Asked(begin, until, now))
    on_lane = {id: [one] for one in shown for id in one.technicians}
    lanes = await team.lanes(ctx, first, last, on_lane, None, past=False)
    found = await _standing(ctx, [*(UUID(one.id) for one in shown if one.visible), *query.ids])
    events = await _places_of_events(ctx, begin, until)
    bases = {
        place.key: place
        for lane in lanes
        for day in lane.days
        for place in (day.resource.start, day.resource.end)
    }
    sites = {one.site_id: Place(one.site_id, one.point) for one in found}
    known = await drives.between(ctx, [*bases.values(), *events.values(), *sites.values()])
    points, legs = known_legs(known, {**sites, **bases, **events})
    named = {**bases, **events, **{key: one for key, one in sites.items() if one.point in points}}
    for one in named.values():
        points.setdefault(one.point, len(points))
    off = await _off(ctx, [UUID(lane.id) for lane in lanes], begin, until)
    return {
        "date": first,
        "days": query.days,
        "seq": (await journal_chain.head(ctx)).seq,
        "rules": RULES,
        "points": [None if one == NOWHERE else list(one) for one in points],
        "places": {key: points[one.point] for key, one in named.items()},
        "known": legs,
        "lanes": [_lane(one, off.get(one.id, ())) for one in lanes],
        "needs": await _needs(ctx),
        "refused": {str(one.id): one.refused for one in found if one.refused},
        "access": {
            one.site_id: [
                {"start": opens, "end": closes}
                for opens, closes in access.stretches(one.access_hours, one.time_zone, begin, until)
            ]
            for one in found
            if one.access_hours
        },
    }


RULES = {
    "earth_radius_metres": EARTH_RADIUS_M,
    "detour": travel.DETOUR,
    "paces": [
        {"up_to_metres": None if until == float("inf") else until, "metres_per_second": pace}
        for until, pace in travel.PACES
    ],
    "stop_seconds": travel.STOP_SECONDS,
    "unknown_seconds": travel.UNKNOWN_SECONDS,
    "commute_seconds": COMMUTE,
    "access_tolerance_seconds": int(access.TOLERANCE.total_seconds()),
}
"""What the reckoning goes by, the same for everybody."""


async def _standing(ctx: Ctx, ids: Sequence[UUID]) -> list[Standing]:
    """These visits, as far as one sees them."""
    rows = await ctx.session.execute(
        select(
            Visit.id,
            cast(Site.id, Text).label("site"),
            Site.latitude,
            Site.longitude,
            Site.access_hours,
            Site.time_zone,
            Customer.service_stopped_at.is_not(None).label("stopped"),
            Customer.credit_held_at.is_not(None).label("held"),
            WorkOrder.status,
        )
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .join(
            Customer, (Customer.org_id == WorkOrder.org_id) & (Customer.id == WorkOrder.customer_id)
        )
        .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
        .where(
            Visit.deleted_at.is_(None),
            WorkOrder.deleted_at.is_(None),
            these(Visit.id, ids),
            Visit.visible_to(ctx),
        )
        .order_by(Visit.id)
        .limit(MOST)
    )
    found = []
    for id, site, latitude, longitude, hours, zone, stopped, held, status in rows:
        point = NOWHERE
        if latitude is not None and longitude is not None:
            point = Point(float(latitude), float(longitude))
        refused = [why_not_planned(status)]
        refused += [gating.Overrulable.do_not_service.value] if stopped else []
        refused += [gating.Overrulable.credit_hold.value] if held else []
        found.append(Standing(id, site, point, hours, zone, [one for one in refused if one]))
    return found


async def _places_of_events(ctx: Ctx, begin: datetime, until: datetime) -> dict[str, Place]:
    """Where one drives for events that one sees."""
    return {
        one.place.key: one.place
        for each in (await beside.events(ctx, begin, until)).values()
        for one in each
        if one.place is not None and one.visible
    }


async def _off(
    ctx: Ctx, technicians: Sequence[UUID], begin: datetime, until: datetime
) -> Mapping[str, Sequence[tuple[datetime, datetime]]]:
    """Approved time off, also beside shifts."""
    rows = await ctx.session.execute(
        select(
            cast(TimeOff.technician_id, Text).label("technician"),
            TimeOff.starts_at,
            TimeOff.ends_at,
        )
        .where(
            these(TimeOff.technician_id, technicians),
            TimeOff.status == TimeOffStatus.approved,
            TimeOff.starts_at < until,
            TimeOff.ends_at > begin,
        )
        .order_by(TimeOff.starts_at, TimeOff.id)
        .limit(MOST)
    )
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for technician, start, end in rows:
        found[technician].append((start, end))
    return found


async def _needs(ctx: Ctx) -> dict[str, dict[str, int]]:
    """The skills that each kind of work needs, with their levels."""
    rows = await ctx.session.execute(
        select(
            cast(JobTypeSkill.job_type_id, Text),
            cast(JobTypeSkill.skill_id, Text),
            JobTypeSkill.level,
        )
        .join(
            JobType,
            (JobType.org_id == JobTypeSkill.org_id) & (JobType.id == JobTypeSkill.job_type_id),
        )
        .where(JobType.deleted_at.is_(None))
        .order_by(JobTypeSkill.job_type_id, JobTypeSkill.skill_id)
        .limit(MOST_NEEDS)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for job_type, skill, level in rows:
        found[job_type][skill] = level
    return found


def known_legs(
    known: Drives, places: Mapping[str, Place], *, most: int = MOST_KNOWN
) -> tuple[dict[Point, int], list[list[int]]]:
    """The points between which a map service was asked, numbered, and what it said. Of too many, those
    stay of which our estimate tells least."""
    if not known.known:
        return {}, []
    here: dict[tuple[int, int], list[Point]] = defaultdict(list)
    for point in dict.fromkeys(one.point for one in places.values() if one.point != NOWHERE):
        place = Place("", point)
        here[ends(place, place)[:2]].append(point)
    found = [
        (start, goal, said)
        for (a, b, c, d), said in known.known.items()
        for start, goal in _pairs(here.get((a, b), ()), here.get((c, d), ()))
    ]
    if len(found) > most:
        found = sorted(found, key=_beyond_estimate, reverse=True)[:most]
    points: dict[Point, int] = {}
    legs = []
    for start, goal, said in found:
        one, other = (points.setdefault(it, len(points)) for it in (start, goal))
        legs.append([one, other, said.seconds, said.metres])
    return points, legs


def _beyond_estimate(leg: tuple[Point, Point, Travel]) -> int:
    start, goal, said = leg
    return abs(said.seconds - travel.estimate(start, goal).seconds)


def _pairs(some: Iterable[Point], others: Sequence[Point]) -> Iterable[tuple[Point, Point]]:
    return ((one, other) for one in some for other in others)


def _lane(lane: Lane, off: Sequence[tuple[datetime, datetime]]) -> dict[str, Any]:
    return {"id": lane.id, "days": [_day(one, off) for one in lane.days]}


def _day(day: LaneDay, off: Sequence[tuple[datetime, datetime]]) -> dict[str, Any]:
    one = day.resource
    return {
        "date": day.day,
        "start": one.start.key,
        "end": one.end.key,
        "shift": {"start": utc(one.shift.start), "end": utc(one.shift.end)},
        "first_leg": one.first_leg,
        "last_leg": one.last_leg,
        "pause": None
        if one.pause is None
        else {
            "seconds": one.pause.duration,
            "earliest": utc(one.pause.earliest),
            "latest": utc(one.pause.latest),
        },
        "busy": [{"start": utc(it.start), "end": utc(it.end)} for it in one.busy],
        "off": [
            {"start": start, "end": end}
            for start, end in off
            if start < utc(day.end) + _BESIDE and end > utc(day.start) - _BESIDE
        ],
        "skills": dict(one.skills),
    }


_BESIDE = timedelta(days=1)
"""A visit of a day may reach into the next one."""
