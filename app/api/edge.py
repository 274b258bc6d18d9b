"""The edge: one transaction per request, committed before the reply leaves.

The order is always: rate limits → credentials and context → permission → in-flight lock and stored reply →
handler → serialisation → store the reply → commit → send. A commit that fails is the error reply.
Deadlocks and serialisation failures start the request over, at most twice.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from hashlib import sha256
from typing import Any, ClassVar, TypeVar, get_args, get_origin
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from app.api import tables
from app.api.constraints import refusal_of, sqlstate, violated_constraint
from app.api.deps import Allow
from app.api.limits import admit
from app.api.outputs import viewing
from app.api.state import state_of
from app.api.strict import StrictRequest, refuse_other_types, refuse_repeated
from app.core.crypto import token_hash
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Stale, Unauthorized
from app.core.model import TenantModel
from app.core.tables import Format
from app.models.idempotency import StoredReply
from app.process import State
from app.services.context import Ctx
from app.services.dispatching import commands
from app.services.exports import taken
from app.services.identity import support
from app.services.identity.entering import Entered, let_in
from app.services.identity.proving import require_fresh
from app.services.identity.roles import SUPPORT

ACCESS_COOKIE, REFRESH_COOKIE, CSRF_COOKIE = "tr_access", "tr_refresh", "tr_csrf"
SAFE = {"GET", "HEAD", "OPTIONS"}
RETRYABLE = {"40001", "40P01"}
TRIES = 3
MAX_KEY = 200

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Shown = Callable[[Ctx, UUID], Awaitable[BaseModel]]
S = TypeVar("S", bound=Shown)
_shown: dict[str, Shown] = {}


def shows(model: type[TenantModel] | str) -> Callable[[S], S]:
    """Marks the function that shows one record, so that refusals can carry the current row.

    What lives in the identity plane is named by its table.
    """

    def mark(function: S) -> S:
        _shown[model if isinstance(model, str) else model.__tablename__] = function
        return function

    return mark


class Edge(APIRoute):
    """The route class of every signed-in route."""

    keeps_replies: ClassVar[bool] = True
    """Whether a reply is stored under the request's `Idempotency-Key`."""
    inner: Handler | None = None
    """What answers once somebody is let in (`api.reading`)."""

    def get_route_handler(self) -> Handler:
        form = self.body_field is not None and isinstance(self.body_field.field_info, Form)
        original = _unambiguous(
            super().get_route_handler(), form=form, lists=_lists(self.dependant)
        )
        self.inner = original
        allow = find_allow(self.dependant)
        operation = self.operation_id or ""
        if allow is None:
            return _strictly(original, operation)
        safe = not (self.methods or set()) - SAFE
        keeps = self.keeps_replies and not safe
        note = None if safe else commands.noting(operation, allow.permission)
        row = tables.row_of(self.response_model, self.dependant)

        async def handle(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            await admit(strict, credentials(strict)[0], operation)
            if row is not None and (shape := tables.wanted(strict)) is not None:
                await _let_take(strict, allow)
                told = partial(_tell_taken, strict)
                return await tables.table(strict, row, shape, answered, told)
            if not form or not _is_form(strict):
                return await answered(strict)
            await _let_send(strict, allow, safe=safe)
            try:
                await strict.form()
                async with self.receiving(strict):
                    return await answered(strict)
            finally:
                await strict.close()

        async def answered(strict: StrictRequest) -> Response:
            for left in reversed(range(TRIES)):
                try:
                    return await _answer(strict, original, allow, safe=safe, keeps=keeps, note=note)
                except DBAPIError as error:
                    if left and sqlstate(error) in RETRYABLE:
                        await asyncio.sleep(0.01)
                        continue
                    raise await _explained(strict, allow, error) from error
                except StaleDataError as error:
                    if left:
                        continue
                    raise Conflict(
                        "This record is being changed by others at this moment. Try again.",
                        code="busy",
                    ) from error
            raise AssertionError("unreachable")

        return handle

    @asynccontextmanager
    async def receiving(self, request: Request) -> AsyncIterator[None]:
        """What is done with a form that was read, around the transaction that it is for."""
        yield


class SecretEdge(Edge):
    """Replies hold a secret that is shown once, so none is stored."""

    keeps_replies = False


def _unambiguous(original: Handler, *, form: bool, lists: frozenset[str]) -> Handler:
    async def handle(request: Request) -> Response:
        refuse_repeated(request, lists)
        if request.method not in SAFE:
            refuse_other_types(request, form=form)
        return await original(request)

    return handle


def _lists(dependant: Dependant) -> frozenset[str]:
    """The query parameters that may be sent more than once."""
    return frozenset(
        parameter.alias
        for parameter in get_flat_params(dependant)
        if _holds_many(parameter.field_info.annotation)
    )


def _holds_many(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(map(_holds_many, get_args(annotation)))


def _strictly(original: Handler, operation: str) -> Handler:
    async def handle(request: Request) -> Response:
        await admit(request, None, operation)
        return await original(StrictRequest(request.scope, request.receive))

    return handle


def find_allow(dependant: Dependant) -> Allow | None:
    """The `Allow` in a handler's signature, or None for a public route."""
    for inner in dependant.dependencies:
        if isinstance(inner.call, Allow):
            return inner.call
        if (found := find_allow(inner)) is not None:
            return found
    return None


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("multipart/form-data")


async def _let_send(request: StrictRequest, allow: Allow, *, safe: bool) -> None:
    """Whoever may not do this sends us nothing, and a slow sender holds no connection: a form is
    read between two transactions."""
    state = state_of(request)
    async with state.sessions.open() as session:
        entered, by_cookie = await _let_in(request, state, session, None)
    if by_cookie and not safe:
        refuse_forgery(request, state, entered.csrf_hash)
    if allow.permission is not None:
        entered.ctx.require(allow.permission)


async def _let_take(request: StrictRequest, allow: Allow) -> None:
    """A whole list leaves the house only with somebody who proved who they are a moment ago."""
    state = state_of(request)
    async with state.sessions.open() as session:
        entered, _ = await _let_in(request, state, session, None)
        if allow.permission is not None:
            entered.ctx.require(allow.permission)
        await require_fresh(entered.ctx)


async def _tell_taken(request: StrictRequest, path: str, shape: Format, rows: int) -> None:
    """A list that leaves the house at once is written down as an export is."""
    state = state_of(request)
    async with state.sessions.open() as session:
        entered, _ = await _let_in(request, state, session, None)
        await taken.tell(entered.ctx, path, shape, rows)
        await session.commit()


async def _answer(
    request: StrictRequest,
    original: Handler,
    allow: Allow,
    *,
    safe: bool,
    keeps: bool,
    note: Callable[[Ctx], Awaitable[None]] | None,
) -> Response:
    state = state_of(request)
    key = await idempotency_key(request) if keeps else None
    async with state.sessions.open() as session:
        entered, by_cookie = await _let_in(request, state, session, key)
        ctx = entered.ctx
        if by_cookie and not safe:
            refuse_forgery(request, state, entered.csrf_hash)
        if allow.permission is not None:
            ctx.require(allow.permission)
        fingerprint = await fingerprint_of(request) if key else b""
        if entered.answer is not None:
            return _replay(entered, fingerprint)
        request.state.ctx = ctx
        request.state.entered = entered
        supported = entered.role_name == SUPPORT
        if supported and not safe:
            support.refuse_writing(request.url.path)
        with viewing(ctx):
            response = await _handled(original, request, ctx)
        if supported and safe:
            await support.write_down(ctx, f"{request.url.path}?{request.url.query}".rstrip("?"))
        _tag(response)
        if note is not None and response.status_code < 300:
            await note(ctx)
        if key and response.status_code < 300:
            session.add(_stored(entered, key, fingerprint, response))
        await session.commit()
        return response


async def _handled(original: Handler, request: StrictRequest, ctx: Ctx) -> Response:
    try:
        return await original(request)
    except Stale as stale:
        if stale.row is not None:
            stale.extra["current"] = await _current(ctx, type(stale.row), stale.row.id)
        raise


async def _let_in(
    request: Request, state: State, session: Any, key: str | None
) -> tuple[Entered, bool]:
    token, by_cookie = credentials(request)
    try:
        entered = await let_in(
            session,
            token,
            source="web" if by_cookie else "api",
            request_id=request.state.request_id,
            key=key,
        )
    except Unauthorized:
        state.known_tokens.forget(token)
        raise
    assert token is not None
    assert entered.ctx.user_id is not None
    state.known_tokens.remember(token, entered.ctx.org_id, entered.ctx.user_id)
    return entered, by_cookie


def credentials(request: Request) -> tuple[str | None, bool]:
    """The access token, and whether it came as a cookie. A header wins."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip(), False
    return request.cookies.get(ACCESS_COOKIE), True


def refuse_forgery(request: Request, state: State, csrf_hash: bytes) -> None:
    """A write by cookie needs our own origin and the token only our own pages can read."""
    refuse_foreign_origin(request, state)
    sent = request.headers.get("x-csrf-token", "")
    if not sent or token_hash(sent) != csrf_hash:
        raise Forbidden("Send X-CSRF-Token with the token of your session.", code="csrf")


def refuse_foreign_origin(request: Request, state: State) -> None:
    """Raise `Forbidden` for a browser's request from another site."""
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise Forbidden("This request comes from another site.", code="foreign_origin")
    if origin is not None and origin not in state.settings.allowed_origins:
        host = urlsplit(origin).netloc
        if not host or host != request.headers.get("host"):
            raise Forbidden("This request comes from another site.", code="foreign_origin")


async def idempotency_key(request: StrictRequest) -> str | None:
    """The header, or the id that the client chose for what it creates."""
    if request.method != "POST":
        return None
    given = request.headers.get("idempotency-key")
    if given is not None:
        if not 1 <= len(given) <= MAX_KEY or not (given.isascii() and given.isprintable()):
            raise Invalid(f"Idempotency-Key must have 1 to {MAX_KEY} printable ASCII characters.")
        return f"key:{given}"
    chosen = await _chosen_id(request)
    return f"id:{request.url.path}:{chosen}" if chosen else None


async def _chosen_id(request: StrictRequest) -> UUID | None:
    if "json" not in request.headers.get("content-type", ""):
        return None
    try:
        return UUID((await request.json())["id"])
    except (Refusal, KeyError, TypeError, ValueError, AttributeError):
        return None  # whatever is wrong with the body, the handler's validation says it better


async def fingerprint_of(request: StrictRequest) -> bytes:
    """What a request asks for, by which a key that is used twice is told from one that is used again."""
    mark = sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    if not _is_form(request):
        mark.update(await request.body())
        return mark.digest()
    for name, value in (await request.form()).multi_items():  # its boundary differs each time
        content = sha256()
        if isinstance(value, str):
            content.update(value.encode())
        else:
            while chunk := await value.read(256 * 1024):
                content.update(chunk)
        filename = "" if isinstance(value, str) else value.filename
        mark.update(orjson.dumps([name, filename, content.hexdigest()]))
    return mark.digest()


def _replay(entered: Entered, fingerprint: bytes) -> Response:
    answer = entered.answer
    assert answer is not None
    if answer.fingerprint != fingerprint:
        raise Invalid(
            "This idempotency key was used for another request. Use a new key for a new request.",
            code="idempotency_key_reused",
        )
    if answer.perm_version != entered.perm_version:
        raise Conflict(
            "This was done when you asked first, and is not done again. What you may see has changed"
            " since, so that reply is not shown any more: read the record instead.",
            code="reply_withheld",
        )
    return Response(answer.body, answer.status, {**answer.headers, "Idempotent-Replayed": "true"})


def _stored(entered: Entered, key: str, fingerprint: bytes, response: Response) -> StoredReply:
    """With the id of this request: what it did is found by it (`GET /commands`), and undone."""
    kept = ("content-type", "etag", "location")
    return StoredReply(
        principal_id=entered.ctx.user_id,
        perm_version=entered.perm_version,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        headers={name: response.headers[name] for name in kept if name in response.headers}
        | {"x-request-id": entered.ctx.request_id},
        body=bytes(response.body),
    )


def _tag(response: Response) -> None:
    """`ETag` for a reply that is one versioned record."""
    body = getattr(response, "body", b"")
    if response.status_code >= 300 or not body.startswith(b'{"id":'):
        return
    version = orjson.loads(body).get("version")
    if isinstance(version, int):
        response.headers["ETag"] = f'"v{version}"'


async def _current(ctx: Ctx, model: type[TenantModel], row_id: UUID) -> Any:
    shown = _shown.get(model.__tablename__)
    return (await shown(ctx, row_id)).model_dump(mode="json") if shown else None


async def _explained(request: StrictRequest, allow: Allow, error: DBAPIError) -> Exception:
    """A constraint's refusal in words; an id that exists already comes with its row."""
    constraint = violated_constraint(error) or ""
    table = constraint.removeprefix("pk_")
    if sqlstate(error) == "23505" and constraint.startswith("pk_") and table in _shown:
        show = _shown[table]
        state = state_of(request)
        async with state.sessions.open() as session:
            entered, _ = await _let_in(request, state, session, None)
            chosen = await _chosen_id(request)
            detail = "A record with this id exists already."
            try:
                assert chosen is not None
                row = await show(entered.ctx, chosen)
            except (NotFound, AssertionError):
                return Conflict(detail, code="already_exists")
            with viewing(entered.ctx):
                current = row.model_dump(mode="json")
            return Conflict(detail, code="already_exists", current=current)
    return refusal_of(error) or error
