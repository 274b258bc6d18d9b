"""Reading an import: rows become customers with their sites through the verbs that people use.

Rows are taken in batches, each in one transaction with its progress, so that after a crash reading
goes on at the next row and no row is taken twice. Within a batch every row has a savepoint: what is
refused leaves nothing behind and costs that row only. A dry run does the same and undoes it.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, undefer

from app.core import clock
from app.core.errors import Invalid, Refusal
from app.core.tables import read_table
from app.models.customers import Customer
from app.models.imports import Import, ImportIssue, ImportStatus
from app.models.permissions import Permission
from app.models.sites import Site, SiteParty
from app.services import customers, sites
from app.services.context import Ctx
from app.services.customers import CustomerDraft, CustomerPatch
from app.services.facts import Fact, emit
from app.services.imports.duplicates import Candidate, similarity
from app.services.imports.known import Acquaintances, address_of
from app.services.imports.mapping import Mapping
from app.services.imports.rows import CUSTOMER_FIELDS, Issue, Rows, Taken
from app.services.sites import SiteDraft, SitePatch

BATCH = 200
"""Rows a transaction takes."""


class Transactions(Protocol):
    """Opens the next transaction; `last` is the one after which the import has ended."""

    def __call__(self, *, last: bool = False) -> AbstractAsyncContextManager[Ctx]: ...


@dataclass
class Outcome:
    """What became of a batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    issues: list[Issue] = field(default_factory=list)

    def refuse(self, issues: list[Issue]) -> None:
        """One row was not taken."""
        self.refused += 1
        self.issues += issues


async def read_in(transaction: Transactions, import_id: UUID) -> None:
    """Read an import to its end, from where a former attempt stopped."""
    async with transaction() as ctx:
        ctx.require(Permission.customers_import)
        imported = await ctx.get(Import, import_id, lock=True, options=[undefer(Import.content)])
        if imported.content is None:
            raise Invalid("The file is not kept any more. Send it again.")
        table = read_table(imported.content)
        # jsonb has put the columns in an order of its own
        columns = {heading: imported.mapping.get(heading) for heading in table.headings}
        rows = Rows(Mapping(columns), imported.key)
        done = imported.rows_read
        imported.status, imported.failure, imported.finished_at = ImportStatus.running, None, None
        imported.started_at = imported.started_at or clock.now()
    met = Acquaintances()
    async for batch in _batches(rows, table, after=done):
        async with transaction() as ctx:
            await _take(ctx, await ctx.get(Import, import_id, lock=True), batch, met)
    async with transaction(last=True) as ctx:
        await _finish(ctx, await ctx.get(Import, import_id, lock=True))


Meaning = tuple[int, Taken | list[Issue]]
"""A row's number, and what it means."""


async def _batches(rows: Rows, table: Any, *, after: int) -> AsyncIterator[list[Meaning]]:
    batch: list[Meaning] = []
    for row in table:
        await asyncio.sleep(0)  # others are served in between
        meaning = await rows.read(row)  # also of a row that was taken before: its key counts
        if row.number > after:
            batch.append((row.number, meaning))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


async def _take(ctx: Ctx, imported: Import, batch: Sequence[Meaning], met: Acquaintances) -> None:
    undone = imported.dry_run
    savepoint = await ctx.session.begin_nested() if undone else None
    key = CUSTOMER_FIELDS.get(imported.key)
    outcome = await _take_rows(ctx, key, batch, met, undone=undone)
    if savepoint is not None:
        await savepoint.rollback()
    imported.rows_read = batch[-1][0]
    imported.rows_created += outcome.created
    imported.rows_updated += outcome.updated
    imported.rows_unchanged += outcome.unchanged
    imported.rows_refused += outcome.refused
    ctx.session.add_all(
        ImportIssue(
            import_id=imported.id,
            row=issue.row,
            line=issue.line,
            column=issue.column and issue.column[:200],
            severity=issue.severity,
            code=issue.code,
            reason=issue.reason,
            customer_id=issue.customer_id,
        )
        for issue in outcome.issues
    )


async def _take_rows(
    ctx: Ctx, key: str | None, batch: Sequence[Meaning], met: Acquaintances, *, undone: bool
) -> Outcome:
    """All rows at once; only when one of them is refused by a verb or the database, one by one.

    A savepoint costs as much as the row itself, and what can be refused was refused before, but for
    what others do at this moment.
    """
    before = met.mark()
    try:
        async with ctx.session.begin_nested():
            return await _each_row(ctx, key, batch, met, undone=undone, alone=False)
    except (Refusal, IntegrityError):
        met.back_to(before)
        return await _each_row(ctx, key, batch, met, undone=undone, alone=True)


async def _each_row(
    ctx: Ctx,
    key: str | None,
    batch: Sequence[Meaning],
    met: Acquaintances,
    *,
    undone: bool,
    alone: bool,
) -> Outcome:
    outcome = Outcome()
    taken = [meaning for _, meaning in batch if isinstance(meaning, Taken)]
    present = await _present(ctx, key, taken)
    places = await _places(ctx, [one for found in present.values() for one in found])
    await met.meet(ctx, [row for row in taken if row.key not in present])
    for _, meaning in batch:
        await asyncio.sleep(0)
        if not isinstance(meaning, Taken):
            outcome.refuse(meaning)
            continue
        found = present.get(meaning.key, []) if meaning.key is not None else []
        if (issue := _not_one(meaning, found)) is not None:
            outcome.refuse([issue])
            continue
        try:
            async with ctx.session.begin_nested() if alone else nullcontext():
                if found:
                    moved = await _change(ctx, meaning, _alive(found)[0], places)
                    outcome.updated += moved
                    outcome.unchanged += not moved
                else:
                    likely = met.likeliest(meaning)
                    customer = await _create(ctx, meaning)
                    met.remember(meaning, None if undone else customer.id)
                    outcome.created += 1
                    outcome.issues += _resembles(meaning, likely)
        except Refusal as refusal:
            if not alone:
                raise
            outcome.refuse([_refused(meaning, refusal.code, refusal.detail)])
        except IntegrityError:
            if not alone:
                raise
            detail = "Another customer was given this key at the same moment. Send the row again."
            outcome.refuse([_refused(meaning, "taken", detail)])
    return outcome


async def _present(ctx: Ctx, key: str | None, taken: Sequence[Taken]) -> dict[str, list[Customer]]:
    """The customers that the rows name by their key, deleted ones too, locked."""
    if key is None:
        return {}
    column = getattr(Customer, key)
    found: dict[str, list[Customer]] = defaultdict(list)
    for customer in await ctx.session.scalars(
        ctx.select(Customer, deleted=True)
        .where(column.in_({row.key for row in taken if row.key is not None}))
        .order_by(Customer.id)
        .with_for_update(key_share=True)
    ):
        found[getattr(customer, key)].append(customer)
    return found


async def _places(ctx: Ctx, present: Sequence[Customer]) -> dict[UUID, list[Site]]:
    """Their sites at present."""
    places: dict[UUID, list[Site]] = defaultdict(list)
    for party in await ctx.session.scalars(
        select(SiteParty)
        .where(
            SiteParty.customer_id.in_([customer.id for customer in present]),
            SiteParty.ends_on.is_(None),
        )
        .options(joinedload(SiteParty.site))
        .order_by(SiteParty.created_at)
    ):
        if party.site.deleted_at is None:
            places[party.customer_id].append(party.site)
    return places


async def _create(ctx: Ctx, row: Taken) -> Customer:
    customer = await customers.create(ctx, CustomerDraft(**row.customer, **row.billing))
    if row.site is not None:
        await sites.create(ctx, SiteDraft(customer_id=customer.id, **row.site))
    return customer


def _alive(found: Sequence[Customer]) -> list[Customer]:
    return [customer for customer in found if customer.deleted_at is None]


def _not_one(row: Taken, found: Sequence[Customer]) -> Issue | None:
    """Why a key that is known does not say which customer is meant."""
    alive = _alive(found)
    if len(alive) > 1:
        names = ", ".join(customer.name for customer in alive[:3])
        return _refused(row, "ambiguous", f"Several customers have this key: {names}.")
    if found and not alive:
        reason = f"{found[0].name} has this key and was deleted. Restore the customer first."
        return _refused(row, "deleted", reason)
    return None


async def _change(ctx: Ctx, row: Taken, customer: Customer, places: dict[UUID, list[Site]]) -> bool:
    """Bring the customer that the key names up to date; whether anything was different."""
    billing = {} if customer.billing_street else row.billing
    before = customer.version
    await customers.change(ctx, customer, CustomerPatch(**row.customer, **billing))
    await ctx.session.flush()
    moved = customer.version != before
    return await _change_site(ctx, row, customer, places[customer.id]) or moved


async def _change_site(ctx: Ctx, row: Taken, customer: Customer, present: list[Site]) -> bool:
    """The house is the same or nearly so: put it right. Another house is another site."""
    if row.site is None:
        return False
    meant = Candidate(
        street=row.site["street"],
        unit=row.site.get("unit", ""),
        city=row.site.get("city", ""),
        postal_code=row.site["postal_code"],
    )
    site = max(present, key=lambda one: similarity(meant, address_of(one)).score, default=None)
    if site is None or not similarity(meant, address_of(site)).reasons:
        await sites.create(ctx, SiteDraft(customer_id=customer.id, **row.site))
        return True
    before = site.version
    await sites.change(ctx, site, SitePatch(**row.site))
    await ctx.session.flush()
    return site.version != before


def _resembles(row: Taken, likely: Any) -> list[Issue]:
    if likely is None:
        return []
    known, match = likely
    where = f" in row {known.row} of this file" if known.row is not None else ""
    return [
        replace(
            _refused(
                row,
                "likely_duplicate",
                f"Resembles {known.name}{where}: {', '.join(match.reasons)}.",
            ),
            severity="duplicate",
            customer_id=known.customer_id,
        )
    ]


def _refused(row: Taken, code: str, reason: str) -> Issue:
    return Issue(row.row, row.line, None, code, reason)


async def _finish(ctx: Ctx, imported: Import) -> None:
    imported.status, imported.finished_at = ImportStatus.completed, clock.now()
    imported.content = None
    if not imported.dry_run:
        await emit(
            ctx,
            Fact.import_finished,
            imported,
            filename=imported.filename,
            created=imported.rows_created,
            updated=imported.rows_updated,
            refused=imported.rows_refused,
        )
