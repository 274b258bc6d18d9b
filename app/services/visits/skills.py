"""Whether the crew can do the work: each skill of the job type is held by somebody on the visit.

The level must be reached, and the skill valid on the last day of the visit at its site.
"""

from collections.abc import Sequence
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
    needed = await ctx.session.scalars(
        select(JobTypeSkill)
        .where(JobTypeSkill.job_type_id == job_type.id)
        .options(joinedload(JobTypeSkill.skill))
    )
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
