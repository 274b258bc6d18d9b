"""Mail in tests: a real SMTP server to send to, and reading what arrived, there or in the outbox."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from typing import Any

import asyncpg
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.core.db import Sessions
from app.integrations import outbox
from app.integrations.mail import SmtpPost
from tests.support.jobs import working
from tests.support.server import Server
from tests.support.waiting import until


@dataclass
class Sink:
    """An SMTP server's mailbag, and how it is to answer."""

    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    """What to say to the next messages instead of taking them; `hang up` after having heard it."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's name."""
        answer = self.answers.pop(0) if self.answers else None
        if answer in (None, "hang up"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(outbox.read(envelope.content))
        if answer == "hang up":
            assert server.transport is not None
            server.transport.abort()
        return answer or "250 OK"


@asynccontextmanager
async def an_smtp_server() -> AsyncIterator[tuple[Sink, SmtpPost]]:
    """A mail server on a free port, and the post that hands mail to it."""
    sink = Sink()
    listening = await asyncio.get_running_loop().create_server(
        lambda: SMTP(sink, hostname="sink", enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    port = listening.sockets[0].getsockname()[1]
    try:
        yield sink, SmtpPost(f"smtp://127.0.0.1:{port}", "no-reply@truckroll.example")
    finally:
        listening.close()


def with_post(server: Server, post: Any) -> Sessions:
    """The server's sessions, with another post."""
    sessions = server.state.sessions
    assert sessions.tools is not None
    return Sessions(sessions.engine, tools=replace(sessions.tools, post=post))


async def read_outbox(server: Server, to: str) -> list[EmailMessage]:
    """What arrived in the outbox for an address, newest first."""
    engine = server.state.engine
    lines = [line for line in await outbox.newest(engine) if line.to == to]
    return [await outbox.one(engine, line.id) for line in lines]


async def delivered(server: Server, to: str, *, more_than: int = 0) -> EmailMessage:
    """Let a worker deliver what is queued, whatever it was to wait for; the newest mail of an address,
    once there is a new one."""
    await wake_the_queue(server)
    async with working(server.database, server.state.sessions):
        await until(lambda: _more(server, to, more_than), seconds=40)
    return (await read_outbox(server, to))[0]


async def _more(server: Server, to: str, more_than: int) -> bool:
    return len(await read_outbox(server, to)) > more_than


def text_of(mail: EmailMessage) -> str:
    """The text part."""
    part = mail.get_body(preferencelist=("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def token_in(mail: EmailMessage) -> str:
    """The token in a mail's link, which is the code that stands below it too."""
    text = text_of(mail)
    found = re.search(r"#token=(\S+)", text)
    assert found is not None, text
    assert f"code:\n{found[1]}" in text
    return found[1]


async def wake_the_queue(server: Server) -> None:
    """What a commit does where a publisher runs: make waiting tickets due now."""
    admin = await asyncpg.connect(server.database.admin)
    await admin.execute("update jobs.pgqueuer set execute_after = now() where status = 'queued'")
    await admin.close()
