"""Alerts that stand, and each organisation's clock: when to look again.

What is about to go wrong follows from plan, facts and now (`app.scheduling.alerts`); these rows say since
when it is known, so that each is told once. They are in no journal: the facts in it tell the story.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantRow, belongs_to


class RaisedAlert(TenantRow):
    """One that stands."""

    __tablename__ = "raised_alerts"

    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Short, primary_key=True)
    raised_at: Mapped[datetime]

    __table_args__ = (belongs_to("visit_id", "visits"),)


class AlertClock(TenantRow):
    """How far one looked, and until when nothing can be new if nobody does anything."""

    __tablename__ = "alert_clocks"

    seq: Mapped[int] = mapped_column(BigInteger)
    """The journal's number at that time."""
    look_at: Mapped[datetime]
