"""The API reference, working without any other server, and our mark."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from scalar_fastapi import AgentScalarConfig, get_scalar_api_reference

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
