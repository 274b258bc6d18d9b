"""A client of Truckroll's socket: it reconnects, resumes where it was, and knows how old its picture is.

It needs `websockets` and nothing else. What you do with it:

    live = Live(
        "wss://truckroll.example/api/v2/realtime",
        ticket,            # async: POST /api/v2/realtime/tickets, refreshing your session when that is
                           # 401; it raises SignedOut when there is none to refresh
        ["board:2026-11-23", "me"],
        event=look_again,  # async, called with each event: read that record again
        resync=read_all,   # async, called with the topics to read anew; first of all with all of them
    )
    await live.run()

`live.age` is how many seconds ago the picture was known to be complete. Show it when it grows.
"""

import asyncio
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Frame = dict[str, Any]
FIRST, LONGEST = 0.25, 30.0
log = logging.getLogger(__name__)


class SignedOut(Exception):
    """Nobody is signed in any more: what `ticket` raises, and what ends everything."""


class Live:
    """One socket that stays open, through any number of connections."""

    def __init__(
        self,
        address: str | Callable[[], str],
        ticket: Callable[[], Awaitable[str]],
        topics: Iterable[str],
        *,
        event: Callable[[Frame], Awaitable[None]],
        resync: Callable[[list[str]], Awaitable[None]],
        other: Callable[[Frame], Awaitable[None]] | None = None,
    ) -> None:
        """`other` is called with what is neither event nor mark: positions, who is looking, refusals.
        `address` may be a function, for whoever has several servers to choose from."""
        self.topics = list(topics)
        self.ended: set[str] = set()
        """Topics that are not told of at the moment: asked for again when what one may see has changed."""
        self.mark: int | None = None
        """The number up to which the picture is complete; None before the first one is."""
        self.connected = False
        self.closed: int | None = None
        """The code that the last connection was closed with."""
        self._proof = ""
        self._address = address
        self._ticket, self._event, self._resync, self._other = ticket, event, resync, other
        self._complete_at = 0.0
        self._heartbeat = 15
        self._wait = self._next = FIRST
        self._told_to_wait: float | None = None
        self._connection: ClientConnection | None = None
        self._asking = False

    @property
    def age(self) -> float:
        """Seconds since the picture was known to be complete."""
        return time.monotonic() - self._complete_at

    @property
    def stale(self) -> bool:
        """Whether the picture may be missing something: say so to whoever looks at it."""
        return not self.connected or self.age > 2 * self._heartbeat

    async def run(self) -> None:
        """Stay connected until cancelled, or until `ticket` raises `SignedOut`. Whatever else it or the
        functions it calls raise is waited for like a lost line, and what was not taken is told again."""
        while True:
            try:
                await self._hold(await self._ticket())
            except SignedOut:
                raise
            except ConnectionClosed as error:
                self.closed = error.rcvd.code if error.rcvd else None
            except Exception as error:
                self.closed = None
                self._next = min(self._next * 2, LONGEST) if self.connected else self._next
                log.warning("live is away: %r", error)
            self.connected = False
            pause, self._told_to_wait = self._told_to_wait, None
            if pause is None:
                # doubling, and not in step with everybody else
                pause = random.uniform(0.5, 1) * self._wait  # noqa: S311
                self._wait = min(self._wait * 2, LONGEST)
            await asyncio.sleep(pause)

    async def cut(self) -> None:
        """Drop the connection; the next one goes on where this one was."""
        if self._connection is not None:
            await self._connection.close()

    async def _hold(self, ticket: str) -> None:
        address = self._address if isinstance(self._address, str) else self._address()
        async with connect(address, compression=None) as connection:
            self._connection, self._asking = connection, False
            hello: Frame = {
                "type": "hello",
                "ticket": ticket,
                "topics": [*self.topics, *self.ended],
            }
            if self.mark is not None:
                hello |= {"since": self.mark, "proof": self._proof}
            await connection.send(json.dumps(hello))
            while True:
                async with asyncio.timeout(2 * self._heartbeat + 5):
                    text = await connection.recv()
                await self._take(json.loads(text))

    async def _take(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "welcome":
            self._heartbeat = frame["heartbeat"]
        elif kind == "subscribed":
            self._asking = False
            if self.mark is None:
                await self._resync(frame["topics"])
                self._complete(frame)
            elif back := [one for one in frame["topics"] if one in self.ended]:
                await self._resync(back)
            self.topics += [one for one in self.ended if one in frame["topics"]]
            self.ended.difference_update(frame["topics"])
            self.connected, self._wait = True, self._next
            for refused in frame["refused"]:
                if self._end(refused["topic"]):
                    await self._say({"type": "refused", **refused})
        elif kind == "event":
            await self._event(frame)
            self._complete(frame)
            if "me" in frame["topics"]:
                await self._ask_again()
        elif kind == "up_to":
            self._complete(frame)
        elif kind == "resync":
            await self._resync(frame.get("topics") or self.topics)
            self._complete(frame)
            if "topics" not in frame:
                await self._ask_again()
        elif kind == "reconnect":
            self._told_to_wait = frame["after_ms"] / 1000
        else:
            if kind == "unsubscribed" and "code" in frame:
                self._end(frame["topic"])
            await self._say(frame)

    async def _ask_again(self) -> None:
        """What one may see has changed: perhaps what has ended is told of again."""
        if self.ended and not self._asking and self._connection is not None:
            self._asking = True
            again = {"type": "subscribe", "topics": list(self.ended)}
            await self._connection.send(json.dumps(again))

    def _end(self, topic: str) -> bool:
        """A topic is not told of any more; whether it was until now."""
        if topic not in self.topics:
            return False
        self.topics.remove(topic)
        self.ended.add(topic)
        return True

    async def _say(self, frame: Frame) -> None:
        if self._other is not None:
            await self._other(frame)

    def _complete(self, frame: Frame) -> None:
        """Up to its number nothing is missing; it is only said once the picture holds it. A lower one
        than before is another history: the server's was put back, and everything has been read anew."""
        if frame["type"] == "resync" or self.mark is None or frame["seq"] >= self.mark:
            self.mark, self._proof = frame["seq"], frame.get("proof", "")
        self._complete_at, self._wait, self._next = time.monotonic(), FIRST, FIRST
