"""Notes hang on any record and are reached through it: who may see the record may see its notes, as
far as they are meant for them (`Audience`).
"""

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


class Audience(StrEnum):
    """Who may see a note, of those who may see its record."""

    everyone = "everyone"
    office = "office"
    """Whose role reaches more than their own work."""
    author = "author"


class Note(SoftDeleted, TenantModel):
    __tablename__ = "notes"

    entity: Mapped[NoteOn] = mapped_column(Text)
    entity_id: Mapped[UUID]
    body: Mapped[str] = mapped_column(Long)
    audience: Mapped[Audience] = mapped_column(
        Text, default=Audience.everyone, server_default="everyone"
    )
    author_id: Mapped[UUID | None]

    author: Mapped[Member | None] = relationship(
        primaryjoin="foreign(Note.author_id) == Member.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("author_id", "members"),
        one_of("entity", NoteOn),
        one_of("audience", Audience),
        CheckConstraint("length(trim(body)) > 0", name="body"),
        Index("ix_notes_entity_id", "org_id", "entity_id", "created_at", "id"),
        Index("ix_notes_created_at", "org_id", "created_at", "id"),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """What is meant for the viewer; with a scope narrower than `all`, on records they see."""
        meant = cls.meant_for(viewer)
        if viewer.sees_all:
            return meant
        on_record = or_(
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
        return and_(meant, on_record)

    @classmethod
    def meant_for(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Its author sees a note always, the others as its audience says; the system sees all."""
        if viewer.user_id is None:
            return true()
        audiences = [Audience.everyone.value]
        if viewer.sees_all or viewer.sees_team or viewer.sees_territory:
            audiences.append(Audience.office.value)
        return or_(cls.audience.in_(audiences), cls.author_id == viewer.user_id)


RECORDS: dict[NoteOn, type[TenantModel]] = {
    NoteOn.customer: Customer,
    NoteOn.site: Site,
    NoteOn.work_order: WorkOrder,
    NoteOn.visit: Visit,
    NoteOn.invoice: Invoice,
}
"""What a note can hang on."""
