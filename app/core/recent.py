"""What a process remembers of late.

What is always true: all of it together weighs no more than it may, but for what was kept last, which stays
whatever it weighs. What was used longest ago goes first.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """`weigh` says what one weighs, once, when it is kept."""

    def __init__(self, most: int, weigh: Callable[[V], int]) -> None:
        self.most = most
        self.weight = 0
        self._weigh = weigh
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """What is remembered under the key, used once more."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def keep(self, key: K, value: V) -> None:
        """Remember it, in the place of what was there."""
        _, before = self._kept.pop(key, (None, 0))
        weight = self._weigh(value)
        self._kept[key] = value, weight
        self.weight += weight - before
        while self.weight > self.most and len(self._kept) > 1:
            _, (_, gone) = self._kept.popitem(last=False)
            self.weight -= gone
