"""`/api/v2/notes`: what people wrote on records."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import ActorOut, tell
from app.models.notes import Audience, Note, NoteOn
from app.models.permissions import Permission
from app.services import notes
from app.services.context import Ctx
from app.services.notes import SHOWN, NoteDraft, NotePatch, NoteQuery

router = APIRouter(
    prefix="/api/v2/notes", tags=["notes"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.notes_read)]
Writer = Annotated[Ctx, allowed(Permission.notes_write)]


class NoteOut(Record):
    """A note on a record."""

    entity: NoteOn
    entity_id: UUID
    body: str
    audience: Audience
    author: ActorOut | None
    deleted_at: Instant | None


@shows(Note)
async def show(ctx: Ctx, note_id: UUID) -> NoteOut:
    """The note as this caller sees it."""
    return NoteOut.model_validate(await notes.get(ctx, note_id))


@router.get(
    "", operation_id="list_notes", summary="List a record's notes", responses=answers(400, 404, 422)
)
async def list_notes(
    ctx: Reader, query: Annotated[NoteQuery, Query()], page: Pages
) -> PageOut[NoteOut]:
    """The notes of one record that you may see."""
    await notes.record_of(ctx, query.entity, query.entity_id, pointer="?entity_id")
    return await page(Note, query, options=SHOWN)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_note",
    summary="Write a note",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_note(ctx: Writer, draft: NoteDraft) -> NoteOut:
    """Write a note on a customer, site, work order, visit or invoice."""
    return await notes.add(ctx, draft)  # type: ignore[return-value]


@router.get("/{id}", operation_id="get_note", summary="Get a note", responses=answers(404, 422))
async def get_note(ctx: Reader, id: UUID) -> NoteOut:
    """One note, for whoever may see its record."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_note",
    summary="Change a note",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_note(ctx: Writer, id: UUID, patch: NotePatch, seen: SeenVersion) -> NoteOut:
    """Word your note differently; the office may word anybody's."""
    return await notes.change(ctx, await notes.get(ctx, id, at=seen), patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_note",
    summary="Delete a note",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_note(ctx: Writer, id: UUID) -> Response:
    """Take a note out of sight; `restore` brings it back."""
    await notes.delete(ctx, await notes.get(ctx, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_note",
    summary="Restore a deleted note",
    responses=answers(404, 409, 422),
)
async def restore_note(ctx: Writer, id: UUID) -> NoteOut:
    """Bring a deleted note back."""
    note = await notes.get(ctx, id, lock=True, deleted=True)
    return await notes.restore(ctx, note)  # type: ignore[return-value]


async def _find(ctx: Reader, id: UUID) -> Note:
    return await notes.get(ctx, id, deleted=True)


tell(router, Note, Permission.notes_read, find=_find)
