"""Visits: one planned presence at a site. A visit can be scheduled; a work order alone cannot.

Its times are never mixed: the *promised* window is what the customer was told about the arrival,
the *planned* start and end are the board's, the *actual* ones come from the field. A *requested*
window was wished for and promised to nobody. Promise and plan also keep their wall time and zone,
so that new time zone data can recompute them.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    Text,
    bindparam,
    exists,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Long, Short, SoftDeleted, TenantModel, Viewer, belongs_to, one_of
from app.models.assignments import Assignment, AssignmentStatus
from app.models.crews import Crew
from app.models.moves import Move, Moving, moves
from app.models.pauses import Pause
from app.models.permissions import Permission as P
from app.models.promises import Promise
from app.models.technicians import Technician
from app.models.visit_vehicles import VisitVehicle
from app.models.work_orders import WorkOrder


class VisitStatus(StrEnum):
    tentative = "tentative"
    unscheduled = "unscheduled"
    scheduled = "scheduled"
    dispatched = "dispatched"
    en_route = "en_route"
    on_site = "on_site"
    working = "working"
    paused = "paused"
    completed = "completed"
    incomplete = "incomplete"
    no_access = "no_access"
    no_show = "no_show"
    canceled = "canceled"


class VisitLock(StrEnum):
    none = "none"
    resource = "resource"
    """Who comes."""
    time = "time"
    both = "both"


S = VisitStatus

BEGUN = (S.en_route, S.on_site, S.working, S.paused)
"""Somebody is on the way or there."""
OCCUPYING = (S.tentative, S.scheduled, S.dispatched, *BEGUN)
"""Holds its planned time in `bookings`."""
TERMINAL = (S.completed, S.incomplete, S.no_access, S.no_show, S.canceled)
SET_OFF = (*BEGUN, S.completed, S.incomplete, S.no_access, S.no_show)
"""Nobody gets there without having set off; only cancelling leaves it open whether they did."""


class Visit(Moving, SoftDeleted, TenantModel):
    __tablename__ = "visits"
    CALLED = "visit"

    MOVES: ClassVar[Mapping[str, Move]] = {
        # `schedule` also moves and resizes, so it keeps a scheduled or dispatched visit's status
        "schedule": moves(
            P.dispatch_write, None, S.tentative, S.unscheduled, S.scheduled, S.dispatched
        ),
        "unschedule": moves(P.dispatch_write, S.unscheduled, S.tentative, S.scheduled),
        "move": moves(P.dispatch_write, None, S.tentative, S.scheduled, S.dispatched),
        "resize": moves(P.dispatch_write, None, S.tentative, S.scheduled, S.dispatched),
        "assign": moves(P.dispatch_write, None, S.tentative, S.scheduled, S.dispatched),
        "swap": moves(P.dispatch_write, None, S.tentative, S.scheduled, S.dispatched),
        "insert": moves(
            P.dispatch_write, None, S.tentative, S.unscheduled, S.scheduled, S.dispatched
        ),
        "split": moves(
            P.dispatch_write, None, S.tentative, S.unscheduled, S.scheduled, S.dispatched
        ),
        "day-parts": moves(
            P.dispatch_write, None, S.tentative, S.unscheduled, S.scheduled, S.dispatched
        ),
        "lock": moves(P.dispatch_write, None, S.tentative, S.scheduled, S.dispatched),
        "unlock": moves(P.dispatch_write, None, S.tentative, S.scheduled, S.dispatched),
        "promise": moves(
            P.dispatch_write, None, S.tentative, S.unscheduled, S.scheduled, S.dispatched
        ),
        "confirm": moves(P.dispatch_write, None, S.scheduled, S.dispatched),
        "dispatch": moves(P.dispatch_write, S.dispatched, S.scheduled),
        "recall": moves(P.dispatch_write, S.scheduled, S.dispatched),
        "accept": moves(P.visits_execute, None, S.dispatched),
        "decline": moves(P.visits_execute, S.scheduled, S.dispatched),
        "en-route": moves(P.visits_execute, S.en_route, S.scheduled, S.dispatched),
        "divert": moves(P.visits_execute, S.dispatched, S.en_route),
        "arrive": moves(P.visits_execute, S.on_site, S.dispatched, S.en_route),
        "start": moves(P.visits_execute, S.working, S.on_site),
        "pause": moves(P.visits_execute, S.paused, S.working),
        "resume": moves(P.visits_execute, S.working, S.paused),
        # `complete` with all its times fills in a visit that nobody tapped (rulings 32)
        "complete": moves(
            P.visits_execute, S.completed, S.on_site, S.working, S.paused, S.scheduled, S.dispatched,
            S.en_route,
        ),
        "extend": moves(P.visits_execute, None, *BEGUN),
        "incomplete": moves(P.visits_execute, S.incomplete, *BEGUN),
        "no-access": moves(P.visits_execute, S.no_access, S.on_site),
        "no-show": moves(P.visits_execute, S.no_show, S.on_site),
        "cancel": moves(
            P.dispatch_write, S.canceled, S.tentative, S.unscheduled, S.scheduled, S.dispatched, *BEGUN
        ),
        "reopen": moves(P.visits_reopen, S.working, S.completed),
    }  # fmt: skip

    work_order_id: Mapped[UUID]
    follows_id: Mapped[UUID | None]
    """The part of the same work that comes before it: each part has at most one that follows it."""
    crew_id: Mapped[UUID | None]
    """The crew it was planned for; who comes are its assignments."""
    status: Mapped[VisitStatus] = mapped_column(Text, default=VisitStatus.unscheduled)
    duration_minutes: Mapped[int]
    requested_start: Mapped[datetime | None]
    requested_end: Mapped[datetime | None]
    promised_start: Mapped[datetime | None]
    promised_end: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_via: Mapped[str | None] = mapped_column(Short)
    planned_start: Mapped[datetime | None]
    planned_end: Mapped[datetime | None]
    planned_wall: Mapped[str | None] = mapped_column(Short)
    """`planned_start` on the site's wall, with its offset."""
    planned_zone: Mapped[str | None] = mapped_column(Short)
    travel_started_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expected_end: Mapped[datetime | None]
    """When whoever is there says that it will be over; it raises alerts and never meets a booking."""
    lock: Mapped[VisitLock] = mapped_column(Text, default=VisitLock.none, server_default="none")
    """What of the plan may not change until the lock is taken off."""
    status_reason: Mapped[str | None] = mapped_column(Short)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default=list, server_default=text("'[]'::jsonb")
    )
    """What the plan was warned of when it was made: `{"code": …, "detail": …}`."""
    moved_at: Mapped[datetime | None]
    """When a verb was last said about it. Verbs that change only its crew or its promise write here
    too, so that each makes a new version and `If-Match` guards all of them."""
    customer_told_at: Mapped[datetime | None]
    """When the customer was told that it does not take place."""
    instructions: Mapped[str | None] = mapped_column(Long)

    work_order: Mapped[WorkOrder] = relationship(
        primaryjoin="foreign(Visit.work_order_id) == WorkOrder.id", lazy="raise"
    )
    assignments: Mapped[list[Assignment]] = relationship(
        primaryjoin="Visit.id == foreign(Assignment.visit_id)",
        order_by="Assignment.created_at",
        lazy="raise",
    )
    crew: Mapped[Crew | None] = relationship(
        primaryjoin="foreign(Visit.crew_id) == Crew.id", lazy="raise"
    )
    vehicles: Mapped[list[VisitVehicle]] = relationship(
        primaryjoin="Visit.id == foreign(VisitVehicle.visit_id)",
        order_by="(VisitVehicle.created_at, VisitVehicle.id)",
        cascade="all, delete-orphan",
        lazy="raise",
    )
    promise: Mapped[Promise | None] = relationship(
        primaryjoin="and_(Visit.id == foreign(Promise.visit_id), Promise.closed_at.is_(None))",
        lazy="raise",
        viewonly=True,
        uselist=False,
    )
    """The promise that stands."""
    pauses: Mapped[list[Pause]] = relationship(
        primaryjoin="Visit.id == foreign(Pause.visit_id)",
        order_by="Pause.started_at",
        lazy="raise",
        viewonly=True,
    )

    __table_args__ = (
        belongs_to("work_order_id", "work_orders"),
        belongs_to("crew_id", "crews"),
        belongs_to("follows_id", "visits"),
        one_of("status", VisitStatus),
        one_of("lock", VisitLock),
        CheckConstraint("duration_minutes between 5 and 10080", name="duration_minutes"),
        CheckConstraint(
            "(requested_start is null) = (requested_end is null)", name="requested_both"
        ),
        CheckConstraint("requested_start < requested_end", name="requested"),
        CheckConstraint("(promised_start is null) = (promised_end is null)", name="promised_both"),
        CheckConstraint("promised_start < promised_end", name="promised"),
        CheckConstraint("(planned_start is null) = (planned_end is null)", name="planned_both"),
        CheckConstraint("planned_start < planned_end", name="planned"),
        CheckConstraint(
            "status not in ('tentative', 'scheduled', 'dispatched') or planned_start is not null",
            name="planned_when_scheduled",
        ),
        CheckConstraint(
            "travel_started_at <= arrived_at and travel_started_at <= finished_at"
            " and arrived_at <= started_at and arrived_at <= finished_at"
            " and started_at <= finished_at",
            name="actual_order",
        ),
        Index("ix_visits_work_order_id", "org_id", "work_order_id"),
        Index(
            "uq_visits_follows_id",
            "org_id",
            "follows_id",
            unique=True,
            postgresql_where=text("follows_id is not null"),
        ),
        Index("ix_visits_crew_id", "org_id", "crew_id"),
        Index("ix_visits_planned_start", "org_id", "planned_start", "id"),
        Index("ix_visits_promised_start", "org_id", "promised_start", "id"),
        Index("ix_visits_created_at", "org_id", "created_at", "id"),
        Index(
            "ix_visits_travel_started_at",
            "org_id",
            "travel_started_at",
            "id",
            postgresql_where=text("travel_started_at is not null"),
        ),
        Index(
            "ix_visits_open",
            "org_id",
            "created_at",
            "id",
            postgresql_where=text(
                "status not in ('completed', 'incomplete', 'no_access', 'no_show', 'canceled')"
            ),
        ),
        Index("ix_visits_status", "org_id", "status", "planned_start", "id"),
    )

    @hybrid_property
    def has_begun(self) -> bool:
        """Somebody set off for it, whatever came of it."""
        return self.travel_started_at is not None or self.status in SET_OFF

    @has_begun.inplace.expression
    @classmethod
    def _has_begun(cls) -> ColumnElement[bool]:
        return or_(cls.travel_started_at.is_not(None), cls.status.in_(SET_OFF))

    @property
    def is_open(self) -> bool:
        """Not yet over, one way or the other."""
        return self.status not in TERMINAL

    @classmethod
    def is_to_come(cls) -> ColumnElement[bool]:
        """`is_open` as a condition, in literals as in the index of what is open."""
        terminal: Any = bindparam("terminal", TERMINAL, expanding=True, literal_execute=True)
        return cls.status.not_in(terminal)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the scope `own`: visits the viewer is, or was, assigned to as a technician; with `team`
        those of the team, too; with `territory` also those at its sites."""
        return cls._reached(viewer, Assignment.status != AssignmentStatus.removed)

    @classmethod
    def once_visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """What the viewer sees, and what they saw before they were taken off it: a screen of theirs may
        still show it."""
        return cls._reached(viewer, true())

    @classmethod
    def _reached(cls, viewer: Viewer, stands: ColumnElement[bool]) -> ColumnElement[bool]:
        from app.models.scopes import in_my_territories, of_my_teams
        from app.models.sites import Site

        if viewer.sees_all:
            return true()
        on_it = Technician.of_member(viewer.user_id)
        if viewer.sees_team:
            on_it = or_(on_it, of_my_teams(Technician, viewer))
        mine = (
            select(Assignment.id)
            .join(
                Technician,
                (Technician.org_id == Assignment.org_id)
                & (Technician.id == Assignment.technician_id),
            )
            .where(
                Assignment.org_id == cls.org_id,
                Assignment.visit_id == cls.id,
                stands,
                on_it,
            )
        )
        if not viewer.sees_territory:
            return exists(mine.correlate(cls))
        there = (
            select(WorkOrder.id)
            .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
            .where(
                WorkOrder.org_id == cls.org_id,
                WorkOrder.id == cls.work_order_id,
                in_my_territories(Site, viewer),
            )
        )
        return or_(exists(mine.correlate(cls)), exists(there.correlate(cls)))
