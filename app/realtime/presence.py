"""Presence: who looks at a board or a record now, in whichever process they are.

Each process says who of its own is where (ids only) when that changes and at every heartbeat, and
forgets what another process said when it has been silent for three. Nothing of it is stored.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.models.members import Member
from app.models.permissions import Permission
from app.realtime.sockets import Socket
from app.realtime.sources import Source, State

KIND = "presence"
MOST = 50
"""People who are named for one topic and process."""
SILENT = 3
"""Heartbeats after which a process is taken for gone."""
ASKED = "?"


@dataclass
class _Elsewhere:
    people: frozenset[UUID]
    beats: int = 0


@dataclass
class Presence:
    """Of one organisation."""

    say: Callable[[str], None]
    """Sends a notice's key to all processes, this one included."""
    stir: Callable[[str], None]
    """Has a topic's presence told again."""
    process: str = field(default_factory=lambda: new_id().hex)
    """Which of those that say who is where."""
    _here: dict[str, set[Socket]] = field(default_factory=lambda: defaultdict(set))
    _seen: dict[str, dict[str, _Elsewhere]] = field(default_factory=lambda: defaultdict(dict))

    def arrive(self, socket: Socket, topic: str) -> None:
        """Somebody looks at a topic now."""
        self._here[topic].add(socket)
        self._announce(topic)

    def leave(self, socket: Socket, topic: str | None = None) -> None:
        """Somebody does not look at a topic any more, or at anything."""
        for name in [topic] if topic is not None else list(self._here):
            if socket in self._here.get(name, ()):
                self._here[name].discard(socket)
                self._announce(name)

    def ask(self, topic: str) -> None:
        """Somebody begins to listen: let every process say who of its own is there."""
        self.say(f"{topic} {ASKED} ")

    def hear(self, key: str) -> None:
        """Some process said who of its own is where, or asked."""
        topic, process, listed = key.split(" ")
        if process == ASKED:
            if topic in self._here:
                self._announce(topic)
            if self.people(topic):
                self.stir(topic)
            return
        people = frozenset(UUID(one) for one in listed.split(",") if one)
        before = self._seen[topic].get(process)
        if people:
            self._seen[topic][process] = _Elsewhere(people)
        else:
            self._seen[topic].pop(process, None)
        if not self._seen[topic]:
            del self._seen[topic]
        if people != (before.people if before else frozenset()):
            self.stir(topic)

    def beat(self) -> None:
        """A heartbeat has passed: say again who is here, and forget who has been silent."""
        for topic, seen in list(self._seen.items()):
            for process, elsewhere in list(seen.items()):
                elsewhere.beats += 1
                if elsewhere.beats > SILENT:
                    self.hear(f"{topic} {process} ")
        for topic in list(self._here):
            self._announce(topic)

    def people(self, topic: str) -> set[UUID]:
        """Who looks at it."""
        return {one for seen in self._seen.get(topic, {}).values() for one in seen.people}

    def _announce(self, topic: str) -> None:
        people = sorted({str(one.standing.user_id) for one in self._here[topic]})[:MOST]
        if not people:
            del self._here[topic]
        self.say(f"{topic} {self.process} {','.join(people)}")

    @property
    def source(self) -> Source:
        """What is told of it: to those who may know the members."""
        return Source(KIND, KIND, Permission.members_read, self._look, told_on=("",))

    async def _look(self, session: AsyncSession, topics: Collection[str]) -> list[State]:
        everybody = {one for topic in topics for one in self.people(topic)}
        rows = await session.execute(select(Member.id, Member.name).where(Member.id.in_(everybody)))
        names: dict[UUID, str] = {row.id: row.name for row in rows}
        return [
            State(
                topic,
                (topic,),
                {
                    "people": [
                        {"id": id, "name": names[id]}
                        for id in sorted(self.people(topic), key=lambda one: names.get(one, ""))
                        if id in names
                    ]
                },
            )
            for topic in topics
        ]
