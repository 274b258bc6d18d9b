"""Work by the days of the organisation: each day's visits in the order of their times, the first of them
and how many there are, in one statement however long the days are.

A visit is on the day for which it is planned; one that is only promised, on the day of its promise.
Cancelled visits are on none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Date, and_, cast, func, or_, select

from app.core import filters
from app.core.listing import Zone
from app.models.customers import Customer
from app.models.sites import Site
from app.models.visits import Visit, VisitStatus
from app.models.work_orders import Priority, WorkOrder
from app.services import finding
from app.services.context import Ctx
from app.services.finding import views
from app.services.inputs import Day
from app.services.work_orders.records import WorkOrderQuery

LONGEST = 42
"""The days that a month's page shows at most."""
LIST = "work-orders"


class CalendarQuery(BaseModel):
    """Which days, and of what work."""

    model_config = ConfigDict(extra="forbid")

    first: Day = Field(description="The first day.", examples=["2026-11-23"])
    days: int = Field(7, ge=1, le=LONGEST, description="How many days, from `first` on.")
    each: int = Field(5, ge=1, le=200, description="How many visits of each day are named.")
    filter: str | None = Field(
        None,
        max_length=filters.LONGEST,
        description="A JSON tree of conditions on the work orders, as in their list.",
        json_schema_extra={"examples": ['{"field": "priority", "op": "eq", "value": "high"}']},
    )
    filter_zone: Zone | None = Field(
        None,
        description="The time zone in which `filter` means days. Default: the organisation's.",
    )
    view: UUID | None = Field(
        None, description="A saved view of the work orders, whose filter is used."
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A visit in one line."""

    visit_id: UUID
    work_order_id: UUID
    number: str
    summary: str
    priority: Priority
    status: VisitStatus
    customer: str
    start: datetime
    end: datetime | None
    is_planned: bool
    time_zone: str


@dataclass(slots=True)
class CalendarDay:
    """One day: how many visits, and the first of them."""

    day: date
    count: int
    visits: list[Shown]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Some days, each of them, also where nothing is on it."""

    time_zone: str
    days: list[CalendarDay]


async def calendar(ctx: Ctx, query: CalendarQuery) -> Calendar:
    """The visits of these days. Raises `Invalid` for a filter that means nothing, `NotFound` for a view
    that one does not see."""
    zone = (await ctx.organisation()).time_zone
    last = query.first + timedelta(days=query.days)
    found = [CalendarDay(query.first + timedelta(days=n), 0, []) for n in range(query.days)]
    by_day = {one.day: one for one in found}
    start = func.coalesce(Visit.planned_start, Visit.promised_start)
    day = cast(func.timezone(zone, start), Date)
    listed = (
        ctx.select(Visit)
        .join(
            WorkOrder, and_(WorkOrder.org_id == Visit.org_id, WorkOrder.id == Visit.work_order_id)
        )
        .where(
            _between(query.first, last, ZoneInfo(zone)),
            Visit.status != VisitStatus.canceled,
            WorkOrder.deleted_at.is_(None),
            *await _asked(ctx, query),
        )
        .with_only_columns(
            Visit.id,
            day.label("day"),
            func.count().over(partition_by=day).label("many"),
            func.row_number().over(partition_by=day, order_by=(start, Visit.id)).label("place"),
        )
        .subquery()
    )
    rows = await ctx.session.execute(
        select(
            listed.c.day,
            listed.c.many,
            Visit.id,
            Visit.work_order_id,
            WorkOrder.number,
            WorkOrder.summary,
            WorkOrder.priority,
            Visit.status,
            Customer.name,
            start,
            func.coalesce(Visit.planned_end, Visit.promised_end),
            Visit.planned_start.is_not(None),
            Site.time_zone,
        )
        .join(Visit, Visit.id == listed.c.id)
        .join(
            WorkOrder, and_(WorkOrder.org_id == Visit.org_id, WorkOrder.id == Visit.work_order_id)
        )
        .join(
            Customer,
            and_(Customer.org_id == WorkOrder.org_id, Customer.id == WorkOrder.customer_id),
        )
        .join(Site, and_(Site.org_id == WorkOrder.org_id, Site.id == WorkOrder.site_id))
        .where(listed.c.place <= query.each)
        .order_by(listed.c.day, listed.c.place)
        .limit(query.days * query.each)
    )
    for its_day, many, *visit in rows:
        by_day[its_day].count = many
        by_day[its_day].visits.append(Shown(*visit))
    return Calendar(zone, found)


def _between(first: date, last: date, zone: ZoneInfo) -> ColumnElement[bool]:
    """On one of these days, by the indexes of either time."""

    def midnight(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=zone)

    planned, promised = Visit.planned_start, Visit.promised_start
    since, until = midnight(first), midnight(last)
    return or_(
        and_(planned >= since, planned < until),
        and_(planned.is_(None), promised >= since, promised < until),
    )


async def _asked(ctx: Ctx, query: CalendarQuery) -> Sequence[ColumnElement[bool]]:
    """What the filter and the view say of the work orders."""
    asked = WorkOrderQuery(
        filter=query.filter, filter_zone=query.filter_zone, view=query.view, sort=None
    )
    conditions: list[ColumnElement[bool]] = []
    if asked.view is not None:
        _, more, _ = await views.applied(ctx, asked, LIST)
        conditions.extend(more)
    if asked.filter is not None:
        conditions.append(await finding.meant(ctx, asked))
    return conditions
