"""Taking rows: a batch becomes records through its kind's hand, and costs what is wrong with it.

All rows at once; only when one of them is refused by a verb or the database, one by one. A savepoint
costs as much as the row itself, and what can be refused was refused before, but for what others do
at this moment. What is refused leaves nothing behind and costs that row only; a dry run does the
same as a real one and undoes it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core.errors import Refusal
from app.services.context import Ctx
from app.services.imports.batch import Batch
from app.services.imports.kinds.base import Issue, Kind, Refused, Taken, Touched, Touches
from app.services.imports.labels import Labels
from app.services.imports.rows import LeftOut, Meaning

UNIQUE_VIOLATION = "23505"
BREATH = 10
"""Rows between which others are served."""


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of a row, or would have in a dry run."""

    row: int
    line: int
    did: str
    """`created`, `updated`, `unchanged`, `refused` or `left_out`."""
    entity: str | None = None
    record_id: UUID | None = None
    """None where it was only tried."""
    says: dict[str, str] = field(default_factory=dict)


@dataclass
class Outcome:
    """What became of a batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    left_out: int = 0
    issues: list[Issue] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)
    rows: list[RowOutcome] = field(default_factory=list)


class Taker:
    """Takes the batches of one run, in the file's order."""

    def __init__(self, kind: Kind, key: str, *, dry_run: bool) -> None:
        self._kind, self._dry_run = kind, dry_run
        self._hand = kind.hand(kind, key, dry_run=dry_run)
        self._labels = Labels(kind)

    async def take(self, ctx: Ctx, batch: Sequence[Meaning]) -> Outcome:
        """Make and change what these rows say; nothing, in a dry run. The caller commits."""
        undone = await ctx.session.begin_nested() if self._dry_run else None
        before = self._hand.mark()
        try:
            async with ctx.session.begin_nested():
                together = Batch.of(ctx) if self._kind.together else ctx
                outcome = await self._each(together, batch, alone=False)
        except (Refusal, Refused, IntegrityError):
            self._hand.back_to(before)
            outcome = await self._each(ctx, batch, alone=True)
        if undone is not None:
            await undone.rollback()
            outcome.touched = []
        return outcome

    async def _each(self, ctx: Ctx, batch: Sequence[Meaning], *, alone: bool) -> Outcome:
        outcome, touches = Outcome(), Touches()
        taken = [meaning for _, meaning in batch if isinstance(meaning, Taken)]
        present = await self._hand.present(ctx, taken)
        refused = await self._labels.meet(ctx, taken, present)
        refused |= await self._hand.meet(ctx, taken, present)
        for number, meaning in batch:
            if number % BREATH == 0:
                await asyncio.sleep(0)  # others are served in between
            if isinstance(meaning, LeftOut):
                outcome.left_out += 1
                outcome.rows.append(RowOutcome(number, meaning.line, "left_out"))
                continue
            if not isinstance(meaning, Taken):
                line = meaning[0].line if meaning else number
                self._refuse(outcome, number, line, meaning)
                continue
            if (issue := refused.get(number)) is not None:
                self._refuse(outcome, number, meaning.line, [issue])
                continue
            mark, made = touches.mark(), self._hand.mark()
            try:
                async with ctx.session.begin_nested() if alone else nullcontext():
                    ended = await self._one(ctx, meaning, present, touches)
                    if alone:
                        await self._finish(ctx)
                self._count(outcome, meaning, *ended)
            except (Refusal, Refused, IntegrityError) as error:
                if not alone or _is_ours(error):
                    raise
                touches.back_to(mark)
                self._hand.back_to(made)
                self._refuse(outcome, number, meaning.line, [await self._why(ctx, meaning, error)])
        if not alone:
            await self._finish(ctx)
        outcome.touched = touches.told()
        return outcome

    async def _finish(self, ctx: Ctx) -> None:
        """Write what is written together: the records, then what hangs on them."""
        await self._hand.finish(ctx)
        await _settle(ctx)
        await self._labels.finish(ctx)
        await _settle(ctx)

    async def _one(
        self, ctx: Ctx, row: Taken, present: Mapping[str, Sequence[Any]], touches: Touches
    ) -> tuple[str, Any, list[Issue]]:
        """What became of a row: what it did, to which record, and what is worth a look."""
        found = present.get(row.key, []) if row.key is not None else []
        alive = [record for record in found if record.deleted_at is None]
        if (issue := self._not_one(row, found, alive)) is not None:
            return "refused", None, [issue]
        if alive:
            moved = await self._hand.change(ctx, row, alive[0], touches)
            moved = self._labels.put_on(row, alive[0], touches, new=False) or moved
            return "updated" if moved else "unchanged", alive[0], []
        record, issues = await self._hand.create(ctx, row, touches)
        self._labels.put_on(row, record, touches, new=True)
        return "created", record, issues

    def _count(
        self, outcome: Outcome, row: Taken, did: str, record: Any, issues: list[Issue]
    ) -> None:
        setattr(outcome, did, getattr(outcome, did) + 1)
        outcome.issues += issues
        if record is None:
            outcome.rows.append(RowOutcome(row.row, row.line, did))
            return
        only_tried = did == "created" and self._dry_run
        outcome.rows.append(
            RowOutcome(
                row.row,
                row.line,
                did,
                entity=self._kind.entity,
                record_id=None if only_tried else record.id,
                says=self._kind.says(row),
            )
        )

    @staticmethod
    def _refuse(outcome: Outcome, row: int, line: int, issues: list[Issue]) -> None:
        outcome.refused += 1
        outcome.issues += issues
        outcome.rows.append(RowOutcome(row, line, "refused"))

    def _not_one(self, row: Taken, found: Sequence[Any], alive: Sequence[Any]) -> Issue | None:
        """Why a key that is known does not say which record is meant."""
        if len(alive) > 1:
            names = ", ".join(name_of(record) for record in alive[:3])
            reason = f"Several {self._kind.entity.replace('_', ' ')} have this key: {names}."
            return Issue(row.row, row.line, None, "ambiguous", reason)
        if found and not alive:
            reason = (
                f"{name_of(found[0])} has this key and was deleted."
                f" Restore the {self._kind.called} first."
            )
            return Issue(row.row, row.line, None, "deleted", reason)
        return None

    async def _why(self, ctx: Ctx, row: Taken, error: Exception) -> Issue:
        if isinstance(error, Refused):
            return row.issue(error)
        if isinstance(error, Refusal):
            return Issue(row.row, row.line, None, error.code, error.detail)
        if await self._is_hidden(ctx, row):
            reason = (
                f"A {self._kind.called} that your role does not see has this key. Have somebody send"
                " the row whose role sees everything, or leave its key out."
            )
            return row.issue(Refused("not_yours", reason, "external_id"))
        reason = (
            f"Another {self._kind.called} was given this key at the same moment."
            " Send the row again."
        )
        return Issue(row.row, row.line, None, "taken", reason)

    async def _is_hidden(self, ctx: Ctx, row: Taken) -> bool:
        """Whether a record has the row's key that the sender does not see."""
        model: Any = self._kind.model
        key = row.record.get("external_key")
        if ctx.sees_all or key is None:
            return False
        there = select(model.id).where(model.external_key == key)
        seen = ctx.select(model, deleted=True).where(model.external_key == key)
        return (
            await ctx.session.scalar(there.limit(1)) is not None
            and await ctx.session.scalar(seen.with_only_columns(model.id).limit(1)) is None
        )


async def _settle(ctx: Ctx) -> None:
    if isinstance(ctx, Batch):
        await ctx.settled()
    await ctx.session.flush()


def _is_ours(error: Exception) -> bool:
    """Whether the database refused something that nobody else can have caused."""
    if not isinstance(error, IntegrityError):
        return False
    return getattr(error.orig, "sqlstate", None) != UNIQUE_VIOLATION


def name_of(record: Any) -> str:
    """What people call a record."""
    for attribute in ("name", "address", "number"):
        if isinstance(found := getattr(record, attribute, None), str) and found:
            return found
    return str(record.id)
