"""The visits of a board, in as many statements for one as for a thousand.

What is always true: every visit that takes somebody's time is read, or their lanes would look free; what
somebody may not see is told from it by `visible`, and only its time leaves this module's callers. Which
visits there are, and whether somebody sees them, is asked each time; what they say is remembered by the
versions of all rows that it is made from, so nothing that is remembered can be old.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    func,
    literal,
    or_,
    select,
)

from app.core.errors import Conflict
from app.models.assignments import Assignment, AssignmentStatus
from app.models.customers import Customer
from app.models.job_types import JobType
from app.models.permissions import Permission
from app.models.sites import Site
from app.models.visit_vehicles import VisitVehicle
from app.models.visits import BEGUN, Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.services.board.cells import CELL, Seen, made
from app.services.context import Ctx

MOST = 5_000
"""Visits of one board."""
KEPT = 6_000
"""Visits that a process remembers: the largest board and some more, of 2 KB each."""
LONGEST_VISIT = timedelta(days=7)
"""Nothing that began earlier lasts until today (`visits.duration_minutes`)."""

GONE = (AssignmentStatus.removed, AssignmentStatus.declined)
"""Who is not on a visit any more."""


def around(start: datetime, end: datetime, now: datetime) -> ColumnElement[bool]:
    """The visits that a board between two instants is of: planned then, or still going on then; promised
    for then and nobody comes."""
    earliest = start - LONGEST_VISIT
    until = func.greatest(Visit.planned_end, Visit.expected_end)
    standing = and_(
        Visit.planned_start >= earliest,
        Visit.planned_start < end,
        or_(until > start, and_(Visit.status.in_(BEGUN), literal(start <= now < end))),
    )
    shadow = and_(
        Visit.status == VisitStatus.unscheduled,
        Visit.promised_start >= earliest,
        Visit.promised_start < end,
        Visit.promised_end > start,
    )
    return or_(standing, shadow)


def _of_visits(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Visit)
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .join(JobType, (JobType.org_id == WorkOrder.org_id) & (JobType.id == WorkOrder.job_type_id))
        .join(
            Customer,
            (Customer.org_id == WorkOrder.org_id) & (Customer.id == WorkOrder.customer_id),
        )
        .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
        .where(Visit.deleted_at.is_(None), WorkOrder.deleted_at.is_(None))
        .order_by(func.coalesce(Visit.planned_start, Visit.promised_start), Visit.id)
        .limit(MOST + 1)
    )


VERSIONS = tuple(
    one.version.label(f"version_of_{one.__tablename__}")
    for one in (Visit, WorkOrder, JobType, Customer, Site)
)
MARKS = _of_visits(Visit.id, *VERSIONS)
"""Built once, as the next ones: to build one costs as much as to read a hundred visits."""
CELLS = _of_visits(
    Visit.id,
    *VERSIONS,
    *(column.label(f"cell_{name}") for name, column in CELL),
    cast(Visit.warnings, Text).label("warned"),
)
CREW_MARKS = (
    select(Assignment.visit_id, Assignment.id, Assignment.version)
    .where(Assignment.status.not_in(GONE))
    .limit(MOST * 20)
)
VEHICLE_MARKS = select(VisitVehicle.visit_id, VisitVehicle.id, VisitVehicle.version).limit(
    MOST * 20
)
CREWS = (
    select(
        Assignment.visit_id,
        Assignment.id,
        Assignment.version,
        cast(Assignment.technician_id, Text).label("technician"),
        Assignment.status,
        Assignment.is_lead,
    )
    .where(Assignment.status.not_in(GONE))
    .order_by(Assignment.is_lead.desc(), Assignment.created_at, Assignment.id)
    .limit(MOST * 20)
)
VEHICLES = (
    select(
        VisitVehicle.visit_id,
        VisitVehicle.id,
        VisitVehicle.version,
        cast(VisitVehicle.vehicle_id, Text).label("vehicle"),
    )
    .order_by(VisitVehicle.created_at, VisitVehicle.id)
    .limit(MOST * 20)
)

Versions = tuple[int, ...]
Beside = frozenset[tuple[UUID, int]]
"""Ids and versions of assignments and vehicles."""
NOTHING: Beside = frozenset()
_kept: OrderedDict[tuple[UUID, bool, bool, UUID], tuple[Versions, Beside, Seen]] = OrderedDict()
"""By organisation, whether phone numbers are told, whether it is visible, and visit."""


async def visits(ctx: Ctx, *conditions: ColumnElement[bool], remembered: bool = True) -> list[Seen]:
    """The visits that these conditions name, in the order of their times. Raises `Conflict` when they
    are too many for one board.

    `remembered` is false where what is read is not what stands in the database for everybody.
    """
    if not remembered:
        return list((await _read(ctx, *conditions, keep=False)).values())
    visible = Visit.visible_to(ctx).label("visible")
    rows = (await ctx.session.execute(MARKS.add_columns(visible).where(*conditions))).all()
    _refuse_too_many(rows)
    ids = [row[0] for row in rows]
    beside = await _beside(ctx, ids)
    org_id, phones = ctx.org_id, ctx.may(Permission.customers_read)
    found: dict[UUID, Seen | None] = {}
    missing: list[UUID] = []
    for row in rows:
        id = row[0]
        key = (org_id, phones, row[6], id)
        known = _kept.get(key)
        if known is None or known[0] != row[1:6] or known[1] != beside.get(id, NOTHING):
            found[id] = None
            missing.append(id)
            continue
        _kept.move_to_end(key)
        found[id] = known[2]
    if missing:
        found |= await _read(ctx, these(Visit.id, missing), keep=True)
    return [one for one in found.values() if one is not None]


async def _read(ctx: Ctx, *conditions: ColumnElement[bool], keep: bool) -> dict[UUID, Seen]:
    """Those that these conditions name, from their rows."""
    phones = ctx.may(Permission.customers_read)
    query = CELLS.add_columns(Visit.visible_to(ctx).label("visible")).where(*conditions)
    rows = (await ctx.session.execute(query)).all()
    _refuse_too_many(rows)
    ids = [row[0] for row in rows]
    people, trucks = await _crews(ctx, ids), await _vehicles(ctx, ids)
    found = {}
    for row in rows:
        id, visible = row[0], row[-1]
        theirs, its = people.get(id, ()), trucks.get(id, ())
        assigned = [
            {"technician_id": who, "status": status, "is_lead": lead}
            for _, _, who, status, lead in theirs
        ]
        vehicles = [vehicle for _, _, vehicle in its]
        seen = made(row[6:-2], row[-2], assigned, vehicles, visible=visible, phones=phones)
        found[id] = seen
        if keep:
            mark = frozenset((one[0], one[1]) for one in (*theirs, *its))
            _kept[ctx.org_id, phones, visible, id] = (row[1:6], mark, seen)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


def _refuse_too_many(rows: Sequence[Any]) -> None:
    if len(rows) > MOST:
        raise Conflict(
            f"More than {MOST} visits are too many for one board. Choose fewer days or a territory.",
            code="too_many",
        )


def these(column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """One parameter, however many."""
    return column == any_(literal(list(ids), ARRAY(Uuid())))  # type: ignore[no-any-return]


async def _beside(ctx: Ctx, ids: Sequence[UUID]) -> Mapping[UUID, Beside]:
    """Which assignments and vehicles each has, to their versions."""
    found: dict[UUID, Beside] = {}
    for query, column in (
        (CREW_MARKS, Assignment.visit_id),
        (VEHICLE_MARKS, VisitVehicle.visit_id),
    ):
        for visit, id, version in await ctx.session.execute(query.where(these(column, ids))):
            found[visit] = found.get(visit, NOTHING) | {(id, version)}
    return found


async def _crews(ctx: Ctx, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[tuple[Any, ...]]]:
    """Who comes, the lead first."""
    found: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for visit, *rest in await ctx.session.execute(CREWS.where(these(Assignment.visit_id, ids))):
        found[visit].append(tuple(rest))
    return found


async def _vehicles(ctx: Ctx, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[tuple[Any, ...]]]:
    found: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for visit, *rest in await ctx.session.execute(
        VEHICLES.where(these(VisitVehicle.visit_id, ids))
    ):
        found[visit].append(tuple(rest))
    return found
