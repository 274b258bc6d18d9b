"""Telling states: of what is not in the journal each listener gets the latest, once a second at most.

A socket that does not keep up has one frame waiting for each key, which a later one replaces.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, True_, Uuid, and_, cast, func, select, type_coerce
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.model import TenantModel
from app.models.permissions import RecordScope
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
        seen: dict[Standing, Collection[UUID]] = defaultdict(set)
        if source.model is None or not records:
            return seen
        listeners = {
            one.socket.standing
            for subscriptions in listening.values()
            for one in subscriptions
            if one.socket.standing.may(source.permission)
        }
        for scope in {who.record_scope for who in listeners}:
            group = {who for who in listeners if who.record_scope is scope}
            seen |= await reached_by(session, source.model, records, group)
        return seen


class _Everyone:
    """A viewer who is a column: many people with one scope, asked about in one statement."""

    def __init__(self, org_id: UUID, user_id: Any, scope: RecordScope) -> None:
        self.org_id, self.user_id = org_id, user_id
        self.sees_all = scope is RecordScope.all
        self.sees_team = scope.reach >= RecordScope.team.reach
        self.sees_territory = scope.reach >= RecordScope.territory.reach


def _together(
    model: type[TenantModel], org_id: UUID, users: Sequence[UUID], scope: RecordScope
) -> tuple[Any, ColumnElement[bool]]:
    """People as a column, and the condition that each of them sees a row of the model."""
    listed = func.unnest(cast(users, ARRAY(Uuid()))).table_valued("id", name="viewer")
    listed = listed.render_derived()
    asked = _Everyone(org_id, type_coerce(listed.c.id, Uuid()), scope)
    return listed, model.visible_to(asked)


@cache
def can_ask_together(model: type[TenantModel], scope: RecordScope) -> bool:
    """Whether the model's scope means each viewer where the viewer is a column. A subquery that lists
    what it correlates with would have viewers of its own, and mean any of them."""
    listed, reached = _together(model, UUID(int=0), [], scope)
    statement = select(listed.c.id).select_from(listed).join(model.id.class_, reached)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(statement.compile(dialect=dialect)).count("unnest(") == 1


async def reached_by(
    session: AsyncSession, model: type[TenantModel], records: set[UUID], group: set[Standing]
) -> dict[Standing, Collection[UUID]]:
    """Which of these records each of a group sees, all of whom are of one organisation and scope."""
    one = next(iter(group))
    if isinstance(model.visible_to(one), True_):
        return dict.fromkeys(group, records)
    if not can_ask_together(model, one.record_scope):
        alone = select(model.id).where(model.id.in_(records))
        return {
            who: set(await session.scalars(alone.where(model.visible_to(who)))) for who in group
        }
    users = sorted({who.user_id for who in group})
    listed, reached = _together(model, one.org_id, users, one.record_scope)
    user = type_coerce(listed.c.id, Uuid())
    statement = (
        select(user, func.array_agg(model.id))
        .select_from(listed)
        .join(model.id.class_, and_(model.id.in_(records), reached))
        .group_by(user)
    )
    found = {id: set(ids) for id, ids in await session.execute(statement)}
    return {who: found.get(who.user_id, ()) for who in group}


def flush(socket: Socket) -> None:
    """Write what waited, as far as the client takes it."""
    while socket.pending and not socket.line.paused:
        key = next(iter(socket.pending))
        socket.line.put(socket.pending.pop(key))
