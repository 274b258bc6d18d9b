"""`/api/v2/bulk`: one verb for many records, its progress, what was refused, and taking it back."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from app.api.deps import allowed
from app.api.edge import Edge, shows
from app.api.listed import AllLists
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut, Record
from app.api.problems import answers
from app.models.bulk import BulkAction, BulkOutcome, BulkRow, BulkStatus
from app.models.permissions import Permission
from app.services import bulk
from app.services.bulk import BulkDraft, BulkQuery, BulkRowQuery
from app.services.context import Ctx

router = APIRouter(
    prefix="/api/v2/bulk", tags=["finding"], route_class=Edge, responses=answers(401, 403)
)
previews = APIRouter(
    prefix="/api/v2/bulk-preview", tags=["finding"], route_class=Edge, responses=answers(401, 403)
)
Writer = Annotated[Ctx, allowed(Permission.bulk_write)]
SHOWN = 20


class BulkOut(Record):
    """A bulk action and how far it is: `rows_done` of `rows`."""

    list: str
    action: str
    params: dict[str, Any]
    status: BulkStatus
    rows: int
    rows_done: int
    rows_changed: int = Field(description="Changed, and not taken back or kept by an undo.")
    rows_unchanged: int
    rows_refused: int
    rows_restored: int
    rows_kept: int
    cancel_asked: bool
    failure: str | None
    asked_by_id: UUID | None
    started_at: Instant | None
    finished_at: Instant | None


class BulkRowOut(Out):
    """What became of one record."""

    position: int
    record_id: UUID
    outcome: BulkOutcome
    code: str | None
    reason: str | None


class BulkPreviewOut(Out):
    """What a bulk action would be done to."""

    rows: int
    record_ids: list[UUID] = Field(description=f"The first {SHOWN}.")


@shows(BulkAction)
async def show(ctx: Ctx, bulk_id: UUID) -> BulkOut:
    """The bulk action as this caller sees it."""
    return BulkOut.model_validate(await ctx.get(BulkAction, bulk_id, fresh=True))


@router.get(
    "", operation_id="list_bulk_actions", summary="List bulk actions", responses=answers(400, 422)
)
async def list_bulk_actions(
    ctx: Writer, query: Annotated[BulkQuery, Query()], page: Pages
) -> PageOut[BulkOut]:
    """Bulk actions, newest first."""
    return await page(BulkAction, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_bulk_action",
    summary="Do one thing to many records",
    status_code=202,
    responses=answers(400, 404, 409, 422),
)
async def create_bulk_action(
    ctx: Writer, draft: BulkDraft, lists: AllLists, response: Response
) -> BulkOut:
    """Settle which records, at most 10,000, and have the verb done to each in the background. Poll it
    until its status is `completed`, then read its `rows` for what was refused."""
    asked = await bulk.ask(ctx, draft, lists)
    response.headers["Location"] = f"{router.prefix}/{asked.id}"
    return asked  # type: ignore[return-value]


@previews.post(
    "",
    operation_id="preview_bulk_action",
    summary="See what a bulk action would be done to",
    responses=answers(400, 404, 409, 422),
)
async def preview_bulk_action(ctx: Writer, draft: BulkDraft, lists: AllLists) -> BulkPreviewOut:
    """Check everything and count the records; nothing is done."""
    ids = await bulk.matching(ctx, draft, lists)
    return BulkPreviewOut(rows=len(ids), record_ids=ids[:SHOWN])


@router.get(
    "/{id}",
    operation_id="get_bulk_action",
    summary="Get a bulk action",
    responses=answers(404, 422),
)
async def get_bulk_action(ctx: Writer, id: UUID) -> BulkOut:
    """How far it is, and how many records were changed or refused."""
    return await show(ctx, id)


@router.get(
    "/{id}/rows",
    operation_id="list_bulk_rows",
    summary="What became of the records",
    responses=answers(400, 404, 422),
)
async def list_bulk_rows(
    ctx: Writer, id: UUID, query: Annotated[BulkRowQuery, Query()], page: Pages
) -> PageOut[BulkRowOut]:
    """Each record with its outcome and why; `outcome=refused` are those to look at."""
    asked = await ctx.get(BulkAction, id)
    return await page(BulkRow, query, where=[BulkRow.bulk_action_id == asked.id])  # type: ignore[return-value]


@router.post(
    "/{id}/cancel",
    operation_id="cancel_bulk_action",
    summary="Stop a bulk action",
    responses=answers(404, 409, 422),
)
async def cancel_bulk_action(ctx: Writer, id: UUID) -> BulkOut:
    """Stop before the next batch. What was done stays, and can be undone."""
    await bulk.cancel(ctx, await ctx.get(BulkAction, id, lock=True))
    await ctx.session.flush()
    return await show(ctx, id)


@router.post(
    "/{id}/undo",
    operation_id="undo_bulk_action",
    summary="Take a bulk action back",
    status_code=202,
    responses=answers(404, 409, 422),
)
async def undo_bulk_action(ctx: Writer, id: UUID) -> BulkOut:
    """Give each record back what it held, in the background. Records that somebody has changed since
    are left as they are: `rows?outcome=kept` names them."""
    await bulk.undo(ctx, await ctx.get(BulkAction, id, lock=True))
    await ctx.session.flush()
    return await show(ctx, id)
