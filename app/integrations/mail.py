"""Handing mail over to an SMTP server; its twin without a network is `app.integrations.outbox`.

Whichever it is says the same of a message that was not taken: `NotSent` (nothing happened, try
again), `Refused` (it never will be) or `Unclear` (the connection was lost after the message had
begun to leave, so that a second try might deliver it twice).
"""

import asyncio
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import aiosmtplib

from app.core.errors import Unavailable

TIMEOUT = 30
"""Seconds that one step of a conversation may take."""


class NotSent(Unavailable):
    """Nothing was handed over, and a later try may succeed."""


class Refused(Exception):
    """The server will not take this message, however often it is asked."""


class Unclear(Exception):
    """Nobody knows whether the message was taken."""


FAILURES = (NotSent, Refused, Unclear)


class SmtpPost:
    """A mail server, by URL: `smtp://user:password@host:587` (STARTTLS where the server offers it;
    `?starttls=required` insists) or `smtps://host:465`."""

    def __init__(self, url: str, sender: str) -> None:
        """Raises ValueError for a URL that names no mail server."""
        at = urlsplit(url)
        if at.scheme not in ("smtp", "smtps") or not at.hostname:
            raise ValueError("SMTP_URL must read smtp://host:port or smtps://host:port.")
        self._at: SplitResult = at
        self._insists = parse_qs(at.query).get("starttls") == ["required"]
        self._sender = sender

    async def send(self, message: bytes, to: str) -> None:
        """Hand the message over. Raises `NotSent`, `Refused` or `Unclear`."""
        client = self._client()
        try:
            await self._converse(client, message, to)
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        tls = self._at.scheme == "smtps"
        return aiosmtplib.SMTP(
            hostname=self._at.hostname,
            port=self._at.port or (465 if tls else 587),
            username=unquote(self._at.username) if self._at.username else None,
            password=unquote(self._at.password) if self._at.password else None,
            use_tls=tls,
            start_tls=False if tls else (True if self._insists else None),
            timeout=TIMEOUT,
        )

    async def _converse(self, client: aiosmtplib.SMTP, message: bytes, to: str) -> None:
        leaving = False
        try:
            await client.connect()
            await client.mail(self._sender)
            await client.rcpt(to)
            leaving = True
            await client.data(message)
        except aiosmtplib.SMTPResponseException as error:
            said = f"The mail server said {error.code} {error.message}."
            raise (Refused if error.code >= 500 else NotSent)(said) from error
        except ValueError as error:
            raise Refused("The mail server does not know addresses with such letters.") from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            if leaving:
                raise Unclear(
                    "The connection to the mail server was lost while the message was handed over."
                ) from error
            raise NotSent(f"The mail server cannot be reached ({type(error).__name__}).") from error
        try:
            await client.quit(timeout=2)
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            return  # the message is theirs; a lost goodbye changes nothing


class NoPost:
    """Production without a mail server: every mail says what is missing."""

    async def send(self, message: bytes, to: str) -> None:
        """Raise `NotSent`: the mail waits until a server is set."""
        await asyncio.sleep(0)
        raise NotSent("No mail server is set. Let SMTP_URL name one.")
