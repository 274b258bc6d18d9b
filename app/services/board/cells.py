"""What a board holds of one visit, written as it is sent.

What is always true: nothing in it changes after it was made, so it may be shown to whoever sees as much.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Text, cast

from app.core.geo import Point
from app.models.customers import Customer
from app.models.job_types import JobType
from app.models.sites import Site
from app.models.visits import TERMINAL, Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.scheduling.model import Place
from app.scheduling.travel import NOWHERE

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


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A visit on the board."""

    id: str
    version: int
    status: VisitStatus
    start: datetime | None
    """When it is planned to begin."""
    end: datetime | None
    promised_start: datetime | None
    promised_end: datetime | None
    expected_end: datetime | None
    travel_started_at: datetime | None
    arrived_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    confirmed_at: datetime | None
    crew_id: str | None
    territory_id: str | None
    visible: bool
    place: Place
    technicians: Sequence[str]
    """Who comes, the lead first."""
    vehicles: Sequence[str]
    written: bytes
    """Its cell as JSON."""

    @property
    def over(self) -> bool:
        return self.status in TERMINAL


def made(
    values: Sequence[Any],
    warnings: str,
    assigned: Sequence[dict[str, Any]],
    vehicles: Sequence[str],
    *,
    visible: bool,
    phones: bool,
) -> Seen:
    """From the columns of `CELL`, who comes and in what."""
    cell = dict(zip(KEYS, values, strict=True))
    point = NOWHERE
    if cell["latitude"] is not None:
        point = Point(float(cell["latitude"]), float(cell["longitude"]))
        cell["latitude"], cell["longitude"] = point
    if not phones:
        cell["phone"] = None
    cell["assigned"] = assigned
    cell["vehicle_ids"] = vehicles
    cell["warnings"] = orjson.Fragment(warnings)
    return Seen(
        cell["id"],
        cell["version"],
        cell["status"],
        cell["planned_start"],
        cell["planned_end"],
        cell["promised_start"],
        cell["promised_end"],
        cell["expected_end"],
        cell["travel_started_at"],
        cell["arrived_at"],
        cell["started_at"],
        cell["finished_at"],
        cell["confirmed_at"],
        cell["crew_id"],
        cell["territory_id"],
        visible,
        Place(cell["site_id"], point, cell["street"]),
        [one["technician_id"] for one in assigned],
        vehicles,
        orjson.dumps(cell, option=orjson.OPT_UTC_Z),
    )
