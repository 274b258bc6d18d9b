"""Identifiers that a seed repeats: UUIDv7 of the moment a thing was made, its chance from the seed."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Ids:
    """Makes identifiers that sort by their moment, and by their turn within a millisecond."""

    def __init__(self, random: Random):
        self._random = random
        self._turn = 0

    def at(self, moment: datetime) -> UUID:
        """The next identifier of a thing that was made at `moment`."""
        self._turn = (self._turn + 1) % 4096
        milliseconds = (moment - EPOCH) // MILLISECOND
        chance = self._random.getrandbits(62)
        return UUID(int=milliseconds << 80 | 0x7 << 76 | self._turn << 64 | 0b10 << 62 | chance)
