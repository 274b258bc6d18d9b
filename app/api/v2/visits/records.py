"""Visits as records: list, add, get, change, delete, restore."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.api.deps import SeenVersion
from app.api.lists import Pages
from app.api.outputs import PageOut
from app.api.problems import answers
from app.api.v2.stories import tell
from app.api.v2.visits.outputs import VisitOut, show, shown
from app.api.v2.visits.routing import Reader, Writer, router
from app.models.permissions import Permission
from app.models.visits import Visit
from app.services.visits import drafts
from app.services.visits.drafts import VisitDraft, VisitPatch
from app.services.visits.lists import VisitQuery
from app.services.visits.taking import WHOLE, take


@router.get("", operation_id="list_visits", summary="List visits", responses=answers(400, 422))
async def list_visits(
    ctx: Reader, query: Annotated[VisitQuery, Query()], page: Pages
) -> PageOut[VisitOut]:
    """Visits you may see; a technician sees their own."""
    found = await page(Visit, query, options=WHOLE)
    return PageOut(
        data=await shown(ctx, found.data),
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.post(
    "",
    operation_id="create_visit",
    summary="Add a visit to a work order",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_visit(ctx: Writer, draft: VisitDraft) -> VisitOut:
    """Add an unscheduled visit. A window is promised at once unless `promised` is false."""
    visit = await drafts.create(ctx, draft)
    return await show(ctx, visit.id)


@router.get("/{id}", operation_id="get_visit", summary="Get a visit", responses=answers(404, 422))
async def get_visit(ctx: Reader, id: UUID) -> VisitOut:
    """One visit."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_visit",
    summary="Change a visit",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_visit(ctx: Writer, id: UUID, patch: VisitPatch, seen: SeenVersion) -> VisitOut:
    """Change instructions, and the duration while it is not planned. Window: `promise`; time and
    crew: `schedule`."""
    await drafts.change(ctx, await take(ctx, id, at=seen), patch)
    return await show(ctx, id)


@router.delete(
    "/{id}",
    operation_id="delete_visit",
    summary="Delete a visit",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_visit(ctx: Writer, id: UUID) -> Response:
    """Delete a visit that nobody was told of or put on; any other is cancelled."""
    await drafts.delete(ctx, await take(ctx, id))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_visit",
    summary="Restore a deleted visit",
    responses=answers(400, 404, 409, 422),
)
async def restore_visit(ctx: Writer, id: UUID) -> VisitOut:
    """Bring a deleted visit back."""
    await drafts.restore(ctx, await take(ctx, id, deleted=True))
    return await show(ctx, id)


tell(router, Visit, Permission.visits_read)
