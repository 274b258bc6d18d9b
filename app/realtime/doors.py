"""What one may listen to in a room, and whether one still may: asked as `GET` of the record would answer."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.permissions import Permission
from app.models.technicians import Technician
from app.realtime.audience import Audience
from app.realtime.presence import Presence
from app.realtime.sockets import Socket, Subscription
from app.realtime.sources import Source
from app.realtime.topics import Kinds, Topic
from app.services.identity.live import Standing
from app.services.reading import readable_of


class Doors:
    """Of one organisation."""

    def __init__(
        self, kinds: Kinds, sources: Mapping[str, Source], audience: Audience, presence: Presence
    ) -> None:
        """`sources` by their topics' names."""
        self._kinds, self._sources = kinds, sources
        self._audience, self._presence = audience, presence

    async def refusals(
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
            return self._sources[topic.source].permission
        if topic.every:
            return self._kinds[topic.every[0]][1]
        return None if topic.id is None else self._kinds[topic.entity][1]

    async def watch(self, session: AsyncSession, socket: Socket) -> None:
        """Let a socket watch its own person: the member, and the technician they are."""
        who = socket.standing
        own = await session.scalar(
            select(Technician.id).where(Technician.of_member(who.user_id)).limit(1)
        )
        ids = frozenset(one for one in (who.user_id, own) if one is not None)
        if socket.watch is not None:
            self._audience.remove(socket.watch)
        socket.watch = None
        if socket.line.is_open:  # whoever has left meanwhile is not listed any more
            socket.watch = Subscription(socket, Topic(""), ids)
            self._audience.add(socket.watch)

    async def anew(self, session: AsyncSession, socket: Socket) -> set[str]:
        """What the person reaches may have changed: ask again for everything they listen to, and end
        what they do not see any more; which topics that were."""
        await self.watch(session, socket)
        gone = await self.gone(session, socket)
        for subscription in list(socket.subscriptions.values()):
            if subscription.topic.name == "me":
                self._audience.remove(subscription)
                subscription.ids = ids_of(socket, subscription.topic)
                self._audience.add(subscription)
        return gone

    async def gone(self, session: AsyncSession, socket: Socket) -> set[str]:
        """End the topics of records that the person does not see any more; which they were."""
        gone: set[str] = set()
        held = [one for one in socket.subscriptions.values() if one.topic.id is not None]
        refused = await self.refusals(session, socket.standing, [one.topic for one in held])
        for subscription in held:
            name = subscription.topic.name
            # refused, and they have not left it since
            if name in refused and socket.subscriptions.get(name) is subscription:
                gone.add(name)
                del socket.subscriptions[name]
                self._presence.leave(socket, name)
                self._audience.remove(subscription)
        return gone


def ids_of(socket: Socket, topic: Topic) -> frozenset[UUID]:
    """The records that a topic is about, for this socket."""
    if topic.id is not None:
        return frozenset((topic.id,))
    if topic.name == "me" and socket.watch is not None:
        return socket.watch.ids
    return frozenset()
