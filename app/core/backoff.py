"""How long to wait before trying again: doubling, bounded, and not in step with everybody else."""

import asyncio
import random

FIRST, LONGEST = 0.1, 5.0


class Backoff:
    """Counts failures in a row; `reset` after a success."""

    def __init__(self) -> None:
        self._next = FIRST

    def reset(self) -> None:
        """It worked: the next failure waits shortly again."""
        self._next = FIRST

    async def wait(self, stop: asyncio.Event) -> None:
        """Wait before the next try; returns at once when `stop` is set."""
        pause = self._next * random.uniform(0.5, 1)  # noqa: S311  (spreads load, guards nothing)
        self._next = min(self._next * 2, LONGEST)
        try:
            await asyncio.wait_for(stop.wait(), pause)
        except TimeoutError:
            return  # the pause is over
