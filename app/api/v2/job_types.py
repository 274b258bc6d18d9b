"""`/api/v2/job-types`: the presets that work is sold by."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.gates import RequirementOut
from app.api.lists import Pages
from app.api.outputs import ByName, Exact, Instant, Out, PageOut, Record, only
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.checklist_items import TaskKind
from app.models.job_types import JobType
from app.models.permissions import Permission
from app.services import job_types
from app.services.context import Ctx
from app.services.job_types import SHOWN, JobTypeDraft, JobTypePatch, JobTypeQuery

router = APIRouter(
    prefix="/api/v2/job-types", tags=["job types"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.job_types_read)]
Writer = Annotated[Ctx, allowed(Permission.job_types_write)]


class SkillNameOut(Out):
    id: UUID
    name: str


class NeededSkillOut(Out):
    """A skill of at least this level."""

    skill: SkillNameOut
    level: int


class TaskOut(Out):
    """A step that new work starts with."""

    title: str
    required: bool
    kind: TaskKind


class PriceLineOut(Out):
    """A charge that a draft invoice starts with."""

    description: str
    detail: str | None
    quantity: Exact
    unit: str
    unit_price: Exact
    unit_cost: Annotated[Exact | None, only(Permission.prices_costs)] = None
    taxable: bool


class JobTypeOut(Record):
    """A job type: what new work of this kind starts with."""

    name: str
    trade: str
    description: str | None
    instructions: str | None
    duration_minutes: int
    crew_size: int
    unit_price: Exact | None
    unit_cost: Annotated[Exact | None, only(Permission.prices_costs)] = None
    price_lines: list[PriceLineOut]
    checklist: list[str]
    tasks: list[TaskOut]
    skills: Annotated[list[NeededSkillOut], ByName("skill", "name")]
    gate: list[RequirementOut] | None
    deleted_at: Instant | None


@shows(JobType)
async def show(ctx: Ctx, job_type_id: UUID) -> JobTypeOut:
    """The job type as this caller sees it."""
    return JobTypeOut.model_validate(await ctx.get(JobType, job_type_id, options=SHOWN))


@router.get(
    "", operation_id="list_job_types", summary="List job types", responses=answers(400, 422)
)
async def list_job_types(
    ctx: Reader, query: Annotated[JobTypeQuery, Query()], page: Pages
) -> PageOut[JobTypeOut]:
    """The organisation's job types, filtered and sorted."""
    return await page(JobType, query, options=SHOWN)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_job_type",
    summary="Add a job type",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_job_type(ctx: Writer, draft: JobTypeDraft) -> JobTypeOut:
    """Add a job type."""
    return await job_types.create(ctx, draft)  # type: ignore[return-value]


@router.get(
    "/{id}", operation_id="get_job_type", summary="Get a job type", responses=answers(404, 422)
)
async def get_job_type(ctx: Reader, id: UUID) -> JobTypeOut:
    """One job type."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_job_type",
    summary="Change a job type",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_job_type(
    ctx: Writer, id: UUID, patch: JobTypePatch, seen: SeenVersion
) -> JobTypeOut:
    """Change the fields you send. Work that exists already keeps what it started with."""
    job_type = await ctx.get(JobType, id, at=seen, options=SHOWN)
    return await job_types.change(ctx, job_type, patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_job_type",
    summary="Delete a job type",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_job_type(ctx: Writer, id: UUID) -> Response:
    """Offer a job type no more; `restore` brings it back."""
    await job_types.delete(ctx, await ctx.get(JobType, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_job_type",
    summary="Restore a deleted job type",
    responses=answers(404, 409, 422),
)
async def restore_job_type(ctx: Writer, id: UUID) -> JobTypeOut:
    """Offer a deleted job type again."""
    job_type = await ctx.get(JobType, id, lock=True, deleted=True, options=SHOWN)
    return await job_types.restore(ctx, job_type)  # type: ignore[return-value]


tell(router, JobType, Permission.job_types_read)
