"""Telling states: of what is not in the journal each listener gets the latest, once a second at most.

A socket that does not keep up has one frame waiting for each key, which a later one replaces.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import True_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.model import TenantModel
from app.realtime.bounds import Bounds
from app.realtime.frames import message
from app.realtime.sockets import Socket, Subscription
from app.realtime.sources import Source, State, Stirred
from app.services.identity.live import Standing

ByName = Mapping[str, set[Subscription]]


class States:
    """Those of one organisation."""

    def __init__(self, sources: Sequence[Source], by_name: ByName, bounds: Bounds) -> None:
        """`by_name` are the subscriptions by their topics' names."""
        self.woken = asyncio.Event()
        self.sources = {source.kind: source for source in sources}
        self._stirred = {kind: Stirred(bounds.ephemeral, bounds.pace) for kind in self.sources}
        self._by_name, self._bounds = by_name, bounds

    def stir(self, kind: str, key: str) -> None:
        """Something of a kind changed."""
        if kind in self._stirred:
            self._stirred[kind].add(key)
            self.woken.set()

    def due(self, now: float) -> list[tuple[Source, list[str]]]:
        """What is to be looked at now for those who listen."""
        found = []
        for kind, stirred in self._stirred.items():
            source = self.sources[kind]
            if not any(name.startswith(source.told_on) for name in self._by_name):
                stirred.keys.clear()
            elif keys := stirred.due(now):
                found.append((source, keys))
        return found

    @property
    def waiting(self) -> bool:
        """Whether keys wait for their turn."""
        return any(stirred.keys for stirred in self._stirred.values())

    async def tell(self, session: AsyncSession, source: Source, states: Sequence[State]) -> int:
        """Write these states to whoever listens and may see them; how many frames that were."""
        listening = {
            state.key: [one for name in state.topics for one in self._by_name.get(name, ())]
            for state in states
        }
        seen = await self._seen(session, source, states, listening)
        built: dict[tuple[str, str], bytes] = {}
        told = 0
        for state in states:
            for one in listening[state.key]:
                socket, topic = one.socket, one.topic.name
                if not socket.standing.may(source.permission):
                    continue
                if state.record is not None and state.record not in seen[socket.standing]:
                    continue
                frame = built.get((state.key, topic))
                if frame is None:
                    frame = message(source.says, topic=topic, **state.body)
                    built[state.key, topic] = frame
                if socket.line.paused:
                    self._keep(socket, f"{source.kind} {topic} {state.key}", frame)
                else:
                    socket.line.put(frame)
                told += 1
        return told

    def _keep(self, socket: Socket, key: str, frame: bytes) -> None:
        socket.pending.pop(key, None)
        socket.pending[key] = frame
        if len(socket.pending) > self._bounds.ephemeral:
            del socket.pending[next(iter(socket.pending))]

    async def _seen(
        self,
        session: AsyncSession,
        source: Source,
        states: Sequence[State],
        listening: Mapping[str, list[Subscription]],
    ) -> dict[Standing, Collection[UUID]]:
        """Of the records that these are states of, those each listener sees."""
        records = {state.record for state in states if state.record is not None}
        if source.model is None or not records:
            return defaultdict(set)
        seen: dict[Standing, Collection[UUID]] = {}
        for one in (one for subscriptions in listening.values() for one in subscriptions):
            who = one.socket.standing
            if who not in seen:
                seen[who] = await _reached(session, source.model, records, who)
        return seen


async def _reached(
    session: AsyncSession, model: type[TenantModel], records: set[UUID], who: Standing
) -> Collection[UUID]:
    reached = model.visible_to(who)
    if isinstance(reached, True_):
        return records
    return set(await session.scalars(select(model.id).where(model.id.in_(records), reached)))


def flush(socket: Socket) -> None:
    """Write what waited, as far as the client takes it."""
    while socket.pending and not socket.line.paused:
        key = next(iter(socket.pending))
        socket.line.put(socket.pending.pop(key))
