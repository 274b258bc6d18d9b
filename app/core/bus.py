"""What carries notices from one process to all others: ids only, to whoever listens at that moment.

A notice may get lost, so whoever hears also looks by itself, and looks at everything whenever its line
was away. PostgreSQL's NOTIFY is the way that is always there; `integrations.redis` is the other one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import asyncpg

Say = Callable[[Sequence[tuple[str, str]]], Awaitable[None]]
"""Says channels and payloads."""
PATIENCE = 10
"""Seconds of silence after which whoever listens asks whether anybody is there; and for the answer."""
Heard = Mapping[str, Callable[[str], None]]
"""What is called with a channel's payloads."""


class Bus(Protocol):
    """One way between processes. What both methods raise when a line is lost is in `core.lost.LOST`."""

    def speaking(self) -> AbstractAsyncContextManager[Say]:
        """A line of one's own to speak on. Saying raises ValueError for what can never be said."""
        ...

    async def hear(self, heard: Heard, back: Callable[[], None], stop: asyncio.Event) -> None:
        """Listen until `stop` is set or the line is lost. `back` is called once one is heard by: what
        was said before is not."""
        ...


class Postgres:
    """LISTEN and NOTIFY, each on a connection of its own."""

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        """`url` is the application role's."""
        self._url, self._patience = url, patience

    @asynccontextmanager
    async def speaking(self) -> AsyncIterator[Say]:
        """A connection that notifies."""
        connection = await self._connect("truckroll wake")

        async def say(notices: Sequence[tuple[str, str]]) -> None:
            try:
                await connection.execute(
                    "select pg_notify(channel, payload)"
                    " from unnest($1::text[], $2::text[]) as wake (channel, payload)",
                    [channel for channel, _ in notices],
                    [payload for _, payload in notices],
                )
            except asyncpg.DataError as error:
                raise ValueError("a notice that cannot be said") from error

        try:
            yield say
        finally:
            await connection.close(timeout=2)

    async def hear(self, heard: Heard, back: Callable[[], None], stop: asyncio.Event) -> None:
        """A connection that listens. It would never hear that the other end is gone without a word, so
        after a silence it asks."""
        gone = asyncio.Event()
        connection = await self._connect("truckroll hub")
        try:
            connection.add_termination_listener(lambda _: gone.set())
            for channel in heard:
                await connection.add_listener(
                    channel, lambda _, __, channel, payload: heard[channel](payload)
                )
            back()
            while await either(gone, stop, within=self._patience) and not gone.is_set():
                await connection.execute("select 1", timeout=self._patience)
        finally:
            await connection.close(timeout=min(2, self._patience))

    async def _connect(self, name: str) -> asyncpg.Connection:
        return await asyncpg.connect(
            self._url,
            timeout=10,
            command_timeout=10,
            server_settings={"application_name": name},
        )


async def either(
    awaited: asyncio.Event, stop: asyncio.Event, *, within: float | None = None
) -> bool:
    """Wait for `awaited`, at most `within` seconds; False as soon as `stop` is set."""
    waits = [asyncio.ensure_future(event.wait()) for event in (awaited, stop)]
    try:
        await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return not stop.is_set()
