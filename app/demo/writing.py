"""Writing a chronicle: by the day, inside the walls, as the application's own role.

The triggers date each row's journal entry by the moment of the row (`db.as_of`), so each row is a
statement of its own, sent in batches. The facts of a day follow its rows.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnDefault,
    Delete,
    Insert,
    Update,
    bindparam,
    delete,
    insert,
    inspect,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import as_of, plan_anew, scope_of
from app.demo.chronicle import Act, Change, Chronicle, Model, Said
from app.models.arrival_windows import ArrivalWindowSet
from app.models.assignments import Assignment
from app.models.bookings import Booking
from app.models.checklist_items import ChecklistItem
from app.models.customers import Customer
from app.models.equipment import Equipment, WorkOrderEquipment
from app.models.invoices import Invoice, InvoiceLine
from app.models.job_types import JobType
from app.models.ledger import LedgerEntry
from app.models.notes import Note
from app.models.payments import Payment
from app.models.promises import Promise
from app.models.sites import Site, SiteParty
from app.models.skills import JobTypeSkill, Skill, TechnicianSkill
from app.models.technicians import Resource, Technician
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services.facts import PastFact, emit_many

ORDER: tuple[Model, ...] = (
    Skill, JobType, JobTypeSkill, ArrivalWindowSet, Resource, Technician, TechnicianSkill, Customer,
    Site, SiteParty, Equipment,
    WorkOrder, WorkOrderEquipment, ChecklistItem, Visit, Promise, Assignment, Booking, Note, Invoice, InvoiceLine,
    Payment, LedgerEntry,
)  # fmt: skip
"""What a demo is made of, each table after those it points at."""
DERIVED: dict[Model, frozenset[str]] = {WorkOrder: frozenset({"status", "completed_at"})}
"""Columns whose change is no new version (migration 0020)."""
BATCH = 1000
SPAN = 3
"""Days that are written together."""

Key = tuple[Model, UUID]
T = TypeVar("T", Change, Said)


Known = Mapping[Key, tuple[int, dict[str, Any]]]
"""Version and values of rows that are there already."""


async def write(session: AsyncSession, chronicle: Chronicle, known: Known | None = None) -> None:
    """Write all that happened. The session is scoped to the company; nothing is committed.

    `known` are rows that are in the tables already and are spoken of.
    """
    writer = _Writer(session, chronicle)
    for key, (version, values) in (known or {}).items():
        writer.versions[key] = version
        writer.rows[key] = defaults(key[0]) | values
    await writer.write()


class _Writer:
    def __init__(self, session: AsyncSession, chronicle: Chronicle):
        self.session = session
        self.org_id = scope_of(session).org_id
        self.chronicle = chronicle
        self.rows: dict[Key, dict[str, Any]] = {}
        self.versions: dict[Key, int] = {}
        self.moving: dict[Model, set[str]] = defaultdict(set)
        for change in chronicle.changed:
            self.moving[change.model] |= change.values.keys()

    async def write(self) -> None:
        told = self.chronicle
        added, changed = _by_days(told.added), _by_days(told.changed)
        removed, said = _by_days(told.removed), _by_days(told.said)
        due = 0
        for number, days in enumerate(sorted({*added, *changed, *removed, *said})):
            facts = self._live_through(added[days], changed[days], said[days])
            for model, rows in _by_model(added[days]):
                await self._insert(model, rows)
            for model, rows in _by_model(changed[days]):
                await self._update(model, rows)
            for model, rows in _by_model(removed[days]):
                await self._delete(model, rows)
            await emit_many(self.session, self.org_id, facts)
            if number == due:
                due += 1 + number
                await plan_anew(self.session)

    def _live_through(
        self, added: list[Change], changed: list[Change], said: list[Said]
    ) -> list[PastFact]:
        """Give each row its whole state at each change, and each fact the version it speaks of.

        Rows of a moment come before what is said of them.
        """
        facts: list[PastFact] = []
        events: list[tuple[datetime, int, Change | Said]] = []
        events += [(one.act.at, 0, one) for one in added]
        events += [(one.act.at, 1, one) for one in changed]
        events += [(one.act.at, 2, one) for one in said]
        for _, _, event in sorted(events, key=lambda one: one[:2]):
            if isinstance(event, Said):
                facts.append(self._fact(event))
            else:
                self._take(event)
        return facts

    def _fact(self, said: Said) -> PastFact:
        version = self.versions[said.model, said.id]
        return PastFact(*said.act, said.fact, said.model, said.id, version, said.about, said.data)

    def _take(self, change: Change) -> None:
        key = (change.model, change.id)
        before = self.rows.get(key)
        if before is None:
            self.versions[key] = 1
            change.values = defaults(change.model) | change.values
        else:
            differing = {key for key, value in change.values.items() if before[key] != value}
            if differing - DERIVED.get(change.model, frozenset()):
                self.versions[key] += 1
            change.values = before | change.values
        self.rows[key] = change.values

    async def _insert(self, model: Model, rows: list[Change]) -> None:
        said = [
            name
            for name in defaults(model)
            if any(one.values[name] is not None for one in rows)  # None would be JSON's null
        ]
        columns: dict[str, Any] = {name: bindparam(name) for name in ("org_id", "id", *said)}
        statement = (
            insert(model)
            .values(columns | {"created_at": AS_OF, "updated_at": bindparam("updated_at")})
            .execution_options(dml_strategy="raw")
        )
        await self._send(
            statement,
            [
                {name: one.values[name] for name in said}
                | {"org_id": self.org_id, "id": one.id, "updated_at": one.act.at}
                | _when(one.act)
                for one in rows
            ],
        )

    async def _update(self, model: Model, rows: list[Change]) -> None:
        names = sorted(self.moving[model])
        statement = (
            update(model)
            .where(model.org_id == bindparam("org_"), model.id == bindparam("id_"))
            .values({name: bindparam(name) for name in names} | {"updated_at": AS_OF})
            .execution_options(dml_strategy="core_only")
        )
        await self._send(
            statement,
            [
                {name: one.values[name] for name in names}
                | {"org_": self.org_id, "id_": one.id}
                | _when(one.act)
                for one in sorted(rows, key=lambda one: one.act.at)
            ],
        )

    async def _delete(self, model: Model, rows: list[Change]) -> None:
        statement = (
            delete(model)
            .where(
                model.org_id == bindparam("org_"),
                model.id == bindparam("id_"),
                AS_OF.is_not(None),
            )
            .execution_options(dml_strategy="core_only")
        )
        await self._send(
            statement, [{"org_": self.org_id, "id_": one.id} | _when(one.act) for one in rows]
        )

    async def _send(self, statement: Insert | Update | Delete, rows: list[dict[str, Any]]) -> None:
        for start in range(0, len(rows), BATCH):
            await self.session.execute(statement, rows[start : start + BATCH])


AS_OF = as_of("at_", "actor_", "request_")


def _when(act: Act) -> dict[str, str]:
    return {
        "at_": act.at.isoformat(),
        "actor_": str(act.actor_id or ""),
        "request_": act.request_id,
    }


def _by_days(things: Sequence[T]) -> defaultdict[int, list[T]]:
    days: defaultdict[int, list[T]] = defaultdict(list)
    for thing in things:
        days[thing.act.at.date().toordinal() // SPAN].append(thing)
    return days


def _by_model(changes: list[Change]) -> Iterator[tuple[Model, list[Change]]]:
    for model in ORDER:
        if rows := [one for one in changes if one.model is model]:
            yield model, rows


@cache
def defaults(model: Model) -> dict[str, Any]:
    """The columns that a new row of `model` may set, with what they hold when nobody says."""
    found: dict[str, Any] = {}
    for column in inspect(model).columns:
        if not isinstance(column, Column) or column.primary_key or column.computed is not None:
            continue
        if isinstance(column.default, ColumnDefault):
            given = column.default.arg
            found[column.key] = given(None) if callable(given) else given
        elif column.server_default is None:
            found[column.key] = None
    return found
