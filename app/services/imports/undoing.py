"""Taking back what an import did, by the verbs of each record's own domain.

What a row made is deleted and gives its key free, so that a mended file can be sent again; what it
changed gets the values back that it had. Whatever somebody has touched since, or is in use by now, is
kept and named; a row of which something stays, stays whole. What the person who undoes may not see
stays too, and is not named to them.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from app.core.errors import Refusal
from app.core.model import TenantModel
from app.models.contacts import Contact, ContactRole, CustomerContact
from app.models.customers import Customer
from app.models.equipment import Equipment
from app.models.invoices import Invoice, InvoiceStatus
from app.models.sites import PlacedBy, Site, SiteParty
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
from app.services.contacts import ContactPatch, Link
from app.services.context import Ctx, called
from app.services.customers import CustomerPatch
from app.services.equipment import EquipmentPatch
from app.services.imports.batch import Batch
from app.services.imports.kinds.base import Touched
from app.services.imports.taking import name_of
from app.services.sites import SitePatch
from app.services.skills import HeldSkill
from app.services.technicians import TechnicianPatch
from app.services.uses import user_of
from app.services.work_orders import WorkOrderPatch

POINT = ("latitude", "longitude")
Verb = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Way:
    """How a record of one table is taken back."""

    model: type[TenantModel]
    remove: Verb
    change: Verb | None = None
    patch: Any = None
    options: tuple[Any, ...] = ()
    remove_all: Verb | None = None
    """`remove` for several at once, all or none."""


async def _void(ctx: Ctx, invoice: Invoice) -> None:
    """What was posted is never deleted: it is voided, which frees its key as well."""
    await invoices.void(ctx, invoice, reason="Its import was undone")


WAYS: dict[str, Way] = {
    way.model.__tablename__: way
    for way in (
        Way(
            Customer,
            customers.delete,
            customers.change,
            CustomerPatch,
            remove_all=customers.delete_all,
        ),
        Way(Contact, contacts.delete, contacts.change, ContactPatch),
        Way(
            Site,
            sites.delete,
            sites.change,
            SitePatch,
            (selectinload(Site.parties).joinedload(SiteParty.customer),),
            remove_all=sites.delete_all,
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
    name: str | None
    """None for whoever may not see it."""
    code: str
    """`touched`, `used`, `row_kept`, `not_yours`, or what the verb refused with."""
    reason: str


@dataclass
class TakenBack:
    """What became of touched records, page after page."""

    removed: int = 0
    put_back: int = 0
    kept: list[Kept] = field(default_factory=list)
    """Of the last page."""
    versions: dict[UUID, int] = field(default_factory=dict)
    """The versions that our own putting back has made."""


class _Stays(Exception):
    """One record of a row stays, and with it the whole row."""

    def __init__(self, record_id: UUID, code: str, reason: str) -> None:
        super().__init__(reason)
        self.record_id, self.code, self.reason = record_id, code, reason


async def take_back(
    ctx: Ctx, touched: Sequence[Touched], so_far: TakenBack | None = None
) -> TakenBack:
    """Take back a page of what an import did, the newest first; the caller commits.

    A page holds rows whole. `so_far` is what the page before answered; give it, so that an older
    touch of a record that was put back is not taken for somebody else's.
    """
    done = so_far or TakenBack()
    done.kept = []
    if await _together(ctx, touched, done):
        return done
    rows: dict[int, list[Touched]] = {}
    for one in touched:
        rows.setdefault(one.row, []).append(one)
    for row in rows.values():
        await _row(ctx, row, done)
    return done


async def _together(ctx: Ctx, touched: Sequence[Touched], done: TakenBack) -> bool:
    """Take the whole page back with few trips to the database; False: one of them stays, and nothing
    has happened."""
    if len({one.record_id for one in touched}) < len(touched):
        return False
    moved: list[tuple[Touched, Any]] = []
    try:
        async with ctx.session.begin_nested():
            records = await _locked(ctx, touched)
            for hidden in await _hidden(ctx, touched):
                raise _unseen(hidden)
            batch = Batch.of(ctx)
            batch.know(records.values())
            with ctx.session.no_autoflush:
                for one in touched:
                    record = records.get(one.record_id)
                    if record is None or _is_gone(record):
                        continue
                    _refuse_touched(one, record, done.versions)
                    moved.append((one, record))
                for entity in dict.fromkeys(one.entity for one in touched):
                    theirs = [(one, record) for one, record in moved if one.entity == entity]
                    await _back_all(batch, WAYS[entity], theirs)
            await batch.settled()
            await ctx.session.flush()
            await _refuse_used(ctx, moved)
    except (Refusal, IntegrityError, _Stays):
        return False
    for one, record in moved:
        _note(one, record.version, done)
    return True


async def _hidden(ctx: Ctx, touched: Sequence[Touched]) -> set[UUID]:
    """Those that are there and beyond this person's record scope."""
    if ctx.sees_all:
        return set()
    hidden: set[UUID] = set()
    for entity in sorted({one.entity for one in touched}):
        model = WAYS[entity].model
        ids = {one.record_id for one in touched if one.entity == entity}
        there = set(await ctx.session.scalars(select(model.id).where(model.id.in_(ids))))
        seen = ctx.select(model, deleted=True).where(model.id.in_(ids))
        hidden |= there - set(await ctx.session.scalars(seen.with_only_columns(model.id)))
    return hidden


def _unseen(record_id: UUID) -> _Stays:
    return _Stays(record_id, "not_yours", "Your role does not see this record, so it stays.")


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


def _refuse_touched(touched: Touched, record: Any, known: Mapping[UUID, int]) -> None:
    if record.version != known.get(touched.record_id, touched.version):
        reason = f"{_named(record)} has been changed since, so it stays as it is."
        raise _Stays(record.id, "touched", reason)


async def _refuse_used(ctx: Ctx, moved: Sequence[tuple[Touched, Any]]) -> None:
    """Raise `_Stays` when something is left that points at what was removed."""
    removed: dict[type[TenantModel], list[Any]] = {}
    for one, record in moved:
        if one.before is None:
            removed.setdefault(type(record), []).append(record)
    for model, records in removed.items():
        user = await user_of(ctx, model, [record.id for record in records])
        if user is not None:
            record = records[0]
            reason = f"{_named(record)} is used by {user} by now, so it stays."
            raise _Stays(record.id, "used", reason)


async def _row(ctx: Ctx, row: Sequence[Touched], done: TakenBack) -> None:
    """All that a row has touched, or nothing of it."""
    versions: dict[UUID, int] = {}
    hidden = await _hidden(ctx, row)
    try:
        for unseen in hidden:
            raise _unseen(unseen)
        async with ctx.session.begin_nested():
            for one in row:
                await _one(ctx, one, done.versions, versions)
    except _Stays as stays:
        for one in row:
            await _keep(ctx, one, stays, done, hidden)
        return
    for one in row:
        if one.record_id in versions:
            _note(one, versions[one.record_id], done)


async def _one(
    ctx: Ctx, touched: Touched, known: Mapping[UUID, int], versions: dict[UUID, int]
) -> None:
    record = (await _locked(ctx, [touched])).get(touched.record_id)
    if record is None or _is_gone(record):
        return
    _refuse_touched(touched, record, {**known, **versions})
    way = WAYS[touched.entity]
    try:
        await _back(ctx, way, touched, record)
        await ctx.session.flush()
    except Refusal as refusal:
        raise _Stays(record.id, refusal.code, refusal.detail) from refusal
    except IntegrityError as error:
        reason = f"Another {called(way.model)} has what this one had before."
        raise _Stays(record.id, "taken", reason) from error
    await _refuse_used(ctx, [(touched, record)])
    versions[touched.record_id] = record.version


def _note(touched: Touched, version: int, done: TakenBack) -> None:
    done.versions[touched.record_id] = version
    done.removed += touched.before is None
    done.put_back += touched.before is not None


async def _back_all(ctx: Ctx, way: Way, moved: Sequence[tuple[Touched, Any]]) -> None:
    """Take back what was done to these records of one table."""
    made = [record for one, record in moved if one.before is None]
    if way.remove_all is not None and made:
        await way.remove_all(ctx, made)
        for record in made:
            record.external_key = None
        moved = [(one, record) for one, record in moved if one.before is not None]
    for one, record in moved:
        await _back(ctx, way, one, record)


async def _back(ctx: Ctx, way: Way, touched: Touched, record: Any) -> None:
    if touched.before is None:
        await way.remove(ctx, record)
        if not isinstance(record, Invoice):
            record.external_key = None
    elif way.change is not None and (given := _given(way, touched.before, record)):
        await way.change(ctx, record, way.patch.model_validate(given))
    if touched.before is not None:
        await _unrelate(ctx, record, touched.before)


async def _unrelate(ctx: Ctx, record: Any, before: dict[str, Any]) -> None:
    """Part a contact from a customer, or a customer from a site, whom the import brought together."""
    if "linked_to" in before:
        await _unlink(ctx, record, before)
    if "first_of" in before:
        was = UUID(before["first_before"])
        await _call_first(ctx, UUID(before["first_of"]), was, instead_of=record)
    for tag_id in before.get("tagged", ()):
        await tags.detach(ctx, await ctx.get(Tag, UUID(tag_id), deleted=True), [record.id])
    if "skilled" in before:
        left = [one for one in record.skills if str(one.skill_id) not in before["skilled"]]
        held = [HeldSkill.model_validate(one, from_attributes=True) for one in left]
        await technicians.change(ctx, record, TechnicianPatch(skills=held))
    if "party_of" in before:
        for party in record.parties:
            theirs = str(party.customer_id) == before["party_of"]
            if theirs and party.ends_on is None and party.role == before["party_role"]:
                await sites.end_party(ctx, record, party.id)


async def _unlink(ctx: Ctx, contact: Contact, before: dict[str, Any]) -> None:
    """Let the contact be for the customer what they were: nothing, or what the link said."""
    customer_id = UUID(before["linked_to"])
    if "roles" in before:
        was = Link(roles=before["roles"], is_primary=before["is_primary"])
        await contacts.link(ctx, contact, customer_id, was)
    else:
        await contacts.unlink(ctx, contact, customer_id)
    await ctx.session.flush()


async def _call_first(
    ctx: Ctx, customer_id: UUID, contact_id: UUID, *, instead_of: Contact
) -> None:
    """Give whom one called first their place back, unless somebody has it by now or they left."""
    links = select(CustomerContact).where(CustomerContact.customer_id == customer_id)
    others = links.where(CustomerContact.is_primary, CustomerContact.contact_id != instead_of.id)
    first = await ctx.session.scalar(others.limit(1))
    theirs = await ctx.session.scalar(
        links.join(Contact, Contact.id == CustomerContact.contact_id).where(
            CustomerContact.contact_id == contact_id, Contact.deleted_at.is_(None)
        )
    )
    if first is not None or theirs is None:
        return
    contact = await ctx.get(Contact, contact_id, lock=True)
    roles = [ContactRole(role) for role in theirs.roles]
    await contacts.link(ctx, contact, customer_id, Link(roles=roles, is_primary=True))


def _is_gone(record: Any) -> bool:
    if isinstance(record, Invoice):
        return record.status == InvoiceStatus.void
    return record.deleted_at is not None


def _given(way: Way, before: dict[str, Any], record: Any) -> dict[str, Any]:
    """The values before that a person could write; the others follow from them by themselves."""
    given = {name: value for name, value in before.items() if name in way.patch.model_fields}
    if way.model is Site and before.get("placed_by", record.placed_by) != PlacedBy.pin:
        # nobody had said where it is: its address tells again
        given = {name: value for name, value in given.items() if name not in POINT}
    return given


async def _keep(
    ctx: Ctx, touched: Touched, stays: _Stays, done: TakenBack, hidden: Collection[UUID]
) -> None:
    record = (await _locked(ctx, [touched])).get(touched.record_id)
    if record is None or _is_gone(record):
        return
    code, reason = stays.code, stays.reason
    name = None if touched.record_id in hidden else name_of(record)
    if touched.record_id in hidden:
        code, reason = "not_yours", _unseen(touched.record_id).reason
    elif touched.record_id != stays.record_id:
        code, reason = "row_kept", f"{_named(record)} belongs to what is kept of the same row."
    done.kept.append(Kept(touched.row, touched.entity, touched.record_id, name, code, reason))


def _named(record: Any) -> str:
    word = called(type(record))
    return f"{word[0].upper()}{word[1:]} {name_of(record)}"
