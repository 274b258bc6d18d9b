"""Contacts: the people one talks to. A contact belongs to any number of customers, in several roles.

Whom we bill is the customer; a contact is called, written to and met at the door. For each kind of
notice a contact says by which channels it should come; none is an answer too.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    Text,
    exists,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.core.contacts import person_sort_name
from app.core.model import Long, Short, SoftDeleted, TenantModel, Viewer, WithParts, belongs_to
from app.models.customers import Customer
from app.models.tagged import Tagged


class ContactRole(StrEnum):
    billing = "billing"
    site_contact = "site_contact"
    owner = "owner"
    tenant = "tenant"
    manager = "manager"
    emergency = "emergency"
    other = "other"


class Channel(StrEnum):
    email = "email"
    sms = "sms"


NOTICES = ("appointments", "on_the_way", "invoices", "quotes", "marketing")
"""The kinds of notices one is asked about; each is a column `notify_…`."""


def _some_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} <@ array[{listed}]", name=column)


def _channels() -> Any:
    return mapped_column(ARRAY(Text()), server_default="{}")


class Contact(WithParts, Tagged, SoftDeleted, TenantModel):
    __tablename__ = "contacts"

    name: Mapped[str] = mapped_column(Short)
    sort_name: Mapped[str]
    title: Mapped[str | None] = mapped_column(Short)
    """What they are there: bookkeeper, caretaker."""
    email: Mapped[str | None] = mapped_column(Short)
    phone: Mapped[str | None] = mapped_column(Short)
    """E.164."""
    mobile: Mapped[str | None] = mapped_column(Short)
    """E.164; text messages go here, or to `phone` where there is none."""
    notes: Mapped[str | None] = mapped_column(Long)
    external_key: Mapped[str | None] = mapped_column(Short)
    """Its key in another system; imports find it again by it."""
    notify_appointments: Mapped[list[str]] = _channels()
    notify_on_the_way: Mapped[list[str]] = _channels()
    notify_invoices: Mapped[list[str]] = _channels()
    notify_quotes: Mapped[list[str]] = _channels()
    notify_marketing: Mapped[list[str]] = _channels()

    links: Mapped[list["CustomerContact"]] = relationship(
        primaryjoin="Contact.id == foreign(CustomerContact.contact_id)",
        order_by="(CustomerContact.created_at, CustomerContact.id)",
        lazy="raise",
        viewonly=True,
    )

    __table_args__ = (
        CheckConstraint("length(trim(name)) > 0", name="name"),
        *(_some_of(f"notify_{notice}", Channel) for notice in NOTICES),
        Index("ix_contacts_sort_name", "org_id", "sort_name", "id"),
        Index("uq_contacts_external_key", "org_id", "external_key", unique=True),
        Index("ix_contacts_created_at", "org_id", "created_at", "id"),
        Index("ix_contacts_phone", "org_id", "phone"),
        Index("ix_contacts_mobile", "org_id", "mobile"),
        Index("ix_contacts_email", "org_id", "email"),
    )

    @validates("name")
    def _keep_sort_name(self, _: str, name: str) -> str:
        self.sort_name = person_sort_name(name)
        return name

    @property
    def notifications(self) -> dict[str, Sequence[str]]:
        """The channels of each kind of notice."""
        return {notice: getattr(self, f"notify_{notice}") for notice in NOTICES}

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the scope `own`: the contacts of customers one sees."""
        if viewer.sees_all:
            return true()
        link = select(CustomerContact.id).where(
            CustomerContact.org_id == cls.org_id, CustomerContact.contact_id == cls.id
        )
        return exists(link.where(CustomerContact.visible_to(viewer)).correlate(cls))


class CustomerContact(TenantModel):
    """What a contact is for a customer."""

    __tablename__ = "customer_contacts"

    customer_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    is_primary: Mapped[bool] = mapped_column(default=False)
    """Whom to call first; one contact of a customer at most."""

    customer: Mapped[Customer] = relationship(
        primaryjoin="foreign(CustomerContact.customer_id) == Customer.id",
        lazy="raise",
        viewonly=True,
    )
    contact: Mapped[Contact] = relationship(
        primaryjoin="foreign(CustomerContact.contact_id) == Contact.id",
        lazy="raise",
        viewonly=True,
    )

    __table_args__ = (
        belongs_to("customer_id", "customers"),
        belongs_to("contact_id", "contacts"),
        _some_of("roles", ContactRole),
        CheckConstraint("cardinality(roles) between 1 and 7", name="some_role"),
        Index("uq_customer_contacts_once", "org_id", "customer_id", "contact_id", unique=True),
        Index(
            "uq_customer_contacts_primary",
            "org_id",
            "customer_id",
            unique=True,
            postgresql_where=text("is_primary"),
        ),
        Index("ix_customer_contacts_contact_id", "org_id", "contact_id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Where one sees the customer."""
        customer = select(Customer.id).where(
            Customer.org_id == cls.org_id,
            Customer.id == cls.customer_id,
            Customer.deleted_at.is_(None),
        )
        return exists(customer.where(Customer.visible_to(viewer)).correlate(cls))
