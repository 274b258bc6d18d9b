"""Whether the crew can do the work: each skill of the job type is held by somebody on the visit.

The level must be reached, and the skill valid on the last day of the visit at its site.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.wall import spoken_day
from app.models.job_types import JobType
from app.models.skills import JobTypeSkill
from app.models.technicians import Technician
from app.services.context import Ctx


@dataclass(frozen=True)
class Missing:
    """A skill that nobody on the visit has as it is needed."""

    skill_id: UUID
    name: str
    level: int
    day: date

    def __str__(self) -> str:
        return f"“{self.name}” (level {self.level}, valid on {spoken_day(self.day)})"


async def missing_skills(
    ctx: Ctx, job_type: JobType, crew: Sequence[Technician], day: date
) -> list[Missing]:
    """What the crew, loaded with its skills, lacks for the job type on `day`."""
    needed = await needed_by(ctx, {job_type.id})
    return missing_of(needed.get(job_type.id, []), crew, day)


async def needed_by(ctx: Ctx, job_type_ids: Set[UUID]) -> dict[UUID, list[JobTypeSkill]]:
    """The skills that job types need, by job type."""
    found = await ctx.session.scalars(
        select(JobTypeSkill)
        .where(JobTypeSkill.job_type_id.in_(job_type_ids))
        .options(joinedload(JobTypeSkill.skill))
    )
    needed: dict[UUID, list[JobTypeSkill]] = {}
    for one in found:
        needed.setdefault(one.job_type_id, []).append(one)
    return needed


def missing_of(
    needed: Sequence[JobTypeSkill], crew: Sequence[Technician], day: date
) -> list[Missing]:
    """What of the needed skills nobody in the crew, loaded with its skills, has on `day`."""
    return sorted(
        (
            Missing(need.skill_id, need.skill.name, need.level, day)
            for need in needed
            if not any(
                has.skill_id == need.skill_id and has.covers(need.level, day)
                for technician in crew
                for has in technician.skills
            )
        ),
        key=lambda one: one.name,
    )
