"""`/api/v2/day-notes`: what whoever works on a day should know."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.day_notes import DayNote
from app.models.permissions import Permission
from app.services import day_notes
from app.services.context import Ctx
from app.services.day_notes import DayNoteDraft, DayNotePatch, DayNoteQuery

router = APIRouter(
    prefix="/api/v2/day-notes", tags=["dispatch"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.visits_read)]
Writer = Annotated[Ctx, allowed(Permission.dispatch_write)]


class DayNoteOut(Record):
    """A note of everybody's day, or of one technician's."""

    day: date
    technician_id: UUID | None
    body: str


@shows(DayNote)
async def show(ctx: Ctx, note_id: UUID) -> DayNoteOut:
    """The note as this caller sees it."""
    return DayNoteOut.model_validate(await ctx.get(DayNote, note_id))


@router.get(
    "", operation_id="list_day_notes", summary="List notes of days", responses=answers(400, 422)
)
async def list_day_notes(
    ctx: Reader, query: Annotated[DayNoteQuery, Query()], page: Pages
) -> PageOut[DayNoteOut]:
    """Notes of days; a technician reads everybody's and their own."""
    return await page(DayNote, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_day_note",
    summary="Write a note of a day",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_day_note(ctx: Writer, draft: DayNoteDraft) -> DayNoteOut:
    """Write what whoever works that day should know."""
    return await day_notes.create(ctx, draft)  # type: ignore[return-value]


@router.get(
    "/{id}", operation_id="get_day_note", summary="Get a note of a day", responses=answers(404, 422)
)
async def get_day_note(ctx: Reader, id: UUID) -> DayNoteOut:
    """One note."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_day_note",
    summary="Change a note of a day",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_day_note(
    ctx: Writer, id: UUID, patch: DayNotePatch, seen: SeenVersion
) -> DayNoteOut:
    """Write it anew."""
    return await day_notes.change(ctx, await ctx.get(DayNote, id, at=seen), patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_day_note",
    summary="Delete a note of a day",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_day_note(ctx: Writer, id: UUID) -> Response:
    """Take it away."""
    await day_notes.delete(ctx, await ctx.get(DayNote, id, lock=True))
    return Response(status_code=204)


tell(router, DayNote, Permission.visits_read)
