"""Notes hang on any record and are reached through it: who may see the record may see its notes."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, and_, exists, or_, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Long, SoftDeleted, TenantModel, Viewer, belongs_to, one_of
from app.models.customers import Customer
from app.models.invoices import Invoice
from app.models.members import Member
from app.models.sites import Site
from app.models.visits import Visit
from app.models.work_orders import WorkOrder


class NoteOn(StrEnum):
    customer = "customer"
    site = "site"
    work_order = "work_order"
    visit = "visit"
    invoice = "invoice"


class Note(SoftDeleted, TenantModel):
    __tablename__ = "notes"

    entity: Mapped[NoteOn] = mapped_column(Text)
    entity_id: Mapped[UUID]
    body: Mapped[str] = mapped_column(Long)
    author_id: Mapped[UUID | None]

    author: Mapped[Member | None] = relationship(
        primaryjoin="foreign(Note.author_id) == Member.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("author_id", "members"),
        one_of("entity", NoteOn),
        CheckConstraint("length(trim(body)) > 0", name="body"),
        Index("ix_notes_entity_id", "org_id", "entity_id", "created_at", "id"),
        Index("ix_notes_created_at", "org_id", "created_at", "id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the scope `own`: the notes on records one sees."""
        if viewer.sees_all:
            return true()
        return or_(
            *(
                and_(
                    cls.entity == entity,
                    exists(
                        select(model.id)
                        .where(
                            model.org_id == cls.org_id,
                            model.id == cls.entity_id,
                            model.visible_to(viewer),
                        )
                        .correlate(cls)
                    ),
                )
                for entity, model in RECORDS.items()
            )
        )


RECORDS: dict[NoteOn, type[TenantModel]] = {
    NoteOn.customer: Customer,
    NoteOn.site: Site,
    NoteOn.work_order: WorkOrder,
    NoteOn.visit: Visit,
    NoteOn.invoice: Invoice,
}
"""What a note can hang on."""
