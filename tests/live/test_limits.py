"""What a client may not do, and that it costs nobody else anything (checks H7, H8)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
import pytest_asyncio

from app.api import limits
from app.core.limits import Policy
from app.realtime.bounds import Bounds
from tests.support.database import Database
from tests.support.deep import times
from tests.support.live import listening, living, ticket
from tests.support.people import Company
from tests.support.raw_sockets import BINARY, CONT, PING, TEXT, Raw
from tests.support.server import Server

TIGHT = replace(Bounds(), hello_within=1, heartbeat=1, messages=20, topics=3, of_person=4)
IMPATIENT = replace(Bounds(), heartbeat=1, stuck=1, of_person=2)
READING = 256 * 1024
"""What is read of a socket at once."""


@pytest_asyncio.fixture(scope="module")
async def tight(database: Database, server: Server) -> AsyncIterator[Server]:
    """A process that grants little."""
    async with living(database, bounds=TIGHT) as running:
        yield running


async def endless(raw: Raw) -> None:
    await raw.send(b"", TEXT, fin=False)
    for _ in range(TIGHT.fragments + 2):
        await raw.send(b"", CONT, fin=False)


async def large_in_pieces(raw: Raw) -> None:
    await raw.send(b"x" * 40_000, TEXT, fin=False)
    await raw.send(b"x" * 40_000, CONT)


BREAKING: dict[str, tuple[int, Callable[[Raw], Awaitable[None]]]] = {
    "too large": (1009, lambda raw: raw.send(b'"' + b"x" * TIGHT.message + b'"')),
    "too large in pieces": (1009, large_in_pieces),
    "endless pieces": (1009, endless),
    "no UTF-8": (1007, lambda raw: raw.send(b'{"type": "\xff"}')),
    "compressed, though nobody agreed to": (1002, lambda raw: raw.send(b"\x00", bits=0x40)),
    "a control frame in pieces": (1002, lambda raw: raw.send(b"", PING, fin=False)),
    "bytes": (1003, lambda raw: raw.send(b"\x00", BINARY)),
    "no object": (1003, lambda raw: raw.send(b"[]")),
    "deep nesting": (1003, lambda raw: raw.send(b"[" * 30_000)),
    "nothing": (4401, lambda raw: asyncio.sleep(0)),
}


@pytest.mark.parametrize("what", BREAKING)
async def test_what_breaks_the_rules_is_closed(tight: Server, what: str) -> None:
    code, breaking = BREAKING[what]
    raw = await Raw.open(tight.url)
    await breaking(raw)
    assert await raw.closed() == code
    await raw.end()
    async with asyncio.timeout(5):
        while tight.state.hub.strangers.total():
            await asyncio.sleep(0.01)
    assert tight.state.hub.sockets == []


async def test_who_says_too_much_or_opens_too_many_is_closed(acme: Company, tight: Server) -> None:
    dana = await acme.person("dispatcher")
    async with AsyncExitStack() as stack:
        lives = [
            await stack.enter_async_context(listening(dana, "me", url=tight.url)) for _ in range(3)
        ]
        greedy = lives[0]
        days = [f"board:2027-01-{day:02}" for day in range(1, 6)]
        await greedy.say("subscribe", topics=days)
        said = (await greedy.until(lambda: len(greedy.all("subscribed")) == 2)) and greedy.all(
            "subscribed"
        )[1]
        assert said["topics"] == days[:2]
        assert {one["code"] for one in said["refused"]} == {"too_many_topics"}
        for _ in range(3 * TIGHT.messages):
            await greedy.say("unsubscribe", topic="moon")
        assert await greedy.ended() == 1008

        lives.append(await stack.enter_async_context(listening(dana, "me", url=tight.url)))
        lives.append(await stack.enter_async_context(listening(dana, "me", url=tight.url)))
        fifth = await Raw.open(tight.url)
        await fifth.say("hello", ticket=await ticket(dana))
        assert await fifth.closed() == 1008
        await fifth.end()
        # the others notice nothing
        await dana.made("/api/v2/customers", {"name": "Still here"})
        for live in lives[1:]:
            await live.until(lambda live=live: live.all("up_to"))  # type: ignore[misc]


async def test_who_answers_no_ping_is_closed(acme: Company, tight: Server) -> None:
    raw = await Raw.open(tight.url)
    await raw.say("hello", ticket=await ticket(await acme.person("dispatcher")), topics=["me"])
    assert (await raw.message())["type"] == "welcome"
    assert await raw.closed() == 1011
    await raw.end()


async def test_strangers_are_counted(server: Server) -> None:
    hub = server.state.hub
    usual, hub.bounds = hub.bounds, replace(hub.bounds, strangers=2)
    two = [await Raw.open(server.url) for _ in range(2)]
    with pytest.raises(AssertionError, match="503"):
        await Raw.open(server.url)
    for raw in two:
        await raw.end()
    hub.bounds = usual


async def test_strangers_of_one_address_take_nobodys_place(
    acme: Company, database: Database
) -> None:
    """500 from one address, then somebody from another."""
    async with living(database, trusted_proxies=1) as server:
        there, most = {"X-Forwarded-For": "203.0.113.7"}, server.state.hub.bounds.strangers_of
        held = [await Raw.open(server.url, headers=there) for _ in range(most)]
        tries = [Raw.open(server.url, headers=there) for _ in range(500 - most)]
        refused = await asyncio.gather(*tries, return_exceptions=True)
        assert all(isinstance(one, AssertionError) and "503" in str(one) for one in refused)
        honest = await Raw.open(server.url, headers={"X-Forwarded-For": "198.51.100.4"})
        await honest.say("hello", ticket=await ticket(await acme.person("dispatcher")))
        assert (await honest.message())["type"] == "welcome"
        for raw in (*held, honest):
            await raw.end()


async def test_handshakes_are_charged_to_their_address(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SOCKETS", Policy("sockets", 3, 60))
    async with living(database, trusted_proxies=1, rate_limits_times=1) as server:
        house = [f"2001:db8:0:1::{number}" for number in range(3)]
        for address in house:
            await (await Raw.open(server.url, headers={"X-Forwarded-For": address})).end()
        with pytest.raises(AssertionError, match=r"(?is)429.*retry-after: \d+"):
            await Raw.open(server.url, headers={"X-Forwarded-For": "2001:db8:0:1::9"})
        await (await Raw.open(server.url)).end()


async def test_a_person_who_opens_many_at_once_has_no_more(acme: Company, server: Server) -> None:
    dana = await acme.person("dispatcher")
    most = server.state.hub.bounds.of_person
    good = [await ticket(dana) for _ in range(most + 15)]
    raws = [await Raw.open(server.url) for _ in good]
    await asyncio.gather(
        *(raw.say("hello", ticket=one) for raw, one in zip(raws, good, strict=True))
    )
    first = await asyncio.gather(*(raw.message() for raw in raws), return_exceptions=True)
    assert sum(isinstance(one, EOFError) for one in first) == 15
    assert len(server.state.hub.sockets) == server.state.hub.present == most
    assert {raw.close_code for raw in raws} == {None, 1008}
    for raw in raws:
        await raw.end()


async def test_many_that_are_silent_cost_little(acme: Company, server: Server) -> None:
    """5,000 in the deep run; what each keeps is measured by `make bench`."""
    hub = server.state.hub
    usual = hub.bounds
    hub.bounds = replace(usual, strangers=10_000, strangers_of=10_000)
    idle = [await Raw.open(server.url) for _ in range(times(100, deep=5_000))]
    async with listening(await acme.person("dispatcher"), "board:2027-01-01") as live:
        await (await acme.person("owner")).made("/api/v2/vehicles", {"name": f"Van {len(idle)}"})
        await live.fact("vehicle.created")
    for raw in idle:
        await raw.end()
    hub.bounds = usual


async def unread(server: Server, good: str) -> Raw:
    """A client that listens, and then reads no more."""
    raw = await Raw.open(server.url, kept=4096)
    await raw.say("hello", ticket=good, topics=["me"])
    assert (await raw.message())["type"] == "welcome"
    return raw


async def send_as_much_as_is_taken(raw: Raw, frames: bytes, most: int) -> int:
    """How often these frames went, until nobody took more of them."""
    for number in range(most):
        raw.writer.write(frames)
        try:
            await asyncio.wait_for(raw.writer.drain(), 0.5)
        except TimeoutError:
            return number
    return most


async def test_what_is_answered_waits_within_bounds(acme: Company, server: Server) -> None:
    """50 MB of pings from somebody who reads no pong."""
    raw = await unread(server, await ticket(await acme.person("dispatcher")))
    ping = bytes([0x80 | PING, 0x80 | 125]) + bytes(4) + b"x" * 125
    assert await send_as_much_as_is_taken(raw, ping * 2_000, 200) < 200
    (socket,) = server.state.hub.sockets
    assert socket.line.paused
    assert socket.line.waiting <= Bounds().buffered + READING
    raw.writer.transport.abort()


async def test_who_asks_on_and_reads_nothing_waits(acme: Company, server: Server) -> None:
    """Whoever asks without reading is not answered before they have read; then they are, in order."""
    raw = await unread(server, await ticket(await acme.person("dispatcher")))
    asked = [[f"{number}-{'x' * 90}-{one}" for one in range(50)] for number in range(55)]
    for topics in asked:
        await raw.say("unsubscribe", topics=topics)
    await asyncio.sleep(0.5)
    (socket,) = server.state.hub.sockets
    assert socket.line.paused
    assert socket.line.waiting <= Bounds().buffered + 8 * 1024
    answers = []
    while len(answers) < len(asked):
        said = await raw.message()
        if said["type"] == "unsubscribed":
            answers.append(said["topics"])
    assert answers == asked
    await raw.end()


async def test_who_takes_nothing_for_long_is_cut(acme: Company, database: Database) -> None:
    """Two that hang, with the line full, leave their person's place to a third."""
    dana = await acme.person("dispatcher")
    async with living(database, bounds=IMPATIENT) as server:
        hanging = [await unread(server, await ticket(dana)) for _ in range(IMPATIENT.of_person)]
        for raw in hanging:
            for _ in range(50):
                await raw.say("unsubscribe", topics=["x" * 90 + str(one) for one in range(50)])
        async with asyncio.timeout(10):
            while server.state.hub.sockets:
                await asyncio.sleep(0.1)
        async with listening(dana, "me", url=server.url) as third:
            await third.until(lambda: third.all("up_to"))
        for raw in hanging:
            await raw.end()
