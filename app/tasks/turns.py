"""Waiting until all processes together may ask a provider once more."""

import asyncio

from app.core.errors import TooMany
from app.core.limits import Charge, Limits
from app.core.places import NotNow

LONGEST_WAIT = 60
"""Seconds that a job waits for its turn."""


async def wait_for_turn(limits: Limits, charge: Charge) -> None:
    """Return when it is our turn. Raises `NotNow` when that takes long."""
    waited = 0
    while waited < LONGEST_WAIT:
        try:
            await limits.spend([charge])
            return
        except TooMany as refused:
            pause = max(1, int((refused.headers or {}).get("Retry-After", "1")))
            waited += pause
            await asyncio.sleep(pause)
    raise NotNow("Others are asking; it is not our turn yet.")
