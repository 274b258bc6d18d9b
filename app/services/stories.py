"""Reading the journal: a record's timeline (facts), its history (columns), the feed by `seq`.

The feed is complete up to any number it has shown: whoever has seen 41 has seen all up to 41. The
timeline does not wait for numbers; a fact without one yet has `seq` None.

A fact stands in the timelines of several records. Whoever may see one of them may not see all of the
others, so each fact is asked for by itself. Columns that a role does not see are left out.

The journal is of everything, so it is read only with a role that sees everything; an entry about a
kind of record that the role does not read says that something happened, and not what.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, True_, select, text

from app.core.errors import Forbidden, NotFound
from app.core.model import TenantModel
from app.models.checklist_items import ChecklistItem
from app.models.journal import JournalEntry, StoryEntry
from app.models.members import Member
from app.models.notes import Note
from app.models.permissions import Permission
from app.models.sensitive import sensitive_models, veiled
from app.models.work_orders import WorkOrder
from app.services.context import Ctx
from app.services.facts import entity_of, sentence
from app.services.reading import readable, readable_of

MOST = 200
ROUND = 1000
"""Entries of a story that are looked through at once, for the few that a narrow scope sees."""
About = tuple[str, UUID]
"""What an entry is about: the journal's word for its kind, and its id."""
Reading = Mapping[type[TenantModel], Permission]
"""What one needs to read of each kind of record."""
PARTS = {
    "assignment": Permission.visits_read,
    "booking": Permission.visits_read,
    "bulk_action": Permission.bulk_write,
    "bulk_row": Permission.bulk_write,
    "crew_member": Permission.technicians_read,
    "customer_contact": Permission.contacts_read,
    "event_participant": Permission.visits_read,
    "import": Permission.customers_import,
    "import_issue": Permission.customers_import,
    "import_mapping": Permission.customers_import,
    "invoice_line": Permission.invoices_read,
    "job_type_skill": Permission.job_types_read,
    "ledger_entry": Permission.invoices_read,
    "mail": Permission.mails_read,
    "promise": Permission.visits_read,
    "resource": Permission.technicians_read,
    "sample": Permission.organisation_read,
    "sample_record": Permission.organisation_read,
    "site_party": Permission.sites_read,
    "tagging": Permission.tags_read,
    "technician_skill": Permission.technicians_read,
    "territory_member": Permission.members_read,
    "visit_pause": Permission.visits_read,
    "visit_vehicle": Permission.visits_read,
    "work_order_equipment": Permission.work_orders_read,
}
"""The same of rows that have no story of their own: what their record needs."""


OWN: dict[type[TenantModel], tuple[type[TenantModel], ...]] = {WorkOrder: (ChecklistItem,)}
"""Parts whose facts whoever sees the record reads in its story, also when the part is gone for good."""


@dataclass(frozen=True)
class Told:
    """An entry of the journal, with its actor's name and, for a fact, its sentence."""

    id: int
    at: datetime
    occurred_at: datetime | None
    entity: str
    entity_id: UUID
    action: str
    is_fact: bool
    version: int | None
    changes: dict[str, Any]
    actor_id: UUID | None
    actor_name: str | None
    source: str
    request_id: str
    sentence: str | None
    seq: int | None = None


def _veiled(ctx: Ctx, entry: JournalEntry) -> dict[str, Any]:
    """The changes without the columns that this person does not see."""
    if entry.is_fact:
        return entry.changes
    for model in sensitive_models():
        if issubclass(model, TenantModel) and entity_of(model) == entry.entity:
            return veiled(model, entry.changes, ctx.may)
    return entry.changes


def _told(ctx: Ctx, entry: JournalEntry, actor: str | None, seq: int | None = None) -> Told:
    return Told(
        id=entry.id,
        at=entry.at,
        occurred_at=entry.occurred_at,
        entity=entry.entity,
        entity_id=entry.entity_id,
        action=entry.action,
        is_fact=entry.is_fact,
        version=entry.version,
        changes=_veiled(ctx, entry),
        actor_id=entry.actor_id,
        actor_name=actor,
        source=entry.source,
        request_id=entry.request_id,
        sentence=sentence(entry.action, entry.changes) if entry.is_fact else None,
        seq=seq,
    )


_WITH_ACTOR = select(JournalEntry, Member.name).outerjoin(
    Member, (Member.org_id == JournalEntry.org_id) & (Member.id == JournalEntry.actor_id)
)


async def timeline(
    ctx: Ctx,
    record: TenantModel,
    *,
    kinds: Collection[type[TenantModel]],
    before: int | None,
    limit: int,
) -> list[Told]:
    """The facts in whose story `record` stands, newest first, before entry `before`: those about
    records of these kinds that this person sees, and about `record` itself with its own parts."""
    models = {entity_of(kind): kind for kind in kinds}
    parts = {entity_of(part) for part in OWN.get(type(record), ()) if part in kinds}
    limit, most = min(limit, MOST), 2 * min(limit, MOST)
    shown: list[int] = []
    while len(shown) < limit:
        some = (await ctx.session.execute(_in_story(record.id, before).limit(most))).all()
        read = await _read(ctx, {(entity, id) for _, entity, id in some}, models)
        shown += [
            entry
            for entry, entity, id in some
            if id == record.id or entity in parts or (entity, id) in read
        ]
        if len(some) < most:
            break
        before, most = some[-1][0], ROUND
    statement = _WITH_ACTOR.where(JournalEntry.id.in_(shown[:limit]))
    rows = await ctx.session.execute(statement.order_by(JournalEntry.id.desc()))
    return [_told(ctx, entry, actor) for entry, actor in rows]


def _in_story(subject: UUID, before: int | None) -> Select[int, str, UUID]:
    """The entries in a record's story, newest first, and what each is about."""
    statement = (
        select(JournalEntry.id, JournalEntry.entity, JournalEntry.entity_id)
        .join(
            StoryEntry,
            (StoryEntry.org_id == JournalEntry.org_id) & (StoryEntry.entry_id == JournalEntry.id),
        )
        .where(StoryEntry.subject_id == subject)
        .order_by(StoryEntry.entry_id.desc())
    )
    return statement if before is None else statement.where(StoryEntry.entry_id < before)


async def _read(
    ctx: Ctx, records: Collection[About], models: Mapping[str, type[TenantModel]]
) -> set[About]:
    """Those of these records, deleted or not, that the person may read. Each kind is asked by itself:
    one statement for all of them takes the database seconds to plan."""
    asked: dict[str, set[UUID]] = defaultdict(set)
    for entity, id in records:
        if entity in models:
            asked[entity].add(id)
    found: set[About] = set()
    for entity, ids in asked.items():
        model = models[entity]
        if not isinstance(readable(model, ctx), True_):
            ids = await readable_of(ctx.session, model, ids, ctx)
        found |= {(entity, id) for id in ids}
    return found


async def history(ctx: Ctx, record: TenantModel, *, before: int | None, limit: int) -> list[Told]:
    """The changes of `record`'s own row, newest first: each column before and after."""
    statement = (
        _WITH_ACTOR.where(
            JournalEntry.entity_id == record.id,
            JournalEntry.entity == entity_of(type(record)),
            JournalEntry.is_fact.is_(False),
        )
        .order_by(JournalEntry.id.desc())
        .limit(min(limit, MOST))
    )
    if before is not None:
        statement = statement.where(JournalEntry.id < before)
    rows = await ctx.session.execute(statement)
    return [_told(ctx, entry, actor) for entry, actor in rows]


async def entry(ctx: Ctx, entry_id: int, *, reading: Reading) -> Told:
    """One entry. Raises `NotFound`, `Forbidden` for whoever does not see everything."""
    _refuse_narrow(ctx)
    found = (
        await ctx.session.execute(_WITH_ACTOR.where(JournalEntry.id == entry_id))
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such journal entry.")
    (told,) = await _withheld(ctx, [_told(ctx, found[0], found[1])], reading)
    return told


def _refuse_narrow(ctx: Ctx) -> None:
    if not ctx.sees_all:
        raise Forbidden(
            f"The journal is of everything, and your role sees {ctx.record_scope.spoken}. Read the"
            " timelines of the records you see.",
            code="scope_too_narrow",
        )


async def _withheld(ctx: Ctx, told: list[Told], reading: Reading) -> list[Told]:
    """The same without what is said of records that the role does not read, and without the words
    of notes that are meant for others: the journal has no gaps, so that something happened stays."""
    models = {entity_of(kind): kind for kind, needed in reading.items() if ctx.may(needed)}
    seen = await _read(ctx, {(one.entity, one.entity_id) for one in told}, models)
    told_of = {entity_of(kind) for kind in reading}
    missing = {entity for entity, needed in PARTS.items() if not ctx.may(needed)}
    ids = {one.entity_id for one in told if one.entity == entity_of(Note)}
    others = set(
        await ctx.session.scalars(select(Note.id).where(Note.id.in_(ids), ~Note.meant_for(ctx)))
    )
    return [
        replace(one, changes={}, sentence=None)
        if one.entity_id in others
        or one.entity in missing
        or (one.entity in told_of and (one.entity, one.entity_id) not in seen)
        else one
        for one in told
    ]


_NUMBERS = text(
    "select seq, entry_id from system.journal_numbers"
    " where org_id = :org and seq > :since order by seq limit :limit"
)


async def feed(ctx: Ctx, *, since: int, limit: int, reading: Reading) -> list[Told]:
    """Entries after number `since`, in order and without a gap. Raises `Forbidden` for whoever does
    not see everything."""
    _refuse_narrow(ctx)
    numbers = (
        await ctx.session.execute(
            _NUMBERS, {"org": ctx.org_id, "since": since, "limit": min(limit, MOST)}
        )
    ).all()
    wanted = {entry_id: seq for seq, entry_id in numbers}
    rows = await ctx.session.execute(_WITH_ACTOR.where(JournalEntry.id.in_(wanted)))
    told = [_told(ctx, found, actor, wanted[found.id]) for found, actor in rows]
    return sorted(await _withheld(ctx, told, reading), key=lambda one: one.seq or 0)
