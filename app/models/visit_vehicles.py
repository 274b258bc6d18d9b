"""The vehicles that come to a visit, beside its people."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from app.core.model import TenantModel, belongs_to
from app.models.vehicles import Vehicle


class VisitVehicle(TenantModel):
    __tablename__ = "visit_vehicles"

    visit_id: Mapped[UUID]
    vehicle_id: Mapped[UUID]

    vehicle: Mapped[Vehicle] = relationship(
        primaryjoin="foreign(VisitVehicle.vehicle_id) == Vehicle.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("visit_id", "visits"),
        belongs_to("vehicle_id", "vehicles"),
        UniqueConstraint("org_id", "visit_id", "vehicle_id"),
        Index("ix_visit_vehicles_vehicle_id", "org_id", "vehicle_id"),
    )
