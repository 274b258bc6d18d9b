"""Employees: what the organisation keeps about somebody who works, or worked, for it.

The record is about a member and outlives their leaving. What they earn is seen by few.
"""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Short, TenantModel, belongs_to, one_of
from app.models.members import Member
from app.models.permissions import Permission
from app.models.sensitive import only_for


class Employment(StrEnum):
    """On what terms somebody works."""

    full_time = "full_time"
    part_time = "part_time"
    apprentice = "apprentice"
    temporary = "temporary"
    contractor = "contractor"


class Employee(TenantModel):
    __tablename__ = "employees"

    member_id: Mapped[UUID]
    department: Mapped[str | None] = mapped_column(Short)
    title: Mapped[str | None] = mapped_column(Short)
    employment: Mapped[Employment] = mapped_column(Text, default=Employment.full_time)
    pay_rate: Mapped[int | None] = mapped_column(info=only_for(Permission.employees_pay))
    """Minor units of the organisation's currency, an hour."""
    hired_on: Mapped[date | None]
    left_on: Mapped[date | None]

    member: Mapped[Member] = relationship(
        primaryjoin="foreign(Employee.member_id) == Member.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("member_id", "members"),
        one_of("employment", Employment),
        UniqueConstraint("org_id", "member_id"),
        CheckConstraint("pay_rate >= 0", name="pay_rate"),
        CheckConstraint("left_on >= hired_on", name="left_on"),
        Index("ix_employees_created_at", "org_id", "created_at", "id"),
    )
