"""The short way for adding a customer, as `api.hot` has it for reads.

The same checks in the same order as at the edge; whatever is not plainly in order (no JSON, a field that is
refused, a key that was used before, a parent) is handed to the declared route with the body that was read,
before anything was written.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.types import Message, Receive, Scope, Send

from app.api.constraints import out_of_reach
from app.api.edge import credentials, fingerprint_of, idempotency_key, refuse_foreign_origin
from app.api.limits import admit
from app.api.state import state_of
from app.api.strict import StrictRequest, refuse_other_types
from app.api.v2.customers import resembled_json
from app.core.crypto import token_hash
from app.core.errors import Refusal
from app.core.ids import new_id
from app.core.wake import JOURNAL
from app.services.customers import CustomerDraft
from app.services.hot import Answer, Caller, add_customer
from app.services.hot.adding import Once, Uncertain, fits

Hot = Callable[[Scope, Receive, Send], Awaitable[bool]]
"""Answers, or says that it did not."""
OPERATION = "create_customer"
HEADERS = ((b"content-type", b"application/json"), (b"etag", b'"v1"'))


def adding(route: APIRoute) -> Hot:
    """The short way of this route; it answers by the route itself where it has no answer."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> bool:
        read: list[Message] = []

        async def noted() -> Message:
            read.append(await receive())
            return read[-1]

        request = StrictRequest(scope, noted)
        token, by_cookie = credentials(request)
        if not token or scope["query_string"]:
            return False
        await admit(request, token, OPERATION)
        added = await _added(request, token, by_cookie=by_cookie)
        if added is None:
            await route.handle(scope, again(read, receive), send)
            return True
        state = state_of(request)
        state.sessions.told({JOURNAL: ""})
        state.known_tokens.remember_hash(token_hash(token), added.org_id, added.user_id)
        body = added.body.encode()
        length = (b"content-length", str(len(body)).encode())
        headers = [*HEADERS, length]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return True

    return answer


async def _added(request: StrictRequest, token: str, *, by_cookie: bool) -> Answer | None:
    state = state_of(request)
    csrf = csrf_of(request) if by_cookie else None
    try:
        if by_cookie:
            refuse_foreign_origin(request, state)
        refuse_other_types(request, form=False)
        draft = CustomerDraft.model_validate(await request.json())
        key = await idempotency_key(request)
    except (ValidationError, Refusal):
        return None
    if not fits(draft) or (by_cookie and csrf is None):
        return None
    fingerprint = await fingerprint_of(request) if key else b""
    caller = Caller(token_hash(token), "web" if by_cookie else "api", request.state.request_id)
    once = Once(key, fingerprint, csrf)
    id: UUID = draft.id or new_id()
    try:
        return await add_customer(await state.hot.get(), caller, once, id, draft, resembled_json)
    except Uncertain as error:
        raise out_of_reach() from error


def csrf_of(request: Request) -> bytes | None:
    """The hash of the token that only our own pages can send; None where there is none."""
    sent = request.headers.get("x-csrf-token", "")
    return token_hash(sent) if sent else None


def again(read: list[Message], receive: Receive) -> Receive:
    """What was read, and then what follows."""
    left = iter(read)

    async def receive_again() -> Message:
        for message in left:
            return message
        return await receive()

    return receive_again
