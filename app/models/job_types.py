"""Job types: presets of duration, skills, checklist and price for the work that is sold."""

from decimal import Decimal

from sqlalchemy import ARRAY, CheckConstraint, Index, Numeric, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Long, Short, SoftDeleted, TenantModel, WithParts
from app.models.skills import JobTypeSkill


class JobType(WithParts, SoftDeleted, TenantModel):
    __tablename__ = "job_types"

    name: Mapped[str] = mapped_column(Short)
    trade: Mapped[str] = mapped_column(Short)
    """septic, plumbing, hvac, electrical, …"""
    description: Mapped[str | None] = mapped_column(Long)
    duration_minutes: Mapped[int]
    unit_price: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    """What an invoice line starts from, in major units of the organisation's currency."""
    checklist: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """The steps that a new work order of this type starts with."""

    skills: Mapped[list[JobTypeSkill]] = relationship(
        primaryjoin="JobType.id == foreign(JobTypeSkill.job_type_id)",
        order_by="(JobTypeSkill.created_at, JobTypeSkill.id)",
        cascade="all, delete-orphan",
        lazy="raise",
    )

    __table_args__ = (
        CheckConstraint("duration_minutes between 5 and 10080", name="duration_minutes"),
        CheckConstraint("unit_price >= 0", name="unit_price"),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        Index("ix_job_types_created_at", "org_id", "created_at", "id"),
        Index(
            "uq_job_types_name",
            "org_id",
            "name",
            unique=True,
            postgresql_where=text("deleted_at is null"),
        ),
    )
