"""What a verb changed is asked (`app.services.context.changed`) while it is still to be written. A query between the
change and the question writes it first, nothing seems to have changed, and nothing is told, booked or counted.

Within `nothing_flushed_unasked` such a question is an error, in whichever test it comes up.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState, Session
from sqlalchemy.orm.session import SessionTransaction

from app.services import context

Values = dict[str, Any]


def _pending(state: InstanceState[Any]) -> Values:
    """The columns of a row that are changed and not written, with what they are now."""
    histories = {one.key: state.attrs[one.key].history for one in state.mapper.column_attrs}
    return {
        name: one.added[0] for name, one in histories.items() if one.has_changes() and one.added
    }


@contextmanager
def nothing_flushed_unasked() -> Iterator[None]:
    """Let `changed` refuse to answer about a row of which a query has written what it is asked for."""
    flush, asked = Session._autoflush, context.changed
    told: WeakKeyDictionary[InstanceState[Any], Values] = WeakKeyDictionary()
    unasked: WeakKeyDictionary[InstanceState[Any], tuple[SessionTransaction | None, set[str]]]
    unasked = WeakKeyDictionary()

    def autoflush(session: Session) -> None:
        for row in session.dirty if session.autoflush and not session._flushing else ():
            state = inspect(row)
            known = told.get(state, {})
            new = {
                name
                for name, value in _pending(state).items()
                if name not in known or known[name] != value
            }
            if new:
                unasked[state] = (session.get_transaction(), new)
        flush(session)

    def changed(row: Any, **how: Any) -> list[str]:
        state = inspect(row)
        transaction, names = unasked.get(state, (None, set()))
        if names and state.session is not None and state.session.get_transaction() is transaction:
            raise AssertionError(
                f"A query wrote {', '.join(sorted(names))} of {row!r} before `changed` was asked:"
                " ask first, or query without flushing."
            )
        told[state] = _pending(state)
        return asked(row, **how)

    Session._autoflush = autoflush  # type: ignore[method-assign,assignment]
    _put(asked, changed)
    try:
        yield
    finally:
        _put(changed, asked)
        Session._autoflush = flush  # type: ignore[method-assign]


def _put(old: Any, new: Any) -> None:
    """In each module that has it by name."""
    for name, module in list(sys.modules.items()):
        if name.startswith("app.") and getattr(module, "changed", None) is old:
            module.changed = new  # type: ignore[attr-defined]
