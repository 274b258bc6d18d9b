"""Notes: what somebody wrote on a record. Reached through the record, and never more than it.

Only its author or the office (whose role sees all records) changes a note.
"""

from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.core.model import TenantModel, Viewer
from app.models.members import Member
from app.models.notes import RECORDS, Audience, Note, NoteOn
from app.models.permissions import Permission
from app.models.visits import Visit
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Draft, LongText, Moment, Patch
from app.services.work_orders.following import follow_record

READ = {
    NoteOn.customer: Permission.customers_read,
    NoteOn.site: Permission.sites_read,
    NoteOn.work_order: Permission.work_orders_read,
    NoteOn.visit: Permission.visits_read,
    NoteOn.invoice: Permission.invoices_read,
}
"""Who may read a record's notes: who may read the record."""
EXCERPT = 120
"""Letters of a note that its fact quotes."""
SHOWN = (joinedload(Note.author),)
"""What an output of a note needs loaded."""


class Reader(Viewer, Protocol):
    """Who is looking, and what the role lets them read."""

    def may(self, permission: Permission) -> bool: ...


class NoteDraft(Draft):
    """A new note on a record."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    entity: NoteOn
    entity_id: UUID
    body: LongText
    audience: Audience = Field(
        Audience.everyone,
        description="Of those who may see the record: everyone, the office, or only yourself.",
    )


class NotePatch(Patch):
    """Another wording, or another audience."""

    body: LongText = ""
    audience: Audience = Audience.everyone


class NoteQuery(ListQuery):
    """The notes of one record."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Note.created_at}
    FILTERS: ClassVar[Fields | None] = filterable(
        Note.id,
        Note.created_at,
        Note.updated_at,
        Note.body,
        Note.deleted_at,
    )

    entity: Annotated[NoteOn, Filter(Note.entity)]
    entity_id: Annotated[UUID, Filter(Note.entity_id)]
    author_id: Annotated[UUID | None, Filter(Note.author_id)] = None
    audience: Annotated[Audience | None, Filter(Note.audience)] = None
    created_from: Annotated[Moment | None, Filter(Note.created_at, "gte")] = None
    created_before: Annotated[Moment | None, Filter(Note.created_at, "lt")] = None


async def record_of(
    ctx: Ctx, entity: NoteOn, entity_id: UUID, *, pointer: str | None = None
) -> TenantModel:
    """The record a note hangs on. Raises `Forbidden` for a kind that the role does not read,
    `NotFound` for a record that is not there."""
    ctx.require(READ[entity])
    return await ctx.get(RECORDS[entity], entity_id, pointer=pointer)


def read_by(who: Reader) -> ColumnElement[bool]:
    """The notes on kinds of record that the role reads: beside the scope, what `get` asks."""
    kinds = [on for on, needed in READ.items() if who.may(needed)]
    return true() if len(kinds) == len(READ) else Note.entity.in_(kinds)


async def get(
    ctx: Ctx, id: UUID, *, at: int | None = None, lock: bool = False, deleted: bool = False
) -> Note:
    """A note, by way of its record. Raises `NotFound` when either is out of reach, `Stale` for
    another version than `at`."""
    note = await ctx.get(Note, id, at=at, lock=lock, deleted=deleted, options=SHOWN)
    try:
        await record_of(ctx, NoteOn(note.entity), note.entity_id)
    except (NotFound, Forbidden):
        raise NotFound("There is no such note.") from None
    return note


async def add(ctx: Ctx, draft: NoteDraft) -> Note:
    """Write a note. Raises `NotFound` for a record that is not there, `Forbidden` for a kind that
    the role does not read."""
    record = await record_of(ctx, draft.entity, draft.entity_id, pointer="/entity_id")
    author = await ctx.get(Member, ctx.user_id) if ctx.user_id else None
    note = await ctx.add(Note(author=author, **draft.model_dump(exclude_none=True)))
    await _say(ctx, Fact.note_added, note, record)
    await follow_record(ctx, record)
    return note


async def change(ctx: Ctx, note: Note, patch: NotePatch) -> Note:
    """Word a note differently. Raises `Forbidden` for somebody else's."""
    _refuse_others(ctx, note)
    for name, value in patch.given().items():
        setattr(note, name, value)
    if changed(note):
        await _say(ctx, Fact.note_changed, note)
    return note


async def delete(ctx: Ctx, note: Note) -> None:
    """Take a note out of sight. Raises `Forbidden` for somebody else's."""
    _refuse_others(ctx, note)
    note.deleted_at = clock.now()
    await _say(ctx, Fact.note_deleted, note)


async def restore(ctx: Ctx, note: Note) -> Note:
    """Bring a deleted note back. Raises `Forbidden` for somebody else's, `Conflict` when it is not
    deleted."""
    _refuse_others(ctx, note)
    if note.deleted_at is None:
        raise Conflict("This note is not deleted.", code="not_deleted")
    note.deleted_at = None
    await _say(ctx, Fact.note_restored, note)
    return note


def _refuse_others(ctx: Ctx, note: Note) -> None:
    if not ctx.sees_all and note.author_id != ctx.user_id:
        raise Forbidden("Only its author or the office may change this note.", code="not_author")


async def _say(ctx: Ctx, fact: Fact, note: Note, record: TenantModel | None = None) -> None:
    """The fact stands in the record's timeline; a visit's also in its work order's."""
    if record is None:
        record = await ctx.get(RECORDS[NoteOn(note.entity)], note.entity_id)
    folder = record.work_order_id if isinstance(record, Visit) else None
    words = " ".join(note.body.split())
    excerpt = words if len(words) <= EXCERPT else f"{words[: EXCERPT - 1]}…"
    await emit(ctx, fact, note, about=(record.id, folder), excerpt=excerpt)
