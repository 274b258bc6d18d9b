"""How much is tried: a little on every `./test`, all of it in `make test-deep`."""

import os

DEEP = os.environ.get("TRUCKROLL_DEEP") == "1"


def times(usual: int, *, deep: int) -> int:
    """How often, or how many."""
    return deep if DEEP else usual
