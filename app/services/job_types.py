"""Job types: the verbs of the presets that work is sold by.

A deleted job type is offered no more; work orders that have it keep it.
"""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import selectinload

from app.core import clock
from app.core.errors import Conflict
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.job_types import JobType
from app.models.skills import JobTypeSkill
from app.services import skills
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Draft, LongText, Name, Patch, ShortText, UnitPrice
from app.services.skills import NeededSkill

Minutes = Annotated[int, Field(ge=5, le=10_080, strict=True)]
"""Five minutes to a week."""
Steps = Annotated[list[ShortText], Field(max_length=100)]
Needs = Annotated[list[NeededSkill], Field(max_length=skills.MOST)]

SHOWN = (selectinload(JobType.skills).joinedload(JobTypeSkill.skill),)
"""What an output of a job type needs loaded."""


class JobTypeDraft(Draft):
    """A new job type."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    name: Name
    trade: ShortText = Field(description="septic, plumbing, hvac, electrical, …")
    description: LongText | None = None
    duration_minutes: Minutes
    unit_price: UnitPrice | None = None
    checklist: Steps = Field([])
    skills: Needs = Field([])


class JobTypePatch(Patch):
    """Changes to a job type; `checklist` and `skills` are replaced as a whole."""

    name: Name = ""
    trade: ShortText = ""
    description: LongText | None = None
    duration_minutes: Minutes = 60
    unit_price: UnitPrice | None = None
    checklist: Steps = Field([])
    skills: Needs = Field([])


class JobTypeQuery(ListQuery):
    """Filters and sorts of the list of job types."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": JobType.created_at, "name": JobType.name}
    FILTERS: ClassVar[Fields | None] = filterable(
        JobType.id,
        JobType.created_at,
        JobType.updated_at,
        JobType.name,
        JobType.trade,
        JobType.description,
        JobType.duration_minutes,
        JobType.unit_price,
        JobType.deleted_at,
    )

    name: Annotated[Name | None, Filter(JobType.name)] = None
    trade: Annotated[ShortText | None, Filter(JobType.trade)] = None


async def create(ctx: Ctx, draft: JobTypeDraft) -> JobType:
    """Add a job type. Raises `NotFound` for a skill that is not there, `Conflict` for a name or id
    that another job type has."""
    given = draft.model_dump(exclude_none=True, exclude={"skills"})
    job_type = JobType(skills=[], **given)
    await skills.replace(ctx, job_type.skills, JobTypeSkill, draft.skills)
    await ctx.add(job_type)
    await emit(ctx, Fact.job_type_created, job_type, name=job_type.name)
    return job_type


async def change(ctx: Ctx, job_type: JobType, patch: JobTypePatch) -> JobType:
    """Change what the patch names; `job_type` has its skills loaded. Raises as `create` does."""
    given = patch.given()
    if given.pop("skills", None) is not None and await skills.replace(
        ctx, job_type.skills, JobTypeSkill, patch.skills
    ):
        job_type.touch()
    for name, value in given.items():
        setattr(job_type, name, value)
    if fields := skills.named(changed(job_type)):
        await emit(
            ctx, Fact.job_type_changed, job_type, name=job_type.name, fields=", ".join(fields)
        )
    return job_type


async def delete(ctx: Ctx, job_type: JobType) -> None:
    """Offer a job type no more. Work orders of that type are not touched."""
    job_type.deleted_at = clock.now()
    await emit(ctx, Fact.job_type_deleted, job_type, name=job_type.name)


async def restore(ctx: Ctx, job_type: JobType) -> JobType:
    """Offer a job type again. Raises `Conflict` when it is not deleted, or its name is taken."""
    if job_type.deleted_at is None:
        raise Conflict("This job type is not deleted.", code="not_deleted")
    job_type.deleted_at = None
    await emit(ctx, Fact.job_type_restored, job_type, name=job_type.name)
    return job_type
