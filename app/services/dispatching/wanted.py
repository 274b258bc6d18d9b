"""What somebody looks for a time for: a visit, a work order's next visit, or a kind of work at a place.

What is always true: it becomes one `Task`, whoever asks, so that finding, holding and booking speak of the
same work. A visit that stands on the board is looked for anew; what was promised for it does not bind the
search, for it is a new promise that is looked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic import Field, field_validator

from app.core import wall
from app.core.errors import FieldError, Invalid
from app.models.job_types import JobType
from app.models.sites import Site
from app.models.technicians import Technician
from app.models.visits import Visit
from app.models.work_orders import Priority, WorkOrder
from app.scheduling.model import Assignment, Place, Task
from app.services.branches import branch_at
from app.services.context import Ctx
from app.services.dispatching import work
from app.services.inputs import Draft, ShortText
from app.services.visits import crew
from app.services.visits.taking import WHOLE, WORK_ORDER
from app.services.visits.work import refuse_ended

NEW = "new"
"""The task's id of what is no visit yet."""
MOST_PEOPLE = 20


class Asked(Draft):
    """A visit, or a work order's next one, and what to mind."""

    visit_id: UUID | None = Field(None, description="A visit that is open and has not begun.")
    work_order_id: UUID | None = Field(None, description="Its next visit.")
    duration_minutes: int | None = Field(
        None, ge=5, le=10_080, description="Silence: the visit's, or the job type's."
    )
    crew_size: int | None = Field(
        None, ge=1, le=MOST_PEOPLE, description="Silence: the job type's."
    )
    technician_ids: list[UUID] | None = Field(
        None, min_length=1, max_length=MOST_PEOPLE, description="Only these; silence: anybody."
    )
    channel: ShortText | None = Field(
        None, description="How it is booked, such as `portal`: reserves may be kept for a channel."
    )
    use_reserve: bool = Field(
        False, description="Take what is kept back, too; needs capacity:reserve."
    )

    @field_validator("technician_ids")
    @classmethod
    def _once_each(cls, ids: list[UUID] | None) -> list[UUID] | None:
        if ids is not None and len(set(ids)) != len(ids):
            raise ValueError("Name each of them once.")
        return ids


class Sought(Asked):
    """What to find a time for: `visit_id`, or `work_order_id`, or `job_type_id` with a place."""

    job_type_id: UUID | None = Field(None, description="A kind of work, with a site or a point.")
    site_id: UUID | None = None
    latitude: float | None = Field(None, ge=-90, le=90, description="Of a place that is no site.")
    longitude: float | None = Field(None, ge=-180, le=180)
    priority: Priority | None = Field(
        None, description="Of a kind of work; silence: normal. A work order has its own."
    )


NAMES = tuple(Sought.model_fields)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The work as the planner sees it, and what it is of."""

    task: Task
    zone: str
    """By whose clock its windows go."""
    job_type: JobType
    branch_id: UUID | None
    visit: Visit | None
    work_order: WorkOrder | None
    site: Site | None
    channel: str | None
    use_reserve: bool


async def of(
    ctx: Ctx,
    asked: Asked,
    first: date,
    last: date,
    *,
    pointer: Callable[[str], str] = "/{}".format,
    visit: Visit | None = None,
) -> Wanted:
    """The work that is sought on the days from `first` to `last`; `visit` is the one that it names, when
    that was taken before.

    Raises `NotFound` for what is not there, `Invalid` when it says too little or too much, `Conflict` for
    a visit that has begun or is over, or a work order that has ended.
    """
    sought = Sought.model_validate(
        {name: getattr(asked, name) for name in NAMES if hasattr(asked, name)}
    )
    order = site = job_type = None
    if sought.visit_id is not None and visit is None:
        visit = await ctx.get(Visit, sought.visit_id, options=WHOLE, pointer=pointer("visit_id"))
    if sought.work_order_id is not None:
        at = pointer("work_order_id")
        order = await ctx.get(WorkOrder, sought.work_order_id, options=WORK_ORDER, pointer=at)
    if sought.job_type_id is not None:
        job_type = await ctx.get(JobType, sought.job_type_id, pointer=pointer("job_type_id"))
    if sought.site_id is not None:
        site = await ctx.get(Site, sought.site_id, pointer=pointer("site_id"))
    await _people(ctx, sought, pointer)
    _refuse_mixed(sought, pointer)
    if visit is not None:
        visit.refuse_unless("schedule")
        order = visit.work_order
    if order is not None:
        refuse_ended(order)
        job_type, site = order.job_type, order.site
    assert job_type is not None
    place, hours, zone = await _there(ctx, sought, site)
    needs = await work.needs_of(ctx, [job_type.id])
    minutes = sought.duration_minutes or (visit or job_type).duration_minutes
    priority = sought.priority or (Priority(order.priority) if order else Priority.normal)
    branch = await branch_at(ctx, site.id) if site is not None else None
    task = Task(
        id=str(visit.id) if visit else NEW,
        place=place,
        duration=minutes * 60,
        name=order.number if order else job_type.name,
        windows=work.hours_of(hours, zone, first - work.ONE_DAY, last + work.ONE_DAY),
        skills=needs.get(job_type.id, {}),
        roles=sought.crew_size or job_type.crew_size,
        priority=work.RANK[priority],
        required=frozenset(map(str, sought.technician_ids or ())),
        territory=str(site.territory_id) if site is not None and site.territory_id else None,
        trade=job_type.trade,
        current=_current(visit) if visit is not None else (),
        confirmed=visit is not None and visit.confirmed_at is not None,
    )
    return Wanted(
        task,
        zone,
        job_type,
        branch.id if branch else None,
        visit,
        order,
        site,
        sought.channel,
        sought.use_reserve,
    )


async def _people(ctx: Ctx, sought: Sought, pointer: Callable[[str], str]) -> None:
    """That they are there, and work at present."""
    ids = sought.technician_ids
    if not ids:
        return
    path = pointer("technician_ids")
    if not path.startswith("?"):
        path += "/{}"
    await ctx.get_all(Technician, ids, pointer=path)
    await crew.technicians(ctx, ids)


def _refuse_mixed(sought: Sought, pointer: Callable[[str], str]) -> None:
    """Raise `Invalid` unless it says exactly what the work is."""
    named = [
        name
        for name in ("visit_id", "work_order_id", "job_type_id")
        if getattr(sought, name) is not None
    ]
    placed = sought.latitude is not None or sought.longitude is not None
    problem = None
    if len(named) != 1:
        problem = (
            named[-1] if named else "work_order_id",
            "Name one of visit_id, work_order_id and job_type_id: what the time is for.",
        )
    elif named != ["job_type_id"] and (sought.site_id is not None or placed):
        field = "site_id" if sought.site_id is not None else "latitude"
        problem = (field, f"The {named[0].removesuffix('_id').replace('_', ' ')} says where it is.")
    elif named == ["job_type_id"] and (sought.site_id is not None) == placed:
        problem = ("site_id", "Say where: site_id, or latitude and longitude.")
    elif named != ["job_type_id"] and sought.priority is not None:
        problem = ("priority", "The work order says how urgent it is. Change it there.")
    elif (sought.latitude is None) != (sought.longitude is None):
        problem = ("longitude", "A point has a latitude and a longitude.")
    if problem is not None:
        field, detail = problem
        raise Invalid(detail, errors=[FieldError(pointer(field), "unclear", detail)])


async def _there(
    ctx: Ctx, sought: Sought, site: Site | None
) -> tuple[Place, list[dict[str, str]], str]:
    """Where it is, when one gets in, and by which clock."""
    if site is not None:
        place = work.place_of(site.id, site.latitude, site.longitude, site.street)
        return place, site.access_hours, site.time_zone
    assert sought.latitude is not None
    assert sought.longitude is not None
    # as it is kept of a hold
    place = work.point(round(sought.latitude, 6), round(sought.longitude, 6))
    return place, [], (await ctx.organisation()).time_zone


def _current(visit: Visit) -> tuple[Assignment, ...]:
    """Where a planned visit stands, so that moving it has its price."""
    if visit.planned_start is None:
        return ()
    start = int(visit.planned_start.timestamp())
    return tuple(
        Assignment(
            str(one.technician_id),
            wall.day(visit.planned_start, one.technician.time_zone),
            start,
        )
        for one in crew.standing(visit)
    )
