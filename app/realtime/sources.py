"""What changes too often for the journal: positions, who is looking. The latest state is told, once a
second at most, and what was before it is forgotten.

Whoever changes such a thing says `tell_live(session, kind, org_id, key)` in its transaction
(`app.core.db`). After the commit every process with somebody who listens asks the kind's `Source` for
the state of the keys that were named, and hands it to those who may see it. A source is registered in
`SOURCES`.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.model import TenantModel
from app.models.permissions import Permission
from app.services.hot import Pool
from app.services.tracking import live
from app.services.tracking.pings import LIVE as GPS


@dataclass(frozen=True)
class State:
    """How one thing is now."""

    key: str
    """What it is the state of; a later state of the same key replaces this one."""
    topics: tuple[str, ...]
    """The topics it is told on."""
    body: dict[str, Any]
    """What is told, but for its `type` and `topic`."""
    record: UUID | None = None
    """The record of the source's model by which is decided who sees it. None: all who listen."""
    told: Collection[UUID] | None = None
    """Of those whose scope is everything, the people who see the record, where the source knows them
    already: what the model would say of each."""


Look = Callable[[AsyncSession, Collection[str]], Awaitable[Sequence[State]]]
"""Reads the states of these keys, in a session of the organisation; those that are none are left out."""


AtOnce = Callable[[Pool, UUID, Collection[str]], Awaitable[tuple[Sequence[State], Collection[str]]]]
"""Reads the states of some of these keys of an organisation on a bare connection; and the other keys."""


@dataclass(frozen=True)
class Source:
    """One kind of such things."""

    kind: str
    """The notice's first word; `gps` is the topic one listens to for all of kind `gps`."""
    says: str
    """What its messages are called."""
    permission: Permission
    """What one needs to be told."""
    look: Look
    model: type[TenantModel] | None = None
    everything: Callable[[AsyncSession, int], Awaitable[Sequence[str]]] | None = None
    """The keys of all there is, so many at most: asked for when notices may have been lost."""
    told_on: tuple[str, ...] = ()
    """How the topics begin on which it is told; while nobody listens to such, nothing is looked at."""
    at_once: AtOnce | None = None
    """A way to look that needs no session, asked first; `look` is asked about what it leaves."""


@dataclass
class Stirred:
    """Keys that were named and not yet looked at, the latest of too many, and when each was last told."""

    most: int
    pace: int
    """Seconds between two states of one key."""
    keys: dict[str, None] = field(default_factory=dict)
    told: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def add(self, key: str) -> None:
        """`key` is to be looked at."""
        self.keys.pop(key, None)
        self.keys[key] = None
        if len(self.keys) > self.most:
            del self.keys[next(iter(self.keys))]

    def due(self, now: float) -> list[str]:
        """Those that were not told within the pace: they are, now. The others wait for their turn."""
        while self.told and next(iter(self.told.values())) <= now - self.pace:
            self.told.popitem(last=False)
        due = [key for key in self.keys if key not in self.told]
        for key in due:
            del self.keys[key]
            self.told[key] = now
        return due

    def put_back(self, keys: Sequence[str]) -> None:
        """These were due and could not be looked at: they are still, before those that came since."""
        for key in keys:
            self.told.pop(key, None)
        self.keys = dict.fromkeys([*keys, *self.keys][-self.most :])


async def _positions(session: AsyncSession, keys: Collection[str]) -> list[State]:
    """Where technicians are, on `gps` and on each one's own topic."""
    return [_position(one) for one in await live.positions(session, keys)]


async def _positions_at_once(
    pool: Pool, org_id: UUID, keys: Collection[str]
) -> tuple[Sequence[State], Collection[str]]:
    found, others = await live.at_once(pool, org_id, keys)
    return [_position(one) for one in found], others


def _position(one: live.Whereabouts) -> State:
    return State(str(one.id), (GPS, f"technician:{one.id}"), one.body, one.id, one.told)


SOURCES: tuple[Source, ...] = (
    Source(
        GPS,
        "position",
        Permission.positions_read,
        _positions,
        model=cast(type[TenantModel], live.Watched),  # all that is asked of it: id and visible_to
        everything=live.everybody,
        told_on=(GPS, "technician:"),
        at_once=_positions_at_once,
    ),
)
"""All kinds."""
