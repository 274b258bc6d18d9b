"""How deep a run goes: `./test` stays short; `make test-deep` sets `TRUCKROLL_DEEP=1`."""

import os

DEEP = os.environ.get("TRUCKROLL_DEEP") == "1"


def deep(quick: int, thorough: int) -> int:
    """`thorough` in a deep run, `quick` otherwise."""
    return thorough if DEEP else quick
