"""What cannot be read as HTTP is refused in the same words as everything else, and nothing unread grows.

uvicorn's protocol answers such a request itself, before the application: with a line of plain text, and
only once the whole head of the request has come, however long that is.
"""

from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.problems import TYPE
from app.core.errors import BadRequest
from app.core.ids import new_id

LONGEST_HEAD = 64 * 1024
"""Bytes of a request's line and headers together. The parser reads no longer address either."""
UNREADABLE = (
    "This is no HTTP request that can be read: its line and headers are malformed, or longer than"
    f" {LONGEST_HEAD // 1024} KiB. Send what is long in the body, or ask for less at a time."
)


class Wire(HttpToolsProtocol):
    """One connection, before it is known what is asked."""

    _in_head = True
    _head = 0

    def data_received(self, data: bytes) -> None:
        """Read on; refuses a head that does not end."""
        super().data_received(data)
        if not self._in_head:
            return
        self._head += len(data)
        if self._head > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of a request is too long.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head = True, 0

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._in_head = False

    def send_400_response(self, msg: str) -> None:
        """Write the problem document and close. `msg` is uvicorn's, for the log alone."""
        refused = BadRequest(UNREADABLE)
        request_id = str(new_id())
        said: dict[str, Any] = {
            "type": f"{TYPE}{refused.code}",
            "title": refused.title,
            "status": refused.status,
            "detail": refused.detail,
            "instance": "/",
            "code": refused.code,
            "request_id": request_id,
            "errors": [],
        }
        body = orjson.dumps(said)
        head = (
            f"HTTP/1.1 {refused.status} {refused.title}\r\n"
            "Content-Type: application/problem+json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"X-Request-ID: {request_id}\r\n"
            "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
