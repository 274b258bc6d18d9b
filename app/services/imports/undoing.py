"""Taking back what an import did, by the verbs of each record's own domain.

What a row made is deleted and gives its key free, so that a mended file can be sent again; what it
changed gets the values back that it had. Whatever somebody has touched since, or is in use by now, is
kept and named.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from app.core.errors import Refusal
from app.core.model import TenantModel
from app.models.contacts import Contact
from app.models.customers import Customer
from app.models.equipment import Equipment
from app.models.invoices import Invoice, InvoiceStatus
from app.models.sites import Site, SiteParty
from app.models.tags import Tag
from app.models.technicians import Technician
from app.models.work_orders import WorkOrder
from app.services import (
    contacts,
    customers,
    equipment,
    invoices,
    sites,
    tags,
    technicians,
    work_orders,
)
from app.services.contacts import ContactPatch
from app.services.context import Ctx, called
from app.services.customers import CustomerPatch
from app.services.equipment import EquipmentPatch
from app.services.imports.batch import Batch
from app.services.imports.kinds.base import Touched
from app.services.imports.taking import name_of
from app.services.sites import SitePatch
from app.services.technicians import TechnicianPatch
from app.services.work_orders import WorkOrderPatch

Verb = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Way:
    """How a record of one table is taken back."""

    model: type[TenantModel]
    remove: Verb
    change: Verb | None = None
    patch: Any = None
    options: tuple[Any, ...] = ()


async def _void(ctx: Ctx, invoice: Invoice) -> None:
    """What was posted is never deleted: it is voided, which frees its key as well."""
    await invoices.void(ctx, invoice, reason="Its import was undone")


WAYS: dict[str, Way] = {
    way.model.__tablename__: way
    for way in (
        Way(Customer, customers.delete, customers.change, CustomerPatch),
        Way(Contact, contacts.delete, contacts.change, ContactPatch),
        Way(
            Site,
            sites.delete,
            sites.change,
            SitePatch,
            (selectinload(Site.parties).joinedload(SiteParty.customer),),
        ),
        Way(Equipment, equipment.delete, equipment.change, EquipmentPatch),
        Way(
            Technician,
            technicians.delete,
            technicians.change,
            TechnicianPatch,
            (selectinload(Technician.skills),),
        ),
        Way(WorkOrder, work_orders.delete, work_orders.change, WorkOrderPatch),
        Way(Invoice, _void),
    )
}
"""By table: what imports touch."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that stays as it is, and why."""

    row: int
    entity: str
    record_id: UUID
    name: str
    code: str
    """`touched`, or what the verb refused with."""
    reason: str


@dataclass
class TakenBack:
    """What became of touched records, page after page."""

    removed: int = 0
    put_back: int = 0
    kept: list[Kept] = field(default_factory=list)
    """Of the last page."""
    kept_rows: set[int] = field(default_factory=set)
    """A row of which something stays, stays whole."""
    versions: dict[UUID, int] = field(default_factory=dict)
    """The versions that our own putting back has made."""


async def take_back(
    ctx: Ctx, touched: Sequence[Touched], so_far: TakenBack | None = None
) -> TakenBack:
    """Take back a page of what an import did, the newest first; the caller commits.

    `so_far` is what the page before answered; give it, so that an older touch of a record that was
    put back is not taken for somebody else's.
    """
    done = so_far or TakenBack()
    done.kept = []
    if await _together(ctx, touched, done):
        return done
    for one in touched:
        await _one(ctx, one, done)
    return done


async def _together(ctx: Ctx, touched: Sequence[Touched], done: TakenBack) -> bool:
    """Take the whole page back with few trips to the database; False: a verb refused one of them, and
    nothing has happened."""
    if len({one.record_id for one in touched}) < len(touched):
        return False
    tried = TakenBack(kept_rows=set(done.kept_rows), versions=done.versions)
    moved: list[tuple[Touched, Any]] = []
    try:
        async with ctx.session.begin_nested():
            records = await _locked(ctx, touched)
            batch = Batch.of(ctx)
            batch.know(records.values())
            with ctx.session.no_autoflush:
                for one in touched:
                    record = records.get(one.record_id)
                    if _may_go(one, record, tried):
                        await _back(batch, WAYS[one.entity], one, record)
                        moved.append((one, record))
            await batch.settled()
            await ctx.session.flush()
    except (Refusal, IntegrityError):
        return False
    done.kept, done.kept_rows = tried.kept, tried.kept_rows
    for one, record in moved:
        _note(one, record, done)
    return True


async def _locked(ctx: Ctx, touched: Sequence[Touched]) -> dict[UUID, Any]:
    found: dict[UUID, Any] = {}
    for entity in sorted({one.entity for one in touched}):
        way = WAYS[entity]
        ids = [one.record_id for one in touched if one.entity == entity]
        for record in await ctx.session.scalars(
            select(way.model)
            .where(way.model.id.in_(ids))
            .options(*way.options)
            .order_by(way.model.id)
            .with_for_update(key_share=True, of=way.model)
            .execution_options(populate_existing=True)
        ):
            found[record.id] = record
    return found


async def _one(ctx: Ctx, touched: Touched, done: TakenBack) -> None:
    record = (await _locked(ctx, [touched])).get(touched.record_id)
    if not _may_go(touched, record, done):
        return
    way = WAYS[touched.entity]
    try:
        async with ctx.session.begin_nested():
            await _back(ctx, way, touched, record)
            await ctx.session.flush()
    except Refusal as refusal:
        _keep(done, touched, record, refusal.code, refusal.detail)
        return
    except IntegrityError:
        reason = f"Another {called(way.model)} has what {_named(record)} had before."
        _keep(done, touched, record, "taken", reason)
        return
    _note(touched, record, done)


def _may_go(touched: Touched, record: Any, done: TakenBack) -> bool:
    """Whether it is there and nobody has touched it since; who has, is noted."""
    if record is None or _is_gone(record):
        return False
    if record.version != done.versions.get(touched.record_id, touched.version):
        reason = f"{_named(record)} has been changed since, so it stays as it is."
        _keep(done, touched, record, "touched", reason)
        return False
    if touched.row in done.kept_rows:
        reason = f"{_named(record)} belongs to what is kept of the same row."
        _keep(done, touched, record, "row_kept", reason)
        return False
    return True


def _note(touched: Touched, record: Any, done: TakenBack) -> None:
    done.versions[touched.record_id] = record.version
    done.removed += touched.before is None
    done.put_back += touched.before is not None


async def _back(ctx: Ctx, way: Way, touched: Touched, record: Any) -> None:
    if touched.before is None:
        await way.remove(ctx, record)
        if not isinstance(record, Invoice):
            record.external_key = None
    elif way.change is not None and (given := _given(way, touched.before)):
        await way.change(ctx, record, way.patch.model_validate(given))
    if touched.before is not None:
        await _unrelate(ctx, record, touched.before)


async def _unrelate(ctx: Ctx, record: Any, before: dict[str, Any]) -> None:
    """Part a contact from a customer, or a customer from a site, whom the import brought together."""
    if "linked_to" in before:
        await contacts.unlink(ctx, record, UUID(before["linked_to"]))
    for tag_id in before.get("tagged", ()):
        await tags.detach(ctx, await ctx.get(Tag, UUID(tag_id), deleted=True), [record.id])
    if "party_of" in before:
        for party in record.parties:
            theirs = str(party.customer_id) == before["party_of"]
            if theirs and party.ends_on is None and party.role == before["party_role"]:
                await sites.end_party(ctx, record, party.id)


def _is_gone(record: Any) -> bool:
    if isinstance(record, Invoice):
        return record.status == InvoiceStatus.void
    return record.deleted_at is not None


def _given(way: Way, before: dict[str, Any]) -> dict[str, Any]:
    """The values before that a person could write; the others follow from them by themselves."""
    return {name: value for name, value in before.items() if name in way.patch.model_fields}


def _keep(done: TakenBack, touched: Touched, record: Any, code: str, reason: str) -> None:
    done.kept_rows.add(touched.row)
    done.kept.append(
        Kept(touched.row, touched.entity, touched.record_id, name_of(record), code, reason)
    )


def _named(record: Any) -> str:
    word = called(type(record))
    return f"{word[0].upper()}{word[1:]} {name_of(record)}"
