"""`/api/v2/attachments`: files on records."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, PageOut, Record
from app.api.problems import answers
from app.api.v2.files import FileOut
from app.api.v2.stories import ActorOut, tell
from app.models.files import AttachedTo, Attachment, AttachmentKind
from app.models.permissions import Permission
from app.services import attachments, files
from app.services.attachments import (
    ALIVE,
    SHOWN,
    AttachmentDraft,
    AttachmentPatch,
    AttachmentQuery,
    ExpiringQuery,
)
from app.services.context import Ctx

router = APIRouter(
    prefix="/api/v2/attachments",
    tags=["attachments"],
    route_class=Edge,
    responses=answers(401, 403),
)
expiring = APIRouter(
    prefix="/api/v2/expiring-documents",
    tags=["attachments"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.files_read)]
Writer = Annotated[Ctx, allowed(Permission.files_write)]


class AttachmentOut(Record):
    """A file on a record."""

    entity: AttachedTo
    entity_id: UUID
    kind: AttachmentKind
    caption: str | None
    customer_visible: bool
    expires_on: date | None = Field(description="The last day on which it is valid.")
    file: FileOut
    author: ActorOut | None
    deleted_at: Instant | None


@shows(Attachment)
async def show(ctx: Ctx, attachment_id: UUID) -> AttachmentOut:
    """The attachment as this caller sees it."""
    return AttachmentOut.model_validate(await attachments.get(ctx, attachment_id))


@router.get(
    "",
    operation_id="list_attachments",
    summary="List a record's files",
    responses=answers(400, 404, 422),
)
async def list_attachments(
    ctx: Reader, query: Annotated[AttachmentQuery, Query()], page: Pages
) -> PageOut[AttachmentOut]:
    """The files on one record that you may see."""
    await files.record_of(ctx, query.entity, query.entity_id, pointer="?entity_id")
    of_record = ctx.select(Attachment, deleted=query.deleted, reached=True)
    return await page.of(of_record.where(ALIVE).options(*SHOWN), query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_attachment",
    summary="Attach a file to a record",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_attachment(ctx: Writer, draft: AttachmentDraft) -> AttachmentOut:
    """Put a file on a customer, site, work order, visit, invoice, note, technician or piece of equipment. Whoever may
    see the record may then see the file."""
    return await attachments.add(ctx, draft)  # type: ignore[return-value]


@router.get(
    "/{id}",
    operation_id="get_attachment",
    summary="Get an attachment",
    responses=answers(404, 422),
)
async def get_attachment(ctx: Reader, id: UUID) -> AttachmentOut:
    """One attachment, for whoever may see its record."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_attachment",
    summary="Change an attachment",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_attachment(
    ctx: Writer, id: UUID, patch: AttachmentPatch, seen: SeenVersion
) -> AttachmentOut:
    """Caption your attachment differently, or show it to the customer; the office may do so with
    anybody's."""
    return await attachments.change(ctx, await attachments.get(ctx, id, at=seen), patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_attachment",
    summary="Take a file off a record",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_attachment(ctx: Writer, id: UUID) -> Response:
    """Take a file off its record; the file itself stays, and `restore` puts it back."""
    await attachments.delete(ctx, await attachments.get(ctx, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_attachment",
    summary="Put a file back on its record",
    responses=answers(404, 409, 422),
)
async def restore_attachment(ctx: Writer, id: UUID) -> AttachmentOut:
    """Put a file back that was taken off."""
    attachment = await attachments.get(ctx, id, lock=True, deleted=True)
    return await attachments.restore(ctx, attachment)  # type: ignore[return-value]


async def _find(ctx: Reader, id: UUID) -> Attachment:
    return await attachments.get(ctx, id, deleted=True)


tell(router, Attachment, Permission.files_read, find=_find)


@expiring.get(
    "",
    operation_id="list_expiring_documents",
    summary="Documents that expire soon",
    responses=answers(400, 404, 422),
)
async def list_expiring_documents(
    ctx: Reader, query: Annotated[ExpiringQuery, Query()], page: Pages
) -> PageOut[AttachmentOut]:
    """Files on records that you may see whose last day is within so many days, or over; the first to
    expire first. `expired=false` leaves out those whose last day is over."""
    where = await attachments.expiring(ctx, query)
    return await page(Attachment, query, options=SHOWN, where=where)  # type: ignore[return-value]
