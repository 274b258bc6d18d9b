"""`/dev/outbox`: what this installation would have written to people, on one's own machine only.

Whoever reaches these pages reads links and codes that open accounts: there are no such routes in
production, nor where the server listens to other machines, and they answer to this machine's own name
only, so that no page of the internet reads them through a name of its own that points here.
"""

from email.message import EmailMessage
from html import escape
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from app.api.outputs import rfc3339
from app.api.public.pages import CSP
from app.api.state import state_of
from app.core.errors import Forbidden, NotFound
from app.integrations import outbox


async def at_this_machine(request: Request) -> None:
    """Raise `Forbidden` for a request under another name than the loopback's."""
    if not _is_loopback(request.headers.get("host", "")):
        raise Forbidden(
            "The outbox opens on this machine alone: http://127.0.0.1 or http://localhost, with the"
            " server's port.",
            code="foreign_host",
        )


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False  # a name, or nothing that could be one


router = APIRouter(
    prefix="/dev/outbox", include_in_schema=False, dependencies=[Depends(at_this_machine)]
)
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; base-uri 'none';"
    " frame-ancestors 'self'"
)
"""A mail's own page may look as it likes and do nothing."""
HEAD = (
    '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>Outbox</title><style>body{font:15px/1.5 system-ui,sans-serif;max-width:880px;"
    "margin:32px auto;padding:0 16px}table{border-collapse:collapse;width:100%}th,td{text-align:left;"
    "padding:8px 10px;border-bottom:1px solid #dfe5e2}pre{white-space:pre-wrap;background:#f4f6f5;"
    "padding:14px;border-radius:8px}iframe{width:100%;height:480px;border:1px solid #dfe5e2;"
    "border-radius:8px}</style>"
)


def _page(body: str) -> HTMLResponse:
    return HTMLResponse(HEAD + body, headers={"Content-Security-Policy": CSP})


@router.get("")
async def list_outbox(request: Request) -> Response:
    """The last mails, newest first; as JSON for a program that asks for it."""
    lines = await outbox.newest(state_of(request).engine)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(
            {
                "data": [
                    {"id": str(one.id), "at": rfc3339(one.at), "to": one.to, "subject": one.subject}
                    for one in lines
                ]
            }
        )
    rows = "".join(
        f'<tr><td>{one.at:%d %b %H:%M:%S}<td>{escape(one.to)}<td><a href="/dev/outbox/{one.id}">'
        f"{escape(one.subject)}</a></tr>"
        for one in lines
    )
    return _page(
        "<h1>Outbox</h1><p>Mails that this installation would have sent. Set <code>SMTP_URL</code>"
        " and they leave for real.</p><table><tr><th>When (UTC)<th>To<th>Subject</tr>"
        f"{rows}</table>"
    )


@router.get("/{id}")
async def show_mail(request: Request, id: UUID) -> Response:
    """One mail: its text, how its HTML looks, and what goes along."""
    mail = await outbox.one(state_of(request).engine, id)
    files = [part.get_filename() or "file" for part in mail.iter_attachments()]
    listed = "".join(
        f'<li><a href="/dev/outbox/{id}/attachments/{n}" download>{escape(name)}</a>'
        for n, name in enumerate(files)
    )
    return _page(
        f'<p><a href="/dev/outbox">Outbox</a><h1>{escape(str(mail["Subject"]))}</h1>'
        f"<p>From {escape(str(mail['From']))}<br>To {escape(str(mail['To']))}"
        f"<br>{escape(str(mail['Date']))}</p>"
        + (f"<h2>Attachments</h2><ul>{listed}</ul>" if listed else "")
        + f"<h2>Text</h2><pre>{escape(_part(mail, 'plain'))}</pre>"
        f'<h2>HTML</h2><iframe sandbox src="/dev/outbox/{id}/html" title="The mail"></iframe>'
    )


@router.get("/{id}/text")
async def mail_text(request: Request, id: UUID) -> Response:
    """The text part."""
    return PlainTextResponse(_part(await outbox.one(state_of(request).engine, id), "plain"))


@router.get("/{id}/html")
async def mail_html(request: Request, id: UUID) -> Response:
    """The HTML part, which may do nothing."""
    mail = await outbox.one(state_of(request).engine, id)
    headers = {"Content-Security-Policy": MAIL_CSP, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(_part(mail, "html"), headers=headers)


@router.get("/{id}/attachments/{number}")
async def mail_attachment(request: Request, id: UUID, number: int) -> Response:
    """One attachment, to be saved."""
    parts = list((await outbox.one(state_of(request).engine, id)).iter_attachments())
    if not 0 <= number < len(parts):
        raise NotFound("This mail has no such attachment.")
    content = parts[number].get_payload(decode=True)
    assert isinstance(content, bytes)
    named = (parts[number].get_filename() or "file").encode("ascii", "replace").decode()
    name = "".join(one for one in named if one.isprintable() and one not in '"\\')
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""
