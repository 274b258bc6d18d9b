"""The logs of the real process hold no secret (check B12), at DEBUG, whatever goes wrong.

People sign up, set up two steps, sign in and out, forget passwords and invite; requests are refused with
secrets in every place; tables go missing under what handles them. Then every line that the process
and its PostgreSQL wrote is searched for each secret, as it is and as it may have been written.
"""

import asyncio
import base64
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import asyncpg
import pyotp
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import clock
from app.core.db import make_engine
from app.integrations import outbox
from app.models.outbox import OutboxMail
from tests.support.browsers import Browser
from tests.support.database import Database
from tests.support.post import token_in
from tests.support.process import ROOT, free_port
from tests.support.waiting import until

AUTH, MINE, INVITATIONS = "/api/v2/auth", "/api/v2/me/mfa", "/api/v2/invitations"
FIRST, SECOND, THIRD = (f"{one} canary in a coal mine" for one in ("a", "another", "the third"))
WRONG = "no such canary sings"
OWNER, GUEST = "log-owner@example.com", "log-guest@example.com"
PLANTED = "planted:canary:for:the:search"
AT_DEBUG = """
import logging, sys
from app.core import telemetry
telemetry.set_up_logs.__defaults__ = (logging.DEBUG,)
from app.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""`python -m app`, whose logs are at INFO, as it would be at DEBUG."""


@dataclass
class Process:
    """The serving process on a database of the suite, and what it and PostgreSQL wrote."""

    url: str
    log: Path
    database: Database
    engine: AsyncEngine
    seen: dict[Path, int]
    secrets: list[str] = field(default_factory=list)

    def keep(self, *secrets: str) -> None:
        self.secrets += secrets

    def written(self) -> str:
        """All lines since the start."""
        ours = self.log.read_text()
        return ours + "".join(
            one.read_bytes()[self.seen.get(one, 0) :].decode(errors="replace")
            for one in self.database.cluster.folder.logs.iterdir()
        )

    async def mailed(self, to: str, subject: str) -> str:
        """The token in the mail of this subject, once it is there."""

        async def there() -> bool:
            return any(subject in one.subject and one.to == to for one in await self.mails())

        await until(there, seconds=30)
        mail = next(one for one in await self.mails() if subject in one.subject and one.to == to)
        token = token_in(await outbox.one(self.engine, mail.id))
        self.keep(token)
        return token

    async def mails(self) -> Any:
        return await outbox.newest(self.engine)


def start(database: Database, data: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "TRUCKROLL_"))}
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-c", AT_DEBUG, "serve", "--no-demo", "--data", data, "--port", str(port)],
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**kept, "OPS_PORT": "0", "DATABASE_URL": database.app,
                 "DATABASE_OWNER_URL": database.owner, "DATABASE_RELAY_URL": database.relay},
        )  # fmt: skip


@pytest_asyncio.fixture
async def running(database: Database, tmp_path: Path) -> AsyncIterator[Process]:
    """The process, started and stopped as an operator does it."""
    port, log = free_port(), tmp_path / "output.log"
    logs = database.cluster.folder.logs
    seen = {one: one.stat().st_size for one in logs.iterdir()}
    process = start(database, tmp_path, port, log)
    engine = make_engine(database.app)
    try:

        async def ready() -> bool:
            assert process.poll() is None, log.read_text()
            return "\nready http" in log.read_text()

        await until(ready, seconds=60)
        yield Process(f"http://127.0.0.1:{port}", log, database, engine, seen)
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 30) == 0
        await engine.dispose()


@pytest_asyncio.fixture
async def behind(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.admin)
    yield connection
    await connection.close()


@asynccontextmanager
async def without(behind: asyncpg.Connection, *tables: str) -> AsyncIterator[None]:
    """Tables that are not there: a bug that no handler foresees."""
    for one in tables:
        await behind.execute(f"alter table {one} rename to {one.rpartition('.')[2]}_gone")
    try:
        yield
    finally:
        for one in tables:
            await behind.execute(f"alter table {one}_gone rename to {one.rpartition('.')[2]}")


def forms(secret: str) -> Iterator[str]:
    """As it is, and as it may have been written."""
    raw = secret.encode()
    yield from {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
    yield secret.replace("-", "")
    yield raw.hex()
    for before in range(3):  # base64 of a text that holds it, wherever in it that begins
        whole = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        yield from {
            whole[4 if before else 0 : -2],
            whole[4 if before else 0 : -2].translate(URL_SAFE),
        }


URL_SAFE = str.maketrans("+/", "-_")


def found_in(lines: str, secrets: list[str]) -> list[str]:
    return [one for one in secrets if any(form in lines for form in forms(one))]


def tokens_of(reply: Any) -> list[str]:
    """The tokens of a sign-in, those in cookies too."""
    said = [str(value) for key, value in reply.json().items() if key.endswith("_token")]
    return [*said, *reply.cookies.values()]


async def come_in(running: Process, browser: Browser) -> str:
    """A new owner signs up, signs in and sets up two steps; the secret of the authenticator."""
    body: dict[str, str] = {
        "email": OWNER, "name": "Lo Gg", "organisation": "Canaries", "time_zone": "America/Denver",
    }  # fmt: skip
    assert (await browser.write("POST", f"{AUTH}/sign-up", json=body)).status_code == 202
    token = await running.mailed(OWNER, "Confirm your e-mail")
    body = {"token": token, "password": FIRST}
    made = await browser.write("POST", f"{AUTH}/sign-up/confirm", json=body)
    assert made.status_code == 201, made.text
    running.keep(*tokens_of(await browser.sign_in(OWNER, password=FIRST)))
    ticket = (await browser.write("POST", MINE)).json()["mfa_token"]
    shown = (await browser.write("POST", f"{AUTH}/mfa/enroll", json={"mfa_token": ticket})).json()
    body = {"mfa_token": ticket, "code": code(shown["secret"], -1)}
    done = await browser.write("POST", f"{AUTH}/mfa/confirm", json=body)
    assert done.status_code == 200, done.text
    running.keep(ticket, shown["secret"], *done.json()["recovery_codes"], *tokens_of(done))
    return str(shown["secret"])


def code(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + 30 * steps)


async def come_in_again(running: Process, browser: Browser, secret: str) -> None:
    """Sign in wrongly and rightly, renew the session, prove oneself, sign out and in."""
    await browser.sign_in(OWNER, password=WRONG)
    half = (await browser.sign_in(OWNER, password=FIRST)).json()["mfa_token"]
    for one, status in (("000000", 401), (code(secret), 200)):
        body = {"mfa_token": half, "code": one}
        reply = await browser.write("POST", f"{AUTH}/mfa/verify", json=body)
        assert reply.status_code == status, reply.text
    running.keep(half, *tokens_of(reply))
    renewed = await browser.write("POST", f"{AUTH}/refresh")
    assert renewed.status_code == 200, renewed.text
    running.keep(*tokens_of(renewed))
    proof = await browser.write("POST", f"{AUTH}/step-up", json={"code": code(secret, 1)})
    assert proof.status_code == 204, proof.text


async def be_refused(running: Process, browser: Browser) -> None:
    """Secrets where they do not belong: none of it is taken."""
    access = running.secrets[-1]
    body = {"email": {}, "password": [FIRST], FIRST: FIRST}
    refused = [
        await browser.post(f"{AUTH}/login", json=body),
        await browser.post(f"{AUTH}/login", content=f'{{"password": "{FIRST}"'),
        await browser.post(f"{AUTH}/login", data={"password": FIRST}),
        await browser.post(f"{AUTH}/login", content=f'{{"password": "{FIRST}'.encode() + b"\xff"),
        await browser.write("POST", f"{AUTH}/step-up", json={"password": FIRST}),
        await browser.post(f"{AUTH}/password/reset", json={"token": access, "password": FIRST}),
        await browser.get("/api/v2/customers", params={"access_token": access, "q": FIRST}),
        await browser.get(f"/api/v2/customers/{access}"),
        await browser.get(f"/nowhere/{access}"),
        await browser.get(f"/api/v2/me?token={access}%ff"),
        await browser.get("/api/v2/me", headers={"Authorization": f"Bearer {access}x"}),
        await browser.get("/api/v2/me", headers={"X-HTTP-Method-Override": access}),
    ]
    # who has a good cookie comes in, whatever else they send
    await browser.get("/api/v2/me", headers={"Authorization": f"Basic {FIRST}"})
    assert [one.url for one in refused if one.status_code // 100 != 4] == []


async def forget(running: Process, browser: Browser, behind: asyncpg.Connection) -> None:
    """A mail that cannot be delivered at first, since where mails stay is gone."""
    async with without(behind, table(OutboxMail)):
        reply = await browser.post(f"{AUTH}/password/forgot", json={"email": OWNER})
        assert reply.status_code == 202, reply.text

        async def failed() -> bool:
            return "Retry requested" in running.written()

        await until(failed, seconds=30)
    # nobody knows whether it was sent, so it would not be sent again
    await behind.execute("update identity.letters set status = 'queued' where status = 'sending'")
    await behind.execute("update jobs.pgqueuer set execute_after = now() where status = 'queued'")


def table(model: Any) -> str:
    return str(model.__table__.fullname)


async def meet_bugs(
    running: Process, browser: Browser, behind: asyncpg.Connection, token: str, invited: str
) -> None:
    """Whatever handles secrets fails in the middle of it."""
    tables = ["tickets", "invitations", "sessions", "refresh_tokens", "recovery_codes"]
    async with without(behind, *(f"identity.{one}" for one in tables)):
        broken = [
            await browser.post(f"{AUTH}/password/reset", json={"token": token, "password": SECOND}),
            await browser.post(f"{INVITATIONS}/accept", json={"token": invited, "password": THIRD}),
            await browser.write("POST", f"{AUTH}/refresh"),
            await browser.get("/api/v2/me", headers={"X-Request-ID": PLANTED}),
            await browser.post(f"{AUTH}/mfa/verify", json={"mfa_token": token, "code": "123456"}),
        ]
    assert {one.status_code for one in broken} == {500}


async def test_no_secret_is_in_the_logs_of_the_process(
    running: Process, behind: asyncpg.Connection
) -> None:
    browser = Browser(running)  # type: ignore[arg-type]
    running.keep(FIRST, SECOND, THIRD, WRONG)
    secret = await come_in(running, browser)
    await come_in_again(running, browser, secret)
    await be_refused(running, browser)
    await forget(running, browser, behind)
    body = {"email": GUEST, "name": "Gu Est", "role": "viewer"}
    assert (await browser.write("POST", INVITATIONS, json=body)).status_code == 201
    invited = await running.mailed(GUEST, "invites you")
    token = await running.mailed(OWNER, "Choose a new password")
    await meet_bugs(running, browser, behind, token, invited)
    for path, one, password in (
        (f"{INVITATIONS}/accept", invited, THIRD),
        (f"{AUTH}/password/reset", token, SECOND),
    ):
        reply = await browser.post(path, json={"token": one, "password": password})
        assert reply.status_code in {200, 204}, reply.text
    assert (await browser.write("POST", f"{AUTH}/logout")).status_code in {204, 401}
    await browser.aclose()

    written = running.written()
    assert len(set(running.secrets)) > 25
    assert all(len(one) >= 8 for one in running.secrets)
    # the log is the log: the bugs are in it with their traces, and what is planted is found
    assert written.count("request failed") == 5
    assert "UndefinedTableError" in written
    assert "[debug" in written
    assert found_in(written, [PLANTED]) == [PLANTED]
    assert found_in(written, running.secrets) == []


@pytest.mark.parametrize("written", ["{}", "x{}x", "ab{}", "abc{}z"])
def test_a_secret_is_found_however_it_was_written(written: str) -> None:
    secret = "a canary/with+signs?"
    text = written.format(secret)
    for line in (
        text,
        quote(text),
        quote_plus(text),
        text.encode().hex(),
        base64.b64encode(text.encode()).decode(),
        base64.urlsafe_b64encode(text.encode()).decode(),
    ):
        assert found_in(f"before {line} behind", [secret]) == [secret], line
    assert found_in("before a canary with no signs behind", [secret]) == []
