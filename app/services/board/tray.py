"""The tray: what should be on a board and is not, or not well. Each tab is one question.

What is always true: the counts of all tabs and a page of one come from the same questions, under the
same filters, so a tab holds what it counts. Promises without anybody come first; they are urgent from
the day on for which they were made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import (
    ColumnElement,
    Double,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.crypto import Signer
from app.core.errors import BadRequest
from app.models.assignments import GONE, Assignment, AssignmentStatus
from app.models.customers import Customer
from app.models.job_types import JobType
from app.models.permissions import Permission
from app.models.sites import Site
from app.models.skills import JobTypeSkill
from app.models.visits import OCCUPYING, TERMINAL, Visit, VisitStatus
from app.models.work_orders import Priority, WorkOrder, WorkOrderStatus
from app.scheduling.worktime import instants_of, utc
from app.services.context import Ctx

LATELY = timedelta(days=14)
"""So long a cancelled visit stays in the tray."""
LOOK_BACK = timedelta(days=7)
"""So long after its time an open visit with a warning does."""
NEVER = utc(7_258_118_400)
"""Of what has no time: behind whatever has one."""


class Tab(StrEnum):
    """In the order of the tray."""

    unassigned = "unassigned"
    to_schedule = "to_schedule"
    on_hold = "on_hold"
    redispatch = "redispatch"
    alerts = "alerts"
    canceled = "canceled"


KEYS = {
    "when": ("by_when", "by_rank", "by_id"),
    "age": ("since", "by_id"),
    "priority": ("by_rank", "since", "by_id"),
}
"""By what each sort sorts."""
HIDDEN = {"tab", "by_when", "by_rank", "by_id"}


class TrayQuery(BaseModel):
    """Which tab, of what, in which order."""

    model_config = ConfigDict(extra="forbid")

    tab: Tab = Field(Tab.unassigned, description="Which tab's rows; all are counted.")
    territory_id: UUID | None = Field(None, description="Only at sites of this territory.")
    job_type_id: UUID | None = Field(None, description="Only this kind of work.")
    trade: str | None = Field(None, max_length=200, description="Only of this trade.")
    priority: Priority | None = Field(None, description="Only of this priority.")
    skill_id: UUID | None = Field(None, description="Only work that needs this skill.")
    older_than_days: int | None = Field(
        None, ge=0, le=3650, description="Only what has been waiting for at least so many days."
    )
    q: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="Words of the customer's name, the street, the town, the number or the summary.",
    )
    SORTS: ClassVar = KEYS
    sort: str = Field(
        "when",
        pattern=r"^-?(when|age|priority)$",
        description="`when`: what is promised or wished for soonest; `age`: what has been waiting longest;"
        " `priority`: the most urgent, then the oldest. `-` before it turns the order round.",
    )
    limit: int = Field(50, ge=1, le=200, description="Rows a page.")
    cursor: str | None = Field(
        None, max_length=2000, description="`next_cursor` of the page before."
    )


@dataclass(frozen=True)
class Tray:
    """A page of a tab, and how much each tab holds."""

    rows: Sequence[dict[str, Any]]
    next_cursor: str | None
    counts: dict[str, int]
    urgent: dict[str, int]


RANK = case(
    {Priority.emergency: 1, Priority.high: 2, Priority.normal: 3}, value=WorkOrder.priority, else_=4
)
OF_IT = and_(Visit.org_id == WorkOrder.org_id, Visit.work_order_id == WorkOrder.id)
S = VisitStatus
UNFINISHED = (S.incomplete, S.no_access, S.no_show)
"""Somebody was there, and it is not done."""
GOES_ON = (WorkOrderStatus.ready, WorkOrderStatus.scheduled, WorkOrderStatus.in_progress)


@dataclass(frozen=True)
class _Rows:
    """Which rows a tab has."""

    visits: bool
    """Visits; otherwise work orders without one."""
    conditions: tuple[ColumnElement[bool], ...]
    since: Any
    """From when on it waits."""
    reason: Any
    urgent: ColumnElement[bool] | None = None


def _rows_of(tab: Tab, now: datetime, tomorrow: datetime) -> list[_Rows]:
    other = aliased(Visit)
    of_same = (
        other.org_id == WorkOrder.org_id,
        other.work_order_id == WorkOrder.id,
        other.deleted_at.is_(None),
    )
    planned_next = exists(select(other.id).where(*of_same, other.status.not_in(TERMINAL)))
    unfinished = exists(
        select(other.id).where(*of_same, other.status.in_(UNFINISHED), ~_followed(other))
    )
    somebody = exists(
        select(Assignment.id).where(
            Assignment.org_id == Visit.org_id,
            Assignment.visit_id == Visit.id,
            Assignment.status.not_in(GONE),
        )
    )
    why_declined = (
        select(Assignment.reason)
        .where(
            Assignment.org_id == Visit.org_id,
            Assignment.visit_id == Visit.id,
            Assignment.status == AssignmentStatus.declined,
        )
        .order_by(Assignment.updated_at.desc())
        .limit(1)
        .correlate(Visit)
        .scalar_subquery()
    )
    unscheduled = Visit.status == VisitStatus.unscheduled
    promised = Visit.promised_start.is_not(None)
    match tab:
        case Tab.unassigned:
            return [
                _Rows(
                    True,
                    (unscheduled, promised),
                    Visit.created_at,
                    Visit.status_reason,
                    Visit.promised_start < tomorrow,
                )
            ]
        case Tab.to_schedule:
            return [
                _Rows(True, (unscheduled, ~promised), Visit.created_at, Visit.status_reason),
                _Rows(
                    False,
                    (WorkOrder.status == WorkOrderStatus.ready, ~planned_next, ~unfinished),
                    WorkOrder.created_at,
                    WorkOrder.status_reason,
                ),
            ]
        case Tab.on_hold:
            return [
                _Rows(
                    False,
                    (WorkOrder.status == WorkOrderStatus.on_hold,),
                    func.coalesce(WorkOrder.decided_at, WorkOrder.created_at),
                    WorkOrder.status_reason,
                )
            ]
        case Tab.redispatch:
            return [
                _Rows(
                    True,
                    (Visit.status.in_((S.scheduled, S.dispatched, S.tentative)), ~somebody),
                    func.coalesce(Visit.moved_at, Visit.created_at),
                    why_declined,
                    Visit.planned_start < tomorrow,
                ),
                _Rows(
                    True,
                    (
                        Visit.status.in_(UNFINISHED),
                        WorkOrder.status.in_(GOES_ON),
                        ~planned_next,
                        ~_followed(Visit),
                    ),
                    func.coalesce(Visit.finished_at, Visit.moved_at, Visit.created_at),
                    Visit.status_reason,
                ),
            ]
        case Tab.alerts:
            return [
                _Rows(
                    True,
                    (
                        Visit.status.in_(OCCUPYING),
                        Visit.planned_start >= now - LOOK_BACK,
                        func.jsonb_array_length(Visit.warnings) > 0,
                    ),
                    func.coalesce(Visit.moved_at, Visit.created_at),
                    Visit.warnings[0]["detail"].astext,
                    Visit.planned_start < tomorrow,
                )
            ]
        case Tab.canceled:
            return [
                _Rows(
                    True,
                    (Visit.status == VisitStatus.canceled, Visit.updated_at >= now - LATELY),
                    Visit.updated_at,
                    Visit.status_reason,
                )
            ]


def _followed(visit: type[Visit]) -> ColumnElement[bool]:
    """Somebody has been there again since: the later visit says how it stands."""
    later = aliased(Visit)
    return exists(
        select(later.id).where(
            later.org_id == visit.org_id,
            later.work_order_id == visit.work_order_id,
            later.deleted_at.is_(None),
            later.status.in_((S.completed, *UNFINISHED)),
            tuple_(later.created_at, later.id) > tuple_(visit.created_at, visit.id),
        )
    )


def _statement(
    ctx: Ctx, tab: Tab, query: TrayQuery, rows: _Rows, now: datetime
) -> Select[*tuple[Any, ...]]:
    """One kind of rows of a tab, with all that is shown of them."""
    when = func.coalesce(Visit.planned_start, Visit.promised_start, Visit.requested_start, NEVER)
    phone: Any = Customer.phone if ctx.may(Permission.customers_read) else cast(null(), Text)
    kept = [Visit.deleted_at.is_(None), Visit.visible_to(ctx)] if rows.visits else []
    return (
        select(
            literal(tab, Text).label("tab"),
            literal("visit" if rows.visits else "work_order", Text).label("kind"),
            cast(Visit.id, Text).label("visit_id"),
            func.coalesce(Visit.version, WorkOrder.version).label("version"),
            func.coalesce(Visit.status, WorkOrder.status).label("status"),
            rows.reason.label("reason"),
            (false() if rows.urgent is None else rows.urgent).label("urgent"),
            rows.since.label("since"),
            func.coalesce(Visit.duration_minutes, JobType.duration_minutes).label(
                "duration_minutes"
            ),
            Visit.promised_start.label("promised_start"),
            Visit.promised_end.label("promised_end"),
            Visit.requested_start.label("requested_start"),
            Visit.requested_end.label("requested_end"),
            Visit.planned_start.label("planned_start"),
            Visit.planned_end.label("planned_end"),
            cast(WorkOrder.id, Text).label("work_order_id"),
            WorkOrder.number.label("number"),
            WorkOrder.summary.label("summary"),
            WorkOrder.priority.label("priority"),
            cast(JobType.id, Text).label("job_type_id"),
            JobType.name.label("job_type"),
            JobType.trade.label("trade"),
            JobType.crew_size.label("crew_size"),
            cast(Customer.id, Text).label("customer_id"),
            Customer.name.label("customer"),
            phone.label("phone"),
            cast(Site.id, Text).label("site_id"),
            Site.street.label("street"),
            Site.city.label("city"),
            cast(Site.latitude, Double).label("latitude"),
            cast(Site.longitude, Double).label("longitude"),
            Site.time_zone.label("time_zone"),
            cast(Site.territory_id, Text).label("territory_id"),
            when.label("by_when"),
            RANK.label("by_rank"),
            func.coalesce(Visit.id, WorkOrder.id).label("by_id"),
        )
        .join(JobType, (JobType.org_id == WorkOrder.org_id) & (JobType.id == WorkOrder.job_type_id))
        .join(
            Customer, (Customer.org_id == WorkOrder.org_id) & (Customer.id == WorkOrder.customer_id)
        )
        .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
        .join(Visit, OF_IT if rows.visits else false(), isouter=not rows.visits)
        .where(
            *rows.conditions,
            *kept,
            WorkOrder.deleted_at.is_(None),
            WorkOrder.visible_to(ctx),
            *_filters(query, rows.since, now),
        )
    )


def _filters(query: TrayQuery, since: Any, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.territory_id is not None:
        found.append(Site.territory_id == query.territory_id)
    if query.job_type_id is not None:
        found.append(JobType.id == query.job_type_id)
    if query.trade is not None:
        found.append(JobType.trade == query.trade)
    if query.priority is not None:
        found.append(WorkOrder.priority == query.priority)
    if query.skill_id is not None:
        needs = select(JobTypeSkill.id).where(
            JobTypeSkill.org_id == JobType.org_id,
            JobTypeSkill.job_type_id == JobType.id,
            JobTypeSkill.skill_id == query.skill_id,
        )
        found.append(exists(needs))
    if query.older_than_days is not None:
        found.append(since <= now - timedelta(days=query.older_than_days))
    said = (Customer.name, Site.street, Site.city, WorkOrder.number, WorkOrder.summary)
    found += [
        or_(*(column.icontains(word, autoescape=True) for column in said))
        for word in (query.q or "").split()
    ]
    return found


async def tray(ctx: Ctx, query: TrayQuery, cursors: Signer) -> Tray:
    """A page of one tab, and the counts of all. Raises `BadRequest` for a cursor that is not of this
    list."""
    now = clock.now()
    zone = (await ctx.organisation()).time_zone
    today = clock.today(zone)
    tomorrow = utc(instants_of(zone, today, today)[1])
    each = {
        tab: [_statement(ctx, tab, query, rows, now) for rows in _rows_of(tab, now, tomorrow)]
        for tab in Tab
    }
    everything = union_all(*(one for some in each.values() for one in some)).subquery()
    counted = await ctx.session.execute(
        select(everything.c.tab, func.count(), func.count().filter(everything.c.urgent)).group_by(
            everything.c.tab
        )
    )
    counts, urgent = dict.fromkeys(Tab, 0), dict.fromkeys(Tab, 0)
    for tab, number, pressing in counted:
        counts[Tab(tab)], urgent[Tab(tab)] = number, pressing
    some = each[query.tab]
    mine = (union_all(*some) if len(some) > 1 else some[0]).subquery()
    names, down = KEYS[query.sort.removeprefix("-")], query.sort.startswith("-")
    keys = [mine.c[name] for name in names]
    order = [key.desc() if down else key.asc() for key in keys]
    page = select(mine).order_by(*order).limit(query.limit + 1)
    mark = _mark(ctx, query)
    if query.cursor is not None:
        place = _place(query.cursor, mark, cursors)
        values = (literal(value, key.type) for value, key in zip(place, keys, strict=True))
        here, there = tuple_(*keys), tuple_(*values)
        page = page.where(here < there if down else here > there)
    found = [dict(row._mapping) for row in await ctx.session.execute(page)]
    following = None
    if len(found) > query.limit:
        found = found[: query.limit]
        last = [_written(found[-1][name]) for name in names]
        following = cursors.sign(f"{mark}|{orjson.dumps(last).decode()}")
    return Tray(
        [{name: value for name, value in one.items() if name not in HIDDEN} for one in found],
        following,
        {str(tab): number for tab, number in counts.items()},
        {str(tab): number for tab, number in urgent.items()},
    )


def _mark(ctx: Ctx, query: TrayQuery) -> str:
    """What a cursor is bound to, besides its place."""
    asked = query.model_dump_json(exclude={"cursor", "limit"})
    return sha256(f"{ctx.org_id}tray{asked}".encode()).hexdigest()[:16]


def _written(value: Any) -> Any:
    return (
        value.isoformat()
        if isinstance(value, datetime)
        else value
        if isinstance(value, int)
        else str(value)
    )


def _place(cursor: str, mark: str, cursors: Signer) -> list[Any]:
    made_for, _, place = (cursors.open(cursor) or "").partition("|")
    if made_for != mark:
        raise BadRequest(
            "This cursor belongs to another tab, filter or sort, or is not one of ours. Start again"
            " without one.",
            code="bad_cursor",
        )
    *keys, id = orjson.loads(place)
    read = [datetime.fromisoformat(one) if isinstance(one, str) else one for one in keys]
    return [*read, UUID(id)]
