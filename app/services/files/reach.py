"""Through which records a person reaches files: the same walls, scopes and rights as `get` of each."""

from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.core.model import TenantModel
from app.models import notes as note_models
from app.models.files import RECORDS, AttachedTo, Attachment, File
from app.models.notes import Note
from app.models.permissions import Permission
from app.services import notes
from app.services.context import Ctx
from app.services.notes import Reader

Kind = TypeVar("Kind")
READ = {
    AttachedTo.customer: Permission.customers_read,
    AttachedTo.site: Permission.sites_read,
    AttachedTo.work_order: Permission.work_orders_read,
    AttachedTo.visit: Permission.visits_read,
    AttachedTo.invoice: Permission.invoices_read,
    AttachedTo.note: Permission.notes_read,
    AttachedTo.technician: Permission.technicians_read,
    AttachedTo.equipment: Permission.equipment_read,
    AttachedTo.employee: Permission.employees_read,
}
"""Who may see a record's files: who may read the record."""


async def record_of(
    ctx: Ctx, entity: AttachedTo, entity_id: UUID, *, pointer: str | None = None
) -> TenantModel:
    """The record a file hangs on. Raises `Forbidden` for a kind that the role does not read,
    `NotFound` for a record that is not there."""
    ctx.require(READ[entity])
    record = await ctx.get(RECORDS[entity], entity_id, pointer=pointer)
    if isinstance(record, Note):
        await notes.record_of(
            ctx, note_models.NoteOn(record.entity), record.entity_id, pointer=pointer
        )
    return record


def attachments_read_by(who: Reader) -> ColumnElement[bool]:
    """The attachments of records that somebody may read, deleted ones too: what `get` asks."""
    return or_(
        false(),
        *(
            and_(Attachment.entity == entity, _readable(who, RECORDS[entity]))
            for entity, permission in READ.items()
            if who.may(permission)
        ),
    )


def _readable(who: Reader, model: type[TenantModel]) -> ColumnElement[bool]:
    found = select(model.id).where(
        model.org_id == Attachment.org_id, model.id == Attachment.entity_id, model.visible_to(who)
    )
    if model is Note:
        found = found.where(notes.read_by(who))
    return exists(found.correlate(Attachment))


def files_read_by(who: Reader) -> ColumnElement[bool]:
    """The files that somebody sent, or that hang on records which they may read."""
    hangs = select(Attachment.id).where(
        Attachment.org_id == File.org_id,
        Attachment.file_id == File.id,
        Attachment.deleted_at.is_(None),
        attachments_read_by(who),
    )
    mine = and_(File.sent_by_id.is_not(None), File.sent_by_id == who.user_id)
    return or_(mine, exists(hangs.correlate(File)))


def reached(ctx: Ctx) -> ColumnElement[bool]:
    """The attachments whose records `record_of` would answer with."""
    return or_(
        false(),
        *(
            and_(Attachment.entity == entity, _there(ctx, RECORDS[entity], Attachment.entity_id))
            for entity, permission in READ.items()
            if ctx.may(permission)
        ),
    )


async def hangs_in_reach(ctx: Ctx, file_id: UUID) -> bool:
    """Whether a file hangs on a record that `record_of` would answer with. Kind by kind: one statement
    for all of them takes the database long to plan, and each thumbnail asks."""
    rows = select(Attachment.entity, Attachment.entity_id).where(
        Attachment.file_id == file_id, Attachment.deleted_at.is_(None)
    )
    hangs = _by_kind(await ctx.session.execute(rows))
    on_notes = hangs.pop(AttachedTo.note, None)
    if on_notes and ctx.may(READ[AttachedTo.note]):
        seen = ctx.select(Note).where(Note.id.in_(on_notes))
        for on, ids in _by_kind(
            await ctx.session.execute(seen.with_only_columns(Note.entity, Note.entity_id))
        ).items():
            if await _one_is_there(
                ctx, notes.READ, note_models.RECORDS, note_models.NoteOn(on), ids
            ):
                return True
    for to, ids in hangs.items():
        if await _one_is_there(ctx, READ, RECORDS, AttachedTo(to), ids):
            return True
    return False


def _by_kind(rows: Iterable[Row[str, UUID]]) -> dict[str, set[UUID]]:
    found: dict[str, set[UUID]] = {}
    for entity, id in rows:
        found.setdefault(entity, set()).add(id)
    return found


async def _one_is_there(
    ctx: Ctx,
    needed: Mapping[Kind, Permission],
    records: Mapping[Kind, type[TenantModel]],
    kind: Kind,
    ids: Collection[UUID],
) -> bool:
    if not ctx.may(needed[kind]):
        return False
    model = records[kind]
    some = ctx.select(model).where(model.id.in_(ids)).with_only_columns(model.id).limit(1)
    return (await ctx.session.execute(some)).first() is not None


def _there(
    ctx: Ctx, model: type[TenantModel], id: InstrumentedAttribute[UUID]
) -> ColumnElement[bool]:
    found = ctx.select(model).where(model.id == id)
    if model is Note:
        found = found.where(
            or_(
                false(),
                *(
                    and_(Note.entity == on, _there(ctx, note_models.RECORDS[on], Note.entity_id))
                    for on, permission in notes.READ.items()
                    if ctx.may(permission)
                ),
            )
        )
    return exists(found.correlate(Note if id is Note.entity_id else Attachment))
