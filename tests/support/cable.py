"""A line to a server that can be cut: what goes over it breaks off, and nobody gets through until it is
mended; or hushed: nothing arrives any more, and nobody is told.
`async with Cable.to(server.url) as cable`, then `cable.url`, `cable.cut()`, `cable.hush()`, `cable.mend()`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Cable:
    """Whoever connects to `url` speaks with the server, as long as it is whole."""

    server: str
    url: str = ""
    whole: bool = True
    _carries: asyncio.Event = field(default_factory=asyncio.Event)
    turned_away: int = 0
    """Tries to connect while it was cut."""
    _lines: set[asyncio.StreamWriter] = field(default_factory=set)
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    @asynccontextmanager
    async def to(cls, server: str) -> AsyncIterator["Cable"]:
        """A cable to a server, until the block ends."""
        cable = cls(server)
        cable.mend()
        listener = await asyncio.start_server(cable._carry, "127.0.0.1", 0)
        cable.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        try:
            yield cable
        finally:
            listener.close()
            cable.mend()
            cable.cut()
            await asyncio.gather(*cable._running, return_exceptions=True)

    def cut(self) -> None:
        """Both ends are reset at once, without a word of farewell."""
        self.whole = False
        for line in self._lines:
            line.transport.abort()

    def hush(self) -> None:
        """Nothing arrives any more, on either side."""
        self._carries.clear()

    def mend(self) -> None:
        """It carries again."""
        self.whole = True
        self._carries.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            self.turned_away += 1
            writer.transport.abort()
            return
        where = urlsplit(self.server)
        there, back = await asyncio.open_connection(where.hostname, where.port)
        ways = [asyncio.create_task(self._pump(*one)) for one in ((reader, back), (there, writer))]
        ends = {writer, back}
        self._lines |= ends
        self._running |= set(ways)
        await asyncio.wait(ways)
        self._lines -= ends
        self._running -= set(ways)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while said := await reader.read(64 * 1024):
                await self._carries.wait()
                writer.write(said)
                await writer.drain()
        except OSError:
            writer.transport.abort()  # cut on that side: on this one, too
        else:
            writer.close()
