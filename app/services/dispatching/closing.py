"""The end of a day: what was not closed out, what has no next visit, what is done and not billed.

What is always true: a row is here because nobody has said what became of it, and goes when somebody does:
`complete` with its times fills in a visit that nobody tapped (`rulings.md` 32). What is still to come is
not here: of today there is what should be over by now. A row stays from day to day, the oldest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.core import clock
from app.models.assignments import Assignment
from app.models.invoices import Invoice, InvoiceStatus
from app.models.visits import BEGUN, TERMINAL, Visit, VisitStatus
from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.scheduling.worktime import instants_of, utc
from app.services.context import Ctx

MOST = 200
BACK = timedelta(days=92)
"""So long what was done, or ended undone, waits for its invoice or its next visit in these lists."""
PLANNED = (VisitStatus.tentative, VisitStatus.scheduled, VisitStatus.dispatched)
AGAIN = (VisitStatus.incomplete, VisitStatus.no_access, VisitStatus.no_show)
"""After which somebody has to come again, or to say that nobody does."""
DONE = (WorkOrderStatus.completed, WorkOrderStatus.approved)
OVER = (*DONE, WorkOrderStatus.closed, WorkOrderStatus.canceled)


@dataclass(frozen=True, slots=True)
class Some:
    """The first of them, and how many there are."""

    visits: Sequence[Visit]
    total: int


@dataclass(frozen=True, slots=True)
class Unbilled:
    work_orders: Sequence[WorkOrder]
    total: int


@dataclass(frozen=True, slots=True)
class EndOfDay:
    """What a day leaves to be done."""

    day: date
    not_closed_out: Some
    no_next_visit: Some
    unbilled: Unbilled


async def end_of_day(ctx: Ctx, day: date) -> EndOfDay:
    """What one sees of it, of the organisation's day; what is left of days before comes first."""
    zone = (await ctx.organisation()).time_zone
    start, end = (utc(one) for one in instants_of(zone, day, day))
    since = start - BACK
    return EndOfDay(
        day,
        await _visits(ctx, _not_closed_out(end, by=min(end, clock.now()))),
        await _visits(ctx, _no_next_visit(since, end)),
        await _unbilled(ctx, since, end),
    )


def _not_closed_out(end: datetime, *, by: datetime) -> ColumnElement[bool]:
    """It was to be over by then, or has begun, and nobody has said that it is; or nobody came, and the
    window that was promised is over."""
    return or_(
        and_(Visit.status.in_(PLANNED), Visit.planned_end <= by),
        and_(Visit.status.in_(BEGUN), Visit.planned_start < end),
        and_(Visit.status == VisitStatus.unscheduled, Visit.promised_end <= by),
    )


def _no_next_visit(since: datetime, end: datetime) -> ColumnElement[bool]:
    """It ended undone until then, and its work order has no other visit to come."""
    other = aliased(Visit)
    to_come = select(other.id).where(
        other.org_id == Visit.org_id,
        other.work_order_id == Visit.work_order_id,
        other.status.not_in(TERMINAL),
        other.deleted_at.is_(None),
    )
    over = select(WorkOrder.id).where(
        WorkOrder.org_id == Visit.org_id,
        WorkOrder.id == Visit.work_order_id,
        WorkOrder.status.in_(OVER),
    )
    return and_(
        Visit.status.in_(AGAIN),
        Visit.planned_start >= since,
        Visit.finished_at < end,
        ~exists(to_come.correlate(Visit)),
        ~exists(over.correlate(Visit)),
    )


async def _visits(ctx: Ctx, condition: ColumnElement[bool]) -> Some:
    query = ctx.select(Visit).where(condition)
    found = await ctx.session.scalars(
        query.options(
            joinedload(Visit.work_order).options(
                joinedload(WorkOrder.customer), joinedload(WorkOrder.site)
            ),
            selectinload(Visit.assignments).joinedload(Assignment.technician),
        )
        .order_by(func.coalesce(Visit.planned_start, Visit.promised_start), Visit.id)
        .limit(MOST)
    )
    return Some(found.unique().all(), await _count(ctx, query.with_only_columns(Visit.id)))


async def _unbilled(ctx: Ctx, since: datetime, end: datetime) -> Unbilled:
    """Work that was done until then, and has no invoice but a void one."""
    billed = select(Invoice.id).where(
        Invoice.org_id == WorkOrder.org_id,
        Invoice.work_order_id == WorkOrder.id,
        Invoice.status != InvoiceStatus.void,
        Invoice.deleted_at.is_(None),
    )
    done = select(Visit.id).where(
        Visit.org_id == WorkOrder.org_id,
        Visit.work_order_id == WorkOrder.id,
        Visit.status == VisitStatus.completed,
        Visit.planned_start >= since,
        Visit.deleted_at.is_(None),
    )
    query = ctx.select(WorkOrder).where(
        WorkOrder.status.in_(DONE),
        WorkOrder.completed_at < end,
        exists(done.correlate(WorkOrder)),
        ~exists(billed.correlate(WorkOrder)),
    )
    found = await ctx.session.scalars(
        query.options(joinedload(WorkOrder.customer), joinedload(WorkOrder.site))
        .order_by(WorkOrder.completed_at, WorkOrder.id)
        .limit(MOST)
    )
    return Unbilled(found.unique().all(), await _count(ctx, query.with_only_columns(WorkOrder.id)))


async def _count(ctx: Ctx, query: Select[*tuple[Any, ...]]) -> int:
    """How many there are, up to a thousand."""
    some = query.order_by(None).limit(1000).subquery()
    return await ctx.session.scalar(select(func.count()).select_from(some)) or 0
