"""The clients in the browser: pages with a nonce of their own, and what they are built from.

What is in `web/dist` is served and nothing else; it is read once. A page is never kept by a browser, and
runs only scripts and styles that carry the nonce of this one reply, or come from us. What a page is built
from has its content in its name and never changes, so a browser asks for it once.
"""

import re
import secrets
from collections.abc import Awaitable, Callable
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import urlsplit

import brotli
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from app import __version__
from app.api.state import state_of
from app.config import Settings
from app.core.errors import NotFound

Handler = Callable[[Scope, Receive, Send], Awaitable[None]]

router = APIRouter(include_in_schema=False)
DIST = Path(__file__).resolve().parents[3] / "web" / "dist"
NONCE = "__CSP_NONCE__"
"""What stands in the built pages where a nonce belongs (`web/vite.config.ts`)."""
PAGES = (
    "", "map",
    "sign-in", "sign-up", "invitation", "reset-password", "confirm-email",
    "call", "board", "work-orders", "customers", "sites", "equipment", "technicians",
    "vehicles", "crews", "invoices", "imports", "doctor", "capacity", "end-of-day", "me", "settings", "ui",
)  # fmt: skip
"""The first words of the office's addresses; what follows them is the client's own."""


def policy(nonce: str, beyond: tuple[str, ...] = ()) -> str:
    """What a page may load and run: scripts that it names itself and what these import, so that no other
    reply of ours, such as somebody's upload, can be run as one. Workers are made from our own files. `beyond`:
    origins from which the basemap's pictures and data may come."""
    more = "".join(f" {origin}" for origin in beyond)
    return (
        f"default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{nonce}';"
        f" img-src 'self' data: blob:{more}; font-src 'self'; connect-src 'self'{more}; frame-src 'self' blob:;"
        " worker-src 'self' blob:; object-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


def beyond(settings: Settings) -> tuple[str, ...]:
    """Origins that the basemap which is set needs; none where none is set."""
    if settings.basemap == "none":
        return ()
    addresses = (settings.basemap_url, settings.basemap_dark_url)
    parts = [urlsplit(one) for one in addresses if one and re.match(r"https?://", one)]
    named = (f"{one.scheme}://{one.netloc}" for one in parts)
    # in a policy a name that holds anything else would end its directive
    own = (one for one in named if re.fullmatch(r"https?://[A-Za-z0-9.:-]+", one))
    return tuple(dict.fromkeys((*own, *settings.basemap_origins)))


@cache
def _built(name: str) -> bytes:
    return (DIST / name).read_bytes()


@cache
def _assets() -> dict[str, bytes]:
    """All of one build: what is built while we run is served by the next process, whole."""
    return {one.name: one.read_bytes() for one in (DIST / "assets").iterdir()}


@cache
def _smaller(name: str) -> bytes:
    packed: bytes = brotli.compress(_assets()[name], quality=9)
    return packed


def page(name: str, settings: Settings) -> HTMLResponse:
    """One of the built pages, with a nonce that nobody can know beforehand."""
    nonce = secrets.token_urlsafe(18)
    text = _built(name).decode().replace(NONCE, nonce)
    headers = {
        "Content-Security-Policy": policy(nonce, beyond(settings)),
        "Cache-Control": "no-cache",
    }
    return HTMLResponse(text, headers=headers)


def answering(otherwise: Handler, settings: Settings) -> Handler:
    """The office for its own addresses, whatever follows their first word: which page is shown, the page
    reads from the address. Everything else is `otherwise`'s."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            first, _, rest = scope["path"][1:].partition("/")
            if first == "assets":
                encodings = Headers(scope=scope).get("accept-encoding", "")
                await asset(rest, encodings)(scope, receive, send)
                return
            if first in PAGES:
                await page("index.html", settings)(scope, receive, send)
                return
        await otherwise(scope, receive, send)

    return answer


def asset(name: str, encodings: str) -> Response:
    """A script, a style or a font, whose name holds what is in it. Raises NotFound."""
    if name not in _assets():
        raise NotFound("There is no such file.")
    kind = guess_type(name)[0] or "application/octet-stream"
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    packs = kind.startswith("text/") or kind in ("application/json", "image/svg+xml")
    if not packs:
        return Response(_assets()[name], media_type=kind, headers=headers)
    headers["Vary"] = "Accept-Encoding"
    if re.search(r"\bbr\b", encodings):
        headers["Content-Encoding"] = "br"
        return Response(_smaller(name), media_type=kind, headers=headers)
    return Response(_assets()[name], media_type=kind, headers=headers)


@router.get("/installation")
async def installation(request: Request) -> JSONResponse:
    """What one may know before signing in: the version, whether people work with it, and how to sign in to
    the demo, if one is here."""
    demo = [
        {"org": one.org, "role": one.role, "email": one.email, "password": one.password}
        for one in state_of(request).demo
    ]
    settings = state_of(request).settings
    return JSONResponse(
        {
            "version": __version__,
            "environment": settings.environment.value,
            "demo": demo,
            "basemap": basemap(settings),
        }
    )


def basemap(settings: Settings) -> dict[str, str | None] | None:
    """What maps show under their pins; None: our own borders and towns."""
    if settings.basemap == "none":
        return None
    return {
        "kind": settings.basemap,
        "url": "/basemap.pmtiles" if settings.basemap_file else settings.basemap_url,
        "dark_url": settings.basemap_dark_url,
        "attribution": settings.basemap_attribution,
    }


@router.get("/basemap.pmtiles")
async def basemap_file(request: Request) -> FileResponse:
    """The basemap of this installation, where it is a file of ours; read piece by piece (`Range`)."""
    file = state_of(request).settings.basemap_file
    if file is None:
        raise NotFound("No basemap is kept here.")
    headers = {"Cache-Control": "public, max-age=3600"}
    return FileResponse(file, media_type="application/vnd.pmtiles", headers=headers)
