"""Attachments: files on records. Reached through the record, and never more than it.

Only its author or the office (whose role sees all records) changes one. A file that was deleted is
on no record any more.
"""

from datetime import timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.errors import Conflict, Forbidden, NotFound, invalid_field
from app.core.listing import Column, Filter, ListQuery
from app.core.model import TenantModel
from app.models.files import AttachedTo, Attachment, AttachmentKind, File
from app.models.members import Member
from app.models.notes import Note
from app.models.visits import Visit
from app.services import files
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Day, Draft, Patch, ShortText
from app.services.work_orders.following import follow_record

SHOWN = (
    joinedload(Attachment.author),
    joinedload(Attachment.file).joinedload(File.sent_by),
)
"""What an output of an attachment needs loaded."""
INTERNAL = frozenset({AttachedTo.employee})
"""Kinds of record whose files no customer is shown."""
MOST = 500
ALIVE = exists(
    select(File.id)
    .where(
        File.org_id == Attachment.org_id, File.id == Attachment.file_id, File.deleted_at.is_(None)
    )
    .correlate(Attachment)
)
"""Its file is not deleted."""


class AttachmentDraft(Draft):
    """A file put on a record."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    file_id: UUID
    entity: AttachedTo
    entity_id: UUID
    kind: AttachmentKind = AttachmentKind.other
    caption: ShortText | None = None
    customer_visible: bool | None = Field(
        None,
        description="Whether the customer is shown it, where customers are shown anything. Null: as"
        " the organisation's flag `attachments_shown_to_customers` says.",
    )
    expires_on: Day | None = Field(None, description="The last day on which it is valid.")


class AttachmentPatch(Patch):
    """Changes to what is said of a file on a record."""

    kind: AttachmentKind = AttachmentKind.other
    caption: ShortText | None = None
    customer_visible: bool = False
    expires_on: Day | None = None


class AttachmentQuery(ListQuery):
    """The attachments of one record."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Attachment.created_at}

    entity: Annotated[AttachedTo, Filter(Attachment.entity)]
    entity_id: Annotated[UUID, Filter(Attachment.entity_id)]
    kind: Annotated[AttachmentKind | None, Filter(Attachment.kind)] = None
    customer_visible: Annotated[bool | None, Filter(Attachment.customer_visible)] = None


class ExpiringQuery(ListQuery):
    """The documents that expire soon, or have."""

    SORTS: ClassVar[dict[str, Column]] = {"expires_on": Attachment.expires_on}
    DEFAULT_SORT: ClassVar[str] = "expires_on"

    within_days: int = Field(60, ge=0, le=3660, description="From today on.")
    expired: bool | None = Field(
        None, description="Whether their last day is over; both kinds without it."
    )
    entity: Annotated[AttachedTo | None, Filter(Attachment.entity)] = None
    kind: Annotated[AttachmentKind | None, Filter(Attachment.kind)] = None


async def get(
    ctx: Ctx, id: UUID, *, at: int | None = None, lock: bool = False, deleted: bool = False
) -> Attachment:
    """An attachment, by way of its record. Raises `NotFound` when either is out of reach, `Stale`
    for another version than `at`."""
    hangs = select(Attachment.entity, Attachment.entity_id).where(Attachment.id == id)
    on = (await ctx.session.execute(hangs)).one_or_none()
    try:
        if on is not None:
            await files.record_of(ctx, AttachedTo(on.entity), on.entity_id)
    except (NotFound, Forbidden):
        raise NotFound("There is no such attachment.") from None
    attachment = await ctx.get(
        Attachment, id, at=at, lock=lock, deleted=deleted, options=SHOWN, reached=True
    )
    if attachment.file.deleted_at is not None and not deleted:
        raise NotFound("There is no such attachment.")
    return attachment


async def _record(ctx: Ctx, attachment: Attachment) -> TenantModel:
    return await files.record_of(ctx, AttachedTo(attachment.entity), attachment.entity_id)


async def expiring(ctx: Ctx, query: ExpiringQuery) -> list[ColumnElement[bool]]:
    """What narrows attachments to the documents that this asks for, on records that one may read."""
    today = clock.today((await ctx.organisation()).time_zone)
    conditions = [
        Attachment.expires_on <= today + timedelta(days=query.within_days),
        ALIVE,
        files.reached(ctx),
    ]
    if query.expired is not None:
        over = Attachment.expires_on < today
        conditions.append(over if query.expired else ~over)
    return conditions


async def add(ctx: Ctx, draft: AttachmentDraft) -> Attachment:
    """Put a file on a record. Raises `NotFound` for a record or file that is not there, `Forbidden`
    for a kind of record that the role does not read, `Conflict` when it is on it already."""
    record = await files.record_of(ctx, draft.entity, draft.entity_id, pointer="/entity_id")
    file = await files.get(ctx, draft.file_id, lock=True, pointer="/file_id")
    author = await ctx.get(Member, ctx.user_id) if ctx.user_id else None
    shown = draft.customer_visible
    if shown is None:
        asked = draft.entity not in INTERNAL
        shown = asked and (await ctx.flags()).attachments_shown_to_customers
    _refuse_showing(draft.entity, shown)
    given = draft.model_dump(exclude_none=True) | {"customer_visible": shown}
    attachment = await ctx.add(Attachment(author=author, file=file, **given))
    await _say(ctx, Fact.attachment_added, attachment, record)
    await follow_record(ctx, record)
    return attachment


async def change(ctx: Ctx, attachment: Attachment, patch: AttachmentPatch) -> Attachment:
    """Say something else of a file on a record. Raises `Forbidden` for somebody else's."""
    _refuse_others(ctx, attachment)
    _refuse_showing(AttachedTo(attachment.entity), patch.customer_visible)
    for name, value in patch.given().items():
        setattr(attachment, name, value)
    if fields := changed(attachment):
        said = ", ".join(field.replace("_", " ") for field in fields)
        await _say(ctx, Fact.attachment_changed, attachment, fields=said)
    return attachment


async def delete(ctx: Ctx, attachment: Attachment) -> None:
    """Take a file off its record; the file stays. Raises `Forbidden` for somebody else's."""
    _refuse_others(ctx, attachment)
    attachment.deleted_at = clock.now()
    await _say(ctx, Fact.attachment_deleted, attachment)


async def let_go(ctx: Ctx, record: TenantModel) -> None:
    """Take all files off a record that is deleted for good, and delete those that are on no other:
    nobody could reach them any more. What was taken off it before goes too."""
    of_record = ctx.select(Attachment, deleted=True).where(Attachment.entity_id == record.id)
    ordered = of_record.options(*SHOWN).order_by(Attachment.id).limit(MOST)
    some = (await ctx.session.scalars(ordered)).all()
    while some:
        for attachment in some:
            if attachment.deleted_at is None:
                attachment.deleted_at = clock.now()
                await _say(ctx, Fact.attachment_deleted, attachment, record)
        await ctx.session.flush()
        await files.delete_loose(ctx, {one.file_id for one in some})
        behind = ordered.where(Attachment.id > some[-1].id)
        some = (await ctx.session.scalars(behind)).all()


async def restore(ctx: Ctx, attachment: Attachment) -> Attachment:
    """Put a file back on its record. Raises `Forbidden` for somebody else's, `Conflict` when it was
    not taken off, or the file itself is deleted or on the record again."""
    _refuse_others(ctx, attachment)
    if attachment.deleted_at is None:
        raise Conflict("This attachment is not deleted.", code="not_deleted")
    if attachment.file.deleted_at is not None:
        raise Conflict("Its file is deleted. Restore that first.", code="deleted")
    attachment.deleted_at = None
    await _say(ctx, Fact.attachment_restored, attachment)
    return attachment


def _refuse_showing(entity: AttachedTo, shown: bool) -> None:
    if shown and entity in INTERNAL:
        raise invalid_field(
            "customer_visible", f"What is kept on an {entity} is never shown to a customer."
        )


def _refuse_others(ctx: Ctx, attachment: Attachment) -> None:
    if not ctx.sees_all and attachment.author_id != ctx.user_id:
        raise Forbidden(
            "Only its author or the office may change this attachment.", code="not_author"
        )


async def _say(
    ctx: Ctx,
    fact: Fact,
    attachment: Attachment,
    record: TenantModel | None = None,
    fields: str = "",
) -> None:
    """The fact stands in the record's timeline; a visit's also in its work order's, a note's also in
    that of the note's record."""
    record = record or await _record(ctx, attachment)
    above = None
    if isinstance(record, Visit):
        above = record.work_order_id
    elif isinstance(record, Note):
        above = record.entity_id
    name = attachment.caption or attachment.file.name
    await emit(ctx, fact, attachment, about=(record.id, above), name=name, fields=fields)
