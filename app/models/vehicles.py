"""Vehicles, and whatever else is booked beside people: equipment, bays. One is a resource and shares
its id with it, as a technician does."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, SoftDeleted, TenantModel, belongs_to, one_of


class VehicleKind(StrEnum):
    vehicle = "vehicle"
    trailer = "trailer"
    equipment = "equipment"
    bay = "bay"


class Vehicle(SoftDeleted, TenantModel):
    __tablename__ = "vehicles"

    name: Mapped[str] = mapped_column(Short)
    kind: Mapped[VehicleKind] = mapped_column(Text, default=VehicleKind.vehicle)
    plate: Mapped[str | None] = mapped_column(Short)
    capacity: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """What it holds, by unit: `{"gallons": 2500}`."""
    home_place: Mapped[str | None] = mapped_column(Short)
    """Where it stands at night."""
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        belongs_to("id", "resources"),
        one_of("kind", VehicleKind),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        Index("ix_vehicles_created_at", "org_id", "created_at", "id"),
        Index("ix_vehicles_name", "org_id", "name", "id"),
    )
