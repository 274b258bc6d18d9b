"""The only reader of the clock.

Everything that asks for the time asks `now()`, so a test or the demo can live at another moment.
Times are always aware and in UTC; the database follows through the setting `app.now`, which each
transaction receives while the clock is set (see `core.db`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, literal

_set_to: ContextVar[datetime | None] = ContextVar("clock_set_to", default=None)
_everywhere: datetime | None = None
"""The same for every task of this process that has no clock of its own."""


def now() -> datetime:
    """The present moment, aware and in UTC, or the moment the clock was set to."""
    return is_set() or datetime.now(UTC)


def of_the_database() -> ColumnElement[datetime]:
    """The moment by the clock that all processes share, however far apart their own ones are; the one
    that the clock was set to, if it was."""
    moment = is_set()
    return func.clock_timestamp() if moment is None else literal(moment)


def today(zone: str) -> date:
    """The day it is now in an IANA time zone: a day belongs to a place."""
    return now().astimezone(ZoneInfo(zone)).date()


def is_set() -> datetime | None:
    """The moment the clock was set to, or None while it runs by itself."""
    return _set_to.get() or _everywhere


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Let the clock stand at `moment` (aware) for this context.

    Raises ValueError for a naive time: which zone it meant can only be guessed.
    """
    if moment.tzinfo is None:
        raise ValueError("The clock can only be set to an aware time; add a time zone.")
    token = _set_to.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _set_to.reset(token)


@contextmanager
def set_everywhere(moment: datetime) -> Iterator[None]:
    """Let the clock stand at `moment` (aware) for the whole process, until the block ends: for a server
    that lives a day of its own. Raises as `set_to` does."""
    global _everywhere
    with set_to(moment):
        before, _everywhere = _everywhere, is_set()
    try:
        yield
    finally:
        _everywhere = before
