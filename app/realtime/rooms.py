"""A room: the sockets of one organisation in this process, and the fan-out to them.

`cursor` is the number up to which entries were handed out. It moves under the lock, in the same step
in which frames are written, so a socket that comes or subscribes under the lock misses nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.backoff import Backoff
from app.core.db import Scope, Sessions
from app.core.lost import LOST
from app.core.telemetry import MESSAGES, RESYNCS
from app.models.permissions import Permission
from app.models.technicians import Technician
from app.realtime import changes as journal
from app.realtime.bounds import Bounds
from app.realtime.changes import Change
from app.realtime.frames import message
from app.realtime.line import TOO_SLOW
from app.realtime.presence import KIND as PRESENCE
from app.realtime.presence import Presence
from app.realtime.seeing import Record, Seen, once_seen_by, seen_by
from app.realtime.sockets import Frames, Socket, Subscription
from app.realtime.sources import SOURCES, Source, State
from app.realtime.states import States
from app.realtime.topics import Kinds, Topic
from app.realtime.turns import Turns
from app.services.hot import Pool
from app.services.identity.live import Standing, versions
from app.services.reading import readable_of

log = structlog.get_logger()
FAILURES = (*LOST, SQLAlchemyError, TimeoutError)
NOT_ANY_MORE = (4401, "your session ended or your rights changed: sign in or refresh, then return")
BROKEN = (1011, "something failed here: come back in a moment")
NOTHING = Frames()
Bare = Callable[[], Awaitable[Pool]]
Matched = dict[Change, list[Subscription]]
"""Entries that somebody listens to, through which of their topics."""
Matches = dict[Socket, Matched]


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
        """`turns` are the process's. `notify` tells all processes. `bare`
        has connections for what is asked many times a second."""
        self.org_id = org_id
        self.cursor = 0
        self.proof = ""
        """Of the cursor (`changes.proof`)."""
        self.sockets: set[Socket] = set()
        self.lock = asyncio.Lock()
        self.woken = asyncio.Event()
        self._bare = bare
        self._sessions, self._kinds, self._bounds, self._turns = sessions, kinds, bounds, turns
        self._by_id: dict[UUID, set[Subscription]] = defaultdict(set)
        self._by_name: dict[str, set[Subscription]] = defaultdict(set)
        self._boards: dict[date, set[Subscription]] = defaultdict(set)
        self.presence = Presence(
            say=lambda key: notify(f"{PRESENCE} {org_id} {key}"),
            stir=lambda topic: self.states.stir(PRESENCE, topic),
        )
        self.states = States((*SOURCES, self.presence.source), self._by_name, bounds)
        self._zone = ""
        self._checked_at: float = -1

    # who is here

    async def enter(self, socket: Socket, since: int | None, proof: str = "") -> None:
        """Let a socket in. It goes on after `since`, or from now; with a proof of another history than
        ours (a backup was restored) it is told to look at everything."""
        async with self.lock, self._turns.of(self.org_id), self._reading() as session:
            if not self.sockets:
                self.cursor = await journal.head(session, self.org_id)
                self.proof = await journal.proof(session, self.org_id, self.cursor)
            await self._watch(session, socket)
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
                self._unlisten(subscription)
        socket.subscriptions.clear()

    async def subscribe(self, socket: Socket, topics: Iterable[Topic]) -> dict[str, str]:
        """Let a socket listen to topics; those it may not, each with why."""
        refused: dict[str, str] = {}
        async with socket.lock, self.lock, self._turns.of(self.org_id), self._reading() as session:
            wanted = [one for one in topics if one.name not in socket.subscriptions]
            refusals = await self._refusals(session, socket.standing, wanted)
            for topic in wanted:
                if len(socket.subscriptions) >= self._bounds.topics:
                    refused[topic.name] = "too_many_topics"
                    continue
                if topic.name in refusals:
                    refused[topic.name] = refusals[topic.name]
                    continue
                subscription = Subscription(socket, topic, await self._ids(socket, topic))
                socket.subscriptions[topic.name] = subscription
                self._listen(subscription)
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
                    self._unlisten(subscription)

    def proof_of(self, seq: int) -> str:
        """The proof of a number, where that is where the room is; or none."""
        return self.proof if seq == self.cursor else ""

    def doubt(self) -> None:
        """Notices may have been lost: look at everything."""
        self.woken.set()
        self.states.doubt()
        for topic in self._by_name:
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
                frames = await self._prepared(session, found, live)
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
            frames = await self._prepared(session, found, {socket})
        if found and not socket.write(frames.get(socket, NOTHING), found[-1].seq):
            return False
        async with self.lock:
            if socket.sent < self.cursor or socket not in self.sockets:
                return socket not in self.sockets
            socket.live, socket.resuming = True, False
            return True

    async def _prepared(
        self,
        session: AsyncSession,
        found: list[Change],
        sockets: Collection[Socket],
    ) -> dict[Socket, Frames]:
        """The frames of these entries for each socket, under the rights they have after them."""
        if not sockets:
            return {}
        if any(change.entity == "organisation" for change in found):
            self._zone = ""
        matches = await self._matches(session, found, sockets)
        reached = any(change.reaches for change in found)
        narrow = {socket for socket in sockets if socket.narrow} if reached else set()
        allowed = await versions(
            self._sessions, {one.standing.session_id for one in (*matches, *narrow)}
        )
        staying: list[Socket] = []
        for socket in {*matches, *narrow}:
            if still(socket, allowed):
                staying.append(socket)
            else:
                socket.close(*NOT_ANY_MORE)
        matched = {socket: matches.get(socket, {}) for socket in staying}
        visible, once = await self._looked_at(session, matched)
        prepared: dict[Socket, Frames] = {}
        built: dict[tuple[int, tuple[str, ...]], bytes] = {}
        for socket, changes in matched.items():
            who = socket.standing
            frames = Frames(events=_events(changes, visible[who], built))
            if socket.narrow:
                unseen = _unseen(changes, visible[who])
                frames.marks.extend(await self._lost(session, socket, unseen, once.get(who, ())))
            if socket in narrow or _concerns(socket, changes):
                frames.marks.extend(await self._anew(session, socket))
                known = self.proof_of(socket.sent)
                RESYNCS.inc()
                frames.marks.append(message("resync", seq=socket.sent, proof=known))
            prepared[socket] = frames
        return prepared

    async def _looked_at(
        self, session: AsyncSession, matched: Mapping[Socket, Matched]
    ) -> tuple[Mapping[Standing, Collection[Record]], Seen]:
        """Which of the records that changed each person sees; and which visits, of those that they do
        not, they once saw."""
        asked: dict[Standing, set[Record]] = defaultdict(set)
        for socket, changes in matched.items():
            asked[socket.standing] |= {(change.entity, change.id) for change in changes}
        visible = await seen_by(session, self._kinds, asked)
        missing = {
            who: {id for entity, id in records - visible[who] if entity == "visit"}
            for who, records in asked.items()
            if not who.sees_all
        }
        asking = [who for who, ids in missing.items() if ids]
        return visible, await once_seen_by(session, set().union(*missing.values()), asking)

    async def _matches(
        self, session: AsyncSession, found: list[Change], sockets: Collection[Socket]
    ) -> Matches:
        """Who listens to which of these entries, through which topics."""
        speaking = [one for one in found if not one.told]
        await journal.add_subjects(session, speaking, list(self._by_id))
        if self._boards:
            await journal.add_days(session, speaking, await self._its_zone(session))
        matches: Matches = defaultdict(dict)
        for change in speaking:
            listening: set[Subscription] = set()
            for id in (change.id, *change.subjects):
                listening |= self._by_id.get(id, set())
            for day in self._boards if change.everywhere else change.days:
                listening |= self._boards.get(day, set())
            for subscription in listening:
                if subscription.socket in sockets:
                    matches[subscription.socket].setdefault(change, []).append(subscription)
        return matches

    async def _lost(
        self, session: AsyncSession, socket: Socket, unseen: Matched, once: Collection[UUID]
    ) -> list[bytes]:
        """What somebody may still show of what was theirs: topics to look at again, topics that end."""
        names, held = set[str](), False
        for change, subscriptions in unseen.items():
            held = held or any(one.topic.id is not None for one in subscriptions)
            if change.entity == "visit" and change.id in once:
                names |= {one.topic.name for one in subscriptions if one.topic.name}
        if not names and not held:
            return []  # it never was theirs
        gone = await self._gone(session, socket)
        marks = _ended(gone)
        if again := sorted(names - gone):
            RESYNCS.inc()
            marks.append(message("resync", seq=socket.sent, topics=again))
        return marks

    # what one may listen to

    async def _refusals(
        self, session: AsyncSession, who: Standing, wanted: Collection[Topic]
    ) -> dict[str, str]:
        """Which of these topics somebody may not listen to, and why. Each kind is asked about once."""
        refused: dict[str, str] = {}
        asked: dict[str, dict[UUID, str]] = defaultdict(dict)
        for topic in wanted:
            needed = self._needed(topic)
            if needed is not None and not who.may(needed):
                refused[topic.name] = "forbidden"
            elif topic.id is not None:
                asked[topic.entity][topic.id] = topic.name
        for entity, ids in asked.items():
            found = await readable_of(session, self._kinds[entity][0], ids, who)
            refused |= {ids[id]: "not_found" for id in ids.keys() - found}
        return refused

    def _needed(self, topic: Topic) -> Permission | None:
        """What one needs to listen to a topic, besides seeing its record."""
        if topic.day is not None:
            return Permission.visits_read
        if topic.source:
            return self.states.sources[topic.source].permission
        return None if topic.id is None else self._kinds[topic.entity][1]

    async def _ids(self, socket: Socket, topic: Topic) -> frozenset[UUID]:
        if topic.id is not None:
            return frozenset((topic.id,))
        if topic.name == "me" and socket.watch is not None:
            return socket.watch.ids
        return frozenset()

    async def _watch(self, session: AsyncSession, socket: Socket) -> None:
        """Let a socket watch its own person: the member, and the technician they are."""
        who = socket.standing
        own = await session.scalar(
            select(Technician.id).where(Technician.of_member(who.user_id)).limit(1)
        )
        ids = frozenset(one for one in (who.user_id, own) if one is not None)
        if socket.watch is not None:
            self._unlisten(socket.watch)
        socket.watch = Subscription(socket, Topic(""), ids)
        self._listen(socket.watch)

    async def _anew(self, session: AsyncSession, socket: Socket) -> list[bytes]:
        """What the person reaches may have changed: ask again for everything they listen to, and say
        which topics end."""
        await self._watch(session, socket)
        gone = await self._gone(session, socket)
        for subscription in list(socket.subscriptions.values()):
            if subscription.topic.name == "me":
                self._unlisten(subscription)
                subscription.ids = await self._ids(socket, subscription.topic)
                self._listen(subscription)
        return _ended(gone)

    async def _gone(self, session: AsyncSession, socket: Socket) -> set[str]:
        """End the topics of records that the person does not see any more; which they were."""
        gone: set[str] = set()
        held = [one for one in socket.subscriptions.values() if one.topic.id is not None]
        refused = await self._refusals(session, socket.standing, [one.topic for one in held])
        for subscription in held:
            name = subscription.topic.name
            # refused, and they have not left it since
            if name in refused and socket.subscriptions.get(name) is subscription:
                gone.add(name)
                del socket.subscriptions[name]
                self.presence.leave(socket, name)
                self._unlisten(subscription)
        return gone

    def _listen(self, subscription: Subscription) -> None:
        self._by_name[subscription.topic.name].add(subscription)
        for id in subscription.ids:
            self._by_id[id].add(subscription)
        if subscription.topic.day is not None:
            self._boards[subscription.topic.day].add(subscription)

    def _unlisten(self, subscription: Subscription) -> None:
        self._by_name[subscription.topic.name].discard(subscription)
        if not self._by_name[subscription.topic.name]:
            del self._by_name[subscription.topic.name]
        for id in subscription.ids:
            self._by_id[id].discard(subscription)
            if not self._by_id[id]:
                del self._by_id[id]
        if (day := subscription.topic.day) is not None:
            self._boards[day].discard(subscription)
            if not self._boards[day]:
                del self._boards[day]

    def _reading(self) -> AsyncSession:
        return self._sessions.open(Scope(self.org_id, source="live"))

    async def _its_zone(self, session: AsyncSession) -> str:
        if not self._zone:
            self._zone = await journal.zone_of(session)
        return self._zone


def _events(
    matched: Matched, visible: Collection[Record], built: dict[tuple[int, tuple[str, ...]], bytes]
) -> list[tuple[int, bytes]]:
    """The events of what somebody sees; each made once for all who are told the same."""
    events = []
    for change, subscriptions in matched.items():
        names = tuple(sorted(one.topic.name for one in subscriptions if one.topic.name))
        if not names or (change.entity, change.id) not in visible:
            continue
        key = (change.seq, names)
        if key not in built:
            built[key] = event(change, names)
        events.append((change.seq, built[key]))
    return events


def _unseen(matched: Matched, visible: Collection[Record]) -> Matched:
    return {
        change: subscriptions
        for change, subscriptions in matched.items()
        if (change.entity, change.id) not in visible
    }


def event(change: Change, topics: tuple[str, ...]) -> bytes:
    """What a client is told of an entry: which record it should look at again, and why."""
    body: dict[str, Any] = {
        "seq": change.seq,
        "proof": change.proof,
        "topic": topics[0],
        "topics": topics,
        "fact": change.action if change.is_fact else None,
        "action": change.action,
        "entity": change.entity,
        "id": change.id,
        "version": change.version,
        "request_id": change.request_id,
    }
    return message("event", **body)


def _ended(topics: Iterable[str]) -> list[bytes]:
    """That these topics are not listened to any more."""
    return [message("unsubscribed", topic=one, code="not_found") for one in sorted(topics)]


def still(socket: Socket, allowed: dict[UUID, int]) -> bool:
    """Whether its session stands with the rights that the socket was opened with."""
    return allowed.get(socket.standing.session_id) == socket.standing.perm_version


async def close_the_fallen(sessions: Sessions, sockets: Sequence[Socket]) -> None:
    """Close those of these whose session would not be let in as what they came in as. Whoever comes
    while that is asked is not among them: nothing was asked about them."""
    allowed = await versions(sessions, {one.standing.session_id for one in sockets})
    for socket in sockets:
        if not still(socket, allowed):
            socket.close(*NOT_ANY_MORE)


def _concerns(socket: Socket, matched: Matched) -> bool:
    """Whether somebody's own place or rights changed while they were away, or just before they came."""
    return any(
        socket.watch in subscriptions
        and change.is_fact
        and change.action.startswith(("member.", "organisation.role_"))
        for change, subscriptions in matched.items()
    )
