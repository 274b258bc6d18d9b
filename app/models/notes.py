"""Notes hang on any record and are reached through it: who may see the record may see its notes."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Long, SoftDeleted, TenantModel, belongs_to, one_of


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

    __table_args__ = (
        belongs_to("author_id", "members"),
        one_of("entity", NoteOn),
        CheckConstraint("length(trim(body)) > 0", name="body"),
        Index("ix_notes_entity_id", "org_id", "entity_id", "created_at", "id"),
        Index("ix_notes_created_at", "org_id", "created_at", "id"),
    )
