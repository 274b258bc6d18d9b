"""Reading the journal for the hub: what changed, about which records, on which days of the board.

Entries are read by their numbers, so nothing is passed over. A row's own entry is silent where a fact
of the same transaction speaks of the record. Numbers have no model: this module speaks SQL for them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.models.journal import StoryEntry
from app.models.organisations import OrganisationSettings
from app.models.visits import Visit

LONGEST = 31
"""Days of the board that one window reaches at most."""
EVERYWHERE = {
    "technician",
    "crew",
    "vehicle",
    "shift",
    "holiday",
    "time_off",
    "event",
    "hold",
    "day_note",
}
"""What every day of the board is drawn from."""
REACHES = {"team", "territory", "territory_member"}
REACHING = {"team_id", "member_id", "leader_id", "territory_id", "site_id"}
"""Rows and columns that decide how far a narrow scope reaches."""
WINDOWS = (
    ("planned_start", "planned_end"),
    ("promised_start", "promised_end"),
    ("requested_start", "requested_end"),
)

_HEAD = text("select coalesce(max(seq), 0) from system.journal_numbers where org_id = :org")
_HEADS = text(
    "select org_id, seq from system.journal_heads where org_id = any(cast(:orgs as uuid[]))"
)
_PROOF = text(
    "select encode(substring(chain for 8), 'hex') from system.journal_numbers"
    " where org_id = :org and seq = :seq"
)
_ENTRIES = text(
    "select n.seq, encode(substring(n.chain for 8), 'hex') as proof, j.id, j.entity, j.entity_id, j.action, j.is_fact, j.version, j.request_id,"
    " not j.is_fact and exists (select from journal f where f.org_id = j.org_id"
    "  and f.entity_id = j.entity_id and f.xid = j.xid and f.is_fact) as told,"
    " case when j.entity in ('visit', 'work_order', 'technician', 'member', 'site') then"
    "  (select jsonb_agg(r.changes) from journal r where r.org_id = j.org_id"
    "    and r.entity_id = j.entity_id and r.xid = j.xid and not r.is_fact) end as changes"
    " from system.journal_numbers n"
    " join journal j on j.org_id = n.org_id and j.id = n.entry_id"
    " where n.org_id = :org and n.seq > :since order by n.seq limit :most"
)


@dataclass(eq=False)
class Change:
    """An entry of the journal, as far as it decides who hears of it."""

    seq: int
    proof: str
    """What its place in the chain of all entries begins with: another history has another."""
    entry_id: int
    entity: str
    id: UUID
    action: str
    is_fact: bool
    version: int | None
    request_id: str
    told: bool
    """A fact of the same transaction speaks of this record."""
    fields: list[dict[str, Any]]
    """`{column: [before, after]}` of the record's rows in that transaction."""
    subjects: set[UUID] = field(default_factory=set)
    """The records in whose timeline it stands, of those that were asked about."""
    days: set[date] = field(default_factory=set)
    everywhere: bool = False
    """It belongs on every day of the board."""

    @property
    def reaches(self) -> bool:
        """Whether it may change what a narrow scope reaches."""
        if self.action.endswith("created") and self.entity in ("site", "work_order"):
            return False  # nobody has reached it before
        return self.entity in REACHES or any(REACHING & set(one) for one in self.fields)


async def head(session: AsyncSession, org_id: UUID) -> int:
    """The last number that was given."""
    return int(await session.scalar(_HEAD, {"org": org_id}) or 0)


async def heads(engine: AsyncEngine, organisations: Collection[UUID]) -> dict[UUID, int]:
    """The last number that was given in each of these organisations."""
    if not organisations:
        return {}
    async with engine.connect() as connection:
        rows = await connection.execute(_HEADS, {"orgs": list(organisations)})
        return {UUID(int=row.org_id.int): row.seq for row in rows}


async def proof(session: AsyncSession, org_id: UUID, seq: int) -> str:
    """By which a number is known again as that of this history; empty for one that was not given."""
    return await session.scalar(_PROOF, {"org": org_id, "seq": seq}) or ""


async def read(session: AsyncSession, org_id: UUID, *, since: int, most: int) -> list[Change]:
    """The entries after number `since`, in order and without a gap."""
    rows = await session.execute(_ENTRIES, {"org": org_id, "since": since, "most": most})
    return [
        Change(
            row.seq,
            row.proof,
            row.id,
            row.entity,
            UUID(int=row.entity_id.int),  # the driver's own kind of UUID is no UUID to JSON
            row.action,
            row.is_fact,
            row.version,
            row.request_id,
            row.told,
            row.changes or [],
        )
        for row in rows
    ]


async def add_subjects(
    session: AsyncSession, changes: Sequence[Change], of: Collection[UUID]
) -> None:
    """Say of each change in the timelines of which of these records it stands."""
    by_entry = {change.entry_id: change for change in changes if change.is_fact}
    if not by_entry or not of:
        return
    rows = await session.execute(
        select(StoryEntry.subject_id, StoryEntry.entry_id).where(
            StoryEntry.subject_id.in_(of), StoryEntry.entry_id.in_(by_entry)
        )
    )
    for subject, entry in rows:
        by_entry[entry].subjects.add(subject)


async def zone_of(session: AsyncSession) -> str:
    """The organisation's time zone, by which the board's days go."""
    return str((await session.execute(select(OrganisationSettings.time_zone))).scalar_one())


async def add_days(session: AsyncSession, changes: Sequence[Change], zone: str) -> None:
    """Say of each change on which days of the board it shows, before or after."""
    there = ZoneInfo(zone)
    visits = {change.id for change in changes if change.entity == "visit"}
    orders = {change.id for change in changes if change.entity == "work_order"}
    days: dict[UUID, set[date]] = {}
    unplanned: set[UUID] = set()
    if visits or orders:
        columns = [getattr(Visit, name) for window in WINDOWS for name in window]
        rows = await session.execute(
            select(Visit.id, Visit.work_order_id, *columns).where(
                or_(Visit.id.in_(visits), Visit.work_order_id.in_(orders))
            )
        )
        for id, order, *moments in rows:
            shown = set(_days(zip(moments[::2], moments[1::2], strict=True), there))
            for key in (id, order):
                days.setdefault(key, set()).update(shown)
                if moments[0] is None:
                    unplanned.add(key)
    for change in changes:
        change.everywhere = change.entity in EVERYWHERE
        if change.entity not in ("visit", "work_order"):
            continue
        change.days = days.get(change.id, set()) | set(_days(_windows(change), there))
        was_unplanned = any(None in one.get("planned_start", ()) for one in change.fields)
        change.everywhere = change.id in unplanned or was_unplanned


def _windows(change: Change) -> Iterable[tuple[datetime | None, datetime | None]]:
    """The windows that a visit had and was given; the row itself may have moved on since."""
    for fields in change.fields:
        for start, end in WINDOWS:
            for said in zip(fields.get(start, ()), fields.get(end, ()), strict=False):
                first, last = (datetime.fromisoformat(one) if one else None for one in said)
                yield first, last
            for one in (*fields.get(start, ()), *fields.get(end, ())):
                moment = datetime.fromisoformat(one) if one else None
                yield moment, moment


def _days(
    windows: Iterable[tuple[datetime | None, datetime | None]], zone: ZoneInfo
) -> Iterable[date]:
    for start, end in windows:
        if start is None or end is None:
            continue
        first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        for passed in range(min((last - first).days, LONGEST - 1) + 1):
            yield first + timedelta(days=passed)
