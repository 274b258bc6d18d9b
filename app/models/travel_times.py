"""How long drives take, as a map service said: asked for, answered, and forgotten in time.

A row is a pair of places (hundred-thousandths of a degree, about a metre) in one band of hours, of one
service. Where somebody was on the road is not a place: it is the middle of a square of some 280 metres
(`moving`), told without who or when, and gone after two days. Nothing of it is journalled.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantRow, one_of
from app.core.roads import Band

SCALE = 100_000
"""Of a degree."""


class TravelTime(TenantRow):
    """A drive that was asked for, and what was said of it."""

    __tablename__ = "travel_times"

    provider: Mapped[str] = mapped_column(Short, primary_key=True)
    start_latitude_e5: Mapped[int] = mapped_column(primary_key=True)
    start_longitude_e5: Mapped[int] = mapped_column(primary_key=True)
    goal_latitude_e5: Mapped[int] = mapped_column(primary_key=True)
    goal_longitude_e5: Mapped[int] = mapped_column(primary_key=True)
    band: Mapped[Band] = mapped_column(Text, primary_key=True)
    moving: Mapped[bool]
    """The start is where somebody was on the road."""
    zone: Mapped[str] = mapped_column(Short)
    """Whose hours the band's are."""
    seconds: Mapped[int | None]
    """None: not answered yet, or they know no road."""
    metres: Mapped[int | None]
    answered_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    """When to ask next; None: it was answered."""
    attempts: Mapped[int]

    __table_args__ = (
        one_of("band", Band),
        CheckConstraint("seconds >= 0", name="seconds"),
        CheckConstraint("metres >= 0", name="metres"),
        CheckConstraint("(due_at is null) = (answered_on is not null)", name="answered"),
        Index(
            "ix_travel_times_due_at",
            "org_id",
            "due_at",
            postgresql_where=text("due_at is not null"),
        ),
        Index("ix_travel_times_answered_on", "org_id", "moving", "answered_on"),
    )

    @property
    def key(self) -> tuple[int, int, int, int, Band]:
        """Which drive of its service it is."""
        return (
            self.start_latitude_e5,
            self.start_longitude_e5,
            self.goal_latitude_e5,
            self.goal_longitude_e5,
            Band(self.band),
        )
