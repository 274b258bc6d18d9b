"""Where technicians are and were: pings, the last known position, and who looked at them.

A ping belongs to a second of a technician; what is told twice is one row, the more precise one. The
breadcrumb lies in partitions by day (`system.open_ping_days`), is in no journal, and goes when its time
is over. Coordinates are whole millionths of a degree: about 11 cm, and quicker to write than decimals.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, or_, select, text, true
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from app.core.geo import Point
from app.core.model import TenantModel, TenantRow, Viewer, belongs_to, one_of
from app.models.members import Member
from app.models.technicians import Technician

MILLION = 1_000_000


class Ping(TenantRow):
    """One position that a device told, as it is kept."""

    __tablename__ = "pings"

    technician_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    """When the device was there, by its clock."""
    latitude_e6: Mapped[int]
    longitude_e6: Mapped[int]
    accuracy_m: Mapped[int]
    speed_cms: Mapped[int | None]
    """What the device measured, in centimetres a second."""

    __table_args__ = (
        CheckConstraint("latitude_e6 between -90000000 and 90000000", name="latitude_e6"),
        CheckConstraint("longitude_e6 between -180000000 and 180000000", name="longitude_e6"),
        CheckConstraint("accuracy_m >= 0", name="accuracy_m"),
        {"postgresql_partition_by": "RANGE (at)"},
    )


def reached(technician_id: ColumnElement[UUID], org_id: ColumnElement[UUID], viewer: Viewer) -> (
    ColumnElement[bool]
):  # fmt: skip
    """Whose positions somebody reaches: their own with the scope `own`, with `team` and `territory`
    also those of their team, with `all` everybody's."""
    from app.models.scopes import of_my_teams

    if viewer.sees_all:
        return true()
    one = aliased(Technician)  # the statement around may be about technicians itself
    mine: ColumnElement[bool] = one.member_id == viewer.user_id
    if viewer.sees_team:
        mine = or_(mine, of_my_teams(one, viewer))
    return select(one.id).where(one.org_id == org_id, one.id == technician_id, mine).exists()


class Position(TenantModel):
    """Where a technician was last; its id is theirs."""

    __tablename__ = "positions"

    at: Mapped[datetime]
    latitude_e6: Mapped[int]
    longitude_e6: Mapped[int]
    accuracy_m: Mapped[int]
    speed_cms: Mapped[int | None]
    heard_at: Mapped[datetime]
    """When the last of their pings came in, whatever it told."""
    fresh_from: Mapped[datetime | None]
    """The earliest instant that came in since their track was followed last; None: none did."""

    technician: Mapped[Technician] = relationship(
        primaryjoin="foreign(Position.id) == Technician.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("id", "technicians"),
        Index(
            "ix_positions_fresh_from",
            "org_id",
            "fresh_from",
            "id",
            postgresql_where=text("fresh_from is not null"),
        ),
    )

    @property
    def point(self) -> Point:
        """On the map."""
        return Point(self.latitude_e6 / MILLION, self.longitude_e6 / MILLION)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return reached(cls.id.expression, cls.org_id.expression, viewer)


class Look(StrEnum):
    """What somebody looked at."""

    position = "position"
    track = "track"
    nearest = "nearest"
    arrival = "arrival"


class PositionLook(TenantModel):
    """That a person looked at where a technician is or was: one row for each hour, counted."""

    __tablename__ = "position_looks"

    technician_id: Mapped[UUID]
    looker_id: Mapped[UUID]
    looked_at: Mapped[Look] = mapped_column(Text)
    hour: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int]

    looker: Mapped[Member] = relationship(
        primaryjoin="foreign(PositionLook.looker_id) == Member.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("technician_id", "technicians"),
        belongs_to("looker_id", "members"),
        one_of("looked_at", Look),
        CheckConstraint("times > 0", name="times"),
        Index(
            "uq_position_looks_hour",
            "org_id",
            "technician_id",
            "looker_id",
            "looked_at",
            "hour",
            unique=True,
        ),
        Index("ix_position_looks_last_at", "org_id", "technician_id", "last_at", "id"),
        Index("ix_position_looks_hour", "org_id", "hour", "id"),
    )
