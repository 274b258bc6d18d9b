"""A mail leaves after the commit that wrote it, once, whichever post carries it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from app.config import Environment
from app.core.db import Scope, Sessions
from app.main import create_app
from app.models.customers import Customer
from app.models.mails import Mail
from app.services import mails
from app.services.identity.acting import act_for
from app.services.mails import Attachment
from tests.support.jobs import working
from tests.support.people import Company
from tests.support.post import Sink, an_smtp_server, read_outbox, text_of, wake_the_queue, with_post
from tests.support.server import Server
from tests.support.waiting import until

ICS = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@dataclass
class Twin:
    """One way of carrying mail, and where it arrives."""

    sessions: Sessions
    arrived: Callable[[str], Awaitable[list[EmailMessage]]]
    sink: Sink | None = None


@pytest_asyncio.fixture(params=["smtp", "outbox"])
async def twin(request: pytest.FixtureRequest, server: Server) -> AsyncIterator[Twin]:
    """Each of the two."""
    if request.param == "outbox":
        yield Twin(server.state.sessions, lambda to: read_outbox(server, to))
        return
    async with an_smtp_server() as (sink, post):

        async def arrived(to: str) -> list[EmailMessage]:
            return [mail for mail in reversed(sink.mails) if mail["To"] == to]

        yield Twin(with_post(server, post), arrived, sink)


@pytest_asyncio.fixture
async def smtp(server: Server) -> AsyncIterator[Twin]:
    """The real server alone: it can be told how to fail."""
    async with an_smtp_server() as (sink, post):

        async def arrived(to: str) -> list[EmailMessage]:
            return [mail for mail in reversed(sink.mails) if mail["To"] == to]

        yield Twin(with_post(server, post), arrived, sink)


async def _write(
    company: Company, sessions: Sessions, to: str, key: str, *, commit: bool = True, **more: Any
) -> UUID:
    owner = await company.person("owner")
    scope = Scope(company.id, owner.user_id, "test", "writing")
    async with sessions.open(scope) as session:
        ctx = await act_for(session, owner.user_id)
        data = {"subject": "Your visit\r\nBcc: all@example.com", "text": "Søren <b>comes</b>."}
        mail = await mails.send(ctx, to=to, template="notice", data=data, key=key, **more)
        if commit:
            await session.commit()
        return mail.id


async def _ended(company: Company, mail_id: UUID, status: str) -> Any:
    owner = await company.person("owner")

    async def there() -> bool:
        shown = await owner.got(f"/api/v2/mails/{mail_id}")
        return bool(shown["status"] == status)

    await until(there, seconds=40)
    return await owner.got(f"/api/v2/mails/{mail_id}")


async def test_a_mail_arrives_whole_and_once_for_its_key(
    acme: Company, server: Server, twin: Twin, request: pytest.FixtureRequest
) -> None:
    to = f"{request.node.callspec.id}@example.com"
    file = Attachment("visit.ics", ICS, "text/calendar; method=REQUEST")
    first = await _write(acme, twin.sessions, to, f"once {to}", attachments=[file])
    assert await _write(acme, twin.sessions, to, f"once {to}") == first
    async with working(server.database, twin.sessions):
        shown = await _ended(acme, first, "sent")
    assert await _write(acme, twin.sessions, to, f"once {to}") == first
    (mail,) = await twin.arrived(to)
    assert (mail["To"], mail["Bcc"], mail["Auto-Submitted"]) == (to, None, "auto-generated")
    assert mail["From"].addresses[0].display_name == "Acme"
    assert mail["Subject"] == shown["subject"] == "Your visit Bcc: all@example.com"
    assert "Søren <b>comes</b>." in text_of(mail)
    page = mail.get_body(preferencelist=("html",))
    assert page is not None
    assert "Søren &lt;b&gt;comes&lt;/b&gt;." in page.get_content()
    (calendar,) = mail.iter_attachments()
    assert (calendar.get_content_type(), calendar.get_param("method")) == (
        "text/calendar",
        "REQUEST",
    )
    assert calendar.get_payload(decode=True) == ICS
    assert (shown["failure"], shown["sent_at"] is not None) == (None, True)


async def test_what_is_rolled_back_is_not_sent(
    acme: Company, server: Server, twin: Twin, request: pytest.FixtureRequest
) -> None:
    to = f"never-{request.node.callspec.id}@example.com"
    await _write(acme, twin.sessions, to, to, commit=False)
    marker = await _write(acme, twin.sessions, "marker@example.com", f"after {to}")
    async with working(server.database, twin.sessions):
        await _ended(acme, marker, "sent")
    assert await twin.arrived(to) == []


async def test_a_busy_server_is_asked_again(acme: Company, server: Server, smtp: Twin) -> None:
    assert smtp.sink is not None
    smtp.sink.answers = ["451 busy"]
    mail_id = await _write(acme, smtp.sessions, "busy@example.com", "busy")
    owner = await acme.person("owner")
    async with working(server.database, smtp.sessions):
        await until(lambda: _failed(owner, mail_id), seconds=40)
        await wake_the_queue(server)
        await _ended(acme, mail_id, "sent")
    assert len(await smtp.arrived("busy@example.com")) == 1


async def _failed(owner: Any, mail_id: UUID) -> bool:
    shown = await owner.got(f"/api/v2/mails/{mail_id}")
    return shown["failure"] is not None and shown["status"] == "queued"


async def test_what_a_server_refuses_is_said_and_not_tried_again(
    acme: Company, server: Server, smtp: Twin
) -> None:
    assert smtp.sink is not None
    smtp.sink.answers = ["550 no such person"]
    mail_id = await _write(acme, smtp.sessions, "gone@example.com", "gone")
    async with working(server.database, smtp.sessions):
        shown = await _ended(acme, mail_id, "refused")
    assert shown["failure"] == "The mail server said 550 no such person."
    assert await smtp.arrived("gone@example.com") == []


async def test_what_may_have_left_is_not_sent_twice(
    acme: Company, server: Server, smtp: Twin
) -> None:
    assert smtp.sink is not None
    smtp.sink.answers = ["hang up"]
    mail_id = await _write(acme, smtp.sessions, "perhaps@example.com", "perhaps")
    async with working(server.database, smtp.sessions):
        shown = await _ended(acme, mail_id, "unclear")
    assert "lost while the message was handed over" in shown["failure"]
    assert len(await smtp.arrived("perhaps@example.com")) == 1


async def test_a_worker_that_died_with_it_in_its_hands_leaves_it_unclear(
    acme: Company, server: Server, smtp: Twin
) -> None:
    mail_id = await _write(acme, smtp.sessions, "died@example.com", "died")
    async with smtp.sessions.open(Scope(acme.id)) as session:
        await mails.hand_over(await act_for(session, None), mail_id)
        await session.commit()
    async with working(server.database, smtp.sessions):
        await _ended(acme, mail_id, "unclear")
    assert await smtp.arrived("died@example.com") == []


async def test_until_it_is_sent_it_is_sealed_and_afterwards_it_is_gone(
    acme: Company, server: Server, smtp: Twin
) -> None:
    mail_id = await _write(acme, smtp.sessions, "sealed@example.com", "sealed")
    admin = await asyncpg.connect(server.database.admin)
    kept = "select message from mails where id = $1"
    assert b"comes" not in await admin.fetchval(kept, mail_id)
    async with working(server.database, smtp.sessions):
        await _ended(acme, mail_id, "sent")
    assert await admin.fetchval(kept, mail_id) is None
    told = "select changes::text from journal where entity = 'mail' and entity_id = $1 order by id"
    entries = [row[0] for row in await admin.fetch(told, mail_id)]
    assert [entry for entry in entries if "\\\\x" in entry] == []
    assert '"message": "redacted"' in entries[0]
    await admin.close()


async def test_mails_about_a_record_are_found_by_it(acme: Company, server: Server) -> None:
    owner = await acme.person("owner")
    customer = await owner.made("/api/v2/customers", {"name": "Ann Lee"})
    async with server.state.sessions.open(Scope(acme.id)) as session:
        ctx = await act_for(session, None)
        row = await ctx.get(Customer, UUID(customer["id"]))
        data = {"subject": "Hello", "text": "There."}
        mail: Mail = await mails.send(
            ctx, to="ann@example.com", template="notice", data=data, key="hello", about=row
        )
        await session.commit()
    found = await owner.got("/api/v2/mails", about_id=customer["id"])
    assert [one["id"] for one in found["data"]] == [str(mail.id)]
    technician = await acme.person("technician")
    assert (await technician.get("/api/v2/mails")).status_code == 403


async def test_the_outbox_shows_mails_to_whoever_tries_things_out(
    acme: Company, server: Server
) -> None:
    file = Attachment("visit.ics", ICS, "text/calendar; method=REQUEST")
    await _write(acme, server.state.sessions, "page@example.com", "page", attachments=[file])
    async with working(server.database, server.state.sessions):
        await until(lambda: _there(server), seconds=40)
    owner = await acme.person("owner")
    asked = {"Accept": "application/json"}
    listed = (await owner.get("/dev/outbox", headers=asked)).json()["data"]
    line = next(one for one in listed if one["to"] == "page@example.com")
    assert "page@example.com" in (await owner.get("/dev/outbox")).text
    shown = await owner.get(f"/dev/outbox/{line['id']}")
    assert "visit.ics" in shown.text
    assert "Søren &lt;b&gt;comes&lt;/b&gt;." in shown.text
    html = await owner.get(f"/dev/outbox/{line['id']}/html")
    assert "sandbox" in html.headers["content-security-policy"]
    saved = await owner.get(f"/dev/outbox/{line['id']}/attachments/0")
    assert (saved.content, saved.headers["content-disposition"]) == (
        ICS,
        'attachment; filename="visit.ics"',
    )
    assert (await owner.get(f"/dev/outbox/{line['id']}/attachments/1")).status_code == 404
    assert (await owner.get(f"/dev/outbox/{UUID(int=1)}")).status_code == 404
    names = (
        "localhost:8000",
        "[::1]:8000",
        "127.0.0.1",
        "evil.example:8000",
        "127.0.0.1.nip.io",
        "",
    )
    replies = [await owner.get("/dev/outbox", headers={"Host": name}) for name in names]
    assert [reply.status_code for reply in replies] == [200, 200, 200, 403, 403, 403]
    assert "page@example.com" not in replies[-1].text


async def _there(server: Server) -> bool:
    return bool(await read_outbox(server, "page@example.com"))


@pytest.mark.parametrize(
    ("environment", "host", "status"),
    [
        (Environment.local, "127.0.0.1", 200),
        (Environment.local, "localhost", 200),
        (Environment.local, "::1", 200),
        (Environment.local, "10.0.0.5", 404),
        (Environment.production, "127.0.0.1", 404),
    ],
)
async def test_the_outbox_is_shown_to_this_machine_alone(
    server: Server, environment: Environment, host: str, status: int
) -> None:
    settings = server.state.settings.model_copy(update={"environment": environment, "host": host})
    app = create_app(replace(server.state, settings=settings))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/dev/outbox")).status_code == status
