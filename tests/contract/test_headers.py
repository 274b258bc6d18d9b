"""What replies tell browsers to be careful of (I12)."""

import re

import httpx2

from tests.support.database import Database
from tests.support.live import living

HSTS = "strict-transport-security"


async def test_pages_run_nothing_that_they_do_not_name(database: Database) -> None:
    async with living(database) as server, httpx2.AsyncClient(base_url=server.url) as client:
        nonces = set()
        for path in ("/", "/board?date=2026-11-23", "/settings/people", "/sign-up"):
            reply = await client.get(path)
            policy = reply.headers["content-security-policy"]
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert "base-uri 'none'" in policy
            [scripts] = re.findall(r"script-src ([^;]*)", policy)
            [nonce] = re.findall(r"'nonce-([^']{16,})'", scripts)
            assert scripts == f"'nonce-{nonce}' 'strict-dynamic'"
            assert nonce in reply.text
            nonces.add(nonce)
        assert len(nonces) == 4


async def test_whoever_comes_by_https_comes_no_other_way(database: Database) -> None:
    secure = living(database, public_url="https://truckroll.example")
    async with secure as server, httpx2.AsyncClient(base_url=server.url) as client:
        for path in ("/", "/api/v2/me", "/nothing-here", "/health"):
            assert (await client.get(path)).headers[HSTS] == "max-age=31536000"
    async with living(database) as server, httpx2.AsyncClient(base_url=server.url) as client:
        assert HSTS not in (await client.get("/")).headers  # by http it would lock people out
