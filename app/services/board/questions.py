"""Questions that every board asks: written once for each record scope, and never again.

What is always true: they are asked in the request's own transaction, so its walls hold and a look back
(`past`) sees the past, and they name its organisation beside every table. To have the ORM write one anew
costs more than to answer it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import DateTime, Select

from app.models.permissions import RecordScope
from app.services.context import Ctx
from app.services.hot.building import Statement, written
from app.services.hot.shapes import AnyViewer, told

AT = DateTime(timezone=True)
START, END, NOW = told("start", AT), told("end", AT), told("now", AT)


class Question:
    """A statement for whoever looks; its parameters are those of `told`."""

    def __init__(self, of: Callable[[Any], Select[*tuple[Any, ...]]]) -> None:
        self._of = of
        self._written: dict[RecordScope, Statement] = {}

    def written_for(self, scope: RecordScope) -> Statement:
        """The statement of whoever sees this far."""
        if scope not in self._written:
            self._written[scope] = written(self._of(AnyViewer(scope)))
        return self._written[scope]

    async def ask(self, ctx: Ctx, **values: Any) -> Sequence[Any]:
        """The rows, as the driver reads them: a choice is its text."""
        statement = self.written_for(ctx.record_scope)
        values |= {"org": ctx.org_id, "user": ctx.user_id}
        connection = await ctx.session.connection()
        found = await connection.exec_driver_sql(statement.sql, tuple(statement.arguments(values)))
        return found.all()
