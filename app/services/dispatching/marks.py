"""What was written since something was read, whoever wrote it.

What is always true: a mark says which transactions were seen when it was made, so what it does not know is
told however far the journal's numbers have come; what the asking transaction wrote itself is told, too.
Nothing of the journal is read but what is newer.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
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
    visits: frozenset[UUID]
    """Whose it is or was, where the entry says so: it does of rows that came or went."""
    technicians: frozenset[UUID]


_PRESENT = (
    cast(func.pg_current_snapshot(), Text).label("present"),
    cast(func.pg_current_xact_id_if_assigned(), Text).label("writer"),
)
"""What a statement sees, as it sees everything else."""


async def now(ctx: Ctx) -> Mark:
    """A mark; whatever is read from now on has all that it saw."""
    return Mark(*(await ctx.session.execute(select(*_PRESENT))).one())


async def since(
    ctx: Ctx, mark: Mark, *, quiet: Collection[str] = (), limit: int = 1
) -> tuple[list[Written], Mark]:
    """What was written that the mark has not seen, without quiet kinds of records: so many entries of
    each sort at most, and any at all if there are any. And what was seen of the database meanwhile, the
    same mark where nothing was written."""
    asked = _asked(tuple(quiet), mark.writer is not None)
    given: dict[str, Any] = {"seen": mark.seen, "most": limit}
    if mark.writer is not None:
        given["own"] = mark.writer
    rows = (await ctx.session.execute(asked, given)).all()
    found = [
        Written(
            row.entity,
            row.entity_id,
            frozenset() if row.is_fact else _ids(row.visits),
            frozenset() if row.is_fact else _ids(row.technicians),
        )
        for row in rows
    ]
    return found, Mark(*rows[0][-2:]) if rows else mark


def _ids(before_and_after: Any) -> frozenset[UUID]:
    """What a row's entry says of a column: nothing where it stayed as it was."""
    return frozenset(UUID(one) for one in before_and_after or () if one is not None)


@cache
def _asked(quiet: tuple[str, ...], writes: bool) -> Select[*tuple[Any, ...]]:
    """The question, made once: it is asked with each."""
    seen = cast(bindparam("seen", type_=Text), _Seen())
    most: BindParameter[int] = bindparam("most", type_=Integer)
    told = select(
        JournalEntry.entity,
        JournalEntry.entity_id,
        JournalEntry.is_fact,
        JournalEntry.changes["visit_id"].label("visits"),
        JournalEntry.changes["technician_id"].label("technicians"),
    )
    if quiet:
        told = told.where(JournalEntry.entity.not_in(quiet))
    # each by the index: PostgreSQL takes a third of the journal to be newer than what it cannot know
    later = (
        told.where(JournalEntry.xid >= func.pg_snapshot_xmax(seen))
        .order_by(JournalEntry.xid)
        .limit(most)
    )
    running = JournalEntry.xid == func.any(
        func.array(select(func.pg_snapshot_xip(seen)).scalar_subquery())
    )
    if writes:
        own = cast(bindparam("own", type_=Text), XID8())
        running = or_(running, JournalEntry.xid == own)
    both = union_all(
        later.subquery().select(), told.where(running).limit(most).subquery().select()
    ).subquery()
    return select(both, *_PRESENT)


async def wrote(ctx: Ctx, mark: Mark) -> bool:
    """Whether the transaction that made it has written anything, which nobody else may be shown."""
    if mark.writer is None:
        return False
    own = JournalEntry.xid == cast(literal(mark.writer), XID8())
    return await ctx.session.scalar(select(JournalEntry.id).where(own).limit(1)) is not None
