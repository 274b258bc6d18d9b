"""Files: what somebody sent us, and what it hangs on.

The row says what a file is; its content is an object beside the database (`core.objects`). A file is
reached through the records it is attached to: who sees one of them sees the file. Until it is
attached, only whoever sent it does.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    Text,
    and_,
    exists,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Short, SoftDeleted, TenantModel, Viewer, belongs_to, one_of
from app.models.customers import Customer
from app.models.employees import Employee
from app.models.equipment import Equipment
from app.models.invoices import Invoice
from app.models.members import Member
from app.models.notes import Note
from app.models.sites import Site
from app.models.technicians import Technician
from app.models.visits import Visit
from app.models.work_orders import WorkOrder


class Media(StrEnum):
    """The types we take. Each is what its content is, whatever its name or sender says."""

    jpeg = "image/jpeg"
    png = "image/png"
    webp = "image/webp"
    pdf = "application/pdf"
    text = "text/plain"
    csv = "text/csv"
    docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


PICTURES = (Media.jpeg, Media.png, Media.webp)


class Part(StrEnum):
    """The objects of one file."""

    content = "content"
    small = "small"
    large = "large"


class File(SoftDeleted, TenantModel):
    __tablename__ = "files"

    name: Mapped[str] = mapped_column(Short)
    media_type: Mapped[Media] = mapped_column(Text)
    length: Mapped[int]
    """Bytes."""
    sha256: Mapped[str] = mapped_column(Short)
    width: Mapped[int | None]
    """Pixels, of a picture."""
    height: Mapped[int | None]
    taken_at: Mapped[datetime | None]
    """When the camera says the picture was taken."""
    sent_by_id: Mapped[UUID | None]
    purged_at: Mapped[datetime | None]
    """When its content was taken out of the store."""

    sent_by: Mapped[Member | None] = relationship(
        primaryjoin="foreign(File.sent_by_id) == Member.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("sent_by_id", "members"),
        one_of("media_type", Media),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        CheckConstraint("length > 0", name="length"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("(width is null) = (height is null)", name="size"),
        Index("ix_files_created_at", "org_id", "created_at", "id"),
        Index("ix_files_sent_by_id", "org_id", "sent_by_id"),
        Index("ix_files_length", "org_id", "length", postgresql_where=text("purged_at is null")),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the scope `own`: what one sent, and what hangs on records one sees."""
        if viewer.sees_all:
            return true()
        hangs = select(Attachment.id).where(
            Attachment.org_id == cls.org_id,
            Attachment.file_id == cls.id,
            Attachment.deleted_at.is_(None),
            Attachment.visible_to(viewer),
        )
        return or_(cls.sent_by_id == viewer.user_id, exists(hangs.correlate(cls)))


class AttachedTo(StrEnum):
    customer = "customer"
    site = "site"
    work_order = "work_order"
    visit = "visit"
    invoice = "invoice"
    note = "note"
    technician = "technician"
    equipment = "equipment"
    employee = "employee"


class AttachmentKind(StrEnum):
    """What a file is for its record."""

    photo = "photo"
    document = "document"
    signature = "signature"
    other = "other"


RECORDS: dict[AttachedTo, type[TenantModel]] = {
    AttachedTo.customer: Customer,
    AttachedTo.site: Site,
    AttachedTo.work_order: WorkOrder,
    AttachedTo.visit: Visit,
    AttachedTo.invoice: Invoice,
    AttachedTo.note: Note,
    AttachedTo.technician: Technician,
    AttachedTo.equipment: Equipment,
    AttachedTo.employee: Employee,
}
"""What a file can hang on."""


class Attachment(SoftDeleted, TenantModel):
    """A file on a record."""

    __tablename__ = "attachments"

    file_id: Mapped[UUID]
    entity: Mapped[AttachedTo] = mapped_column(Text)
    entity_id: Mapped[UUID]
    kind: Mapped[AttachmentKind] = mapped_column(Text, default=AttachmentKind.other)
    caption: Mapped[str | None] = mapped_column(Short)
    customer_visible: Mapped[bool] = mapped_column(default=False)
    """Whether the customer is shown it, where customers are shown anything."""
    expires_on: Mapped[date | None]
    """The last day on which the document is valid: a licence, a contract, a warranty."""
    author_id: Mapped[UUID | None]

    file: Mapped[File] = relationship(
        primaryjoin="foreign(Attachment.file_id) == File.id", lazy="raise"
    )
    author: Mapped[Member | None] = relationship(
        primaryjoin="foreign(Attachment.author_id) == Member.id", lazy="raise"
    )

    __table_args__: Any = (
        belongs_to("file_id", "files"),
        belongs_to("author_id", "members"),
        one_of("entity", AttachedTo),
        one_of("kind", AttachmentKind),
        Index("ix_attachments_entity_id", "org_id", "entity_id", "created_at", "id"),
        Index("ix_attachments_created_at", "org_id", "created_at", "id"),
        Index("ix_attachments_author_id", "org_id", "author_id"),
        Index(
            "ix_attachments_expires_on",
            "org_id",
            "expires_on",
            "id",
            postgresql_where=text("expires_on is not null and deleted_at is null"),
        ),
        Index(
            "uq_attachments_current",
            "org_id",
            "file_id",
            "entity_id",
            unique=True,
            postgresql_where=text("deleted_at is null"),
        ),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """With the scope `own`: the attachments of records one sees."""
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
