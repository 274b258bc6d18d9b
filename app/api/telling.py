"""The short way for positions, as `api.adding` has it for customers.

The same checks in the same order as at the edge; what is not plainly in order is handed to the declared route
with the body that was read, and so is whatever was not kept.
"""

from uuid import UUID

import orjson
from fastapi.routing import APIRoute
from starlette.types import Message, Receive, Scope, Send

from app.api.adding import Hot, again, csrf_of
from app.api.edge import credentials, refuse_foreign_origin
from app.api.limits import admit
from app.api.outputs import rfc3339
from app.api.state import state_of
from app.api.strict import StrictRequest, refuse_other_types
from app.core.crypto import token_hash
from app.core.errors import Refusal
from app.core.telemetry import PINGS
from app.core.wake import LIVE
from app.services.hot import Caller, Taken
from app.services.tracking import batches
from app.services.tracking.batches import Columns
from app.services.tracking.pings import LIVE as GPS
from app.services.tracking.pings import Refused

OPERATION = "send_positions"


def telling(route: APIRoute) -> Hot:
    """The short way of this route; it answers by the route itself where it has no answer."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> bool:
        read: list[Message] = []

        async def noted() -> Message:
            read.append(await receive())
            return read[-1]

        request = StrictRequest(scope, noted)
        token, by_cookie = credentials(request)
        given = scope["path_params"]["id"]
        if not token or scope["query_string"] or len(given) != 36:
            return False
        await admit(request, token, OPERATION)
        kept = await _kept(request, token, given, by_cookie=by_cookie)
        if kept is None:
            await route.handle(scope, again(read, receive), send)
            return True
        done, told = kept
        state = state_of(request)
        if done.news:
            state.sessions.told({LIVE: f"{GPS} {done.org_id} {given.lower()}"})
        state.known_tokens.remember_hash(token_hash(token), done.org_id, done.user_id)
        new, vague = done.kept or 0, told.vague
        known = told.sent - new - len(vague)
        for outcome, number in (("kept", new), ("known", known), (Refused.inaccurate, len(vague))):
            PINGS.labels(outcome).inc(number)
        refused = [
            {"place": o.place, "at": rfc3339(o.at), "reason": o.reason, "detail": o.detail}
            for o in vague
        ]
        body = orjson.dumps({"kept": new, "known": known, "refused": refused})
        length = (b"content-length", str(len(body)).encode())
        headers = [(b"content-type", b"application/json"), length]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return True

    return answer


async def _kept(
    request: StrictRequest, token: str, given: str, *, by_cookie: bool
) -> tuple[Taken, Columns] | None:
    """What was kept, and of what."""
    state = state_of(request)
    csrf = csrf_of(request) if by_cookie else None
    if (by_cookie and csrf is None) or "idempotency-key" in request.headers:
        return None
    try:
        if by_cookie:
            refuse_foreign_origin(request, state)
        refuse_other_types(request, form=False)
        technician_id = UUID(given)
        told = batches.columns(await request.body())
    except (Refusal, ValueError):
        return None
    if told is None:
        return None
    hashed = token_hash(token)
    known = state.known_tokens.of_hash(hashed)
    caller = Caller(hashed, "web" if by_cookie else "api", request.state.request_id)
    kept = await batches.keep(
        await state.hot.get(),
        state.sessions,
        caller,
        csrf,
        known[0] if known else None,
        technician_id,
        told,
    )
    return None if kept is None else (kept, told)
