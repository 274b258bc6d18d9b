"""Crews: technicians who go out together, from one day until another, led by one of them.

A crew is booked by booking its members and vehicles (one row each); the people on a visit are the
visit's own and may differ from the crew's.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Short, SoftDeleted, TenantModel, WithParts, belongs_to
from app.models.technicians import Technician


class CrewMember(TenantModel):
    """A technician in a crew, until and including `last_day`."""

    __tablename__ = "crew_members"

    crew_id: Mapped[UUID]
    technician_id: Mapped[UUID]
    first_day: Mapped[date]
    last_day: Mapped[date | None]

    technician: Mapped[Technician] = relationship(
        primaryjoin="foreign(CrewMember.technician_id) == Technician.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("crew_id", "crews", ondelete="CASCADE"),
        belongs_to("technician_id", "technicians"),
        CheckConstraint("first_day <= last_day", name="days"),
        Index("ix_crew_members_crew_id", "org_id", "crew_id"),
        Index("ix_crew_members_technician_id", "org_id", "technician_id"),
    )

    def on(self, day: date) -> bool:
        """Whether they belong to it on `day`."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


class Crew(WithParts, SoftDeleted, TenantModel):
    __tablename__ = "crews"

    name: Mapped[str] = mapped_column(Short)
    lead_id: Mapped[UUID | None]
    vehicle_id: Mapped[UUID | None]
    """What it usually drives."""
    active: Mapped[bool] = mapped_column(default=True)

    members: Mapped[list[CrewMember]] = relationship(
        primaryjoin="Crew.id == foreign(CrewMember.crew_id)",
        order_by="(CrewMember.created_at, CrewMember.id)",
        cascade="all, delete-orphan",
        lazy="raise",
    )

    __table_args__ = (
        belongs_to("lead_id", "technicians"),
        belongs_to("vehicle_id", "vehicles"),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        Index("ix_crews_created_at", "org_id", "created_at", "id"),
        Index("ix_crews_name", "org_id", "name", "id"),
    )

    def members_on(self, day: date) -> list[UUID]:
        """The technicians of a day, the lead first."""
        found = dict.fromkeys(one.technician_id for one in self.members if one.on(day))
        return sorted(found, key=lambda id: id != self.lead_id)
