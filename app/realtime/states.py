"""Telling states: of what is not in the journal each listener gets the latest, once a second at most.

A socket that does not keep up has one frame waiting for each key, which a later one replaces.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.models.permissions import RecordScope
from app.realtime.bounds import Bounds
from app.realtime.frames import message
from app.realtime.seeing import reached_by
from app.realtime.sockets import Socket, Subscription
from app.realtime.sources import Source, State, Stirred
from app.services.identity.live import Standing

ByName = Mapping[str, set[Subscription]]
Piece = tuple[str, bytes]
"""A frame, and of what it is the latest."""
Portion = tuple[bytes, list[Piece]]
"""Frames as one, and what they are."""
AT_ONCE = 16 * 1024
"""Bytes in one write: after each is looked whether the client still takes them."""


class States:
    """Those of one organisation."""

    def __init__(self, sources: Sequence[Source], by_name: ByName, bounds: Bounds) -> None:
        """`by_name` are the subscriptions by their topics' names."""
        self.woken = asyncio.Event()
        self.doubted = False
        self.sources = {source.kind: source for source in sources}
        self._stirred = {kind: Stirred(bounds.ephemeral, bounds.pace) for kind in self.sources}
        self._by_name, self._bounds = by_name, bounds

    def stir(self, kind: str, key: str) -> None:
        """Something of a kind changed."""
        if kind in self._stirred:
            self._stirred[kind].add(key)
            self.woken.set()

    def doubt(self) -> None:
        """Notices may have been lost: everything that is listened to is to be looked at."""
        self.doubted = True
        self.woken.set()

    async def stir_all(self, session: AsyncSession) -> None:
        """Find what that is."""
        for kind, source in self.sources.items():
            if source.everything is not None and self._listened(source):
                for key in await source.everything(session, self._bounds.ephemeral):
                    self.stir(kind, key)
        self.doubted = False

    def put_back(self, due: Sequence[tuple[Source, list[str]]]) -> None:
        """These could not be looked at: they are due again."""
        for source, keys in due:
            self._stirred[source.kind].put_back(keys)

    def _listened(self, source: Source) -> bool:
        return any(name.startswith(source.told_on) for name in self._by_name)

    def due(self, now: float) -> list[tuple[Source, list[str]]]:
        """What is to be looked at now for those who listen."""
        found = []
        for kind, stirred in self._stirred.items():
            source = self.sources[kind]
            if not self._listened(source):
                stirred.keys.clear()
            elif keys := stirred.due(now):
                found.append((source, keys))
        return found

    @property
    def waiting(self) -> bool:
        """Whether keys wait for their turn."""
        return self.doubted or any(stirred.keys for stirred in self._stirred.values())

    async def tell(
        self, reading: Callable[[], AsyncSession], source: Source, states: Sequence[State]
    ) -> int:
        """Write these states to whoever listens and may see them; how many frames that were. `reading`
        opens a session, where the source does not know for whom they are.

        What one socket is told at once is written at once, and made once for all who are told the same.
        """
        listening = {
            one.socket
            for name in {name for state in states for name in state.topics}
            for one in self._by_name.get(name, ())
            if one.socket.standing.may(source.permission)
        }
        seen = await self._seen(reading, source, states, {one.standing for one in listening})
        sees = {socket: seen.get(socket.standing, ()) for socket in listening}
        pieces: list[Piece] = []
        mine: dict[Socket, list[int]] = {}
        for state in states:
            for name in state.topics:
                subscriptions = self._by_name.get(name)
                if not subscriptions:
                    continue
                place = len(pieces)
                key = f"{source.kind} {name} {state.key}"
                pieces.append((key, message(source.says, topic=name, **state.body)))
                for one in subscriptions:
                    socket = one.socket
                    if socket in sees and (state.record is None or state.record in sees[socket]):
                        mine.setdefault(socket, []).append(place)
        joined: dict[tuple[int, ...], list[Portion]] = {}
        for socket, places in mine.items():
            same = tuple(places)
            if same not in joined:
                joined[same] = portions([pieces[place] for place in places])
            for portion, parts in joined[same]:
                if socket.line.paused:
                    for key, frame in parts:
                        self._keep(socket, key, frame)
                else:
                    socket.line.put(portion)
        return sum(map(len, mine.values()))

    def _keep(self, socket: Socket, key: str, frame: bytes) -> None:
        socket.pending.pop(key, None)
        socket.pending[key] = frame
        if len(socket.pending) > self._bounds.ephemeral:
            del socket.pending[next(iter(socket.pending))]

    async def _seen(
        self,
        reading: Callable[[], AsyncSession],
        source: Source,
        states: Sequence[State],
        listeners: Collection[Standing],
    ) -> dict[Standing, Collection[UUID]]:
        """Of the records that these are states of, those each listener sees."""
        records = {state.record for state in states if state.record is not None}
        seen: dict[Standing, Collection[UUID]] = {}
        if source.model is None or not records:
            return seen
        known = all(state.told is not None for state in states if state.record is not None)
        for scope in {who.record_scope for who in listeners}:
            group = {who for who in listeners if who.record_scope is scope}
            if known and scope is RecordScope.all:
                seen |= _told(states, group)
            else:
                async with reading() as session:
                    seen |= await reached_by(session, source.model, records, group)
        return seen


def _told(states: Sequence[State], group: Collection[Standing]) -> dict[Standing, Collection[UUID]]:
    """What the source said of each of a group, all of whom see everything."""
    by_person: dict[UUID, set[UUID]] = {who.user_id: set() for who in group}
    for state in states:
        if state.record is None:
            continue
        for person in state.told or ():
            if person in by_person:
                by_person[person].add(state.record)
    return {who: by_person[who.user_id] for who in group}


def portions(pieces: Sequence[Piece]) -> list[Portion]:
    """Frames that go out together, in writes that are small beside what may wait for a socket."""
    made: list[Portion] = []
    part: list[Piece] = []
    size = 0
    for piece in pieces:
        if part and size + len(piece[1]) > AT_ONCE:
            made.append((b"".join(frame for _, frame in part), part))
            part, size = [], 0
        part.append(piece)
        size += len(piece[1])
    if part:
        made.append((b"".join(frame for _, frame in part), part))
    return made


def flush(socket: Socket) -> None:
    """Write what waited, as far as the client takes it."""
    while socket.pending and not socket.line.paused:
        key = next(iter(socket.pending))
        socket.line.put(socket.pending.pop(key))
