"""The hub of one process: rooms by organisation, one listener, and the rounds that keep bounds.

It reads nothing while nobody listens. Rights are looked at before every fan-out (`rooms`), and of
everybody every two seconds, so that a socket does not outlive them in silence either.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import chain
from typing import TypeVar
from uuid import UUID

import structlog

from app.core.bus import Bus
from app.core.db import Sessions
from app.core.telemetry import SOCKETS
from app.core.wake import ANYBODY, LIVE
from app.realtime.bounds import Bounds
from app.realtime.frames import message
from app.realtime.listening import Listener
from app.realtime.presence import KIND as PRESENCE
from app.realtime.rights import close_the_fallen
from app.realtime.rooms import FAILURES, Bare, Room
from app.realtime.sockets import Socket
from app.realtime.states import flush
from app.realtime.topics import Kinds
from app.realtime.turns import Turns

log = structlog.get_logger()
Key = TypeVar("Key")
TOGETHER = 2
"""Rooms that read at once: what is live leaves connections for requests."""


class Hub:
    """All sockets of one process."""

    def __init__(
        self,
        sessions: Sessions,
        bus: Bus,
        bounds: Bounds | None = None,
        bare: Bare | None = None,
    ) -> None:
        """`bus` is how this process hears of the others; `bare` has connections without sessions."""
        self._bare = bare
        self.sessions = sessions
        self.bounds = bounds or Bounds()
        self.kinds: Kinds = {}
        """What can be listened to; whoever builds the application says it."""
        self.strangers = Counter[str]()
        """Connections that have not said hello, by address."""
        self.present = 0
        """Sockets that have, those that are on their way in included."""
        self.rooms: dict[UUID, Room] = {}
        self._turns = Turns(TOGETHER)
        self._running: dict[UUID, list[asyncio.Task[None]]] = {}
        self._guests = Counter[UUID]()
        self._of_person = Counter[tuple[UUID, UUID]]()
        self._listener = Listener(
            bus,
            numbered=self._numbered,
            said=self._said,
            back=self.wake,
        )

    @property
    def sockets(self) -> list[Socket]:
        """Everybody who has said hello."""
        return [socket for room in self.rooms.values() for socket in room.sockets]

    async def run(self, stop: asyncio.Event) -> None:
        """Listen, and make the rounds, until `stop` is set."""
        rounds = [
            asyncio.ensure_future(one)
            for one in (
                self._listener.run(stop),
                self._every(self.bounds.recheck, self._recheck, stop),
                self._every(self.bounds.marks / 1000, self._mark, stop),
                self._every(self.bounds.heartbeat, self._beat, stop),
            )
        ]
        try:
            await asyncio.gather(*rounds)
        finally:
            for one in (*rounds, *chain(*self._running.values())):
                one.cancel()

    def has_room_for(self, address: str) -> bool:
        """Whether one more may knock from this address."""
        knocking = self.strangers.total()
        return (
            knocking < self.bounds.strangers
            and self.strangers[address] < self.bounds.strangers_of
            and knocking + self.present < self.bounds.sockets
        )

    async def enter(self, socket: Socket, since: int | None, proof: str = "") -> Room | None:
        """Let a socket into its organisation's room; None when that, or its person, has enough."""
        who = socket.standing
        room = self.rooms.get(who.org_id)
        if self._of_person[who.org_id, who.user_id] >= self.bounds.of_person or (
            self._guests[who.org_id] >= self.bounds.of_organisation
        ):
            return None
        if room is None:
            room = Room(
                who.org_id,
                self.sessions,
                self.kinds,
                self.bounds,
                self._turns,
                self._notify,
                self._bare,
            )
            self.rooms[who.org_id] = room
            running = [asyncio.create_task(one) for one in (room.run(), room.tell())]
            for one in running:
                one.add_done_callback(room.ended)
            self._running[who.org_id] = running
        self.present += 1
        self._guests[who.org_id] += 1
        self._of_person[who.org_id, who.user_id] += 1
        try:
            await room.enter(socket, since, proof)
        except BaseException:
            self.leave(room, socket)
            raise
        room.woken.set()  # what was numbered while it came in
        return room

    def leave(self, room: Room, socket: Socket) -> None:
        """A socket is gone; the last one closes the room."""
        room.leave(socket)
        self.present -= 1
        less(self._of_person, (room.org_id, socket.standing.user_id))
        less(self._guests, room.org_id)
        if not self._guests[room.org_id]:
            del self.rooms[room.org_id]
            for one in self._running.pop(room.org_id):
                one.cancel()

    def wake(self) -> None:
        """Let every room look: notices may have been lost."""
        for room in self.rooms.values():
            room.doubt()

    def _numbered(self, organisations: str) -> None:
        for org_id in organisations.split("\n"):
            if org_id == ANYBODY:
                self.wake()
            elif (room := self.rooms.get(UUID(org_id))) is not None:
                room.woken.set()

    def _said(self, notices: str) -> None:
        for notice in notices.split("\n"):
            kind, org_id, key = notice.split(" ", 2)
            room = self.rooms.get(UUID(org_id))
            if room is None:
                continue
            if kind == PRESENCE:
                room.presence.hear(key)
            else:
                room.states.stir(kind, str(UUID(key)))

    def _notify(self, notice: str) -> None:
        """Tell all processes; this one alone where nobody publishes."""
        publish = self.sessions.lent["after_commit"]
        if publish is None:
            self._said(notice)
        else:
            publish({LIVE: notice})

    async def _every(
        self, seconds: float, act: Callable[[], Awaitable[None]], stop: asyncio.Event
    ) -> None:
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), seconds)
            except TimeoutError:
                try:
                    await act()
                except FAILURES as error:
                    log.warning("a round of the hub failed", error=repr(error))

    async def _recheck(self) -> None:
        """Close whoever would not be let in as what they came in as."""
        await close_the_fallen(self.sessions, self.sockets)

    async def _mark(self) -> None:
        """Say up to where nothing is missing, to those who were not told anything lately."""
        SOCKETS.set(len(self.sockets))
        for room in self.rooms.values():
            frame = message("up_to", seq=room.cursor, proof=room.proof)
            for socket in room.sockets:
                flush(socket)
                if socket.live and socket.told < room.cursor and not socket.line.paused:
                    socket.line.put(frame)
                    socket.told = room.cursor

    async def _beat(self) -> None:
        """A sign of life to everybody, by which a client knows how old its picture is; and a look, in
        case a notice was lost."""
        for room in self.rooms.values():
            frame = message("up_to", seq=room.cursor, proof=room.proof)
            for socket in room.sockets:
                if socket.live and not socket.line.paused:
                    socket.line.put(frame)
                    socket.told = room.cursor
            room.presence.beat()
            room.woken.set()


def less(counted: Counter[Key], key: Key) -> None:
    """One less of these; what there is none of any more is not kept."""
    counted[key] -= 1
    if not counted[key]:
        del counted[key]
