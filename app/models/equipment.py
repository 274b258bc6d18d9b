"""Equipment: the serviced thing at a site. A tank, its pump, and the pump's float switch.

A piece may be part of another at the same site (`parent_id`). Work orders name the pieces they are
about; what was done on a piece is found through them.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, exists, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Long, Short, SoftDeleted, TenantModel, Viewer, belongs_to, one_of
from app.models.moves import Move, Moving, moves
from app.models.permissions import Permission as P
from app.models.sites import Site
from app.models.tagged import Tagged


class EquipmentStatus(StrEnum):
    active = "active"
    retired = "retired"


S = EquipmentStatus


class Equipment(Moving, Tagged, SoftDeleted, TenantModel):
    __tablename__ = "equipment"
    CALLED = "piece of equipment"

    MOVES: ClassVar[Mapping[str, Move]] = {
        "retire": moves(P.equipment_write, S.retired, S.active),
        "reinstate": moves(P.equipment_write, S.active, S.retired),
    }

    site_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    """What it is a part of, at the same site."""
    status: Mapped[EquipmentStatus] = mapped_column(Text, default=EquipmentStatus.active)
    status_reason: Mapped[str | None] = mapped_column(Short)
    type: Mapped[str] = mapped_column(Short)
    """Septic tank, furnace, water heater."""
    make: Mapped[str | None] = mapped_column(Short)
    model: Mapped[str | None] = mapped_column(Short)
    serial: Mapped[str | None] = mapped_column(Short)
    location: Mapped[str | None] = mapped_column(Short)
    """Where on the site: behind the garage, roof, unit 4."""
    installed_on: Mapped[date | None]
    warranty_until: Mapped[date | None]
    notes: Mapped[str | None] = mapped_column(Long)
    external_key: Mapped[str | None] = mapped_column(Short)
    """Its key in another system; imports find it again by it."""

    site: Mapped[Site] = relationship(
        primaryjoin="foreign(Equipment.site_id) == Site.id", lazy="raise", viewonly=True
    )

    __table_args__ = (
        belongs_to("site_id", "sites"),
        belongs_to("parent_id", "equipment"),
        one_of("status", EquipmentStatus),
        CheckConstraint("length(trim(type)) > 0", name="type"),
        CheckConstraint("parent_id <> id", name="parent"),
        CheckConstraint("warranty_until >= installed_on", name="warranty"),
        Index("uq_equipment_external_key", "org_id", "external_key", unique=True),
        Index("ix_equipment_created_at", "org_id", "created_at", "id"),
        Index("ix_equipment_site_id", "org_id", "site_id", "id"),
        Index("ix_equipment_parent_id", "org_id", "parent_id"),
        Index("ix_equipment_serial", "org_id", "serial"),
        Index("ix_equipment_warranty_until", "org_id", "warranty_until", "id"),
    )

    @property
    def name(self) -> str:
        """“Water heater Rheem XE50 (SN 7781)”."""
        plain = " ".join(filter(None, (self.type, self.make, self.model)))
        return f"{plain} (SN {self.serial})" if self.serial else plain

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Where one sees the site."""
        if viewer.sees_all:
            return true()
        site = select(Site.id).where(Site.org_id == cls.org_id, Site.id == cls.site_id)
        return exists(site.where(Site.visible_to(viewer)).correlate(cls))


class WorkOrderEquipment(TenantModel):
    """A work order is about a piece of equipment."""

    __tablename__ = "work_order_equipment"

    work_order_id: Mapped[UUID]
    equipment_id: Mapped[UUID]

    equipment: Mapped[Equipment] = relationship(
        primaryjoin="foreign(WorkOrderEquipment.equipment_id) == Equipment.id",
        lazy="raise",
        viewonly=True,
    )

    __table_args__ = (
        belongs_to("work_order_id", "work_orders"),
        belongs_to("equipment_id", "equipment"),
        Index(
            "uq_work_order_equipment_once", "org_id", "work_order_id", "equipment_id", unique=True
        ),
        Index("ix_work_order_equipment_equipment_id", "org_id", "equipment_id", "work_order_id"),
    )
