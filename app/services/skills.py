"""Skills: what a job needs and a technician has. Names of the organisation's own.

A skill that is used cannot be deleted. Lists of skills on a job type or technician are replaced as
a whole; what stays in the list keeps its row, so that the journal shows only what changed.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, TypeVar
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import func, select

from app.core.errors import Conflict, invalid_field
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.skills import JobTypeSkill, Skill, TechnicianSkill
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Day, Draft, Name, Patch, ShortText
from app.services.usage import count_of

MOST = 50
"""Skills of one job type or technician."""


class SkillDraft(Draft):
    """A new skill."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    name: Name


class SkillPatch(Patch):
    """Another name for a skill."""

    name: Name = ""


class SkillQuery(ListQuery):
    """Filters and sorts of the list of skills."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Skill.created_at, "name": Skill.name}
    FILTERS: ClassVar[Fields | None] = filterable(
        Skill.id,
        Skill.created_at,
        Skill.updated_at,
        Skill.name,
    )

    name: Annotated[Name | None, Filter(Skill.name)] = None


class NeededSkill(Draft):
    """A skill of at least this level."""

    skill_id: UUID
    level: int = Field(1, ge=1, le=5, strict=True)


class HeldSkill(NeededSkill):
    """A skill at this level, until and including the day it expires."""

    expires_on: Day | None = None
    certificate_number: ShortText | None = None
    issuer: ShortText | None = None
    issued_on: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "HeldSkill":
        if self.issued_on and self.expires_on and self.expires_on < self.issued_on:
            raise ValueError("A certificate cannot expire before it was issued.")
        return self


R = TypeVar("R", JobTypeSkill, TechnicianSkill)


async def create(ctx: Ctx, draft: SkillDraft) -> Skill:
    """Add a skill. Raises `Conflict` for a name or id that another skill has."""
    skill = await ctx.add(Skill(**draft.model_dump(exclude_none=True)))
    await emit(ctx, Fact.skill_created, skill, name=skill.name)
    return skill


async def change(ctx: Ctx, skill: Skill, patch: SkillPatch) -> Skill:
    """Rename a skill. Raises `Conflict` for a name that another skill has."""
    for name, value in patch.given().items():
        setattr(skill, name, value)
    if fields := changed(skill):
        await emit(ctx, Fact.skill_changed, skill, name=skill.name, fields=", ".join(fields))
    return skill


async def delete(ctx: Ctx, skill: Skill) -> None:
    """Delete a skill for good. Raises `Conflict` while a job type or a technician has it."""
    job_types = await _users(ctx, JobTypeSkill, skill)
    technicians = await _users(ctx, TechnicianSkill, skill)
    if job_types or technicians:
        raise Conflict(
            f"{count_of(job_types, 'job type', 'job types')} and"
            f" {count_of(technicians, 'technician', 'technicians')} have the skill {skill.name},"
            " deleted ones included. Take it from them first.",
            code="in_use",
        )
    await emit(ctx, Fact.skill_deleted, skill, name=skill.name)
    await ctx.session.delete(skill)


async def _users(ctx: Ctx, row: type[R], skill: Skill) -> int:
    counted = select(func.count()).select_from(row).where(row.skill_id == skill.id)
    return (await ctx.session.execute(counted)).scalar_one()


async def replace(ctx: Ctx, rows: list[R], row: type[R], wanted: Sequence[NeededSkill]) -> bool:
    """Make `rows`, the skills of a job type or technician, what is `wanted`; whether that changed
    anything. Asks the database first, so that the change is one flush and one version.

    Raises `NotFound` for a skill that is not there, `Invalid` for one named twice.
    """
    ids = [one.skill_id for one in wanted]
    for place, id in enumerate(ids):
        if id in ids[:place]:
            raise invalid_field(
                f"skills/{place}/skill_id", "This skill is named twice.", code="twice"
            )
    skills = await ctx.get_all(Skill, ids, pointer="/skills/{}/skill_id")
    before = {one.skill_id: one for one in rows}
    moved = False
    for skill, one in zip(skills, wanted, strict=True):
        values = one.model_dump(exclude={"skill_id"})
        kept = before.pop(skill.id, None)
        if kept is None:
            rows.append(row(skill=skill, **values))
            moved = True
        else:
            for name, value in values.items():
                setattr(kept, name, value)
            moved = moved or bool(changed(kept))
    for gone in before.values():
        rows.remove(gone)
    return moved or bool(before)


def named(columns: Sequence[str]) -> list[str]:
    """The changed columns of a job type or technician by the names that people know."""
    known = {"parts_version": "skills"}
    return [known.get(column, column) for column in columns if column != "sort_name"]
