"""`/api/v2/skills`: the names of what jobs need and technicians have."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.permissions import Permission
from app.models.skills import Skill
from app.services import skills
from app.services.context import Ctx
from app.services.skills import SkillDraft, SkillPatch, SkillQuery

router = APIRouter(
    prefix="/api/v2/skills", tags=["job types"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.job_types_read)]
Writer = Annotated[Ctx, allowed(Permission.job_types_write)]


class SkillOut(Record):
    """A skill."""

    name: str


@shows(Skill)
async def show(ctx: Ctx, skill_id: UUID) -> SkillOut:
    """The skill as this caller sees it."""
    return SkillOut.model_validate(await ctx.get(Skill, skill_id))


@router.get("", operation_id="list_skills", summary="List skills", responses=answers(400, 422))
async def list_skills(
    ctx: Reader, query: Annotated[SkillQuery, Query()], page: Pages
) -> PageOut[SkillOut]:
    """The organisation's skills."""
    return await page(Skill, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_skill",
    summary="Add a skill",
    status_code=201,
    responses=answers(400, 409, 422),
)
async def create_skill(ctx: Writer, draft: SkillDraft) -> SkillOut:
    """Add a skill, such as “Septic pumping” or “Backflow certificate”."""
    return await skills.create(ctx, draft)  # type: ignore[return-value]


@router.get("/{id}", operation_id="get_skill", summary="Get a skill", responses=answers(404, 422))
async def get_skill(ctx: Reader, id: UUID) -> SkillOut:
    """One skill."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_skill",
    summary="Rename a skill",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_skill(ctx: Writer, id: UUID, patch: SkillPatch, seen: SeenVersion) -> SkillOut:
    """Give a skill another name; job types and technicians keep it."""
    return await skills.change(ctx, await ctx.get(Skill, id, at=seen), patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_skill",
    summary="Delete a skill",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_skill(ctx: Writer, id: UUID) -> Response:
    """Delete a skill for good; refused while a job type or a technician has it."""
    await skills.delete(ctx, await ctx.get(Skill, id, lock=True))
    return Response(status_code=204)


tell(router, Skill, Permission.job_types_read)
