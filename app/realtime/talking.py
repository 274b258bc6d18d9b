"""The conversation with one client: shake hands, hello with a ticket, subscribe, until one side ends it.

Cookies open nothing here: a browser's page shows the ticket that its session asked for. A page of
another site is refused by its Origin before anything is said, and so is a program that sends our
cookies without naming one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Annotated, Any
from urllib.parse import urlsplit

import orjson
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import Headers

from app.core.errors import Refusal, TooMany
from app.core.telemetry import RESYNCS
from app.realtime import topics
from app.realtime.hub import Hub, less
from app.realtime.line import EXTENSION, Line
from app.realtime.rooms import FAILURES, Room
from app.realtime.sockets import Socket
from app.services.identity.live import come_in

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH = "/api/v2/realtime"
COOKIE = "tr_"
"""How our cookies' names begin."""
MOST = 2**53
LATER = 503, {"Retry-After": "5"}
log = structlog.get_logger()


Name = Annotated[str, Field(max_length=topics.LONGEST)]
"""Of a topic."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Hello(_Said):
    """The first message."""

    ticket: str = Field(max_length=100)
    since: int | None = Field(None, ge=0, le=MOST)
    proof: str = Field("", max_length=16)
    topics: list[Name] = Field(default=[], max_length=50)


class Wish(_Said):
    """`subscribe` and `unsubscribe`: one topic or several."""

    topic: Name | None = None
    topics: list[Name] = Field(default=[], max_length=50)

    @property
    def all(self) -> list[str]:
        """The topics, each once."""
        return list(dict.fromkeys([*([self.topic] if self.topic else []), *self.topics]))


class Gone(Exception):
    """The client is not there any more, or was closed."""


async def talk(
    hub: Hub,
    origins: tuple[str, ...],
    admit: Callable[[], Awaitable[str]],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Serve one socket to its end. `origins` are allowed besides our own. `admit` charges the
    handshake, and says to which address; it raises `TooMany`."""
    await receive()  # connect
    if not is_welcome(Headers(scope=scope), origins):
        await send({"type": "websocket.close"})  # before it is accepted: the answer is 403
        return
    try:
        address = await admit()
    except TooMany as refusal:
        await _turn_away(send, refusal.status, refusal.headers)
        return
    except FAILURES as error:
        log.warning("a handshake could not be charged", error=repr(error))
        await _turn_away(send, *LATER)
        return
    if not hub.has_room_for(address):
        await _turn_away(send, *LATER)
        return
    line: Line = scope["extensions"][EXTENSION]
    hub.strangers[address] += 1
    try:
        await send({"type": "websocket.accept"})
        hello, socket = await _hello(hub, line, receive)
    except Gone:
        return
    finally:
        less(hub.strangers, address)
    await _Conversation(hub, socket, receive).hold(hello)


def is_welcome(headers: Headers, origins: tuple[str, ...]) -> bool:
    """Whether a handshake may come from where it says: our own pages, or no browser at all."""
    origin = headers.get("origin")
    if origin is None:
        sent = headers.get("cookie", "")
        return not any(one.strip().startswith(COOKIE) for one in sent.split(";"))
    host = urlsplit(origin).netloc
    return origin in origins or (bool(host) and host == headers.get("host"))


async def _turn_away(send: Send, status: int, headers: Mapping[str, str]) -> None:
    await send(
        {
            "type": "websocket.http.response.start",
            "status": status,
            "headers": [(name.lower().encode(), said.encode()) for name, said in headers.items()],
        }
    )
    await send({"type": "websocket.http.response.body", "body": b""})


async def _next(line: Line, receive: Receive) -> dict[str, Any]:
    """The next message, an object with a `type`, once the client has taken the answers to those
    before. Raises `Gone`."""
    received = await receive()
    await line.writable.wait()
    if received["type"] != "websocket.receive" or line.close_sent:
        raise Gone
    try:
        said = orjson.loads(received.get("text") or b"")
    except orjson.JSONDecodeError:
        said = None
    if isinstance(said, dict) and isinstance(said.get("type"), str):
        return said
    line.finish(1003, "send JSON objects with a type, as text")
    raise Gone


async def _hello(hub: Hub, line: Line, receive: Receive) -> tuple[Hello, Socket]:
    try:
        said = await asyncio.wait_for(_next(line, receive), hub.bounds.hello_within)
    except TimeoutError:
        line.finish(4401, "say hello with a ticket first")
        raise Gone from None
    try:
        if said.pop("type") != "hello":
            raise ValueError
        hello = Hello.model_validate(said)
        standing = await come_in(hub.sessions, hello.ticket)
    except (Refusal, ValueError):
        line.finish(4401, "this ticket is not valid: ask for a new one")
        raise Gone from None
    except FAILURES as error:
        log.warning("nobody can be let in", error=repr(error))
        line.finish(1011, "try again in a moment")
        raise Gone from None
    return hello, Socket(line, standing)


class _Conversation:
    def __init__(self, hub: Hub, socket: Socket, receive: Receive) -> None:
        self._hub, self._socket, self._receive = hub, socket, receive
        self._left = hub.bounds.messages
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()

    async def hold(self, hello: Hello) -> None:
        """Answer the client until one side ends it."""
        socket, line = self._socket, self._socket.line
        try:
            room = await self._hub.enter(socket, hello.since, hello.proof)
        except FAILURES as error:
            log.warning("nobody can be let in", error=repr(error))
            line.finish(1011, "try again in a moment")
            return
        if room is None:
            line.finish(1008, "too many sockets are open: close some")
            return
        try:
            line.in_use = True
            socket.say("welcome", heartbeat=self._hub.bounds.heartbeat)
            if hello.topics:
                await self._subscribe(room, Wish(topics=hello.topics))
            while True:
                await self._answer(room, await _next(line, self._receive))
        except Gone:
            return
        except FAILURES as error:
            log.warning("a socket could not be answered", error=repr(error))
            line.finish(1011, "try again in a moment")
        finally:
            self._hub.leave(room, socket)

    async def _answer(self, room: Room, said: dict[str, Any]) -> None:
        self._charge()
        kind = said.pop("type")
        try:
            wish = Wish.model_validate(said)
        except ValidationError:
            wish = None
        if wish is not None and kind == "subscribe":
            await self._subscribe(room, wish)
        elif wish is not None and kind == "unsubscribe":
            await room.unsubscribe(self._socket, wish.all)
            self._socket.say("unsubscribed", topics=wish.all)
        elif wish is not None and kind in ("here", "away"):
            self._look(room, wish, here=kind == "here")
        else:
            self._socket.say("refused", code="not_understood", said=kind[:40])

    def _look(self, room: Room, wish: Wish, *, here: bool) -> None:
        """Somebody looks at what they listen to, or does not any more."""
        for name in wish.all:
            if name not in self._socket.subscriptions:
                self._socket.say("refused", topic=name, code="not_subscribed")
            elif here:
                room.presence.arrive(self._socket, name)
            else:
                room.presence.leave(self._socket, name)

    async def _subscribe(self, room: Room, wish: Wish) -> None:
        socket = self._socket
        read = {name: topics.read(name, self._hub.kinds) for name in wish.all}
        refused = {name: "no_such_topic" for name, topic in read.items() if topic is None}
        refused |= await room.subscribe(socket, [one for one in read.values() if one is not None])
        socket.say(
            "subscribed",
            topics=[name for name in read if name not in refused],
            refused=[{"topic": name, "code": code} for name, code in refused.items()],
            seq=socket.sent,
            proof=room.proof_of(socket.sent),
        )
        if socket.too_old:
            socket.too_old = False
            RESYNCS.inc()
            socket.say("resync", seq=socket.sent, proof=room.proof_of(socket.sent))
        elif not socket.live:
            room.bring_up(socket)

    def _charge(self) -> None:
        """So many messages, and no more: they come back one every quarter of a second."""
        now = self._loop.time()
        back = int((now - self._since) * 4)
        if back:
            self._left = min(self._hub.bounds.messages, self._left + back)
            self._since = now
        if not self._left:
            self._socket.close(1008, "too many messages: a few are enough")
            raise Gone
        self._left -= 1
