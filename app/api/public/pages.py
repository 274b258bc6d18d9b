"""The start page and the API reference, both working without any other server."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from scalar_fastapi import AgentScalarConfig, get_scalar_api_reference

from app import __version__
from app.api.state import state_of
from app.process import DemoSignIn

router = APIRouter(include_in_schema=False)
STATIC = Path(__file__).parent / "static"
CSP = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
)
# the reference's own script is vendored; it styles itself inline and embeds fonts and pictures
REFERENCE_CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
)


@cache
def _page() -> Template:
    return Template((STATIC / "start.html").read_text())


def _sign_ins(demo: tuple[DemoSignIn, ...]) -> str:
    if not demo:
        return ""
    rows = "".join(
        f"<tr><td>{escape(one.org)}<td>{escape(one.role)}<td><code>{escape(one.email)}</code></tr>"
        for one in demo
    )
    return (
        "<section><h2>Demo sign-ins</h2><p>This installation holds a demo. Send one of these to"
        f" <code>POST /api/v2/auth/login</code>; the password of each is"
        f" <code>{escape(demo[0].password)}</code>.</p><table><thead><tr><th>Company<th>Role"
        f"<th>E-mail</tr></thead><tbody>{rows}</tbody></table></section>"
    )


@router.get("/", response_class=HTMLResponse)
async def start(request: Request) -> HTMLResponse:
    """What this is, how to sign in to the demo, and where to go."""
    page = _page().substitute(version=__version__, demo=_sign_ins(state_of(request).demo))
    return HTMLResponse(page, headers={"Content-Security-Policy": CSP})


@router.get("/api/reference", response_class=HTMLResponse)
async def reference() -> Response:
    """The API reference, made from the OpenAPI document."""
    page = get_scalar_api_reference(
        openapi_url="/api/openapi.json",
        title="Truckroll API",
        scalar_js_url="/static/scalar.js",
        scalar_favicon_url="/static/icon.svg",
        with_default_fonts=False,
        telemetry=False,
        agent=AgentScalarConfig(disabled=True),
        show_developer_tools="never",
        hide_client_button=True,
        authentication={"preferredSecurityScheme": "bearer"},
    )
    page.headers["Content-Security-Policy"] = REFERENCE_CSP
    return page


@router.get("/static/scalar.js")
async def scalar() -> Response:
    """The reference's script, as it was packed."""
    return Response(
        (STATIC / "scalar.js.gz").read_bytes(),
        media_type="text/javascript",
        headers={"Content-Encoding": "gzip", "Cache-Control": "public, max-age=86400"},
    )


@router.get("/static/icon.svg")
async def icon() -> Response:
    """Our mark."""
    return Response(
        (STATIC / "icon.svg").read_bytes(),
        media_type="image/svg+xml",
        headers={"Cache-Control": "public, max-age=86400"},
    )


@router.get("/favicon.ico")
async def favicon() -> Response:
    """Browsers ask for it unasked."""
    return await icon()
