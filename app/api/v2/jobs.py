"""`/api/v2/jobs`: what is being done in the background, what was given up, and trying it again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.api.deps import allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, PageOut, Record
from app.api.problems import answers
from app.models.jobs import Job, JobStatus
from app.models.permissions import Permission
from app.services import jobs
from app.services.context import Ctx
from app.services.jobs import JobQuery

router = APIRouter(
    prefix="/api/v2/jobs", tags=["jobs"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.jobs_read)]
Writer = Annotated[Ctx, allowed(Permission.jobs_write)]


class JobOut(Record):
    """Work in the background."""

    kind: str
    status: JobStatus
    subject_id: UUID | None
    asked_by_id: UUID | None
    request_id: str
    attempts: int
    failure: str | None
    started_at: Instant | None
    finished_at: Instant | None


@shows(Job)
async def show(ctx: Ctx, job_id: UUID) -> JobOut:
    """The job as this caller sees it."""
    return JobOut.model_validate(await ctx.get(Job, job_id))


@router.get("", operation_id="list_jobs", summary="List jobs", responses=answers(400, 422))
async def list_jobs(
    ctx: Reader, query: Annotated[JobQuery, Query()], page: Pages
) -> PageOut[JobOut]:
    """Jobs of your organisation, newest first; `status=dead` are those that were given up."""
    return await page(Job, query)  # type: ignore[return-value]


@router.get("/{id}", operation_id="get_job", summary="Get a job", responses=answers(404, 422))
async def get_job(ctx: Reader, id: UUID) -> JobOut:
    """One job, with why its last attempt failed."""
    return await show(ctx, id)


@router.post(
    "/{id}/requeue",
    operation_id="requeue_job",
    summary="Try a dead job again",
    responses=answers(400, 404, 409, 422),
)
async def requeue_job(ctx: Writer, id: UUID) -> JobOut:
    """Put a dead job back into the queue, from its first attempt."""
    return await jobs.requeue(ctx, await ctx.get(Job, id, lock=True))  # type: ignore[return-value]
