"""Tags: the verbs of an organisation's own words, and of putting them on records.

Whoever may change a kind of record may tag it; who keeps the list of words has a permission of its
own. Merging moves every use to the tag that stays; the other one is deleted and says where it went.
"""

from collections.abc import Iterable
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import ColumnElement, func, select

from app.core import clock
from app.core.errors import Conflict, invalid_field
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.permissions import Permission
from app.models.tags import RECORDS, Tag, Tagging, TagOn
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Draft, Moment, Patch, ShortText
from app.services.usage import count_of

WRITE = {
    TagOn.customer: Permission.customers_write,
    TagOn.contact: Permission.contacts_write,
    TagOn.site: Permission.sites_write,
    TagOn.equipment: Permission.equipment_write,
    TagOn.work_order: Permission.work_orders_write,
}
"""Who may tag a record: who may change it."""
READ = {
    TagOn.customer: Permission.customers_read,
    TagOn.contact: Permission.contacts_read,
    TagOn.site: Permission.sites_read,
    TagOn.equipment: Permission.equipment_read,
    TagOn.work_order: Permission.work_orders_read,
}
MOST_AT_ONCE = 200
"""Records that are tagged in one go."""
MOST_ON_ONE = 30
"""Tags on one record."""
GREY = "#8a8f98"

TagName = Annotated[str, Field(min_length=1, max_length=60)]
Color = Annotated[
    str,
    Field(pattern="^#[0-9a-fA-F]{6}$", max_length=7, examples=["#cc3344"]),
    AfterValidator(str.lower),
]


class TagDraft(Draft):
    """A new tag for one kind of record."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    entity: TagOn
    name: TagName
    color: Color = GREY


class TagPatch(Patch):
    """Another name or colour."""

    name: TagName = ""
    color: Color = GREY


class Merge(Draft):
    """Which tag stays."""

    into_id: UUID


class Records(Draft):
    """Records of the tag's kind."""

    entity_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]


class TagQuery(ListQuery):
    """Filters and sorts of the list of tags."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Tag.created_at, "name": Tag.sort_name}
    FILTERS: ClassVar[Fields | None] = filterable(
        Tag.id, Tag.created_at, Tag.updated_at, Tag.entity, Tag.name, Tag.color, Tag.deleted_at
    )

    entity: Annotated[TagOn | None, Filter(Tag.entity)] = None
    name: ShortText | None = Field(None, description="In any case, with or without accents.")
    created_from: Annotated[Moment | None, Filter(Tag.created_at, "gte")] = None
    created_before: Annotated[Moment | None, Filter(Tag.created_at, "lt")] = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found = super().conditions()
        if self.name is not None:
            found.append(Tag.sort_name == Tag(name=self.name).sort_name)
        return found


async def usage(ctx: Ctx, ids: Iterable[UUID]) -> dict[UUID, int]:
    """On how many records, of those that one sees, each of these tags hangs."""
    rows = await ctx.session.execute(
        select(Tagging.tag_id, func.count())
        .where(Tagging.tag_id.in_(list(ids)), Tagging.visible_to(ctx))
        .group_by(Tagging.tag_id)
    )
    return {row[0]: row[1] for row in rows}


async def create(ctx: Ctx, draft: TagDraft) -> Tag:
    """Add a tag. Raises `Conflict` for a name that another tag of that kind of record has."""
    tag = await ctx.add(Tag(**draft.model_dump(exclude_none=True)))
    await emit(ctx, Fact.tag_created, tag, name=tag.name)
    return tag


async def change(ctx: Ctx, tag: Tag, patch: TagPatch) -> Tag:
    """Change what the patch names. Raises `Conflict` for a name that another one has: merge them."""
    for name, value in patch.given().items():
        setattr(tag, name, value)
    fields = [name for name in changed(tag) if name != "sort_name"]
    if fields:
        await emit(ctx, Fact.tag_changed, tag, name=tag.name, fields=", ".join(fields))
    return tag


async def delete(ctx: Ctx, tag: Tag) -> None:
    """Take a tag out of sight, off every record; `restore` brings it back to all of them."""
    tag.deleted_at = clock.now()
    await emit(ctx, Fact.tag_deleted, tag, name=tag.name)


async def restore(ctx: Ctx, tag: Tag) -> Tag:
    """Bring a deleted tag back. Raises `Conflict` when it is not deleted, was merged, or another one
    has its name by now."""
    if tag.deleted_at is None:
        raise Conflict("This tag is not deleted.", code="not_deleted")
    if tag.merged_into_id is not None:
        raise Conflict("This tag was merged into another one and stays so.", code="merged")
    tag.deleted_at = None
    await emit(ctx, Fact.tag_restored, tag, name=tag.name)
    return tag


async def merge(ctx: Ctx, tag: Tag, into_id: UUID) -> Tag:
    """Put `into` on every record that has `tag`, and delete `tag`; the tag that stays.

    Raises `NotFound` for a tag that is not there, `Invalid` for itself or one for other records.
    """
    if into_id == tag.id:
        raise invalid_field("into_id", "A tag cannot be merged into itself.", code="itself")
    # both locked in one order, so that two who merge crosswise do not wait for each other
    for id in sorted((tag.id, into_id)):
        await ctx.get(Tag, id, lock=True, pointer="/into_id")
    into = await ctx.get(Tag, into_id)
    if into.entity != tag.entity:
        raise invalid_field(
            "into_id",
            f"“{into.name}” is for {_many(into.entity)}, “{tag.name}” for {_many(tag.entity)}.",
            code="other_kind",
        )
    has = select(Tagging.entity_id).where(Tagging.tag_id == into.id)
    doubled = await ctx.session.scalars(
        select(Tagging).where(Tagging.tag_id == tag.id, Tagging.entity_id.in_(has))
    )
    for one in doubled:
        await ctx.session.delete(one)
    await ctx.session.flush()
    moved = list(await ctx.session.scalars(select(Tagging).where(Tagging.tag_id == tag.id)))
    for one in moved:
        one.tag_id = into.id
    tag.deleted_at, tag.merged_into_id = clock.now(), into.id
    await emit(
        ctx, Fact.tag_merged, tag, about=(into.id,), name=tag.name, into=into.name, moved=len(moved)
    )
    return into


async def attach(ctx: Ctx, tag: Tag, ids: list[UUID]) -> None:
    """Put the tag on these records, where it is not yet.

    `tag` is locked. Raises `NotFound` for a record that is not there, `Forbidden` for a kind that
    one does not change, `Conflict` for a record with too many tags.
    """
    records = await _records(ctx, tag, ids)
    present = set(
        await ctx.session.scalars(
            select(Tagging.entity_id).where(
                Tagging.tag_id == tag.id, Tagging.entity_id.in_(records)
            )
        )
    )
    fresh = [id for id in records if id not in present]
    counts = await ctx.session.execute(
        select(Tagging.entity_id, func.count())
        .where(Tagging.entity_id.in_(fresh))
        .group_by(Tagging.entity_id)
        .having(func.count() >= MOST_ON_ONE)
        .limit(1)
    )
    if counts.first() is not None:
        raise Conflict(f"A record has at most {MOST_ON_ONE} tags. Take one off.", code="too_many")
    ctx.session.add_all(Tagging(tag_id=tag.id, entity=tag.entity, entity_id=id) for id in fresh)
    if fresh:
        await _say(ctx, Fact.tag_attached, tag, fresh)


async def detach(ctx: Ctx, tag: Tag, ids: list[UUID]) -> None:
    """Take the tag off these records, where it is. Raises as `attach` does."""
    records = await _records(ctx, tag, ids)
    found = list(
        await ctx.session.scalars(
            select(Tagging)
            .where(Tagging.tag_id == tag.id, Tagging.entity_id.in_(records))
            .limit(MOST_AT_ONCE)
        )
    )
    for one in found:
        await ctx.session.delete(one)
    if found:
        await _say(ctx, Fact.tag_detached, tag, [one.entity_id for one in found])


async def _records(ctx: Ctx, tag: Tag, ids: list[UUID]) -> list[UUID]:
    ctx.require(READ[TagOn(tag.entity)])
    ctx.require(WRITE[TagOn(tag.entity)])
    await ctx.get_all(RECORDS[TagOn(tag.entity)], ids, pointer="/entity_ids/{}")
    return list(dict.fromkeys(ids))


async def _say(ctx: Ctx, fact: Fact, tag: Tag, ids: list[UUID]) -> None:
    kind = tag.entity.replace("_", " ")
    records = count_of(len(ids), kind, _many(tag.entity))
    await emit(ctx, fact, tag, about=tuple(ids), name=tag.name, records=records)


def _many(entity: str) -> str:
    word = entity.replace("_", " ")
    return word if word == "equipment" else f"{word}s"
