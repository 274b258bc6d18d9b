"""A WebSocket client that does what no library would: stops reading, sends broken frames, never pongs."""

import asyncio
import base64
import json
import os
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG, CONT = 1, 2, 8, 9, 10, 0


@dataclass
class Raw:
    """One connection, upgraded."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    close_code: int | None = None

    @classmethod
    async def open(
        cls, url: str, *, kept: int = 64 * 1024, headers: Mapping[str, str] | None = None
    ) -> "Raw":
        """Connect; `kept` bytes are taken before somebody reads. Raises `AssertionError` with the
        answer where it is not upgraded."""
        more = "".join(f"{name}: {said}\r\n" for name, said in (headers or {}).items())
        where = urlsplit(url)
        assert where.hostname
        bare = socket.socket()
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, kept)
        bare.setblocking(False)
        await asyncio.get_running_loop().sock_connect(bare, (where.hostname, where.port))
        reader, writer = await asyncio.open_connection(sock=bare, limit=kept)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /api/v2/realtime HTTP/1.1\r\nHost: {where.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"{more}\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        return cls(reader, writer)

    async def send(
        self, payload: bytes, opcode: int = TEXT, *, fin: bool = True, bits: int = 0
    ) -> None:
        """One frame; `bits` are those reserved for extensions."""
        head = bytes([opcode | (0x80 if fin else 0) | bits])
        size = len(payload)
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 1 << 16:
            head += struct.pack("!BH", 0x80 | 126, size)
        else:
            head += struct.pack("!BQ", 0x80 | 127, size)
        self.writer.write(head + bytes(4) + payload)  # masked with zeros: as it is
        await self.writer.drain()

    async def say(self, kind: str, **body: Any) -> None:
        """One message."""
        await self.send(json.dumps({"type": kind, **body}).encode())

    async def frame(self) -> tuple[int, bytes] | None:
        """The next frame, or None at the end; a close's code is kept."""
        try:
            first, second = await self.reader.readexactly(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
            payload = await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        if first & 0x0F == CLOSE:
            (self.close_code,) = struct.unpack("!H", payload[:2])
            return None
        return first & 0x0F, payload

    async def message(self) -> dict[str, Any]:
        """The next text message."""
        while (found := await self.frame()) is not None:
            if found[0] == TEXT:
                said: dict[str, Any] = json.loads(found[1])
                return said
        raise EOFError(self.close_code)

    async def rest(self) -> list[dict[str, Any]]:
        """Every message until the end."""
        said = []
        while (found := await self.frame()) is not None:
            if found[0] == TEXT:
                said.append(json.loads(found[1]))
        return said

    async def closed(self) -> int | None:
        """The code it is closed with; None when the line was cut."""
        async with asyncio.timeout(10):
            await self.rest()
        return self.close_code

    async def end(self) -> None:
        """Hang up."""
        self.writer.close()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)
