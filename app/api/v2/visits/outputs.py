"""What a visit shows."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import Field
from sqlalchemy import inspect

from app.api.banners import BannerOut
from app.api.edge import shows
from app.api.gates import MissingOut
from app.api.outputs import Instant, Out, Record
from app.models.assignments import AssignmentStatus
from app.models.promises import ToldVia
from app.models.visits import Visit, VisitLock, VisitStatus
from app.services import banners
from app.services.banners import Banner
from app.services.context import Ctx
from app.services.visits import parts
from app.services.visits.taking import WHOLE
from app.services.work_orders import gate
from app.services.work_orders.gate import Missing


class WorkOrderOfVisit(Out):
    id: UUID
    number: str
    summary: str


class Named(Out):
    id: UUID
    name: str


class SiteOfVisit(Out):
    id: UUID
    name: str | None
    address: str
    time_zone: str


class AssignmentOut(Out):
    """A technician on the visit, or one who declined it."""

    technician_id: UUID
    name: str
    status: AssignmentStatus
    is_lead: bool
    dispatched_at: Instant | None = Field(
        description="When it was released to them; None: they have not been told."
    )
    reason: str | None


class PromiseOut(Out):
    """The promise that stands."""

    window_start: Instant
    window_end: Instant
    wall_start: str = Field(
        description="What the clock at the site shows, with its offset: `2026-11-23T08:00-06:00`."
    )
    wall_end: str
    time_zone: str
    told_via: ToldVia
    told_to: str | None
    reason: str | None
    created_at: Instant


class PauseOut(Out):
    started_at: Instant
    ended_at: Instant | None
    reason: str | None


class WarningOut(Out):
    code: str
    detail: str


class VisitOut(Record):
    """One planned presence at a site."""

    work_order_id: UUID
    status: VisitStatus
    status_reason: str | None
    duration_minutes: int
    instructions: str | None
    time_zone: str = Field(description="The site's, in which its days and windows are meant.")
    requested_start: Instant | None = Field(description="A window wished for, not promised.")
    requested_end: Instant | None
    promised_start: Instant | None = Field(description="The window of arrival last promised.")
    promised_end: Instant | None
    promise: PromiseOut | None = Field(description="The promise that stands, and who was told.")
    confirmed_at: Instant | None
    confirmed_via: str | None
    planned_start: Instant | None
    planned_end: Instant | None
    planned_wall: str | None = Field(description="`planned_start` on the clock at the site.")
    travel_started_at: Instant | None
    arrived_at: Instant | None
    started_at: Instant | None
    finished_at: Instant | None
    expected_end: Instant | None = Field(
        description="When whoever is there expects to be done, once that is not the planned end."
    )
    lock: VisitLock = Field(description="What of its plan may not change: see `unlock`.")
    follows_id: UUID | None = Field(description="The part of the same work before this one.")
    followed_by_id: UUID | None = Field(description="The part that comes after this one.")
    pauses: list[PauseOut]
    assignments: list[AssignmentOut]
    crew: Named | None = Field(description="The crew it was planned for.")
    vehicles: list[Named]
    warnings: list[WarningOut] = Field(
        description="What the plan was warned of when it was made; it stands nevertheless."
    )
    work_order: WorkOrderOfVisit
    customer: Named
    site: SiteOfVisit
    job_type: Named
    banners: list[BannerOut] = Field(description="What to know of the customer first.")
    missing: list[MissingOut] = Field(description="What must be there before it can be completed.")
    allowed_transitions: list[str] = Field(description="The verbs open to you now.")
    deleted_at: Instant | None


COLUMNS = [column.key for column in inspect(Visit).column_attrs]


async def shown(ctx: Ctx, visits: Sequence[Visit]) -> list[VisitOut]:
    """Visits that were loaded whole, as this caller sees them."""
    known = await banners.of_customers(ctx, [visit.work_order.customer_id for visit in visits])
    missing = await gate.before_visits(ctx, visits)
    following = await parts.followers(ctx, visits)
    return [
        _shown(
            ctx,
            visit,
            known[visit.work_order.customer_id],
            missing[visit.id],
            following.get(visit.id),
        )
        for visit in visits
    ]


def _shown(
    ctx: Ctx, visit: Visit, about: list[Banner], missing: list[Missing], following: UUID | None
) -> VisitOut:
    work_order = visit.work_order
    own = {name: getattr(visit, name) for name in COLUMNS}
    return VisitOut.model_validate(
        {
            **own,
            "time_zone": work_order.site.time_zone,
            "promise": visit.promise,
            "followed_by_id": following,
            "pauses": visit.pauses,
            "assignments": [
                {
                    "technician_id": one.technician_id,
                    "name": one.technician.name,
                    "status": one.status,
                    "is_lead": one.is_lead,
                    "dispatched_at": one.dispatched_at,
                    "reason": one.reason,
                }
                for one in visit.assignments
                if one.status != AssignmentStatus.removed
            ],
            "crew": visit.crew,
            "vehicles": [one.vehicle for one in visit.vehicles],
            "work_order": work_order,
            "customer": work_order.customer,
            "site": work_order.site,
            "job_type": work_order.job_type,
            "banners": about,
            "missing": missing,
            "allowed_transitions": visit.allowed_transitions(ctx.may),
        }
    )


@shows(Visit)
async def show(ctx: Ctx, visit_id: UUID) -> VisitOut:
    """The visit as it is now."""
    visit = await ctx.get(Visit, visit_id, fresh=True, options=WHOLE)
    return (await shown(ctx, [visit]))[0]


async def of_ids(ctx: Ctx, ids: Sequence[UUID]) -> list[VisitOut]:
    """These visits as they are now, deleted ones too, in the order of their ids."""
    found = await ctx.session.scalars(
        ctx.select(Visit, deleted=True)
        .where(Visit.id.in_(ids))
        .options(*WHOLE)
        .order_by(Visit.id)
        .execution_options(populate_existing=True)
    )
    return await shown(ctx, list(found.unique()))
