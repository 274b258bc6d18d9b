"""A socket: one client's line, who holds it, and what they listen to.

`sent` is the number up to which everything was written to it. A live socket is written to as entries
come; one that is behind is brought up from the journal, and nothing waits for it meanwhile.
"""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from app.realtime.frames import message
from app.realtime.line import Line
from app.realtime.topics import Topic
from app.services.identity.live import Standing


@dataclass(frozen=True)
class Frames:
    """What some entries gave for one socket."""

    marks: list[bytes] = field(default_factory=list)
    """What has to be looked at again, what is not listened to any more."""
    events: list[tuple[int, bytes]] = field(default_factory=list)
    """Number and frame, in order."""


@dataclass(eq=False)
class Subscription:
    """One topic of one socket."""

    socket: "Socket"
    topic: Topic
    ids: frozenset[UUID] = frozenset()
    """The records it is about."""


@dataclass(eq=False)
class Socket:
    """One client that has said hello."""

    line: Line
    standing: Standing
    sent: int = 0
    live: bool = True
    resuming: bool = False
    """It came back, and is brought up to where it would be had it stayed."""
    too_old: bool = False
    """It was away for too long: once it says what it listens to, it is told to look at everything."""
    pending: dict[str, bytes] = field(default_factory=dict)
    """States that wait until it takes more: the latest of each key."""
    told: int = 0
    """The number up to which the client knows that nothing is missing."""
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    watch: Subscription | None = None
    """What is about the person themselves: it decides what they may see, and is not told."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while it is brought up, or its topics change."""
    task: asyncio.Task[None] | None = None

    @property
    def narrow(self) -> bool:
        """Whether its person does not see everything."""
        return not self.standing.sees_all

    def write(self, frames: Frames, up_to: int) -> bool:
        """Write what the entries up to a number gave; False where the client stopped taking.

        Marks go first and always: they are few, and what they say is not said again.
        """
        for mark in frames.marks:
            self.line.put(mark)
        for seq, frame in frames.events:
            if seq <= self.sent:
                continue  # another process told it
            if self.line.paused:
                return False
            self.line.put(frame)
            self.sent = self.told = seq
        self.sent = max(self.sent, up_to)
        return True

    def say(self, kind: str, **body: object) -> None:
        """One message of the conversation: an answer, a mark. Answers are small, and the client has to
        take them before what it asks next is looked at (`talking`)."""
        self.line.put(message(kind, **body))

    def close(self, code: int, reason: str) -> None:
        """End it."""
        self.line.finish(code, reason)
