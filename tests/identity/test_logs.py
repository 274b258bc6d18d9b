"""Logs hold no secret and no line that somebody else wrote."""

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from app.core import telemetry
from tests.support.browsers import Browser
from tests.support.people import PASSWORD, Company
from tests.support.server import Server

FORGED = "2026-01-01T00:00:00Z [info] forged line"


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], io.StringIO]]:
    """Sets up logging as the product does, at DEBUG, into a buffer."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configured = structlog.get_config()

    def set_up(fmt: str) -> io.StringIO:
        written = io.StringIO()
        monkeypatch.setattr(telemetry.sys, "stderr", written)
        telemetry.set_up_logs(fmt, logging.DEBUG)
        for client in ("httpcore2", "httpx2"):  # our own client in the same process
            monkeypatch.setattr(logging.getLogger(client), "level", logging.WARNING)
        return written

    yield set_up
    root.handlers[:], root.level = before
    structlog.configure(**configured)


@pytest.mark.parametrize("fmt", ["text", "json"])
async def test_no_password_or_token_is_logged(
    acme: Company, browser: Browser, logged: Callable[[str], io.StringIO], fmt: str
) -> None:
    await acme.add(f"log-{fmt}@example.com", "L Og", "viewer")
    written = logged(fmt)
    tokens = (await browser.sign_in(f"log-{fmt}@example.com")).json()
    device = browser.cookies["tr_device"]
    await browser.sign_in(f"log-{fmt}@example.com", password="a wrong one, logged nowhere")
    await browser.write("POST", "/api/v2/auth/refresh")
    body = {"current_password": PASSWORD, "new_password": "another long passphrase"}
    await browser.write("POST", "/api/v2/auth/password", json=body)
    await browser.post("/api/v2/auth/login", json={"email": {}, "password": [PASSWORD]})
    structlog.get_logger().info("somebody logs a token", refresh_token=tokens["refresh_token"])
    lines = written.getvalue()
    assert "somebody logs a token" in lines
    secrets = [PASSWORD, "logged nowhere", "another long passphrase", device,
               *(tokens[name] for name in ("access_token", "refresh_token", "csrf_token")),
               "tr_at_", "tr_rt_", "tr_cs_", "tr_dv_"]  # fmt: skip
    assert [secret for secret in secrets if secret in lines] == []


@pytest.mark.parametrize("fmt", ["text", "json"])
async def test_a_bug_is_logged_without_its_data_and_without_forged_lines(
    server: Server,
    acme: Company,
    logged: Callable[[str], io.StringIO],
    monkeypatch: pytest.MonkeyPatch,
    fmt: str,
) -> None:
    from app.services import job_types

    async def broken(*_: object) -> None:
        raise RuntimeError(f"a bug\n{FORGED}\r\n{FORGED}")

    monkeypatch.setattr(job_types, "create", broken)
    dana = await acme.person("owner")
    written = logged(fmt)
    reply = await dana.post(
        "/api/v2/job-types",
        json={"name": "Pump", "trade": "septic", "duration_minutes": 60},
        headers={"X-Request-ID": "trace-me"},
    )
    assert (reply.status_code, reply.headers["x-request-id"]) == (500, "trace-me")
    problem = reply.json()
    assert (problem["code"], problem["request_id"]) == ("internal_error", "trace-me")
    assert "bug" not in reply.text
    lines = written.getvalue().splitlines()
    mine = [line for line in lines if "trace-me" in line]
    assert len(mine) == 1
    assert "RuntimeError" in written.getvalue()
    assert [line for line in lines if line.startswith(FORGED)] == []
    assert (fmt == "text") or json.loads(mine[0])["event"] == "request failed"


async def test_control_characters_reach_no_line(
    server: Server, acme: Company, logged: Callable[[str], io.StringIO]
) -> None:
    written = logged("text")
    log = structlog.get_logger()
    log.info(f"an event\n{FORGED}", path=f"/x\r\n{FORGED}", other=[f"\n{FORGED}"])
    logging.getLogger("a.library").warning("said %s", f"\n{FORGED}\x1b[2J")
    host, port = server.url.removeprefix("http://").split(":")
    for attack in (
        f"GET /api/v2/%0d%0a{FORGED.replace(' ', '%20')} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET /health HTTP/1.1\r\nHost: x\r\nX-Request-ID: a%0d%0a{FORGED}\r\n\r\n",
        f"GET /health HTTP/1.1\r\nHost: x\r\nUser-Agent: a\n{FORGED}\r\n\r\n",
        f"GET /health HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\x00{FORGED}\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(attack.encode())
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        writer.close()
        await writer.wait_closed()
        headers = answer.decode().split("\r\n")
        assert headers[0].split()[1] in {"200", "400", "404"}
        assert [line for line in headers if line.startswith(FORGED[:20])] == []
    assert "forged line" in written.getvalue()
    assert [line for line in written.getvalue().splitlines() if line.startswith(FORGED)] == []
    assert "\x1b[2J" not in written.getvalue()
