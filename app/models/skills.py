"""Skills: what a job needs and a technician has, with a level from 1 to 5 and an end of validity."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Short, TenantModel, belongs_to


class Skill(TenantModel):
    """A capability by name, such as “Septic pumping” or “Backflow certificate”."""

    __tablename__ = "skills"

    name: Mapped[str] = mapped_column(Short)

    __table_args__ = (
        UniqueConstraint("org_id", "name"),
        CheckConstraint("length(trim(name)) > 0", name="name"),
    )


class JobTypeSkill(TenantModel):
    """A job type needs a skill of at least `level`."""

    __tablename__ = "job_type_skills"

    job_type_id: Mapped[UUID]
    skill_id: Mapped[UUID]
    level: Mapped[int] = mapped_column(default=1)

    skill: Mapped[Skill] = relationship(
        primaryjoin="foreign(JobTypeSkill.skill_id) == Skill.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("job_type_id", "job_types", ondelete="CASCADE"),
        belongs_to("skill_id", "skills"),
        UniqueConstraint("org_id", "job_type_id", "skill_id"),
        CheckConstraint("level between 1 and 5", name="level"),
        Index("ix_job_type_skills_skill_id", "org_id", "skill_id"),
    )


class TechnicianSkill(TenantModel):
    """A technician has a skill at `level`, until and including the day `expires_on`."""

    __tablename__ = "technician_skills"

    technician_id: Mapped[UUID]
    skill_id: Mapped[UUID]
    level: Mapped[int] = mapped_column(default=1)
    expires_on: Mapped[date | None]
    certificate_number: Mapped[str | None] = mapped_column(Short)
    issuer: Mapped[str | None] = mapped_column(Short)
    issued_on: Mapped[date | None]

    skill: Mapped[Skill] = relationship(
        primaryjoin="foreign(TechnicianSkill.skill_id) == Skill.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("technician_id", "technicians", ondelete="CASCADE"),
        belongs_to("skill_id", "skills"),
        UniqueConstraint("org_id", "technician_id", "skill_id"),
        CheckConstraint("level between 1 and 5", name="level"),
        CheckConstraint("issued_on <= expires_on", name="dates"),
        Index("ix_technician_skills_expires_on", "org_id", "expires_on", "id"),
        Index("ix_technician_skills_skill_id", "org_id", "skill_id"),
    )

    def covers(self, level: int, day: date) -> bool:
        """Whether it reaches `level` and is still valid on `day`."""
        return self.level >= level and (self.expires_on is None or self.expires_on >= day)
