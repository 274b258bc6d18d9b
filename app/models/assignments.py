"""Assignments: a technician on a visit. The one marked as lead decides the visit's status."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Short, TenantModel, belongs_to, one_of
from app.models.technicians import Technician


class AssignmentStatus(StrEnum):
    offered = "offered"
    accepted = "accepted"
    declined = "declined"
    removed = "removed"
    done = "done"


GONE = (AssignmentStatus.removed, AssignmentStatus.declined)
"""Whoever is so does not come."""


class Assignment(TenantModel):
    __tablename__ = "assignments"

    visit_id: Mapped[UUID]
    technician_id: Mapped[UUID]
    status: Mapped[AssignmentStatus] = mapped_column(Text, default=AssignmentStatus.offered)
    is_lead: Mapped[bool] = mapped_column(default=False)
    dispatched_at: Mapped[datetime | None]
    """When it was released to the technician; None: they have not been told."""
    reason: Mapped[str | None] = mapped_column(Short)
    """Why it was declined or removed."""

    technician: Mapped[Technician] = relationship(
        primaryjoin="foreign(Assignment.technician_id) == Technician.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("visit_id", "visits"),
        belongs_to("technician_id", "technicians"),
        one_of("status", AssignmentStatus),
        Index(
            "uq_assignments_current",
            "org_id",
            "visit_id",
            "technician_id",
            unique=True,
            postgresql_where=text("status not in ('removed', 'declined')"),
        ),
        Index("ix_assignments_technician_id", "org_id", "technician_id", "visit_id"),
        Index("ix_assignments_visit_id", "org_id", "visit_id"),
    )

    @property
    def stands(self) -> bool:
        """Still on the visit."""
        return self.status not in GONE
