"""Of whom a picture must be drawn anew, from what was written since.

What is always true: what is not known to concern some visits, some people or some events alone concerns
everything. A kind of record is named here only if all that a picture takes from it is found by what is said.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from app.models.assignments import Assignment
from app.models.shifts import Shift
from app.models.time_off import TimeOff
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services.context import Ctx
from app.services.dispatching.marks import Written

MOST = 1000
"""Entries, or visits, beyond which all is read anew."""
QUIET = (
    "activity", "attachment", "bulk_action", "bulk_row", "checklist_item", "command", "command_run", "contact",
    "customer", "customer_contact", "day_note", "employee", "equipment", "export", "file", "geofence_event",
    "import_mapping", "invoice", "invoice_line", "job", "ledger_entry", "mail", "note", "payment", "promise",
    "saved_view", "site_party", "tag", "tagging", "visit_pause", "visit_vehicle", "work_order_equipment",
)  # fmt: skip
"""Kinds of records that no picture shows."""
KINDS = {
    "visit", "assignment", "work_order", "site", "booking", "hold", "event", "event_participant",
    "time_off", "shift", "arrival_window",
}  # fmt: skip
"""Kinds of which it is known whom they concern; windows are asked anew for each picture."""
PEOPLE: dict[str, type[TimeOff | Shift]] = {"time_off": TimeOff, "shift": Shift}
"""Of these, what decides when somebody works."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What must be read anew."""

    visits: frozenset[UUID] = frozenset()
    technicians: frozenset[UUID] = frozenset()
    """Whose working time."""
    events: bool = False
    holds: bool = False


async def of(ctx: Ctx, written: Sequence[Written]) -> Changed | None:
    """What it concerns; None: everything, perhaps."""
    if len(written) >= MOST or any(one.entity not in KINDS for one in written):
        return None
    ids: dict[str, set[UUID]] = defaultdict(set)
    for one in written:
        ids[one.entity].add(one.id)
    assigned = [one for one in written if one.entity == "assignment"]
    found = {visit for one in assigned for visit in one.visits}
    silent = {one.id for one in assigned} - {one.id for one in assigned if one.visits}
    theirs = await _owners(ctx, Assignment.id, Assignment.visit_id, silent)
    people = {
        technician for one in written if one.entity in PEOPLE for technician in one.technicians
    }
    for entity, model in PEOPLE.items():
        silent = ids[entity] - {one.id for one in written if one.technicians}
        owners = await _owners(ctx, model.id, model.technician_id, silent)
        if owners is None:
            return None
        people |= owners
    visits = ids["visit"] | found | await _visits(ctx, ids["work_order"], ids["site"])
    if theirs is None or len(visits | theirs) >= MOST:
        return None
    return Changed(
        frozenset(visits | theirs),
        frozenset(people),
        events=bool(ids["event"] or ids["event_participant"]),
        holds=bool(ids["booking"] or ids["hold"] or ids["site"]),
    )


async def _owners(ctx: Ctx, id: Any, owner: Any, ids: Collection[UUID]) -> set[UUID] | None:
    """Whose these rows are; None where one is not there, or is nobody's: a shift is a crew's, perhaps."""
    if not ids:
        return set()
    rows = await ctx.session.execute(select(id, owner).where(id.in_(ids)).limit(MOST))
    found: dict[UUID, UUID | None] = {row[0]: row[1] for row in rows}
    known = {one for one in found.values() if one is not None}
    return known if found.keys() == set(ids) and None not in found.values() else None


async def _visits(ctx: Ctx, orders: Collection[UUID], sites: Collection[UUID]) -> set[UUID]:
    """The visits of work orders, and at sites."""
    if not orders and not sites:
        return set()
    at = select(WorkOrder.id).where(WorkOrder.site_id.in_(sites))
    these = [Visit.work_order_id.in_(orders)] if orders else []
    these += [Visit.work_order_id.in_(at)] if sites else []
    return set(await ctx.session.scalars(select(Visit.id).where(or_(*these)).limit(MOST)))
