"""What was written since something was read, whoever wrote it.

What is always true: a mark says which transactions were seen when it was made, so what it does not know is
told however far the journal's numbers have come; what the asking transaction wrote itself is told, too.
Nothing of the journal is read but what is newer.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, literal, or_, select, union_all
from sqlalchemy.types import UserDefinedType

from app.models.journal import XID8, JournalEntry
from app.services.context import Ctx


class _Seen(UserDefinedType[str]):
    """PostgreSQL's `pg_snapshot`: which transactions somebody saw."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "pg_snapshot"


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of the database, as one transaction saw it. Made by `now`."""

    seen: str
    """Which transactions."""
    writer: str | None
    """The transaction in which it was made, if that writes: what that writes later was not seen."""


@dataclass(frozen=True, slots=True)
class Written:
    """A record of which a row was written, or something told."""

    entity: str
    id: UUID
    action: str


async def now(ctx: Ctx) -> tuple[Mark, bool]:
    """A mark; whatever is read from now on has all that it saw. And whether this transaction has written
    anything, which nobody else may be shown."""
    writer = cast(func.pg_current_xact_id_if_assigned(), Text)
    seen, own = (
        await ctx.session.execute(select(cast(func.pg_current_snapshot(), Text), writer))
    ).one()
    wrote = None
    if own is not None:
        mine = select(JournalEntry.id).where(JournalEntry.xid == cast(literal(own), XID8()))
        wrote = await ctx.session.scalar(mine.limit(1))
    return Mark(seen, own), wrote is not None


async def since(
    ctx: Ctx, mark: Mark, *, quiet: Collection[str] = (), limit: int = 1
) -> list[Written]:
    """What was written that the mark has not seen, without quiet kinds of records: so many entries of
    each sort at most, and any at all if there are any."""
    seen = cast(literal(mark.seen), _Seen())
    columns = (JournalEntry.entity, JournalEntry.entity_id, JournalEntry.action)
    told: Select[str, UUID, str] = select(*columns)
    if quiet:
        told = told.where(JournalEntry.entity.not_in(quiet))
    # each by the index: PostgreSQL takes a third of the journal to be newer than what it cannot know
    later = (
        told.where(JournalEntry.xid >= func.pg_snapshot_xmax(seen))
        .order_by(JournalEntry.xid)
        .limit(limit)
    )
    running = JournalEntry.xid == func.any(
        func.array(select(func.pg_snapshot_xip(seen)).scalar_subquery())
    )
    if mark.writer is not None:
        running = or_(running, JournalEntry.xid == cast(literal(mark.writer), XID8()))
    rows = await ctx.session.execute(
        union_all(later.subquery().select(), told.where(running).limit(limit).subquery().select())
    )
    return [Written(*row) for row in rows]
