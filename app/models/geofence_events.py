"""What the positions say of a visit: that its technician seems to have come, or to have left.

Each is a suggestion until somebody takes it up or waves it away; where the organisation wants it so, an
arrival is set at once. What later positions do not bear out goes while nobody has decided about it.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Index, Text, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import TenantModel, Viewer, belongs_to, one_of
from app.models.technicians import Technician
from app.models.visits import Visit


class Crossed(StrEnum):
    arrival = "arrival"
    departure = "departure"


class EventStatus(StrEnum):
    open = "open"
    accepted = "accepted"
    dismissed = "dismissed"
    set = "set"
    """By itself, as the organisation wants it."""


class GeofenceEvent(TenantModel):
    __tablename__ = "geofence_events"

    visit_id: Mapped[UUID]
    technician_id: Mapped[UUID]
    kind: Mapped[Crossed] = mapped_column(Text)
    at: Mapped[datetime]
    status: Mapped[EventStatus] = mapped_column(Text, default=EventStatus.open)

    visit: Mapped[Visit] = relationship(
        primaryjoin="foreign(GeofenceEvent.visit_id) == Visit.id", lazy="raise"
    )
    technician: Mapped[Technician] = relationship(
        primaryjoin="foreign(GeofenceEvent.technician_id) == Technician.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("visit_id", "visits"),
        belongs_to("technician_id", "technicians"),
        one_of("kind", Crossed),
        one_of("status", EventStatus),
        Index(
            "uq_geofence_events_at",
            "org_id",
            "visit_id",
            "technician_id",
            "kind",
            "at",
            unique=True,
        ),
        Index("ix_geofence_events_technician_id", "org_id", "technician_id", "at"),
        Index("ix_geofence_events_status", "org_id", "status", "at", "id"),
        Index("ix_geofence_events_created_at", "org_id", "created_at", "id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the visit."""
        if viewer.sees_all:
            return true()
        mine = select(Visit.id).where(
            Visit.org_id == cls.org_id, Visit.id == cls.visit_id, Visit.visible_to(viewer)
        )
        return mine.correlate(cls).exists()
