"""Counting statements: `with counted(server) as queries: …; assert len(queries) == 3`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.support.server import Server


@contextmanager
def counted(server: Server, *, limits_too: bool = False) -> Iterator[list[str]]:
    """The statements that the server sends while the block runs, without those for rate limits: an
    allowance is taken once in a while, whatever is asked."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if limits_too or "system.take(" not in statement:
            seen.append(statement)

    engine = server.state.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
