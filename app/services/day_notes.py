"""Notes of days: verbs."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from app.core import wall
from app.core.errors import Conflict
from app.core.listing import Column, Filter, ListQuery
from app.models.day_notes import DayNote
from app.models.technicians import Technician
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Day, Draft, Patch

Body = Annotated[str, Field(min_length=1, max_length=2000)]
MOST = 50
"""Notes of one day."""
EXCERPT = 80


class DayNoteDraft(Draft):
    """A note of a day: of everybody's, or of one technician's."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    day: Day
    technician_id: UUID | None = Field(None, description="Silence: it is about everybody's day.")
    body: Body


class DayNotePatch(Patch):
    """Another text."""

    body: Body = ""


class DayNoteQuery(ListQuery):
    """Filters and sorts of the notes of days."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": DayNote.created_at, "day": DayNote.day}

    day_from: Annotated[Day | None, Filter(DayNote.day, "gte")] = None
    day_before: Annotated[Day | None, Filter(DayNote.day, "lt")] = None
    technician_id: Annotated[UUID | None, Filter(DayNote.technician_id)] = None


async def create(ctx: Ctx, draft: DayNoteDraft) -> DayNote:
    """Write a note. Raises `NotFound` for a technician who is not there, `Conflict` when the day has
    as many as anybody reads."""
    if draft.technician_id is not None:
        await ctx.get(Technician, draft.technician_id, pointer="/technician_id")
    there = select(func.count()).select_from(DayNote).where(DayNote.day == draft.day)
    if (await ctx.session.scalar(there) or 0) >= MOST:
        raise Conflict(
            f"{wall.spoken_day(draft.day)} has {MOST} notes already. Delete one first.",
            code="too_many",
        )
    note = DayNote(**draft.model_dump(exclude_none=True))
    await ctx.add(note)
    await _tell(ctx, Fact.day_note_added, note)
    return note


async def change(ctx: Ctx, note: DayNote, patch: DayNotePatch) -> DayNote:
    """Write it anew."""
    note.body = patch.body
    if changed(note):
        await _tell(ctx, Fact.day_note_changed, note)
    return note


async def delete(ctx: Ctx, note: DayNote) -> None:
    """Take it away."""
    await _tell(ctx, Fact.day_note_deleted, note)
    await ctx.session.delete(note)


async def _tell(ctx: Ctx, fact: Fact, note: DayNote, **data: Any) -> None:
    excerpt = note.body if len(note.body) <= EXCERPT else f"{note.body[: EXCERPT - 1]}…"
    about = (note.technician_id,)
    await emit(ctx, fact, note, about=about, day=wall.spoken_day(note.day), excerpt=excerpt, **data)
