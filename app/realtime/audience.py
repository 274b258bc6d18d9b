"""Who listens in a room: subscriptions by the records, the days, the kinds and the names that they are
about."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import TypeVar
from uuid import UUID

from app.realtime.changes import Change
from app.realtime.sockets import Subscription

Key = TypeVar("Key")


class Audience:
    """Of one organisation."""

    def __init__(self) -> None:
        self.by_name: dict[str, set[Subscription]] = defaultdict(set)
        self._by_id: dict[UUID, set[Subscription]] = defaultdict(set)
        self._by_day: dict[date, set[Subscription]] = defaultdict(set)
        self._by_kind: dict[str, set[Subscription]] = defaultdict(set)

    @property
    def records(self) -> Collection[UUID]:
        """What somebody listens to."""
        return self._by_id

    @property
    def days(self) -> Collection[date]:
        """The days of the board that somebody listens to."""
        return self._by_day

    def of(self, change: Change) -> set[Subscription]:
        """Whoever listens to a change, through what."""
        found: set[Subscription] = set()
        for id in (change.id, *change.subjects):
            found |= self._by_id.get(id, set())
        for day in self._by_day if change.everywhere else change.days:
            found |= self._by_day.get(day, set())
        return found | self._by_kind.get(change.entity, set())

    def add(self, subscription: Subscription) -> None:
        """Somebody listens."""
        self.by_name[subscription.topic.name].add(subscription)
        for id in subscription.ids:
            self._by_id[id].add(subscription)
        if subscription.topic.day is not None:
            self._by_day[subscription.topic.day].add(subscription)
        for kind in subscription.topic.every:
            self._by_kind[kind].add(subscription)

    def remove(self, subscription: Subscription) -> None:
        """They do not any more."""
        _without(self.by_name, subscription.topic.name, subscription)
        for id in subscription.ids:
            _without(self._by_id, id, subscription)
        if subscription.topic.day is not None:
            _without(self._by_day, subscription.topic.day, subscription)
        for kind in subscription.topic.every:
            _without(self._by_kind, kind, subscription)


def _without(listed: dict[Key, set[Subscription]], key: Key, subscription: Subscription) -> None:
    """What nobody listens to is not kept."""
    listed[key].discard(subscription)
    if not listed[key]:
        del listed[key]
