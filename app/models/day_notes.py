"""Notes of days: what whoever works that day should know, of everybody or of one technician."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, or_, select, true
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Long, TenantModel, Viewer, belongs_to
from app.models.technicians import Technician


class DayNote(TenantModel):
    __tablename__ = "day_notes"

    day: Mapped[date]
    technician_id: Mapped[UUID | None]
    """Whom it is about; None: everybody's day."""
    body: Mapped[str] = mapped_column(Long)

    __table_args__ = (
        belongs_to("technician_id", "technicians"),
        CheckConstraint("length(trim(body)) > 0", name="body"),
        Index("ix_day_notes_day", "org_id", "day", "id"),
        Index("ix_day_notes_created_at", "org_id", "created_at", "id"),
        Index("ix_day_notes_technician_id", "org_id", "technician_id", "day"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the scope `own`: those of everybody's days, and one's own."""
        from app.models.scopes import of_my_teams

        if viewer.sees_all:
            return true()
        mine: ColumnElement[bool] = Technician.of_member(viewer.user_id)
        if viewer.sees_team:
            mine = or_(mine, of_my_teams(Technician, viewer))
        one = select(Technician.id).where(
            Technician.org_id == cls.org_id, Technician.id == cls.technician_id, mine
        )
        return or_(cls.technician_id.is_(None), one.correlate(cls).exists())
