"""How much is tried: a little on every `./test`, all of it in `make test-deep`."""

import os
from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

Case = TypeVar("Case")

DEEP = os.environ.get("TRUCKROLL_DEEP") == "1"


def some(cases: Iterable[Case], one_in: int = 3, *, start: int = 0) -> list[Case]:
    """One in so many of the cases, from the `start`th on; in the deep run all of them.

    For what one mechanism does for every route alike: a few routes show that it stands, and stories
    with other starts meet other routes. What each route has to do by itself is asked of each.
    """
    return list(cases if DEEP else islice(cases, start, None, one_in))


def times(usual: int, *, deep: int) -> int:
    """How often, or how many."""
    return deep if DEEP else usual
