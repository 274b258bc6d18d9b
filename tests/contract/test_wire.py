"""What cannot be read as HTTP is refused as a problem too, and no head of a request grows without end."""

import asyncio
from urllib.parse import urlsplit

import httpx2
import pytest

from app.api.wire import LONGEST_HEAD
from app.serving import KEPT
from tests.support.problems import faults
from tests.support.world import World

LONG = b"x" * (LONGEST_HEAD + 1)
UNREADABLE = {
    "no request": b"Hello, is anybody there?\r\n\r\n",
    "an address without end": b"GET /?filter=" + LONG,
    "an address the parser does not take": b"GET /?q=" + LONG + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a header without end": b"GET /health HTTP/1.1\r\nX-Long: " + LONG,
    "headers without end": b"GET /health HTTP/1.1\r\n" + b"X-Many: of them\r\n" * 5_000,
    "a length that is none": b"POST /health HTTP/1.1\r\nContent-Length: ten\r\n\r\n",
    "two lengths": b"POST /health HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
}


async def _answer(world: World, *sent: bytes) -> httpx2.Response:
    """All that the server says on one connection until it closes it."""
    where = urlsplit(str(world.owner.base_url))
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    for part in sent:
        writer.write(part)
        await writer.drain()
    async with asyncio.timeout(5):
        said = await reader.read()
    writer.close()
    *_, last = said.split(b"HTTP/1.1 ")
    head, _, body = last.partition(b"\r\n\r\n")
    status, *headers = head.decode().split("\r\n")
    return httpx2.Response(
        int(status.split()[0]),
        headers=dict(line.split(": ", 1) for line in headers),
        content=body,
        request=httpx2.Request("GET", "http://unread/"),
    )


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE)
async def test_it_is_a_problem(sent: bytes, world: World) -> None:
    reply = await _answer(world, sent)
    assert (reply.status_code, faults(reply)) == (400, [])
    assert reply.headers["connection"] == "close"


async def test_so_it_is_on_a_connection_that_was_in_use(world: World) -> None:
    first = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
    reply = await _answer(world, first, b"GET / HTTP/1.1\r\nX-Long: " + LONG)
    assert (reply.status_code, faults(reply)) == (400, [])


async def test_what_is_long_and_readable_is_read(world: World) -> None:
    reply = await world.owner.get("/api/v2/customers", params={"filter": "x" * 60_000})
    assert (reply.status_code, faults(reply)) == (422, [])
    posted = await world.owner.post("/api/v2/customers", json={"notes": "x" * (4 * LONGEST_HEAD)})
    assert (posted.status_code, faults(posted)) == (422, [])


async def test_who_keeps_a_connection_as_long_as_proxies_do_is_answered_on_it(world: World) -> None:
    longer = (httpx2.Limits().keepalive_expiry or 5) + 1  # than uvicorn keeps it, unless it is told
    async with httpx2.AsyncClient(
        base_url=world.owner.base_url, limits=httpx2.Limits(keepalive_expiry=None)
    ) as client:

        async def ask() -> tuple[int, tuple[str, int]]:
            reply = await client.get("/health")
            return reply.status_code, reply.extensions["network_stream"].get_extra_info(
                "client_addr"
            )

        first = await ask()
        await asyncio.sleep(longer)
        assert await ask() == first
    assert first[0] == 200
    assert KEPT > 60 > longer
