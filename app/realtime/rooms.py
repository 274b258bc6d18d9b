"""A room: the sockets of one organisation in this process, and the fan-out to them.

`cursor` is the number up to which entries were handed out. It moves under the lock, in the same step
in which frames are written, so a socket that comes or subscribes under the lock misses nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.backoff import Backoff
from app.core.db import Scope, Sessions
from app.core.lost import LOST
from app.core.telemetry import MESSAGES
from app.models.permissions import Permission
from app.realtime import changes as journal
from app.realtime.audience import Audience
from app.realtime.bounds import Bounds
from app.realtime.doors import Doors, ids_of
from app.realtime.line import TOO_SLOW
from app.realtime.preparing import Preparing
from app.realtime.presence import KIND as PRESENCE
from app.realtime.presence import Presence
from app.realtime.rights import close_the_fallen
from app.realtime.sockets import Frames, Socket, Subscription
from app.realtime.sources import SOURCES, Source, State
from app.realtime.states import States
from app.realtime.topics import Kinds, Topic
from app.realtime.turns import Turns
from app.services.hot import Pool

log = structlog.get_logger()
FAILURES = (*LOST, SQLAlchemyError, TimeoutError)
BROKEN = (1011, "something failed here: come back in a moment")
NOTHING = Frames()
Bare = Callable[[], Awaitable[Pool]]


class Room:
    """One organisation's."""

    def __init__(
        self,
        org_id: UUID,
        sessions: Sessions,
        kinds: Kinds,
        bounds: Bounds,
        turns: Turns,
        notify: Callable[[str], None],
        bare: Bare | None = None,
    ) -> None:
        """`turns` are the process's. `notify` tells all processes. `bare` has connections for what is
        asked many times a second."""
        self.org_id = org_id
        self.cursor = 0
        self.proof = ""
        """Of the cursor (`changes.proof`)."""
        self.sockets: set[Socket] = set()
        self.lock = asyncio.Lock()
        self.woken = asyncio.Event()
        self._bare = bare
        self._sessions, self._bounds, self._turns = sessions, bounds, turns
        self._audience = Audience()
        self.presence = Presence(
            say=lambda key: notify(f"{PRESENCE} {org_id} {key}"),
            stir=lambda topic: self.states.stir(PRESENCE, topic),
        )
        self.states = States((*SOURCES, self.presence.source), self._audience.by_name, bounds)
        self._doors = Doors(kinds, self.states.sources, self._audience, self.presence)
        self._preparing = Preparing(sessions, kinds, self._audience, self._doors, self.proof_of)
        self._checked_at: float = -1

    # who is here

    async def enter(self, socket: Socket, since: int | None, proof: str = "") -> None:
        """Let a socket in. It goes on after `since`, or from now; with a proof of another history than
        ours (a backup was restored) it is told to look at everything."""
        async with self.lock, self._turns.of(self.org_id), self._reading() as session:
            if not self.sockets:
                self.cursor = await journal.head(session, self.org_id)
                self.proof = await journal.proof(session, self.org_id, self.cursor)
            await self._doors.watch(session, socket)
            self.sockets.add(socket)
            socket.sent = socket.told = self.cursor
            if since is None:
                return
            if since > self.cursor and since > await journal.head(session, self.org_id):
                socket.too_old = True  # a number that nobody gave: this is another database
            elif since < self.cursor - self._bounds.replay or (
                proof and proof != await journal.proof(session, self.org_id, since)
            ):
                socket.too_old = True
            else:
                # not live before it has said what it listens to; where it is beyond the cursor, it has
                # heard from another process what comes here in a moment
                socket.sent = socket.told = since
                socket.live, socket.resuming = False, True

    def leave(self, socket: Socket) -> None:
        """A socket is gone."""
        self.sockets.discard(socket)
        if socket.task is not None:
            socket.task.cancel()
        self.presence.leave(socket)
        for subscription in [*socket.subscriptions.values(), socket.watch]:
            if subscription is not None:
                self._audience.remove(subscription)
        socket.subscriptions.clear()

    async def subscribe(self, socket: Socket, topics: Iterable[Topic]) -> dict[str, str]:
        """Let a socket listen to topics; those it may not, each with why."""
        refused: dict[str, str] = {}
        async with socket.lock, self.lock, self._turns.of(self.org_id), self._reading() as session:
            wanted = [one for one in topics if one.name not in socket.subscriptions]
            refusals = await self._doors.refusals(session, socket.standing, wanted)
            for topic in wanted:
                if len(socket.subscriptions) >= self._bounds.topics:
                    refused[topic.name] = "too_many_topics"
                    continue
                if topic.name in refusals:
                    refused[topic.name] = refusals[topic.name]
                    continue
                subscription = Subscription(socket, topic, ids_of(socket, topic))
                socket.subscriptions[topic.name] = subscription
                self._audience.add(subscription)
                if socket.standing.may(Permission.members_read):
                    self.presence.ask(topic.name)
        return refused

    async def unsubscribe(self, socket: Socket, names: Iterable[str]) -> None:
        """Let a socket hear no more of these topics."""
        async with socket.lock:
            for name in names:
                subscription = socket.subscriptions.pop(name, None)
                if subscription is not None:
                    self.presence.leave(socket, name)
                    self._audience.remove(subscription)

    def proof_of(self, seq: int) -> str:
        """The proof of a number, where that is where the room is; or none."""
        return self.proof if seq == self.cursor else ""

    def doubt(self) -> None:
        """Notices may have been lost: look at everything."""
        self.woken.set()
        self.states.doubt()
        for topic in self._audience.by_name:
            if topic:
                self.presence.ask(topic)

    # what is handed out

    async def run(self) -> None:
        """Hand out entries as they are numbered."""
        backoff, never = Backoff(), asyncio.Event()
        while True:
            await self.woken.wait()
            self.woken.clear()
            try:
                while await self._advance():
                    pass
                backoff.reset()
            except FAILURES as error:
                log.warning("the hub could not read", error=repr(error))
                self.woken.set()
                await backoff.wait(never)

    async def tell(self) -> None:
        """Hand out what is not in the journal: what changed in a tenth of a second together, and each
        thing in its own pace."""
        backoff, never, loop = Backoff(), asyncio.Event(), asyncio.get_running_loop()
        while True:
            if not self.states.waiting:
                self.states.woken.clear()
                await self.states.woken.wait()
            await asyncio.sleep(self._bounds.gather / 1000)
            due: list[tuple[Source, list[str]]] = []
            try:
                if self.states.doubted:
                    async with self._turns.of(self.org_id), self._reading() as session:
                        await self.states.stir_all(session)
                due = self.states.due(loop.time())
                while due:
                    source, keys = due[0]
                    async with self._turns.of(self.org_id):
                        states = await self._looked(source, keys)
                        await self._close_the_fallen(loop.time())
                        MESSAGES.inc(await self.states.tell(self._reading, source, states))
                    del due[0]
                backoff.reset()
            except FAILURES as error:
                log.warning("the hub could not look", error=repr(error))
                self.states.put_back(due)
                await backoff.wait(never)

    async def _looked(self, source: Source, keys: Collection[str]) -> Sequence[State]:
        states: Sequence[State] = ()
        if source.at_once is not None and self._bare is not None:
            states, keys = await source.at_once(await self._bare(), self.org_id, keys)
        if keys:
            async with self._reading() as session:
                states = [*states, *await source.look(session, keys)]
        return states

    async def _close_the_fallen(self, now: float) -> None:
        """Once a second at most: many states a second are told."""
        if now < self._checked_at + 1:
            return
        self._checked_at = now
        await close_the_fallen(self._sessions, list(self.sockets))

    def ended(self, running: asyncio.Task[None]) -> None:
        """Whatever ends the reading but an order to is a bug: nobody is left to believe it goes on."""
        if running.cancelled() or (error := running.exception()) is None:
            return
        log.error("the hub stopped reading", exc_info=error)
        for socket in self.sockets:
            socket.close(*BROKEN)

    async def _advance(self) -> bool:
        async with self.lock:
            async with self._turns.of(self.org_id), self._reading() as session:
                found = await journal.read(
                    session, self.org_id, since=self.cursor, most=self._bounds.page
                )
                if not found:
                    return False
                live = {socket for socket in self.sockets if socket.live}
                frames = await self._preparing.frames(session, found, live)
            self.cursor, self.proof = found[-1].seq, found[-1].proof
            MESSAGES.inc(sum(len(one.events) for one in frames.values()))
            for socket in live:
                if not socket.write(frames.get(socket, NOTHING), self.cursor):
                    self.bring_up(socket)
            for socket in self.sockets - live:
                most = self._bounds.behind + self._bounds.replay * socket.resuming
                if self.cursor - socket.sent > most:
                    socket.close(*TOO_SLOW)
        return len(found) == self._bounds.page

    def bring_up(self, socket: Socket) -> None:
        """Read the journal for one socket until it is where the others are."""
        socket.live = False
        if socket.task is None or socket.task.done():
            socket.task = asyncio.create_task(self._bring_up(socket))
            socket.task.add_done_callback(self.ended)

    async def _bring_up(self, socket: Socket) -> None:
        while socket.line.is_open:
            await socket.line.writable.wait()
            try:
                async with socket.lock:
                    if await self._page(socket):
                        return
            except FAILURES as error:
                log.warning("the hub could not bring a socket up", error=repr(error))
                await asyncio.sleep(1)

    async def _page(self, socket: Socket) -> bool:
        """One page more for a socket that is behind; whether it is live again."""
        async with self._turns.of(self.org_id), self._reading() as session:
            most = max(0, min(self._bounds.page, self.cursor - socket.sent))
            found = await journal.read(session, self.org_id, since=socket.sent, most=most)
            frames = await self._preparing.frames(session, found, {socket})
        if found and not socket.write(frames.get(socket, NOTHING), found[-1].seq):
            return False
        async with self.lock:
            if socket.sent < self.cursor or socket not in self.sockets:
                return socket not in self.sockets
            socket.live, socket.resuming = True, False
            return True

    def _reading(self) -> AsyncSession:
        return self._sessions.open(Scope(self.org_id, source="live"))
