"""The visits of a board, in as many statements for one as for a thousand.

What is always true: every visit that takes somebody's time is read, or their lanes would look free; what
somebody may not see is told from it by `visible`, and only its time leaves this module's callers. Which
visits there are, and whether somebody sees them, is asked each time; what they say is remembered by the
versions of all rows that it is made from, so nothing that is remembered can be old.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
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
from app.core.model import Viewer
from app.models.assignments import GONE, Assignment
from app.models.customers import Customer
from app.models.job_types import JobType
from app.models.permissions import Permission
from app.models.sites import Site
from app.models.visit_vehicles import VisitVehicle
from app.models.visits import BEGUN, Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.services.board.asking import By
from app.services.board.cells import CELL, Seen, made
from app.services.board.questions import AT, END, NOW, START, Question
from app.services.context import Ctx
from app.services.hot.shapes import told

MOST = 5_000
"""Visits of one board."""
KEPT = 6_000
"""Visits that a process remembers: the largest board and some more, of some 3 KB each."""
LONGEST_VISIT = timedelta(days=7)
"""Nothing that began earlier lasts until today (`visits.duration_minutes`)."""

EARLIEST = told("earliest", AT)
IDS, LANES = any_(told("ids", ARRAY(Uuid()))), any_(told("lanes", ARRAY(Uuid())))


BY_PLAN = func.coalesce(Visit.planned_start, Visit.promised_start), Visit.id


def _shadows() -> ColumnElement[bool]:
    """Promised for then, and nobody comes."""
    return and_(
        Visit.status == VisitStatus.unscheduled,
        Visit.promised_start >= EARLIEST,
        Visit.promised_start < END,
        Visit.promised_end > START,
    )


def _around() -> ColumnElement[bool]:
    """The visits that a board from `start` to `end` is of: planned then, or still going on then; promised
    for then and nobody comes."""
    until = func.greatest(Visit.planned_end, Visit.expected_end)
    begun = or_(*(Visit.status == one for one in BEGUN))
    standing = and_(
        Visit.planned_start >= EARLIEST,
        Visit.planned_start < END,
        or_(until > START, and_(begun, START <= NOW, NOW < END)),
    )
    return or_(standing, _shadows())


def _on_lanes(by: By) -> Select[*tuple[Any, ...]]:
    """The visits that stand on `lanes`."""
    match by:
        case By.technicians:
            found = select(Assignment.visit_id).where(Assignment.technician_id == LANES, _coming())
        case By.crews:
            found = select(Visit.id).where(Visit.crew_id == LANES)
        case By.vehicles:
            found = select(VisitVehicle.visit_id).where(VisitVehicle.vehicle_id == LANES)
    return found.correlate(None)


def _coming() -> ColumnElement[bool]:
    return and_(*(Assignment.status != one for one in GONE))


def _condition(by: By | None) -> ColumnElement[bool]:
    """Of a whole board; or of these visits, and those on these lanes."""
    if by is None:
        return _around()
    return and_(_around(), or_(Visit.id == IDS, Visit.id.in_(_on_lanes(by))))


def _of_visits(*columns: Any) -> Select[*tuple[Any, ...]]:
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
    )


VERSIONS = (
    *(
        one.version.label(f"version_of_{one.__tablename__}")
        for one in (Visit, WorkOrder, JobType, Customer)
    ),
    # where a site is, the geocoder finds by itself, which is no new version of it
    cast(func.date_part("epoch", Site.updated_at) * 1_000_000, BigInteger).label(
        "version_of_sites"
    ),
)


def _marks(viewer: Viewer, condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Each visit, and the version of every row that its cell is made from: a row for each who comes and
    each vehicle."""
    return (
        _of_visits(
            cast(Visit.id, Text).label("visit"),
            Visit.visible_to(viewer).label("visible"),
            *VERSIONS,
            cast(Assignment.id, Text).label("assignment"),
            Assignment.version.label("version_of_assignment"),
            cast(VisitVehicle.id, Text).label("vehicle"),
            VisitVehicle.version.label("version_of_vehicle"),
        )
        .outerjoin(
            Assignment,
            and_(Assignment.org_id == Visit.org_id, Assignment.visit_id == Visit.id, _coming()),
        )
        .outerjoin(
            VisitVehicle,
            and_(VisitVehicle.org_id == Visit.org_id, VisitVehicle.visit_id == Visit.id),
        )
        .where(condition)
        .order_by(*BY_PLAN, Assignment.id, VisitVehicle.id)
        .limit(MOST * 20)
    )


MARKS = {by: Question(partial(_marks, condition=_condition(by))) for by in (None, *By)}
SHADOWS = Question(partial(_marks, condition=_shadows()))
"""Of those that were promised and have nobody alone."""
CELLS = (
    _of_visits(
        cast(Visit.id, Text).label("visit"),
        *VERSIONS,
        *(column.label(f"cell_{name}") for name, column in CELL),
        cast(Visit.warnings, Text).label("warned"),
    )
    .order_by(*BY_PLAN)
    .limit(MOST + 1)
)
"""Built once, as the next ones: to build one costs as much as to read a hundred visits."""
CREWS = (
    select(
        cast(Assignment.visit_id, Text),
        cast(Assignment.id, Text).label("assignment"),
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
        cast(VisitVehicle.visit_id, Text),
        cast(VisitVehicle.id, Text).label("row"),
        VisitVehicle.version,
        cast(VisitVehicle.vehicle_id, Text).label("vehicle"),
    )
    .order_by(VisitVehicle.created_at, VisitVehicle.id)
    .limit(MOST * 20)
)

Mark = tuple[tuple[Any, ...], ...]
NOBODY = ((None, None),)
_kept: OrderedDict[tuple[str, bool, str, bool], tuple[Mark, Seen]] = OrderedDict()
"""By organisation, whether phone numbers are told, visit, and whether it is visible."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which visits: those of a board between two instants; or of it these, and what stands on these
    lanes."""

    start: datetime
    end: datetime
    now: datetime
    by: By | None = None
    ids: Collection[UUID] = ()
    lanes: Collection[UUID] = ()
    shadows: bool = False
    """Only what was promised and has nobody."""

    def told(self) -> dict[str, Any]:
        return {
            "start": self.start,
            "end": self.end,
            "now": self.now,
            "earliest": self.start - LONGEST_VISIT,
            "ids": list(self.ids),
            "lanes": list(self.lanes),
        }


async def visits(ctx: Ctx, asked: Asked, *, remembered: bool = True) -> list[Seen]:
    """The visits that are asked for, in the order of their times. Raises `Conflict` when they are too
    many for one board.

    `remembered` is false where what is read is not what stands in the database for everybody.
    """
    marks: dict[tuple[str, bool], Mark] = {}
    question = SHADOWS if asked.shadows else MARKS[asked.by]
    for row in await question.ask(ctx, **asked.told()):
        one = row[:2]
        marks[one] = (*marks.get(one, ()), row[2:])
    if len(marks) > MOST:
        raise Conflict(
            f"More than {MOST} visits are too many for one board. Choose fewer days or a territory.",
            code="too_many",
        )
    org, phones = str(ctx.org_id), ctx.may(Permission.customers_read)
    found: dict[str, Seen | None] = {}
    missing: dict[str, bool] = {}
    for (id, visible), mark in marks.items():
        key = (org, phones, id, visible)
        known = _kept.get(key) if remembered else None
        if known is None or known[0] != mark:
            found[id] = None  # its place
            missing[id] = visible
            continue
        _kept.move_to_end(key)
        found[id] = known[1]
    if missing:
        for id, mark, seen in await _read(ctx, missing, phones=phones):
            found[id] = seen
            if remembered:
                _kept[org, phones, id, seen.visible] = mark, seen
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return [one for one in found.values() if one is not None]


async def _read(
    ctx: Ctx, wanted: Mapping[str, bool], *, phones: bool
) -> list[tuple[str, Mark, Seen]]:
    """What these visits say, each with the versions that it was read from."""
    ids = [UUID(id) for id in wanted]
    rows = (await ctx.session.execute(CELLS.where(these(Visit.id, ids)))).all()
    people = await _by_visit(ctx, CREWS.where(these(Assignment.visit_id, ids)))
    trucks = await _by_visit(ctx, VEHICLES.where(these(VisitVehicle.visit_id, ids)))
    found = []
    for row in rows:
        id = row[0]
        theirs, its = people.get(id, []), trucks.get(id, [])
        assigned = [
            {"technician_id": who, "status": status, "is_lead": lead}
            for _, _, who, status, lead in theirs
        ]
        vehicles = [vehicle for _, _, vehicle in its]
        seen = made(row[6:-1], row[-1], assigned, vehicles, visible=wanted[id], phones=phones)
        mark = tuple(
            (*row[1:6], *one, *other)
            for one in sorted(who[:2] for who in theirs) or NOBODY
            for other in sorted(what[:2] for what in its) or NOBODY
        )
        found.append((id, mark, seen))
    return found


async def _by_visit(
    ctx: Ctx, query: Select[*tuple[Any, ...]]
) -> Mapping[str, Sequence[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in await ctx.session.execute(query):
        found[row[0]].append(row[1:])
    return found


def these(column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """One parameter, however many."""
    return column == any_(literal(list(ids), ARRAY(Uuid())))  # type: ignore[no-any-return]
