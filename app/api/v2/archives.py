"""`/api/v2/organisation/archives`: an organisation's owner takes everything away, as one file."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from app.api.deps import allowed, fresh
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, PageOut, Record
from app.api.problems import answers
from app.models.archives import Archive, ArchiveStatus
from app.models.permissions import Permission
from app.services import leaving
from app.services.context import Ctx
from app.services.leaving import ArchiveQuery

router = APIRouter(
    prefix="/api/v2/organisation/archives",
    tags=["organisation"],
    route_class=Edge,
    responses=answers(401, 403),
)
Owner = Annotated[Ctx, allowed(Permission.organisation_archive)]
Proved = Annotated[Ctx, fresh(Permission.organisation_archive)]
TAR = "application/x-tar"


class ArchiveOut(Record):
    """An archive of the whole organisation and how far it is: `steps_done` of `steps`."""

    status: ArchiveStatus
    steps: int = Field(description="Rows and files to be written; 0 until they are counted.")
    steps_done: int
    length: int | None = Field(description="Bytes.")
    sha256: str | None = Field(description="Of the file that a download gives.")
    content_sha256: str | None = Field(
        description="Of what it holds: archives with the same one hold the same."
    )
    missing_files: int = Field(description="Files whose content is lost; the archive names them.")
    failure: str | None
    asked_by_id: UUID | None
    finished_at: Instant | None
    expires_at: Instant | None = Field(description="Until then it can be downloaded.")


@shows(Archive)
async def show(ctx: Ctx, archive_id: UUID) -> ArchiveOut:
    """The archive as this caller sees it."""
    return ArchiveOut.model_validate(await ctx.get(Archive, archive_id, fresh=True))


@router.get("", operation_id="list_archives", summary="List archives", responses=answers(400, 422))
async def list_archives(
    ctx: Owner, query: Annotated[ArchiveQuery, Query()], page: Pages
) -> PageOut[ArchiveOut]:
    """Who had the organisation written into an archive, and when; newest first."""
    return await page(Archive, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_archive",
    summary="Have the whole organisation written into an archive",
    status_code=202,
    responses=answers(400, 409, 422),
)
async def create_archive(ctx: Proved, response: Response) -> ArchiveOut:
    """Write all records, files and the journal into one file, in the background. Poll it until its
    status is `ready`, then download its `content` within a day. Needs a proof of the last ten minutes
    that it is you. Passwords, second factors and sessions are not in it."""
    archive = await leaving.ask(ctx)
    response.headers["Location"] = f"{router.prefix}/{archive.id}"
    return archive  # type: ignore[return-value]


@router.get(
    "/{id}", operation_id="get_archive", summary="Get an archive", responses=answers(404, 422)
)
async def get_archive(ctx: Owner, id: UUID) -> ArchiveOut:
    """How far it is, or why it could not be made."""
    return await show(ctx, id)


@router.get(
    "/{id}/content",
    operation_id="download_archive",
    summary="Download an archive",
    response_class=Response,
    responses={
        200: {
            "description": "A tar, always as an attachment.",
            "content": {TAR: {}},
        },
        **answers(404, 422, 503),
    },
)
async def download_archive(ctx: Proved, id: UUID) -> Response:
    """The archive's file, until it expires. Needs a proof of the last ten minutes that it is you."""
    archive = await ctx.get(Archive, id)
    content = await leaving.content(ctx, archive)
    name = f"{(await ctx.organisation()).name}-{archive.created_at:%Y-%m-%d}"
    plain = "".join(one if one.isascii() and one.isalnum() else "-" for one in name)
    return StreamingResponse(
        content.chunks,
        media_type=TAR,
        headers={
            "Content-Length": str(content.length),
            "Content-Disposition": f'attachment; filename="{plain}.tar"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        },
    )
