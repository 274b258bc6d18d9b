"""One clock for the whole process: `with clocks.at(moment): …`, the server's requests and jobs included."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock


class Hands:
    """What `clock` keeps a moment in, the same in every task."""

    def __init__(self, moment: datetime) -> None:
        self._at: datetime | None = moment

    def get(self) -> datetime | None:
        return self._at

    def set(self, moment: datetime | None) -> datetime | None:
        before, self._at = self._at, moment
        return before

    def reset(self, before: datetime | None) -> None:
        self._at = before


@contextmanager
def at(moment: datetime) -> Iterator[Hands]:
    """The clock stands at `moment` for everybody; `hands.set(…)` moves it on."""
    hands = Hands(moment)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "_set_to", hands)
        yield hands


@contextmanager
def off_by(skew: timedelta) -> Iterator[None]:
    """The process's clock runs, but this far from the database's."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(clock, "now", lambda: datetime.now(UTC) + skew)
        yield
