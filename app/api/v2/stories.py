"""Timeline and history of any record, the same two routes under each collection; and the journal.

`tell(router, …)` adds them; what a person may not `get`, they may not read the story of either, nor
does it turn up in the story of something else.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from app.api.bounds import EXACT
from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.core.model import TenantModel
from app.models.permissions import Permission
from app.services import journal_chain, stories
from app.services.context import Ctx, called
from app.services.reading import THROUGH

Before = Annotated[int | None, Query(ge=1, le=EXACT, description="Entries before this id.")]
Limit = Annotated[int, Query(ge=1, le=200)]


class ActorOut(Out):
    id: UUID
    name: str


class StoryOut(Out):
    """Something that happened."""

    id: int = Field(description="The journal entry; `GET /api/v2/journal/{id}` shows it whole.")
    at: Instant = Field(description="When we heard of it.")
    occurred_at: Instant | None = Field(description="When it happened, if that was earlier.")
    fact: str
    entity: str
    entity_id: UUID
    sentence: str
    actor: ActorOut | None = Field(description="None: the system.")
    source: str
    request_id: str


class ChangeOut(Out):
    """A change of the record's own fields."""

    id: int
    at: Instant
    action: str
    version: int | None
    changes: dict[str, Any] = Field(description="Each field as `[before, after]`.")
    actor: ActorOut | None
    source: str
    request_id: str


class EntryOut(Out):
    """A journal entry."""

    id: int
    seq: int | None = Field(description="Its place in the organisation's order, in the feed.")
    at: Instant
    occurred_at: Instant | None
    entity: str
    entity_id: UUID
    action: str
    is_fact: bool
    version: int | None
    changes: dict[str, Any]
    sentence: str | None
    actor: ActorOut | None
    source: str
    request_id: str


class Stories(Out):
    data: list[StoryOut]
    next_before: int | None = Field(description="Send it as `before` for older entries.")


class Changes(Out):
    data: list[ChangeOut]
    next_before: int | None


class Feed(Out):
    data: list[EntryOut]
    up_to: int = Field(
        description="Everything up to this number has been seen; send it as `since`."
    )


def _actor(told: stories.Told) -> dict[str, Any] | None:
    return {"id": told.actor_id, "name": told.actor_name or "—"} if told.actor_id else None


def _page(told: list[stories.Told], limit: int) -> dict[str, Any]:
    data = [
        {**vars(one), "fact": one.action, "actor": _actor(one), "sentence": one.sentence or ""}
        for one in told
    ]
    return {"data": data, "next_before": told[-1].id if len(told) == limit else None}


Find = Callable[..., Awaitable[TenantModel]]
"""A dependency that answers with the record whose story is asked for, deleted ones too."""


READ_WITH: dict[type[TenantModel], Permission] = {}
"""What one needs to read the facts about a kind of record."""


def read_with(model: type[TenantModel], permission: Permission) -> None:
    """Let whoever has `permission` read the facts about `model`, in whatever timeline they stand."""
    READ_WITH[model] = permission


def readable(ctx: Ctx) -> list[type[TenantModel]]:
    """The kinds of records whose facts this person may read."""
    return [model for model, permission in READ_WITH.items() if ctx.may(permission)]


def tell(
    router: APIRouter,
    model: type[TenantModel],
    permission: Permission,
    *,
    at: str = "/{id}",
    find: Find | None = None,
) -> None:
    """Add `GET /{id}/timeline` and `GET /{id}/history` for `model`.

    `find` is for a record that is reached in another way than by its id, `at` for where it stands.
    """
    if find is not None and "{id}" in at and model not in THROUGH:
        raise TypeError(f"say in app.services.reading through what a {called(model)} is reached")
    read_with(model, permission)
    word = called(model).replace(" ", "_")
    Reader = Annotated[Ctx, allowed(permission)]  # noqa: N806  (a type)

    async def by_id(ctx: Reader, id: UUID) -> TenantModel:
        return await ctx.get(model, id, deleted=True)

    Record = Annotated[Any, Depends(find or by_id)]  # noqa: N806  (a type)

    @router.get(
        f"{at}/timeline",
        operation_id=f"get_{word}_timeline",
        summary=f"What happened to this {called(model)}",
        response_model=Stories,
        responses=answers(404),
    )
    async def timeline(
        ctx: Reader, record: Record, before: Before = None, limit: Limit = 50
    ) -> dict[str, Any]:
        """Facts, newest first, each with its actor, source and a sentence; of other records, those
        that you may read."""
        told = await stories.timeline(ctx, record, kinds=readable(ctx), before=before, limit=limit)
        return _page(told, limit)

    @router.get(
        f"{at}/history",
        operation_id=f"get_{word}_history",
        summary=f"How the fields of this {called(model)} changed",
        response_model=Changes,
        responses=answers(404),
    )
    async def history(
        ctx: Reader, record: Record, before: Before = None, limit: Limit = 50
    ) -> dict[str, Any]:
        """Each change with the values before and after, newest first."""
        return _page(await stories.history(ctx, record, before=before, limit=limit), limit)


router = APIRouter(
    prefix="/api/v2/journal", tags=["journal"], route_class=Edge, responses=answers(401, 403)
)
JournalReader = Annotated[Ctx, allowed(Permission.journal_read)]


@router.get("", operation_id="read_journal", summary="The journal in order", response_model=Feed)
async def read(
    ctx: JournalReader,
    since: Annotated[int, Query(ge=0, le=EXACT, description="The last number seen.")] = 0,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Entries after `since`, by number. Nothing is ever inserted before a number you have seen.
    What your role does not read stands there without its words; a role whose scope is not `all` reads
    no journal (403 `scope_too_narrow`)."""
    told = await stories.feed(ctx, since=since, limit=limit, reading=READ_WITH)
    data = [{**vars(one), "actor": _actor(one)} for one in told]
    return {"data": data, "up_to": told[-1].seq if told else since}


class HeadOut(Out):
    """The end of the hash chain over the organisation's journal."""

    seq: int
    chain: str = Field(description="SHA-256 over every entry up to `seq`, in hexadecimal.")


@router.get("/head", operation_id="get_journal_head", summary="The journal's last link")
async def get_head(ctx: JournalReader) -> HeadOut:
    """Keep it elsewhere: whoever rewrites an earlier entry cannot bring this chain about again."""
    head = await journal_chain.head(ctx)
    return HeadOut(seq=head.seq, chain=head.chain.hex())


@router.get(
    "/{id}",
    operation_id="get_journal_entry",
    summary="One journal entry",
    response_model=EntryOut,
    responses=answers(404),
)
async def get_entry(
    ctx: JournalReader, id: Annotated[int, Field(ge=1, le=EXACT)]
) -> dict[str, Any]:
    """The entry as it was written; without its words when your role does not read such records."""
    told = await stories.entry(ctx, id, reading=READ_WITH)
    return {**vars(told), "actor": _actor(told)}
