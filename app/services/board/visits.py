"""The visits of a board: one cell each, in as many statements for one as for a thousand.

What is always true: every visit that takes somebody's time is read, or their lanes would look free; what
somebody may not see is told from it by `visible`, and only its time leaves this module's callers.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
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
from app.core.geo import Point
from app.models.assignments import Assignment, AssignmentStatus
from app.models.customers import Customer
from app.models.job_types import JobType
from app.models.permissions import Permission
from app.models.sites import Site
from app.models.visit_vehicles import VisitVehicle
from app.models.visits import BEGUN, TERMINAL, Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.scheduling.model import Place
from app.scheduling.travel import NOWHERE
from app.services.context import Ctx

MOST = 5_000
"""Visits of one board."""
LONGEST_VISIT = timedelta(days=7)
"""Nothing that began earlier lasts until today (`visits.duration_minutes`)."""

GONE = (AssignmentStatus.removed, AssignmentStatus.declined)
"""Who is not on a visit any more."""

CELL: tuple[tuple[str, Any], ...] = (
    ("id", cast(Visit.id, Text)),
    ("version", Visit.version),
    ("status", Visit.status),
    ("lock", Visit.lock),
    ("duration_minutes", Visit.duration_minutes),
    ("planned_start", Visit.planned_start),
    ("planned_end", Visit.planned_end),
    ("promised_start", Visit.promised_start),
    ("promised_end", Visit.promised_end),
    ("requested_start", Visit.requested_start),
    ("requested_end", Visit.requested_end),
    ("expected_end", Visit.expected_end),
    ("travel_started_at", Visit.travel_started_at),
    ("arrived_at", Visit.arrived_at),
    ("started_at", Visit.started_at),
    ("finished_at", Visit.finished_at),
    ("confirmed_at", Visit.confirmed_at),
    ("status_reason", Visit.status_reason),
    ("crew_id", cast(Visit.crew_id, Text)),
    ("work_order_id", cast(WorkOrder.id, Text)),
    ("number", WorkOrder.number),
    ("summary", WorkOrder.summary),
    ("priority", WorkOrder.priority),
    ("job_type_id", cast(WorkOrder.job_type_id, Text)),
    ("job_type", JobType.name),
    ("trade", JobType.trade),
    ("crew_size", JobType.crew_size),
    ("customer_id", cast(WorkOrder.customer_id, Text)),
    ("customer", Customer.name),
    ("phone", Customer.phone),
    ("site_id", cast(WorkOrder.site_id, Text)),
    ("street", Site.street),
    ("city", Site.city),
    ("latitude", Site.latitude),
    ("longitude", Site.longitude),
    ("time_zone", Site.time_zone),
    ("territory_id", cast(Site.territory_id, Text)),
)
"""What a cell says of its visit, in order."""
KEYS = tuple(name for name, _ in CELL)


@dataclass(slots=True)
class Seen:
    """A visit on the board."""

    cell: dict[str, Any]
    visible: bool
    place: Place
    start: datetime | None
    """When it is planned to begin."""
    end: datetime | None
    technicians: list[str] = field(default_factory=list)
    """Who comes, the lead first."""
    vehicles: list[str] = field(default_factory=list)

    @property
    def mark(self) -> tuple[Any, ...]:
        """Changes with whatever a lane says of it."""
        return self.cell["id"], self.cell["version"], self.visible, self.place.point

    @property
    def over(self) -> bool:
        return self.cell["status"] in TERMINAL


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


CELLS = (
    select(
        *(column.label(f"cell_{name}") for name, column in CELL),
        cast(Visit.warnings, Text).label("warned"),
        Visit.id,
    )
    .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
    .join(JobType, (JobType.org_id == WorkOrder.org_id) & (JobType.id == WorkOrder.job_type_id))
    .join(Customer, (Customer.org_id == WorkOrder.org_id) & (Customer.id == WorkOrder.customer_id))
    .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
    .where(Visit.deleted_at.is_(None), WorkOrder.deleted_at.is_(None))
    .order_by(func.coalesce(Visit.planned_start, Visit.promised_start), Visit.id)
    .limit(MOST + 1)
)
"""Built once: to build it costs as much as to read a hundred visits."""
CREWS = (
    select(
        Assignment.visit_id,
        cast(Assignment.technician_id, Text).label("technician"),
        Assignment.status,
        Assignment.is_lead,
    )
    .where(Assignment.status.not_in(GONE))
    .order_by(Assignment.is_lead.desc(), Assignment.created_at, Assignment.id)
    .limit(MOST * 20)
)
VEHICLES = (
    select(VisitVehicle.visit_id, cast(VisitVehicle.vehicle_id, Text).label("vehicle"))
    .order_by(VisitVehicle.created_at, VisitVehicle.id)
    .limit(MOST * 20)
)


async def visits(ctx: Ctx, *conditions: ColumnElement[bool]) -> list[Seen]:
    """The visits that these conditions name, in the order of their times. Raises `Conflict` when they
    are too many for one board."""
    phones = ctx.may(Permission.customers_read)
    query = CELLS.add_columns(Visit.visible_to(ctx).label("visible")).where(*conditions)
    rows = (await ctx.session.execute(query)).all()
    if len(rows) > MOST:
        raise Conflict(
            f"More than {MOST} visits are too many for one board. Choose fewer days or a territory.",
            code="too_many",
        )
    ids = [row[-2] for row in rows]
    people, trucks = await _crews(ctx, ids), await _vehicles(ctx, ids)
    found = []
    for row in rows:
        cell = dict(zip(KEYS, row, strict=False))
        latitude, longitude = cell["latitude"], cell["longitude"]
        point = NOWHERE
        if latitude is not None:
            point = Point(float(latitude), float(longitude))
            cell["latitude"], cell["longitude"] = point
        if not phones:
            cell["phone"] = None
        id = row[-2]
        assigned = people.get(id, [])
        cell["assigned"] = assigned
        cell["vehicle_ids"] = trucks.get(id, [])
        cell["warnings"] = orjson.Fragment(row[-3])
        found.append(
            Seen(
                cell,
                row[-1],
                Place(cell["site_id"], point, cell["street"]),
                cell["planned_start"],
                cell["planned_end"],
                [one["technician_id"] for one in assigned],
                cell["vehicle_ids"],
            )
        )
    return found


def these(column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """One parameter, however many."""
    return column == any_(literal(list(ids), ARRAY(Uuid())))  # type: ignore[no-any-return]


async def _crews(ctx: Ctx, ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Who comes, the lead first."""
    rows = await ctx.session.execute(CREWS.where(these(Assignment.visit_id, ids)))
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for visit, technician, status, lead in rows:
        found[visit].append({"technician_id": technician, "status": status, "is_lead": lead})
    return found


async def _vehicles(ctx: Ctx, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    rows = await ctx.session.execute(VEHICLES.where(these(VisitVehicle.visit_id, ids)))
    found: dict[UUID, list[str]] = defaultdict(list)
    for visit, vehicle in rows:
        found[visit].append(vehicle)
    return found
