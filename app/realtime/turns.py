"""Turns at the database: so many readings of the hub at once, and organisations take turns at them.

Whoever has five hundred sockets that come back asks five hundred times; another organisation's next
entry waits for one of these, not for all.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

Waiting = asyncio.Future[None]


class Turns:
    """A number of places, and a queue for each organisation."""

    def __init__(self, most: int) -> None:
        """`most` read at once."""
        self._free = most
        self._waiting: OrderedDict[UUID, deque[Waiting]] = OrderedDict()

    @asynccontextmanager
    async def of(self, org_id: UUID) -> AsyncIterator[None]:
        """One turn of an organisation."""
        await self._take(org_id)
        try:
            yield
        finally:
            self._pass_on()

    async def _take(self, org_id: UUID) -> None:
        if self._free and not self._waiting:
            self._free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(org_id, deque()).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():
                self._pass_on()  # it was given, and nobody takes it
            raise

    def _pass_on(self) -> None:
        """Give the turn to the organisation that has waited longest since its last; or keep it."""
        while self._waiting:
            org_id, queue = self._waiting.popitem(last=False)
            mine = queue.popleft()
            if queue:
                self._waiting[org_id] = queue  # behind the others
            if not mine.done():
                mine.set_result(None)
                return
        self._free += 1
