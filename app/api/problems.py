"""Every error is an RFC 9457 problem document with a sentence a person can act on.

None carries a stack trace, SQL, or a hint that another organisation's record exists.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import sentry_sdk
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app.api.constraints import out_of_reach, refusal_of
from app.core.errors import FieldError, Invalid, Refusal, Unavailable

log = structlog.get_logger()
TYPE = "/problems/"
LONGEST_ADDRESS = 2000
"""What is longer names nothing of ours, and is not said back whole."""


class ProblemError(BaseModel):
    """One thing wrong with the input."""

    pointer: str = Field(description="JSON Pointer into the body, `?name` for a parameter.")
    code: str
    detail: str


class Problem(BaseModel):
    """RFC 9457. `code` is for programs, `detail` for people."""

    type: str = Field(examples=["/problems/not_found"])
    title: str
    status: int
    detail: str
    instance: str = Field(max_length=LONGEST_ADDRESS)
    code: str
    request_id: str
    errors: list[ProblemError] = []


STATUSES = {
    400: "The request cannot be read.",
    401: "Not signed in, or the session has ended.",
    403: "Your role does not allow this.",
    404: "There is no such thing, or it is not yours to see.",
    409: "It conflicts with what is there now.",
    412: "The record has changed since you saw it; `current` is the row as it is.",
    413: "The body is too large.",
    415: "The body has a type this route does not read.",
    422: "The input means something impossible; `errors` names each field.",
    428: "If-Match is required here.",
    429: "Too many requests; `Retry-After` says when to go on.",
    500: "Something went wrong on our side; it is logged under the request id.",
    503: "Try again in a moment.",
}


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's description of these error answers, for a router or route."""
    return {
        status: {
            "description": STATUSES[status],
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
        for status in statuses
    }


def problem(
    request: Request,
    *,
    status: int,
    title: str,
    detail: str,
    code: str,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """The problem document as a response."""
    request_id = getattr(request.state, "request_id", "")
    body = {
        "type": f"{TYPE}{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.url.path[:LONGEST_ADDRESS],
        "code": code,
        "request_id": request_id,
        "errors": [{"pointer": e.pointer, "code": e.code, "detail": e.detail} for e in errors],
        **(extra or {}),
    }
    return Response(
        _dumped(body),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        media_type="application/problem+json",
    )


def _dumped(body: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(body, default=str)
    except TypeError:  # half of a surrogate pair that somebody sent and a sentence quotes
        return json.dumps(body, default=str).encode()


def _refused(request: Request, refusal: Refusal) -> Response:
    headers = dict(refusal.headers)
    if refusal.status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return problem(
        request,
        status=refusal.status,
        title=refusal.title,
        detail=refusal.detail,
        code=refusal.code,
        errors=refusal.errors,
        headers=headers,
        extra=refusal.extra,
    )


def _pointer(location: Sequence[Any]) -> str:
    where, *path = location
    if where == "body":
        return "".join(f"/{part}" for part in path)
    return f"?{path[0]}" if where == "query" and path else "/".join(str(part) for part in path)


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "This field is not known here. Remove it or check its spelling."
    message = str(error["msg"]).removeprefix("Value error, ")
    return message if message.endswith(".") else f"{message}."


async def on_validation(request: Request, error: Exception) -> Response:
    """422 with a pointer to each field."""
    assert isinstance(error, RequestValidationError)
    errors = [
        FieldError(_pointer(one["loc"]), str(one["type"]), _sentence(one))
        for one in error.errors()[:100]
    ]
    named = ", ".join(dict.fromkeys(e.pointer or "body" for e in errors[:5]))
    return _refused(request, Invalid(f"Please correct: {named}.", errors=errors))


async def on_refusal(request: Request, error: Exception) -> Response:
    """A verb's refusal, as it was raised."""
    assert isinstance(error, Refusal)
    return _refused(request, error)


async def on_http(request: Request, error: Exception) -> Response:
    """404 and 405 of the router itself, and unreadable bodies."""
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, Refusal):
        return _refused(
            request, error.__cause__
        )  # FastAPI's wrapping of what reading the body said
    if error.status_code == 405:
        return _not_that_method(request)
    title, code, detail = _PLAIN.get(error.status_code, ("Error", "error", str(error.detail)))
    return problem(
        request,
        status=error.status_code,
        title=title,
        detail=detail or str(error.detail),
        code=code,
        headers=error.headers,
    )


_PLAIN = {
    400: ("Bad request", "bad_request", ""),
    404: ("Not found", "not_found", "There is nothing at this address."),
    413: ("Too large", "too_large", ""),
}


def _not_that_method(request: Request) -> Response:
    # the router knows the methods of the first route with this path; there may be more
    matching = [
        route
        for route in iter_route_contexts(request.app.routes)
        if route.methods
        and (pattern := getattr(route, "path_regex", None)) is not None
        and pattern.match(request.url.path)
    ]
    # an address of its own is not also the id of a record (`dispatch`)
    named = [route for route in matching if route.path == request.url.path]
    methods = {method for route in named or matching for method in route.methods or ()}
    if "GET" in methods:
        methods.add("HEAD")
    listed = ", ".join(sorted(methods))
    return problem(
        request,
        status=405,
        title="Method not allowed",
        detail=f"This address does not take {request.method}. It takes {listed}.",
        code="method_not_allowed",
        headers={"Allow": listed},
    )


async def on_database(request: Request, error: Exception) -> Response:
    """What the database refused outside the edge's own handling, or that it cannot be reached."""
    if isinstance(error, PoolTimeout):
        detail = "All database connections are busy. Try again in a moment."
        return _refused(request, Unavailable(detail, headers={"Retry-After": "1"}))
    if isinstance(error, ConnectionError):
        return _refused(request, out_of_reach())
    if isinstance(error, DBAPIError) and (refusal := refusal_of(error)) is not None:
        return _refused(request, refusal)
    return await on_bug(request, error)


async def on_bug(request: Request, error: Exception) -> Response:
    """500: logged with its trace, answered with its request id and nothing else."""
    log.error("request failed", exc_info=error, path=request.url.path)
    if sentry_sdk.is_initialized():  # or it would describe every frame of the trace for nobody
        sentry_sdk.capture_exception(error)
    return problem(
        request,
        status=500,
        title="Internal error",
        detail="Something went wrong on our side. It has been logged under this request id.",
        code="internal_error",
    )


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(DBAPIError, on_database)
    app.add_exception_handler(PoolTimeout, on_database)
    app.add_exception_handler(ConnectionError, on_database)
