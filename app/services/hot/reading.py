"""Asking: one trip for somebody who sees everything, a transaction with a built statement for others.

An answer is the JSON of rows. None means that the route itself has to answer: nothing was found, or
the caller may not, or is somebody whose reads are written down (`identity.support`).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.hot import Connection, Pool, connection
from app.models.permissions import Permission, RecordScope
from app.services.hot.building import built, built_search
from app.services.hot.registry import ENTER, FIND, HotList, HotOne
from app.services.hot.shapes import Shape
from app.services.identity.roles import SUPPORT
from app.services.search import SEARCHED, digits_of, words_of


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks, as far as the request says."""

    token_hash: bytes
    source: str
    request_id: str

    def credentials(self) -> tuple[bytes, datetime, str, str, str]:
        """The first parameters of whatever signs in."""
        moment = clock.is_set()
        now = moment or clock.now()
        return (
            self.token_hash,
            now,
            self.source,
            self.request_id,
            (moment.isoformat() if moment else ""),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read, and of whom the token is."""

    org_id: UUID
    user_id: UUID
    body: str
    last: tuple[Any, UUID] | None = None
    """The sort key and the id of the last row, when more follow."""


async def one(pool: Pool, caller: Caller, read: HotOne, id: UUID) -> Answer | None:
    """One record, or None when the route has to say why not."""
    async with connection(pool) as bare:
        row = await bare.fetchrow(read.sql, *caller.credentials(), id)
    assert row is not None
    if row["state"] == "ok":
        return Answer(row["org_id"], row["user_id"], row["body"])
    if row["state"] != "narrow":
        return None
    shape = Shape(read.model, read.render, RecordScope.all)
    found = await page(pool, caller, read, shape, {"id": id, "limit": 1})
    return found if found is not None and found.body else None


async def page(
    pool: Pool,
    caller: Caller,
    read: HotList | HotOne,
    shape: Shape,
    values: Mapping[str, Any],
) -> Answer | None:
    """A page of a list, or None when the route has to say why not."""
    async with _let_in(pool, caller, read.permission) as (bare, who):
        if who is None:
            return None
        org_id, user_id = who["org_id"], who["user_id"]
        statement = built(shape.within(RecordScope(who["record_scope"])))
        told = {**values, "org": org_id, "user": user_id, "permissions": who["permissions"]}
        row = await bare.fetchrow(statement.sql, *statement.arguments(told))
    if not statement.whole and (row is None or not row["more"]):
        return None
    if row is None:
        return Answer(org_id, user_id, "")
    last = (row["last_key"], UUID(int=row["last_id"].int)) if row["more"] else None
    return Answer(org_id, user_id, row["body"], last)


async def find(
    pool: Pool, caller: Caller, q: str, types: Sequence[str] | None, limit: int
) -> Answer | None:
    """What `q` finds, or None when the route has to answer, as it does where words are misspelt."""
    words, digits = words_of(q), digits_of(q)
    if not words and not digits:
        return None
    async with connection(pool) as bare:
        row = await bare.fetchrow(FIND, *caller.credentials(), words, digits, types, limit)
    assert row is not None
    if row["state"] == "ok":
        return Answer(row["org_id"], row["user_id"], row["body"])
    if row["state"] != "narrow":
        return None
    async with _let_in(pool, caller, Permission.search_read) as (bare, who):
        if who is None:
            return None
        entities = tuple(
            entity
            for entity, (_, permission) in SEARCHED.items()
            if permission.value in who["permissions"] and (types is None or entity in types)
        )
        if not entities:
            return None
        statement = built_search(RecordScope(who["record_scope"]), entities)
        told = {
            "org": who["org_id"], "user": who["user_id"], "words": words, "digits": digits,
            "entities": entities, "limit": limit,
        }  # fmt: skip
        body = await bare.fetchval(statement.sql, *statement.arguments(told))
    return Answer(who["org_id"], who["user_id"], body) if body else None


@asynccontextmanager
async def _let_in(
    pool: Pool, caller: Caller, permission: Permission
) -> AsyncIterator[tuple[Connection, Any]]:
    """A transaction that is signed in, and as whom; None for whoever may not read this here."""
    async with connection(pool) as bare:
        transaction = bare.transaction()
        await transaction.start()
        try:
            who = await bare.fetchrow(ENTER, *caller.credentials())
            allowed = (
                who["state"] == "ok"
                and who["role_name"] != SUPPORT
                and permission.value in who["permissions"]
            )
            yield bare, who if allowed else None
        finally:
            await transaction.rollback()  # there is nothing to keep
