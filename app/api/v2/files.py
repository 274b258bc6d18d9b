"""`/api/v2/files`: files come in as forms, and go out as downloads that no browser runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from pydantic import Field
from starlette.datastructures import UploadFile as Sent

from app.api.deps import allowed
from app.api.downloads import download
from app.api.edge import Edge, shows
from app.api.outputs import Instant, Record
from app.api.problems import answers
from app.api.state import state_of
from app.api.v2.stories import ActorOut, tell
from app.models.files import File as StoredFile
from app.models.files import Media, Part
from app.models.permissions import Permission
from app.services import files
from app.services.context import Ctx

MEGABYTE = 1024 * 1024


class Intake(Edge):
    """Takes the file in before the transaction begins: drawing a picture anew takes a while."""

    @asynccontextmanager
    async def receiving(self, request: Request) -> AsyncIterator[None]:
        sent = (await request.form()).get("file")
        if not isinstance(sent, Sent):
            yield  # the handler's validation says what is missing
            return
        most = state_of(request).settings.upload_megabytes * MEGABYTE
        async with files.receive(sent.file, sent.filename or "", most=most) as received:
            request.state.received = received
            yield


router = APIRouter(
    prefix="/api/v2/files", tags=["files"], route_class=Intake, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.files_read)]
Writer = Annotated[Ctx, allowed(Permission.files_write)]


class FileOut(Record):
    """A file. `length` and `sha256` are those of what a download gives."""

    name: str
    media_type: Media
    length: int = Field(description="Bytes.")
    sha256: str
    width: int | None = Field(description="Pixels; null unless it is a picture.")
    height: int | None
    taken_at: Instant | None = Field(description="When the camera says the picture was taken.")
    sent_by: ActorOut | None
    deleted_at: Instant | None


@shows(StoredFile)
async def show(ctx: Ctx, file_id: UUID) -> FileOut:
    """The file as this caller sees it."""
    return FileOut.model_validate(await files.get(ctx, file_id))


@router.post(
    "",
    operation_id="create_file",
    summary="Send a file",
    status_code=201,
    responses=answers(400, 409, 413, 415, 422, 503),
)
async def create_file(
    request: Request,
    ctx: Writer,
    file: Annotated[
        UploadFile,
        File(
            description="A picture (JPEG, PNG, WebP), PDF, Word, Excel, text or CSV; at most 25 MB."
        ),
    ],
) -> FileOut:
    """Send a file, then attach it to a record. Its type is read from its content. A picture is drawn
    anew without what the camera wrote into it, such as where it was taken; only the time is kept.
    The same `Idempotency-Key` again answers as the first time."""
    most = state_of(request).settings.storage_megabytes * MEGABYTE
    return await files.add(ctx, request.state.received, most_stored=most)  # type: ignore[return-value]


@router.get("/{id}", operation_id="get_file", summary="Get a file", responses=answers(404, 422))
async def get_file(ctx: Reader, id: UUID) -> FileOut:
    """What is known of a file, for whoever sent it or may see a record that it hangs on."""
    return await show(ctx, id)


DOWNLOAD: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The content, always as an attachment.",
        "content": {media.value: {} for media in Media},
    }
}
THUMBNAIL: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The picture, made small.",
        "content": {"image/webp": {}},
    }
}


@router.get(
    "/{id}/content",
    operation_id="download_file",
    summary="Download a file",
    response_class=Response,
    responses={**DOWNLOAD, **answers(404, 422, 503)},
)
async def download_file(ctx: Reader, id: UUID) -> Response:
    """The content of a file. A browser saves it and shows none of it by itself."""
    file = await files.get(ctx, id)
    content = await files.content(ctx, file)
    return download(content, file.name, file.media_type)


@router.get(
    "/{id}/thumbnail",
    operation_id="download_thumbnail",
    summary="A picture, made small",
    response_class=Response,
    responses={**THUMBNAIL, **answers(404, 422, 503)},
)
async def download_thumbnail(
    ctx: Reader,
    id: UUID,
    size: Annotated[
        Literal["small", "large"],
        Query(description="`small`: 320 pixels on its longer side; `large`: 1,280."),
    ] = "small",
) -> Response:
    """A WebP picture of at most this size."""
    file = await files.get(ctx, id)
    content = await files.content(ctx, file, Part(size))
    return download(content, f"{id}.webp", "image/webp")


@router.delete(
    "/{id}",
    operation_id="delete_file",
    summary="Delete a file",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_file(ctx: Writer, id: UUID) -> Response:
    """Take a file out of sight, from every record it hangs on; `restore` brings it back for 30 days."""
    await files.delete(ctx, await files.get(ctx, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_file",
    summary="Restore a deleted file",
    responses=answers(404, 409, 422),
)
async def restore_file(ctx: Writer, id: UUID) -> FileOut:
    """Bring a deleted file back to the records it hung on."""
    return await files.restore(ctx, await files.get(ctx, id, lock=True, deleted=True))  # type: ignore[return-value]


async def _find(ctx: Reader, id: UUID) -> StoredFile:
    return await files.get(ctx, id, deleted=True)


tell(router, StoredFile, Permission.files_read, find=_find)
