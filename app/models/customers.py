"""Customers: who is billed. A person or a business; a prospect is a stage, not another thing.

A customer may have a parent (a chain and its branches). Where the work happens is a site, and a
site outlives its customer (`sites.SiteParty`).
"""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, exists, or_, select, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.core.contacts import person_sort_name
from app.core.model import Long, Short, SoftDeleted, TenantModel, Viewer, belongs_to, one_of
from app.models.tagged import Tagged

if TYPE_CHECKING:
    from app.models.contacts import CustomerContact


class CustomerKind(StrEnum):
    person = "person"
    business = "business"


class CustomerStage(StrEnum):
    prospect = "prospect"
    active = "active"
    former = "former"


class Customer(Tagged, SoftDeleted, TenantModel):
    __tablename__ = "customers"

    kind: Mapped[CustomerKind] = mapped_column(Text, default=CustomerKind.person)
    stage: Mapped[CustomerStage] = mapped_column(Text, default=CustomerStage.active)
    name: Mapped[str] = mapped_column(Short)
    sort_name: Mapped[str]
    """`name` without accents and case; stored, because sorting by an expression uses no index."""
    email: Mapped[str | None] = mapped_column(Short)
    phone: Mapped[str | None] = mapped_column(Short)
    """E.164."""
    second_phone: Mapped[str | None] = mapped_column(Short)
    billing_street: Mapped[str | None] = mapped_column(Short)
    billing_city: Mapped[str | None] = mapped_column(Short)
    billing_region: Mapped[str | None] = mapped_column(Short)
    billing_postal_code: Mapped[str | None] = mapped_column(Short)
    payment_terms_days: Mapped[int | None]
    """None: the organisation's terms."""
    tax_exempt: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str | None] = mapped_column(Short)
    """Where they came from: referral, website, …"""
    notes: Mapped[str | None] = mapped_column(Long)
    external_key: Mapped[str | None] = mapped_column(Short)
    """Their key in another system; imports find them again by it."""
    parent_id: Mapped[UUID | None]
    credit_held_at: Mapped[datetime | None]
    """On credit hold since; booking is refused (`services.visits.gating`)."""
    credit_held_by_id: Mapped[UUID | None]
    credit_hold_reason: Mapped[str | None] = mapped_column(Short)
    service_stopped_at: Mapped[datetime | None]
    """Not to be served since."""
    service_stopped_by_id: Mapped[UUID | None]
    service_stop_reason: Mapped[str | None] = mapped_column(Short)
    unclaimed: Mapped[bool] = mapped_column(server_default=text("true"))
    """Whether they may have neither work nor a site; kept by triggers, in no version and no journal."""

    contact_links: Mapped[list["CustomerContact"]] = relationship(
        primaryjoin="Customer.id == foreign(CustomerContact.customer_id)",
        order_by="(CustomerContact.is_primary.desc(), CustomerContact.created_at, CustomerContact.id)",
        lazy="raise",
        viewonly=True,
    )

    __table_args__ = (
        belongs_to("parent_id", "customers"),
        belongs_to("credit_held_by_id", "members"),
        belongs_to("service_stopped_by_id", "members"),
        CheckConstraint(
            "(credit_held_at is null) = (credit_hold_reason is null)", name="credit_hold"
        ),
        CheckConstraint(
            "(service_stopped_at is null) = (service_stop_reason is null)", name="service_stop"
        ),
        one_of("kind", CustomerKind),
        one_of("stage", CustomerStage),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        CheckConstraint("payment_terms_days between 0 and 365", name="payment_terms_days"),
        CheckConstraint("parent_id <> id", name="parent"),
        Index("uq_customers_external_key", "org_id", "external_key", unique=True),
        Index("ix_customers_sort_name", "org_id", "sort_name", "id"),
        Index("ix_customers_created_at", "org_id", "created_at", "id"),
        Index("ix_customers_unclaimed", "org_id", "id", postgresql_where=text("unclaimed")),
        Index("ix_customers_kind", "org_id", "kind", "created_at", "id"),
        Index("ix_customers_stage", "org_id", "stage", "created_at", "id"),
        Index("ix_customers_kind_name", "org_id", "kind", "sort_name", "id"),
        Index("ix_customers_stage_name", "org_id", "stage", "sort_name", "id"),
        Index("ix_customers_phone", "org_id", "phone"),
        Index("ix_customers_second_phone", "org_id", "second_phone"),
        Index("ix_customers_email", "org_id", "email"),
        Index("ix_customers_parent_id", "org_id", "parent_id"),
        Index(
            "ix_customers_credit_held_at",
            "org_id",
            "credit_held_at",
            postgresql_where=text("credit_held_at is not null"),
        ),
        Index(
            "ix_customers_service_stopped_at",
            "org_id",
            "service_stopped_at",
            postgresql_where=text("service_stopped_at is not null"),
        ),
    )

    @validates("name")
    def _keep_sort_name(self, _: str, name: str) -> str:
        self.sort_name = person_sort_name(name)
        return name

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With every scope but `all`: the customers of work and sites one sees; with `territory` also
        those who have neither yet, because nobody's territory claims them."""
        from app.models.sites import Site, SiteParty
        from app.models.work_orders import WorkOrder

        if viewer.sees_all:
            return true()
        billed = select(WorkOrder.id).where(
            WorkOrder.org_id == cls.org_id, WorkOrder.customer_id == cls.id
        )
        party = select(SiteParty.id).join(
            Site, (Site.org_id == SiteParty.org_id) & (Site.id == SiteParty.site_id)
        )
        seen = or_(
            exists(billed.where(WorkOrder.visible_to(viewer)).correlate(cls)),
            exists(
                party.where(
                    SiteParty.org_id == cls.org_id,
                    SiteParty.customer_id == cls.id,
                    Site.visible_to(viewer),
                ).correlate(cls)
            ),
        )
        if not viewer.sees_territory:
            return seen
        sited = select(SiteParty.id).where(
            SiteParty.org_id == cls.org_id, SiteParty.customer_id == cls.id
        )
        return or_(seen, ~exists(billed.correlate(cls)) & ~exists(sited.correlate(cls)))
