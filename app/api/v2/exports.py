"""`/api/v2/exports`: a list of any length as a file, and the link that fetches it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from app.api.deps import allowed, fresh
from app.api.downloads import download
from app.api.edge import Edge, shows
from app.api.listed import AllLists
from app.api.lists import Pages
from app.api.outputs import Instant, PageOut, Record
from app.api.problems import answers
from app.api.reading import Reader as ListReads
from app.api.state import state_of
from app.api.v2.stories import tell
from app.core.crypto import Signer
from app.core.db import Scope
from app.core.errors import NotFound
from app.core.tables import Format
from app.models.exports import Export, ExportStatus
from app.models.permissions import Permission
from app.services import exports
from app.services.context import Ctx
from app.services.exports import ExportDraft, ExportQuery, Linked
from app.services.identity.acting import act_for

router = APIRouter(
    prefix="/api/v2/exports", tags=["finding"], route_class=Edge, responses=answers(401, 403)
)
by_link = APIRouter(
    prefix="/api/v2/exports", tags=["finding"], route_class=Edge, responses=answers(403)
)
Exporter = Annotated[Ctx, allowed(Permission.exports_write)]
Headings = list[str]
FreshExporter = Annotated[Ctx, fresh(Permission.exports_write)]


class ExportOut(Record):
    """An export and how far it is: `rows_written` of `rows_total`."""

    list: str
    format: Format
    asked: dict[str, str] = Field(description="The filters, sort and view, as the list takes them.")
    columns: Headings | None = Field(description="Those that were chosen.")
    status: ExportStatus
    rows_total: int | None
    rows_written: int
    length: int | None = Field(description="Bytes of the file.")
    failure: str | None = Field(description="Why there is no file.")
    asked_by_id: UUID
    started_at: Instant | None
    finished_at: Instant | None
    expires_at: Instant | None = Field(description="When the file is taken away.")


class ExportLinkOut(ExportOut):
    """An export with the way to its file."""

    link: str | None = Field(
        description="Where to fetch the file, for whoever has it; null unless it is ready."
    )
    link_expires_at: Instant | None = Field(description="After that, look again for another link.")


def _signer(request: Request) -> Signer:
    return state_of(request).cursors.derived("export")


@shows(Export)
async def show(ctx: Ctx, export_id: UUID) -> ExportOut:
    """The export as its person sees it."""
    return ExportOut.model_validate(await ctx.get(Export, export_id, fresh=True))


@router.get("", operation_id="list_exports", summary="List exports", responses=answers(400, 422))
async def list_exports(
    ctx: Exporter, query: Annotated[ExportQuery, Query()], page: Pages
) -> PageOut[ExportOut]:
    """Your own exports, newest first."""
    return await page(Export, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_export",
    summary="Export a list",
    status_code=202,
    responses=answers(400, 404, 409, 422),
)
async def create_export(
    ctx: FreshExporter, draft: ExportDraft, lists: AllLists, read: ListReads, response: Response
) -> ExportOut:
    """Have a list of any length written into a file in the background, as you see it then. Poll it
    until its status is `ready`, then fetch its `link`. The file is kept for seven days."""
    export = await exports.ask(ctx, draft, lists, read)
    response.headers["Location"] = f"{router.prefix}/{export.id}"
    return export  # type: ignore[return-value]


@router.get(
    "/{id}", operation_id="get_export", summary="Get an export", responses=answers(404, 422)
)
async def get_export(request: Request, ctx: Exporter, id: UUID) -> ExportLinkOut:
    """How far it is and, once it is ready, a link to its file that lasts an hour."""
    export = await ctx.get(Export, id)
    link = await exports.link_of(ctx, export, _signer(request))
    shown = ExportOut.model_validate(export).model_dump()
    path = f"{router.prefix}/{id}/file?link={link[0]}" if link else None
    return ExportLinkOut(**shown, link=path, link_expires_at=link[1] if link else None)


@router.post(
    "/{id}/cancel",
    operation_id="cancel_export",
    summary="Stop an export",
    responses=answers(404, 409, 422),
)
async def cancel_export(ctx: Exporter, id: UUID) -> ExportOut:
    """Stop it before it is ready. Nothing of it is kept."""
    await exports.cancel(ctx, await ctx.get(Export, id, lock=True))
    await ctx.session.flush()
    return await show(ctx, id)


FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, always as an attachment.",
        "content": {one.media_type: {} for one in Format},
    }
}


@by_link.get(
    "/{id}/file",
    operation_id="download_export",
    summary="Fetch an export's file",
    response_class=Response,
    responses={**FILE, **answers(404, 409, 422, 503)},
)
async def download_export(
    request: Request,
    id: UUID,
    link: Annotated[
        str | None, Query(max_length=600, description="The signed part of the export's `link`.")
    ] = None,
) -> Response:
    """The file, for whoever has the link, while the person who exported it may still have it."""
    state = state_of(request)
    if link is None:
        raise NotFound("Files of exports are fetched by the link that the export shows.")
    linked = Linked.read(link, _signer(request), id)
    scope = Scope(linked.org_id, linked.user_id, "link", request.state.request_id)
    async with state.sessions.open(scope) as session:
        ctx = await act_for(session, linked.user_id)
        export, content = await exports.opened(ctx, linked)
        name = f"{export.list}-{export.finished_at:%Y-%m-%d}.{export.format}"
        await session.commit()
    return download(content, name, Format(export.format).media_type)


tell(router, Export, Permission.exports_write)
