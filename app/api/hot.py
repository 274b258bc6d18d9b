"""The short way through the edge, for the reads of the registry (`services.hot`).

A hot read that goes well is charged, signed in, read and sent here, without the framework. Everything
else (a refusal, a table, a filter tree, an address written in another way) is handed to the declared
route of the same path, which is not charged again. So there is one place that says no.
"""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import structlog
from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import ValidationError
from sqlakeyset.results import serialize_bookmark
from sqlakeyset.types import Marker
from starlette.types import Receive, Scope, Send

from app.api.adding import OPERATION as ADDING
from app.api.adding import Hot, adding
from app.api.edge import credentials
from app.api.limits import admit
from app.api.state import state_of
from app.api.tables import wanted
from app.api.telling import OPERATION as TELLING
from app.api.telling import telling
from app.api.v2.search import SearchQuery
from app.core.crypto import token_hash
from app.core.errors import BadRequest, Refusal
from app.core.hot import FAILURES
from app.core.listing import ListQuery, opened
from app.models.permissions import RecordScope
from app.process import State
from app.services.hot import LISTS, ONES, Answer, Caller, HotList, HotOne, find, one, page
from app.services.hot.shapes import Shape, size_for

log = structlog.get_logger()
Reply = tuple[bytes, list[tuple[bytes, bytes]]]
JSON = (b"content-type", b"application/json")
LONGEST = 500
"""Bytes of a query string: what it means is remembered, and whoever asks is not known yet."""
VERSION_AT = len('{"id":"00000000-0000-0000-0000-000000000000","version":')


def hot_way(route: Any) -> Hot | None:
    """The short way of this route, if it has one."""
    if not isinstance(route, APIRoute):
        return None
    operation = route.operation_id or ""
    if operation == ADDING:
        return adding(route)
    if operation == TELLING:
        return telling(route)
    if route.methods != {"GET"}:
        return None
    if operation in ONES:
        return _hot(operation, _one(ONES[operation]))
    if operation in LISTS:
        return _hot(operation, _page(LISTS[operation]))
    if operation == "search":
        return _hot(operation, _found)
    return None


def _hot(
    operation: str, read: Callable[[Request, State, Caller], Awaitable[tuple[Answer, Reply] | None]]
) -> Hot:
    async def answer(scope: Scope, receive: Receive, send: Send) -> bool:
        request = Request(scope)
        token, by_cookie = credentials(request)
        if not token or wanted(request) is not None or len(scope["query_string"]) > LONGEST:
            return False
        state = state_of(request)
        caller = Caller(token_hash(token), "web" if by_cookie else "api", request.state.request_id)
        await admit(request, token, operation)
        try:
            found = await read(request, state, caller)
        except FAILURES as error:
            # the route tries once more, and knows what to say when that fails too
            log.warning("a hot read failed", operation=operation, error=type(error).__name__)
            return False
        if found is None:
            return False
        answered, (body, headers) = found
        state.known_tokens.remember_hash(caller.token_hash, answered.org_id, answered.user_id)
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return True

    return answer


def _one(
    read: HotOne,
) -> Callable[[Request, State, Caller], Awaitable[tuple[Answer, Reply] | None]]:
    async def answer(request: Request, state: State, caller: Caller) -> tuple[Answer, Reply] | None:
        given = request.scope["path_params"]["id"]
        if request.scope["query_string"] or len(given) != 36:
            return None
        try:
            id = UUID(given)
        except ValueError:
            return None
        found = await one(await state.hot.get(), caller, read, id)
        if found is None:
            return None
        version = found.body[VERSION_AT : found.body.index(",", VERSION_AT)]
        return found, (found.body.encode(), [JSON, (b"etag", f'"v{version}"'.encode())])

    return answer


PLAIN = {"limit", "cursor", "sort", "deleted"}
NEVER = {"include_total", "filter", "filter_zone", "view"}
"""Of these the route makes more than one statement."""


class _ForTheRoute(Exception):
    """Asked in a way that only the declared route knows to answer, or to refuse."""


@lru_cache(maxsize=2000)
def _asked(read: HotList, query_string: bytes) -> tuple[ListQuery, Shape, dict[str, Any]]:
    """What an address asks for, as a shape of statement and its values. Raises `_ForTheRoute`."""
    pairs = parse_qsl(query_string.decode(), keep_blank_values=True)
    asked = dict(pairs)
    if len(asked) != len(pairs) or not NEVER.isdisjoint(asked):
        raise _ForTheRoute
    try:
        query = read.query.model_validate(asked)
        query.order()
    except (ValidationError, Refusal):
        raise _ForTheRoute from None
    filters = {name: getattr(query, name) for name in asked.keys() - PLAIN}
    switches = {name: value for name, value in filters.items() if isinstance(value, bool)}
    given = {
        name: value for name, value in filters.items() if name not in switches and value is not None
    }
    shape = Shape(
        read.model,
        read.render,
        RecordScope.all,
        read.query,
        frozenset(given),
        frozenset(switches.items()),
        query.sort or "",
        query.cursor is not None,
        size_for(query.limit),
        query.deleted,
    )
    values = {f"given_{name}": value for name, value in given.items()}
    return query, shape, {**values, "limit": query.limit}


def _page(
    read: HotList,
) -> Callable[[Request, State, Caller], Awaitable[tuple[Answer, Reply] | None]]:
    async def answer(request: Request, state: State, caller: Caller) -> tuple[Answer, Reply] | None:
        try:
            query, shape, values = _asked(read, request.scope["query_string"])
        except _ForTheRoute:
            return None
        if query.cursor is not None:
            known = state.known_tokens.of_hash(caller.token_hash)
            if known is None:
                return None  # whose cursor it should be is not known yet
            try:
                key, id = opened(query, known[0], state.cursors).place
            except (BadRequest, ValueError):
                return None
            values = {**values, "key": key, "id": id}
        found = await page(await state.hot.get(), caller, read, shape, values)
        if found is None:
            return None
        following = "null"
        if found.last is not None:
            mark = serialize_bookmark(Marker(found.last))
            sealed = state.cursors.sign(f"{query.fingerprint(found.org_id)}|{mark}")
            following = f'"{sealed}"'
        body = f'{{"data":[{found.body}],"next_cursor":{following},"total":null}}'
        return found, (body.encode(), [JSON])

    return answer


@lru_cache(maxsize=2000)
def _sought(query_string: bytes) -> SearchQuery:
    asked: dict[str, Any] = {}
    for name, value in parse_qsl(query_string.decode(), keep_blank_values=True):
        if name == "types":
            asked.setdefault(name, []).append(value)
        elif name in asked:
            raise _ForTheRoute
        else:
            asked[name] = value
    try:
        return SearchQuery.model_validate(asked)
    except ValidationError:
        raise _ForTheRoute from None


async def _found(request: Request, state: State, caller: Caller) -> tuple[Answer, Reply] | None:
    try:
        query = _sought(request.scope["query_string"])
    except _ForTheRoute:
        return None
    types = list(map(str, query.types)) if query.types else None
    found = await find(await state.hot.get(), caller, query.q, types, query.limit)
    if found is None:
        return None
    return found, (f'{{"data":[{found.body}]}}'.encode(), [JSON])
