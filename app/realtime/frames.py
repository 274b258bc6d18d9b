"""Frames: bytes as they go over the wire, built once and written to many.

What a server sends is not masked, so a text frame is the same bytes for every socket.
"""

import struct
from typing import Any

import orjson

TEXT = 0x81
"""A whole message, as text."""


def framed(payload: bytes) -> bytes:
    """`payload` as one text frame."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", TEXT, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", TEXT, 126, size) + payload
    return struct.pack("!BBQ", TEXT, 127, size) + payload


def message(kind: str, **body: Any) -> bytes:
    """`{"type": kind, …}` as a frame."""
    return framed(orjson.dumps({"type": kind, **body}))
