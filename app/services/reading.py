"""What one may read of a kind of record: what its scope reaches, and of what is reached only through
another record, what one may read of that.

Every look at records in bulk asks this: timelines, the journal, what is told live. So nobody is told of
a record that its own `GET` would refuse.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.model import TenantModel
from app.models import files as file_models
from app.models import notes as note_models
from app.models.files import Attachment, File
from app.models.notes import Note
from app.services import notes
from app.services.files import reach
from app.services.notes import Reader

THROUGH: dict[type[TenantModel], Callable[[Reader], ColumnElement[bool]]] = {
    Note: notes.read_by,
    Attachment: reach.attachments_read_by,
    File: reach.files_read_by,
}
"""The kinds whose `get` asks for more than permission and scope, and what it asks."""


def readable(model: type[TenantModel], who: Reader) -> ColumnElement[bool]:
    """The records of `model`, deleted ones too, that somebody may read who has its permission."""
    reached, through = model.visible_to(who), THROUGH.get(model)
    return reached if through is None else and_(reached, through(who))


async def readable_of(
    session: AsyncSession, model: type[TenantModel], ids: Collection[UUID], who: Reader
) -> set[UUID]:
    """Which of these records somebody may read: what `readable` says, for a handful.

    What hangs on records of every kind is asked in steps, first on what it hangs: all of that in one
    statement names thousands of tables for a narrow scope, and takes seconds to plan.
    """
    if not ids:
        return set()
    steps = {Note: _notes, Attachment: _attachments, File: _files}.get(model)
    if steps is None or who.sees_all:
        rows = select(model.id).where(model.id.in_(ids), readable(model, who))
        return set(await session.scalars(rows))
    return await steps(session, ids, who)


async def _notes(session: AsyncSession, ids: Collection[UUID], who: Reader) -> set[UUID]:
    rows = select(Note.id, Note.entity, Note.entity_id)
    return await _hanging(session, rows.where(Note.id.in_(ids), Note.meant_for(who)), who)


async def _attachments(session: AsyncSession, ids: Collection[UUID], who: Reader) -> set[UUID]:
    rows = select(Attachment.id, Attachment.entity, Attachment.entity_id)
    return await _hanging(session, rows.where(Attachment.id.in_(ids)), who)


async def _files(session: AsyncSession, ids: Collection[UUID], who: Reader) -> set[UUID]:
    sent = select(File.id).where(File.id.in_(ids), File.sent_by_id == who.user_id)
    rows = select(Attachment.file_id, Attachment.entity, Attachment.entity_id)
    hangs = rows.where(Attachment.file_id.in_(ids), Attachment.deleted_at.is_(None))
    return {*await session.scalars(sent), *await _hanging(session, hangs, who)}


async def _hanging(session: AsyncSession, rows: Select[UUID, Any, UUID], who: Reader) -> set[UUID]:
    """Of rows that say what hangs on which record: what hangs on one that may be read."""
    hangs: dict[str, dict[UUID, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    for id, entity, record in await session.execute(rows):
        hangs[entity][record].add(id)
    found: set[UUID] = set()
    for entity, on in hangs.items():
        needed, model = READ[entity]
        if who.may(needed):
            for record in await readable_of(session, model, on, who):
                found |= on[record]
    return found


READ = {
    **{str(on): (notes.READ[on], model) for on, model in note_models.RECORDS.items()},
    **{str(to): (reach.READ[to], model) for to, model in file_models.RECORDS.items()},
}
"""What one needs to read what hangs on a kind of record, and the kind."""
