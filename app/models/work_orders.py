"""Work orders: the folder of a piece of work at a site, billed to a customer.

The status mostly follows from the visits (`services.work_orders.follow`); the verbs of `MOVES` are
the only commands. Nothing is deleted by cancelling.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    Text,
    UniqueConstraint,
    bindparam,
    exists,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import (
    Long,
    Short,
    SoftDeleted,
    TenantModel,
    Viewer,
    WithParts,
    belongs_to,
    one_of,
)
from app.models.checklist_items import ChecklistItem
from app.models.customers import Customer
from app.models.job_types import JobType
from app.models.moves import Move, Moving, moves
from app.models.permissions import Permission as P
from app.models.sites import Site
from app.models.tagged import Tagged

if TYPE_CHECKING:
    from app.models.equipment import WorkOrderEquipment
    from app.models.visits import Visit


class WorkOrderStatus(StrEnum):
    draft = "draft"
    ready = "ready"
    scheduled = "scheduled"
    in_progress = "in_progress"
    on_hold = "on_hold"
    completed = "completed"
    approved = "approved"
    closed = "closed"
    canceled = "canceled"


class Priority(StrEnum):
    low = "low"
    normal = "normal"
    high = "high"
    emergency = "emergency"


S = WorkOrderStatus

OVER = (S.closed, S.canceled)
"""Nothing about it changes any more."""


class WorkOrder(Moving, WithParts, Tagged, SoftDeleted, TenantModel):
    __tablename__ = "work_orders"
    CALLED = "work order"

    MOVES: ClassVar[Mapping[str, Move]] = {
        "ready": moves(P.work_orders_write, S.ready, S.draft),
        "hold": moves(P.work_orders_write, S.on_hold, S.ready, S.scheduled, S.in_progress),
        "release": moves(P.work_orders_write, None, S.on_hold),
        "complete": moves(P.work_orders_write, S.completed, S.in_progress),
        "reopen": moves(P.work_orders_write, None, S.completed),
        "approve": moves(P.work_orders_approve, S.approved, S.completed),
        "close": moves(P.work_orders_approve, S.closed, S.approved),
        "cancel": moves(
            P.work_orders_write, S.canceled, S.draft, S.ready, S.scheduled, S.in_progress, S.on_hold
        ),
    }

    number: Mapped[str] = mapped_column(Short)
    status: Mapped[WorkOrderStatus] = mapped_column(Text, default=WorkOrderStatus.ready)
    priority: Mapped[Priority] = mapped_column(Text, default=Priority.normal)
    customer_id: Mapped[UUID]
    """Who pays; not necessarily a party of the site."""
    site_id: Mapped[UUID]
    job_type_id: Mapped[UUID]
    call_back_of_id: Mapped[UUID | None]
    """The finished work order whose work has to be looked at again."""
    summary: Mapped[str] = mapped_column(Short)
    description: Mapped[str | None] = mapped_column(Long)
    customer_reference: Mapped[str | None] = mapped_column(Short)
    """The payer's own purchase order number."""
    source: Mapped[str | None] = mapped_column(Short)
    external_key: Mapped[str | None] = mapped_column(Short)
    """Its number in another system; imports find it again by it."""
    status_reason: Mapped[str | None] = mapped_column(Short)
    """Why it is on hold, cancelled, reopened, or complete although steps are missing."""
    completed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    """When a person last moved it by a verb. The status with its reason and time may follow from the
    visits and is no new version; a person's decision is one, because it is written here too."""

    customer: Mapped[Customer] = relationship(
        primaryjoin="foreign(WorkOrder.customer_id) == Customer.id", lazy="raise"
    )
    site: Mapped[Site] = relationship(
        primaryjoin="foreign(WorkOrder.site_id) == Site.id", lazy="raise"
    )
    job_type: Mapped[JobType] = relationship(
        primaryjoin="foreign(WorkOrder.job_type_id) == JobType.id", lazy="raise"
    )
    call_back_of: Mapped["WorkOrder | None"] = relationship(
        primaryjoin="foreign(WorkOrder.call_back_of_id) == remote(WorkOrder.id)",
        lazy="raise",
        viewonly=True,
    )
    call_backs: Mapped[list["WorkOrder"]] = relationship(
        primaryjoin="and_(WorkOrder.id == foreign(remote(WorkOrder.call_back_of_id)),"
        " remote(WorkOrder.deleted_at).is_(None))",
        order_by="(WorkOrder.created_at, WorkOrder.id)",
        lazy="raise",
        viewonly=True,
    )
    checklist: Mapped[list[ChecklistItem]] = relationship(
        primaryjoin="WorkOrder.id == foreign(ChecklistItem.work_order_id)",
        order_by="(ChecklistItem.position, ChecklistItem.id)",
        lazy="raise",
        viewonly=True,
    )
    equipment_links: Mapped[list["WorkOrderEquipment"]] = relationship(
        primaryjoin="WorkOrder.id == foreign(WorkOrderEquipment.work_order_id)",
        order_by="(WorkOrderEquipment.created_at, WorkOrderEquipment.id)",
        lazy="raise",
        viewonly=True,
    )
    visits: Mapped[list["Visit"]] = relationship(
        primaryjoin="and_(WorkOrder.id == foreign(Visit.work_order_id), Visit.deleted_at.is_(None))",
        order_by="(Visit.created_at, Visit.id)",
        lazy="raise",
        viewonly=True,
    )

    __table_args__ = (
        belongs_to("customer_id", "customers"),
        belongs_to("site_id", "sites"),
        belongs_to("job_type_id", "job_types"),
        belongs_to("call_back_of_id", "work_orders"),
        one_of("status", WorkOrderStatus),
        one_of("priority", Priority),
        UniqueConstraint("org_id", "number"),
        CheckConstraint("length(trim(summary)) > 0", name="summary"),
        Index("uq_work_orders_external_key", "org_id", "external_key", unique=True),
        Index("ix_work_orders_created_at", "org_id", "created_at", "id"),
        Index("ix_work_orders_status", "org_id", "status", "created_at", "id"),
        Index(
            "ix_work_orders_call_back_of_id",
            "org_id",
            "call_back_of_id",
            postgresql_where=text("call_back_of_id is not null"),
        ),
        Index("ix_work_orders_customer_id", "org_id", "customer_id"),
        Index("ix_work_orders_site_id", "org_id", "site_id"),
        Index("ix_work_orders_job_type_id", "org_id", "job_type_id", "created_at", "id"),
        Index("ix_work_orders_priority", "org_id", "priority", "created_at", "id"),
        Index(
            "ix_work_orders_open",
            "org_id",
            "created_at",
            "id",
            postgresql_where=text("status not in ('closed', 'canceled')"),
        ),
        Index(
            "ix_work_orders_over",
            "org_id",
            "created_at",
            "id",
            postgresql_where=text("status in ('closed', 'canceled')"),
        ),
    )

    @hybrid_property
    def is_over(self) -> bool:
        """Closed or cancelled."""
        return self.status in OVER

    @is_over.inplace.expression
    @classmethod
    def _is_over(cls) -> ColumnElement[bool]:
        # literals, as in the indexes of either
        return cls.status.in_(bindparam("over", OVER, expanding=True, literal_execute=True))

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the scopes `own` and `team`: work one of whose visits one sees; with `territory` also
        the work at its sites."""
        from app.models.scopes import in_my_territories
        from app.models.visits import Visit

        if viewer.sees_all:
            return true()
        mine = select(Visit.id).where(Visit.org_id == cls.org_id, Visit.work_order_id == cls.id)
        visited = exists(mine.where(Visit.visible_to(viewer)).correlate(cls))
        if not viewer.sees_territory:
            return visited
        there = select(Site.id).where(
            Site.org_id == cls.org_id, Site.id == cls.site_id, in_my_territories(Site, viewer)
        )
        return or_(visited, exists(there.correlate(cls)))
