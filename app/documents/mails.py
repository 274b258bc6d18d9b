"""Mails as messages: a template and its data in, RFC 5322 bytes out.

A template says its subject, its paragraphs and what the button says; the page around them is one
for all. The same words make the text part, in which a link and a code can be copied. A template
never meets data it was not given: a missing name is an error when the mail is written, not a hole
in what somebody reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

import mrml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

POLICY = SMTP.clone(cte_type="7bit")
"""Any server takes seven bits."""
TEMPLATES = Path(__file__).parent / "templates" / "mails"


@dataclass(frozen=True)
class Attachment:
    """A file that goes along; `kind` is its media type, parameters included."""

    filename: str
    content: bytes
    kind: str = "application/octet-stream"
    """Such as `text/calendar; method=REQUEST`."""


@dataclass(frozen=True)
class Envelope:
    """What a message says of itself outside its words."""

    message_id: str
    sender: str
    """The address; `sender_name` stands before it."""
    sender_name: str
    to: str
    at: datetime
    reply_to: str | None = None
    request_id: str = ""
    """Of the request that wrote it, to be found again in our log."""


@dataclass(frozen=True)
class Words:
    """What a mail says."""

    subject: str
    text: str
    html: str


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["mjml"]),  # the text part is no markup
        trim_blocks=True,
        lstrip_blocks=True,
    )


def words(template: str, data: Mapping[str, Any], *, brand: str) -> Words:
    """The mail `template` with this data; `brand` is who writes.

    `url` in the data becomes the button, `code` what can be typed in its place. Raises
    `jinja2.UndefinedError` for data that is missing.
    """
    found = _environment().get_template(f"{template}.txt")
    known = {"url": None, "code": None, "brand": brand, **data}

    def said(block: str) -> str:
        return "".join(found.blocks[block](found.new_context(known))).strip()

    subject = _line(said("subject"))[:190]
    paragraphs = [_line(one) for one in said("body").split("\n\n") if one.strip()]
    label = said("button") if "button" in found.blocks else ""
    url, code = known["url"], known["code"]
    page = _environment().get_template("page.mjml")
    html = mrml.to_html(
        page.render(
            subject=subject, paragraphs=paragraphs, label=label, url=url, code=code, brand=brand
        )
    )
    lines = list(paragraphs)
    lines += [f"{label}:\n{url}"] if url else []
    lines += [f"Or enter this code:\n{code}"] if code else []
    text = "\n\n".join([*lines, f"-- \n{brand}"]) + "\n"
    return Words(subject, text, str(getattr(html, "content", html)))


def _line(text: str) -> str:
    """One line that a header and a page can bear: no breaks, no control characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def message(envelope: Envelope, said: Words, attachments: Sequence[Attachment] = ()) -> bytes:
    """The finished message, with a text part, an HTML part and what goes along."""
    mail = EmailMessage(policy=POLICY)
    mail["Subject"] = said.subject
    mail["From"] = Address(envelope.sender_name, addr_spec=envelope.sender)
    mail["To"] = Address(addr_spec=envelope.to)
    if envelope.reply_to:
        mail["Reply-To"] = Address(addr_spec=envelope.reply_to)
    mail["Date"] = format_datetime(envelope.at)
    mail["Message-ID"] = f"<{envelope.message_id}@{envelope.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if envelope.request_id:
        mail["X-Request-ID"] = envelope.request_id
    mail.set_content(said.text)
    mail.add_alternative(said.html, subtype="html")
    for one in attachments:
        media, *parameters = (part.strip() for part in one.kind.split(";"))
        maintype, _, subtype = media.partition("/")
        given = dict(part.split("=", 1) for part in parameters)
        mail.add_attachment(
            one.content, maintype=maintype, subtype=subtype, filename=one.filename, params=given
        )
    return mail.as_bytes()
