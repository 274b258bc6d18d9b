"""`/api/v2/saved-views`: filters, sorts and columns under a name; `?view=<id>` on the list uses one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import MaybeSeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.listed import AllLists
from app.api.lists import Pages
from app.api.outputs import Instant, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.permissions import Permission
from app.models.saved_views import SavedView, Sharing
from app.services.context import Ctx
from app.services.finding import views
from app.services.finding.views import Columns, SavedViewDraft, SavedViewPatch, SavedViewQuery

router = APIRouter(
    prefix="/api/v2/saved-views", tags=["finding"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.saved_views_read)]
Writer = Annotated[Ctx, allowed(Permission.saved_views_write)]


class SavedViewOut(Record):
    """A view of a list."""

    list: str
    name: str
    filter: dict[str, Any] | None
    sort: str | None
    columns: Columns | None
    shared: Sharing
    role_id: UUID | None
    owner_id: UUID
    deleted_at: Instant | None


@shows(SavedView)
async def show(ctx: Ctx, view_id: UUID) -> SavedViewOut:
    """The view as this caller sees it."""
    return SavedViewOut.model_validate(await ctx.get(SavedView, view_id))


@router.get(
    "",
    operation_id="list_saved_views",
    summary="List saved views",
    responses=answers(400, 404, 422),
)
async def list_saved_views(
    ctx: Reader, query: Annotated[SavedViewQuery, Query()], page: Pages
) -> PageOut[SavedViewOut]:
    """Your own views and those that are shared with you, by name."""
    return await page(SavedView, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_saved_view",
    summary="Save a view",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_saved_view(ctx: Writer, draft: SavedViewDraft, lists: AllLists) -> SavedViewOut:
    """Save a filter, a sort and columns of a list. It is yours alone unless you share it."""
    return await views.create(ctx, draft, lists)  # type: ignore[return-value]


@router.get(
    "/{id}",
    operation_id="get_saved_view",
    summary="Get a saved view",
    responses=answers(404, 422),
)
async def get_saved_view(ctx: Reader, id: UUID) -> SavedViewOut:
    """One view that you see."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_saved_view",
    summary="Change a saved view",
    responses=answers(400, 404, 409, 412, 422),
)
async def change_saved_view(
    ctx: Writer, id: UUID, patch: SavedViewPatch, version: MaybeSeenVersion, lists: AllLists
) -> SavedViewOut:
    """Change a view of your own; its list stays. Somebody else's is copied, not changed."""
    view = await ctx.get(SavedView, id, at=version, lock=True)
    await views.change(ctx, view, patch, lists)
    await ctx.session.flush()
    return await show(ctx, id)


@router.delete(
    "/{id}",
    operation_id="delete_saved_view",
    summary="Delete a saved view",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_saved_view(ctx: Writer, id: UUID) -> Response:
    """Take a view of your own away; `restore` brings it back."""
    await views.delete(ctx, await ctx.get(SavedView, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_saved_view",
    summary="Restore a deleted view",
    responses=answers(404, 409, 422),
)
async def restore_saved_view(ctx: Writer, id: UUID) -> SavedViewOut:
    """Bring a view of your own back."""
    return await views.restore(ctx, await ctx.get(SavedView, id, lock=True, deleted=True))  # type: ignore[return-value]


tell(router, SavedView, Permission.saved_views_read)
