"""How an export reads a list: as the list itself answers, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.core.tables import Column
from app.services.context import Ctx


@dataclass(frozen=True)
class Read:
    """One page, as whoever asks sees it."""

    rows: Sequence[Any]
    next_cursor: str | None
    total: int | None
    columns: Sequence[Column]
    """Those of the view, or all, that they see."""


class ReadList(Protocol):
    """Reads pages of the lists that stand for themselves, with everything their routes do."""

    async def __call__(
        self,
        ctx: Ctx,
        name: str,
        asked: Mapping[str, str],
        *,
        cursor: str | None = None,
        total: bool = False,
        limit: int = 200,
    ) -> Read:
        """A page of the list `name`. Raises what the list refuses."""
        ...
