"""Taking an import back, newest change first: what it made goes, what it changed is as it was.

A page of changes is one transaction with its progress, so a worker that dies takes nothing back twice.
Between pages somebody may have asked to stop; undoing again goes on there.
What somebody has touched since is kept, and named.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from app.core import clock
from app.core.alike import write_alike
from app.core.errors import Invalid
from app.models.imports import Import, ImportChange, ImportKind, ImportStatus, Undone
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.imports.kinds import KINDS
from app.services.imports.kinds.base import Touched
from app.services.imports.undoing import TakenBack, take_back
from app.services.transactions import Transactions
from app.services.usage import count_of

NOT_ALL_KEPT = "What it did is not kept any more, so it cannot be taken back whole."
UNDO = "import_undo"
"""The kind of job."""
PAGE = 400
"""Changes a transaction takes back, and the rest of the row in which it ends."""
MOST_OF_A_ROW = 50
"""Changes that a row can make: its record, a site, a contact, what they are linked to, tags."""


async def revert(transaction: Transactions, import_id: UUID) -> None:
    """Take an import back, from where a former attempt stopped."""
    left = True
    while left:
        async with transaction() as ctx:
            left = await _page(ctx, import_id)
    async with transaction(last=True) as ctx:
        imported = await ctx.get(Import, import_id, lock=True)
        left_over = left_of(imported)
        imported.status = ImportStatus.canceled if left_over else ImportStatus.undone
        imported.finished_at, imported.failure = clock.now(), None
        imported.cancel_asked = False
        await emit(
            ctx,
            Fact.import_undo_stopped if left_over else Fact.import_undone,
            imported,
            filename=imported.filename,
            undone=imported.changes_undone,
            kept=imported.changes_kept,
            left=left_over,
        )


def left_of(imported: Import) -> int:
    """Changes that are not taken back yet."""
    return imported.changes - imported.changes_undone - imported.changes_kept


async def _page(ctx: Ctx, import_id: UUID) -> bool:
    """The next changes; whether there are more."""
    imported = await ctx.get(Import, import_id)
    if imported.cancel_asked:
        return False
    ctx.require(Permission.customers_import)
    KINDS[ImportKind(imported.kind)].require_undo(ctx)
    last = left_of(imported)
    if not last:
        return False
    first = await _beginning(ctx, import_id, max(1, last - PAGE + 1))
    changes = list(
        await ctx.session.scalars(
            select(ImportChange)
            .where(
                ImportChange.import_id == import_id,
                ImportChange.position.between(first, last),
                ImportChange.undone.is_(None),
            )
            .order_by(ImportChange.position.desc())
            .limit(PAGE + MOST_OF_A_ROW)
        )
    )
    if len(changes) < last - first + 1:
        raise Invalid(NOT_ALL_KEPT)
    done = await take_back(
        ctx, [_touched(one) for one in changes], await _so_far(ctx, import_id, changes)
    )
    kept = {(one.row, one.record_id): one for one in done.kept}
    for change in changes:
        why = kept.get((change.row, change.record_id))
        change.undone = Undone.undone if why is None else Undone.kept
        if why is None:
            change.version_undone = done.versions.get(change.record_id)
        else:
            change.name, change.code, change.reason = (
                why.name and why.name[:200],
                why.code,
                why.reason,
            )
    await write_alike(ctx.session, changes)
    # only now: somebody who looks or asks to stop does not wait for the page
    imported = await ctx.get(Import, import_id, lock=True)
    imported.changes_kept += sum(one.undone == Undone.kept for one in changes)
    imported.changes_undone += sum(one.undone == Undone.undone for one in changes)
    await ctx.session.flush()
    return last > len(changes)


async def _beginning(ctx: Ctx, import_id: UUID, position: int) -> int:
    """Where the row begins that this position is of: a page holds rows whole."""
    row = (
        select(ImportChange.row)
        .where(ImportChange.import_id == import_id, ImportChange.position == position)
        .scalar_subquery()
    )
    found: int | None = await ctx.session.scalar(
        select(func.min(ImportChange.position)).where(
            ImportChange.import_id == import_id,
            ImportChange.row == row,
            ImportChange.position.between(position - MOST_OF_A_ROW, position),
        )
    )
    return found or position


async def _so_far(ctx: Ctx, import_id: UUID, page: Sequence[ImportChange]) -> TakenBack:
    """What the pages before say about the records and rows of this one."""
    so_far = TakenBack()
    for change in await ctx.session.scalars(
        select(ImportChange)
        .where(
            ImportChange.import_id == import_id,
            ImportChange.record_id.in_({one.record_id for one in page}),
            ImportChange.undone == Undone.undone,
        )
        .order_by(ImportChange.position.desc())
        .limit(PAGE * 100)
    ):
        if change.version_undone is not None:
            so_far.versions[change.record_id] = change.version_undone
    return so_far


def _touched(change: ImportChange) -> Touched:
    return Touched(
        row=change.row,
        entity=change.entity,
        record_id=change.record_id,
        did=change.did,
        version=change.version_after,
        before=dict(change.before) if change.before is not None else None,
    )


async def give_up(ctx: Ctx, import_id: UUID | None, why: str) -> None:
    """Say that not everything was taken back."""
    assert import_id is not None
    imported = await ctx.get(Import, import_id, lock=True)
    imported.status, imported.finished_at = ImportStatus.failed, clock.now()
    imported.cancel_asked = False
    left = f"{count_of(left_of(imported), 'change is', 'changes are')} still to be taken back"
    imported.failure = f"{why} {left}{'' if why == NOT_ALL_KEPT else ': undo it again'}."
