"""The line to one client: uvicorn's WebSocket protocol, with a way to write frames that exist already.

A frame is written straight to the transport, so that sending it costs a system call and nothing else.
What waits in this process is bounded by the transport's high-water mark, what waits in the kernel by
the size of its buffer: `paused` says that a client does not keep up. Nothing is read of such a client
either, since what it asks would be answered; and whoever takes nothing for long is cut.
"""

import random
import socket as sockets
from asyncio import TimerHandle
from asyncio.transports import BaseTransport
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from app.core.telemetry import CLOSED
from app.realtime.bounds import Bounds
from app.realtime.frames import message

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveEvent

EXTENSION = "truckroll.line"
"""Under this name the application finds the line in its scope."""
SPREAD = 20
"""Milliseconds, for each connection, over which those who are sent away come back."""
CLOSING = 10
"""Seconds in which a client may answer that it was closed."""
TOO_SLOW = (1013, "you do not read as fast as things change: come back and resume")


class Line(WebSocketsSansIOProtocol):
    """One upgraded connection."""

    bounds = Bounds()
    paused = False
    """The client takes less than it is sent; nothing more is written until it has caught up."""
    in_use = False
    """Somebody talks on it, so a farewell is understood."""
    _fragments = 0
    _patience: TimerHandle | None = None
    """Until when a paused client may take nothing."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(
            high=self.bounds.buffered, low=self.bounds.buffered // 4
        )
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, self.bounds.buffered)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    def handle_cont(self, event: Frame) -> None:
        # the size of a message is bounded by the parser, the number of its empty pieces is not
        self._fragments = 0 if event.fin else self._fragments + 1
        if self._fragments > self.bounds.fragments:
            self.finish(1009, "too many fragments")
            return
        super().handle_cont(event)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing() and not self.disconnected and self.close_timer is None:
            # it waits for the client to take what is left, who need never do so
            self.close_timer = self.loop.call_later(CLOSING, self.transport.abort)

    def handle_ping(self) -> None:
        if self.paused or self.close_sent:
            self.conn.data_to_send()  # one more pong for somebody who takes none
            return
        super().handle_ping()

    def keepalive_timeout(self) -> None:
        if self.paused:  # nothing is read of it: its pong may be there. It is cut when it stays so
            self.pong_timer = self.pending_ping_payload = None
            self.schedule_ping()
            return
        self.finish(1011, "keepalive ping timeout")

    def pause_writing(self) -> None:
        self.paused = True
        super().pause_writing()
        if not self.read_paused and not self.close_sent:
            self.read_paused = True
            self.transport.pause_reading()
        if self._patience is None:
            self._patience = self.loop.call_later(self.bounds.stuck, self.finish, *TOO_SLOW)

    def resume_writing(self) -> None:
        self.paused = False
        super().resume_writing()
        self._forgive()
        self._read_on()

    async def receive(self) -> "ASGIReceiveEvent":
        received = await self.queue.get()
        if not self.paused:
            self._read_on()
        return received

    def connection_lost(self, exc: Exception | None) -> None:
        self._forgive()
        super().connection_lost(exc)

    def _read_on(self) -> None:
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            self.transport.resume_reading()

    def _forgive(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    @property
    def is_open(self) -> bool:
        """Whether a frame that is written now can arrive."""
        return self.handshake_complete and not (
            self.close_sent or self.disconnected or self.transport.is_closing()
        )

    @property
    def waiting(self) -> int:
        """Bytes that wait in this process for the client."""
        return self.transport.get_write_buffer_size()

    def put(self, frame: bytes) -> None:
        """Write a frame. The caller looks at `paused` first."""
        if self.is_open:
            self.transport.write(frame)

    def finish(self, code: int, reason: str) -> None:
        """Close with this code, whether or not the client reads: it has a moment to, then it is cut."""
        if not self.is_open:
            return
        CLOSED.labels(code).inc()
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.writable.set()  # nobody need wait to write any more
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(CLOSING, self.transport.abort)

    def shutdown(self) -> None:
        """The process goes: say when to come back, each client at another moment, and close 1012."""
        if self.in_use:
            over = min(self.bounds.reconnect, SPREAD * len(self.connections))
            after = random.randint(0, over)  # noqa: S311  (spreads load, guards nothing)
            self.put(message("reconnect", after_ms=after))
        super().shutdown()
