"""How much memory things take, with all that they hold: `bytes_of(board)`."""

import gc
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def bytes_of(*things: Any) -> int:
    """Each object once; classes, functions and modules are there anyway."""
    seen: dict[int, Any] = {}
    left = list(things)
    while left:
        one = left.pop()
        if id(one) not in seen and not isinstance(one, type | ModuleType | Callable):  # type: ignore[arg-type]
            seen[id(one)] = one
            left += gc.get_referents(one)
    return sum(map(sys.getsizeof, seen.values()))
