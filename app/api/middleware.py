"""Pure ASGI middleware: request ids, limits on what comes in, headers on what goes out.

Nothing here knows a route. A class of Starlette's `BaseHTTPMiddleware` would cost 0.2 ms a request.
"""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect

from app.api.problems import on_bug, on_refusal
from app.api.strict import MAX_JSON
from app.core import wall
from app.core.errors import BadRequest, Refusal, TooLarge
from app.core.ids import new_id
from app.core.telemetry import REQUESTS, SECONDS, tell_request, trace_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = structlog.get_logger()
SLOW = 2
"""Seconds from which on a request leaves a line in the log."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/-]{1,100}")
METHOD_OVERRIDES = {"x-http-method-override", "x-http-method", "x-method-override"}
FORM = 64 * 1024
"""What a form adds to its file."""
MAX_UPLOAD = 10 * 1024 * 1024 + FORM
FILES, IMPORTS = "/api/v2/files", "/api/v2/imports"
MAX_IMPORT = 100 * 1024 * 1024 + FORM
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SECURE_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}
"""Where people come by https: for a year their browsers come no other way. It says nothing of other hosts
of the same domain, which may not be ours."""


class Outermost:
    """Request id in and out, the caller's address, metrics, headers, HEAD; what no handler caught is a
    500 here.

    Refuses addresses that are not UTF-8, and headers that name another method than the request.
    """

    def __init__(self, app: App, *, trusted_proxies: int = 0, secure: bool = False) -> None:
        self.app = app
        self.always = SECURITY_HEADERS | SECURE_HEADERS if secure else SECURITY_HEADERS
        self.trusted_proxies = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        told = Headers(scope=scope)
        given, trace = told.get("x-request-id", ""), trace_of(told.get("traceparent", ""))
        request_id = given if _REQUEST_ID.fullmatch(given) else str(new_id())
        if scope["type"] == "websocket":
            scope = {**scope, "client": caller(scope, self.trusted_proxies)}
            with structlog.contextvars.bound_contextvars(request_id=request_id, **trace):
                await self.app(scope, receive, send)
            return
        # a HEAD is answered as the GET it stands for, without the body
        head = scope["method"] == "HEAD"
        scope = {**scope, "method": "GET" if head else scope["method"]}
        scope["state"] = {**scope.get("state", {}), "request_id": request_id}
        scope["client"] = caller(scope, self.trusted_proxies)
        structlog.contextvars.bind_contextvars(request_id=request_id, **trace)
        tell_request(request_id)
        begun, status = time.perf_counter(), 0

        async def out(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                # a reply that is given again names the request that did it
                headers.setdefault("X-Request-ID", request_id)
                for name, value in scope["state"].get("rate_limits", {}).items():
                    headers[name] = value
                for name, value in self.always.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            elif head:
                message = {**message, "body": b""}
            await send(message)

        try:
            if (wrong := _ambiguous(scope)) is not None:
                await _refuse(wrong, scope, receive, out)
            else:
                with wall.read_by(told.get("accept-language", "")):
                    await self.app(scope, receive, out)
        except ClientDisconnect:
            status = status or 499  # nobody is there to be told
        except Exception as error:
            if status:
                raise  # half a reply is out; the server closes the connection
            await (await on_bug(Request(scope), error))(scope, receive, out)
        finally:
            method = "HEAD" if head else scope["method"]
            route = getattr(scope.get("route"), "path", "unmatched")
            REQUESTS.labels(method, route, status or 500).inc()
            SECONDS.labels(method, route).observe(took := time.perf_counter() - begun)
            if took > SLOW:
                log.warning(
                    "slow request",
                    method=method,
                    route=route,
                    status=status,
                    seconds=round(took, 2),
                )
            structlog.contextvars.unbind_contextvars("request_id", *trace)


def caller(scope: Scope, trusted_proxies: int) -> tuple[str, int] | None:
    """Who is calling: what the outermost of our own proxies saw. What stands before that in
    `X-Forwarded-For` was written by the caller, and is not looked at."""
    client: tuple[str, int] | None = scope.get("client")
    if not trusted_proxies:
        return client
    hops = [
        hop.strip()
        for line in Headers(scope=scope).getlist("x-forwarded-for")
        for hop in line.split(",")
    ]
    if not hops:
        return client
    seen = hops[max(0, len(hops) - trusted_proxies)]
    try:
        return str(ip_address(seen.partition("%")[0])), 0
    except ValueError:
        return client


def _ambiguous(scope: Scope) -> Refusal | None:
    for part in (scope.get("raw_path") or b"", scope.get("query_string") or b""):
        try:
            text = unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            return BadRequest("The address is not UTF-8.", code="bad_address")
        if "\x00" in text:
            return BadRequest("The address contains a NUL character.", code="bad_address")
    if not METHOD_OVERRIDES.isdisjoint(Headers(scope=scope)):
        return BadRequest(
            "A header that names another method is not read here. Send that method itself.",
            code="method_override",
        )
    return None


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    await (await on_refusal(Request(scope), refusal))(scope, receive, send)


class BodyLimit:
    """Caps bodies: 1 MiB of JSON, 10 MB of upload, `files` bytes where files are sent, 100 MB where
    lists are imported; counted, whatever Content-Length says."""

    def __init__(self, app: App, *, files: int) -> None:
        self.app = app
        self._uploads = {FILES: files + FORM, IMPORTS: MAX_IMPORT}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        upload = headers.get("content-type", "").startswith("multipart/form-data")
        largest = self._uploads.get(scope["path"], MAX_UPLOAD)
        cap = largest if upload else MAX_JSON
        too_large = TooLarge(f"The body is larger than {cap // 1024} KiB.")
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > cap:
            await _refuse(too_large, scope, receive, send)
            return
        read = 0

        async def counted() -> MutableMapping[str, Any]:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > cap:
                raise too_large
            return message

        await self.app(scope, counted, send)
