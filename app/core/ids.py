"""Identifiers are UUIDv7 everywhere: they sort by the time they were made, and tell nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

import uuid_utils.compat

_drawn_from: ContextVar[Callable[[], UUID] | None] = ContextVar("ids_drawn_from", default=None)


def new_id() -> UUID:
    """A fresh UUIDv7, or the next one of the source that `drawn_from` named."""
    source = _drawn_from.get()
    return source() if source else uuid_utils.compat.uuid7()


def first_id_of(moment: datetime) -> UUID:
    """Before every UUIDv7 made at `moment` or later, after those made before."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


@contextmanager
def drawn_from(source: Callable[[], UUID]) -> Iterator[None]:
    """Let `source` make the identifiers of this context, so that a seed can repeat them."""
    token = _drawn_from.set(source)
    try:
        yield
    finally:
        _drawn_from.reset(token)
