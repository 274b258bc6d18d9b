"""Tags: an organisation's own words for its records, with a colour; each kind of record has its own.

A tag hangs on a record through `Tagging` and is reached through the record.
"""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, and_, exists, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.core.contacts import person_sort_name
from app.core.model import Short, SoftDeleted, TenantModel, Viewer, belongs_to, one_of
from app.models.contacts import Contact
from app.models.customers import Customer
from app.models.equipment import Equipment
from app.models.sites import Site
from app.models.work_orders import WorkOrder


class TagOn(StrEnum):
    customer = "customer"
    contact = "contact"
    site = "site"
    equipment = "equipment"
    work_order = "work_order"


RECORDS: Mapping[TagOn, type[Customer | Contact | Site | Equipment | WorkOrder]] = {
    TagOn.customer: Customer,
    TagOn.contact: Contact,
    TagOn.site: Site,
    TagOn.equipment: Equipment,
    TagOn.work_order: WorkOrder,
}
"""What can be tagged."""


class Tag(SoftDeleted, TenantModel):
    __tablename__ = "tags"

    entity: Mapped[TagOn] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Short)
    sort_name: Mapped[str]
    color: Mapped[str] = mapped_column(Short)
    """`#rrggbb`."""
    merged_into_id: Mapped[UUID | None]
    """The tag that took its place."""

    __table_args__ = (
        belongs_to("merged_into_id", "tags"),
        one_of("entity", TagOn),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        CheckConstraint("color ~ '^#[0-9a-f]{6}$'", name="color"),
        Index(
            "uq_tags_name",
            "org_id",
            "entity",
            "sort_name",
            unique=True,
            postgresql_where=text("deleted_at is null"),
        ),
        Index("ix_tags_created_at", "org_id", "created_at", "id"),
        Index("ix_tags_sort_name", "org_id", "sort_name", "id"),
    )

    @validates("name")
    def _keep_sort_name(self, _: str, name: str) -> str:
        self.sort_name = person_sort_name(name)
        return name


class Tagging(TenantModel):
    """A tag on a record."""

    __tablename__ = "taggings"

    tag_id: Mapped[UUID]
    entity: Mapped[TagOn] = mapped_column(Text)
    entity_id: Mapped[UUID]

    tag: Mapped[Tag] = relationship(
        primaryjoin="foreign(Tagging.tag_id) == Tag.id", lazy="raise", viewonly=True
    )

    __table_args__ = (
        belongs_to("tag_id", "tags"),
        one_of("entity", TagOn),
        Index("uq_taggings_once", "org_id", "tag_id", "entity_id", unique=True),
        Index("ix_taggings_entity_id", "org_id", "entity_id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """On records that are there and that one sees."""
        return or_(
            *(
                and_(
                    cls.entity == entity,
                    exists(
                        select(model.id)
                        .where(
                            model.org_id == cls.org_id,
                            model.id == cls.entity_id,
                            model.deleted_at.is_(None),
                            model.visible_to(viewer),
                        )
                        .correlate(cls)
                    ),
                )
                for entity, model in RECORDS.items()
            )
        )
