"""`/api/v2/tags`: an organisation's own words for its records."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Beside, Instant, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.permissions import Permission
from app.models.tags import Tag, TagOn
from app.services import tags
from app.services.context import Ctx
from app.services.tags import Merge, Records, TagDraft, TagPatch, TagQuery

router = APIRouter(
    prefix="/api/v2/tags", tags=["tags"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.tags_read)]
Writer = Annotated[Ctx, allowed(Permission.tags_write)]


class TagOut(Record):
    """A tag for one kind of record."""

    entity: TagOn
    name: str
    color: str
    usage: int = Field(description="Records that have it, of those that you may see.")
    merged_into_id: UUID | None
    deleted_at: Instant | None


async def _out(ctx: Ctx, rows: Sequence[Tag]) -> list[TagOut]:
    used = await tags.usage(ctx, [tag.id for tag in rows])
    return [TagOut.model_validate(Beside(tag, usage=used.get(tag.id, 0))) for tag in rows]


@shows(Tag)
async def show(ctx: Ctx, tag_id: UUID) -> TagOut:
    """The tag as this caller sees it."""
    return (await _out(ctx, [await ctx.get(Tag, tag_id)]))[0]


@router.get("", operation_id="list_tags", summary="List tags", responses=answers(400, 422))
async def list_tags(
    ctx: Reader, query: Annotated[TagQuery, Query()], page: Pages
) -> PageOut[TagOut]:
    """The organisation's tags, each with how often it is used."""
    found = await page(Tag, query)
    return PageOut(
        data=await _out(ctx, found.data), next_cursor=found.next_cursor, total=found.total
    )


@router.post(
    "",
    operation_id="create_tag",
    summary="Add a tag",
    status_code=201,
    responses=answers(400, 409, 422),
)
async def create_tag(ctx: Writer, draft: TagDraft) -> TagOut:
    """Add a tag for customers, contacts, sites, equipment or work orders."""
    return await show(ctx, (await tags.create(ctx, draft)).id)


@router.get("/{id}", operation_id="get_tag", summary="Get a tag", responses=answers(404, 422))
async def get_tag(ctx: Reader, id: UUID) -> TagOut:
    """One tag."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_tag",
    summary="Change a tag",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_tag(ctx: Writer, id: UUID, patch: TagPatch, seen: SeenVersion) -> TagOut:
    """Give it another name or colour, on every record at once."""
    await tags.change(ctx, await ctx.get(Tag, id, at=seen), patch)
    return await show(ctx, id)


@router.delete(
    "/{id}",
    operation_id="delete_tag",
    summary="Delete a tag",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_tag(ctx: Writer, id: UUID) -> Response:
    """Take it off every record; `restore` brings it back to them."""
    await tags.delete(ctx, await ctx.get(Tag, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_tag",
    summary="Restore a deleted tag",
    responses=answers(404, 409, 422),
)
async def restore_tag(ctx: Writer, id: UUID) -> TagOut:
    """Bring a deleted tag back to the records that had it."""
    await tags.restore(ctx, await ctx.get(Tag, id, lock=True, deleted=True))
    return await show(ctx, id)


@router.post(
    "/{id}/merge",
    operation_id="merge_tag",
    summary="Merge a tag into another",
    responses=answers(400, 404, 409, 422),
)
async def merge_tag(ctx: Writer, id: UUID, merge: Merge) -> TagOut:
    """Every record that has it gets the other one instead; the answer is the tag that stays."""
    into = await tags.merge(ctx, await ctx.get(Tag, id), merge.into_id)
    return await show(ctx, into.id)


@router.post(
    "/{id}/attach",
    operation_id="attach_tag",
    summary="Put a tag on records",
    responses=answers(400, 404, 409, 422),
)
async def attach_tag(ctx: Writer, id: UUID, records: Records) -> TagOut:
    """Put it on up to 200 records; those that have it keep it."""
    await tags.attach(ctx, await ctx.get(Tag, id, lock=True), records.entity_ids)
    return await show(ctx, id)


@router.post(
    "/{id}/detach",
    operation_id="detach_tag",
    summary="Take a tag off records",
    responses=answers(400, 404, 409, 422),
)
async def detach_tag(ctx: Writer, id: UUID, records: Records) -> TagOut:
    """Take it off up to 200 records; those that do not have it stay as they are."""
    await tags.detach(ctx, await ctx.get(Tag, id, lock=True), records.entity_ids)
    return await show(ctx, id)


tell(router, Tag, Permission.tags_read)
