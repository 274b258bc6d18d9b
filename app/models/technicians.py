"""Technicians, and the resources that a board has lanes for.

A technician *is* a resource: the two share their id. A booking names the resource, so that crews
and vehicles fit in beside people without another constraint.
"""

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.core.contacts import person_sort_name
from app.core.model import (
    Short,
    SoftDeleted,
    TenantModel,
    WithParts,
    belongs_to,
    one_of,
    placed,
)
from app.models.skills import TechnicianSkill


class ResourceKind(StrEnum):
    technician = "technician"
    vehicle = "vehicle"


class Resource(TenantModel):
    """Anything that can be booked; its row is what a booking locks."""

    __tablename__ = "resources"

    kind: Mapped[ResourceKind] = mapped_column(Text)

    __table_args__ = (one_of("kind", ResourceKind),)


class Technician(WithParts, SoftDeleted, TenantModel):
    __tablename__ = "technicians"

    member_id: Mapped[UUID | None]
    """The person who signs in, when they do."""
    name: Mapped[str] = mapped_column(Short)
    sort_name: Mapped[str]
    phone: Mapped[str | None] = mapped_column(Short)
    color: Mapped[str] = mapped_column(Short, default="#3b82f6")
    time_zone: Mapped[str] = mapped_column(Short)
    active: Mapped[bool] = mapped_column(default=True)
    external_key: Mapped[str | None] = mapped_column(Short)
    """Its key in another system; imports find it again by it."""
    team_id: Mapped[UUID | None]
    base_name: Mapped[str | None] = mapped_column(Short)
    """Where their day begins and ends, in words."""
    base_latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    """The same on the map; None: where the organisation's does."""
    base_longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))

    resource: Mapped[Resource] = relationship(
        primaryjoin="foreign(Technician.id) == Resource.id", lazy="raise"
    )
    skills: Mapped[list[TechnicianSkill]] = relationship(
        primaryjoin="Technician.id == foreign(TechnicianSkill.technician_id)",
        order_by="(TechnicianSkill.created_at, TechnicianSkill.id)",
        cascade="all, delete-orphan",
        lazy="raise",
    )

    __table_args__ = (
        belongs_to("id", "resources"),
        belongs_to("member_id", "members"),
        belongs_to("team_id", "teams"),
        UniqueConstraint("org_id", "member_id"),
        CheckConstraint("color ~ '^#[0-9a-f]{6}$'", name="color"),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        *placed("base_latitude", "base_longitude", "base"),
        Index("uq_technicians_external_key", "org_id", "external_key", unique=True),
        Index("ix_technicians_sort_name", "org_id", "sort_name", "id"),
        Index("ix_technicians_created_at", "org_id", "created_at", "id"),
        Index("ix_technicians_team_id", "org_id", "team_id"),
    )

    @validates("name")
    def _keep_sort_name(self, _: str, name: str) -> str:
        self.sort_name = person_sort_name(name)
        return name

    @classmethod
    def of_member(cls, member_id: UUID | None) -> ColumnElement[bool]:
        """The technician who is this member."""
        return cls.member_id == member_id
