"""Equipment: the verbs of what is serviced at a site.

A part stands where its whole stands: a piece moves with all its parts, and a parent is of the same
site. Nothing moves or disappears from under work that is still to be done on it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, select

from app.core import clock
from app.core.errors import Conflict, invalid_field
from app.core.filters import Fields, filterable, through
from app.core.listing import Column, Filter, ListQuery
from app.models.equipment import Equipment, EquipmentStatus, WorkOrderEquipment
from app.models.sites import Site
from app.models.tags import Tagging
from app.models.visits import Visit
from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Day, Draft, LongText, Moment, Patch, Reason, ShortText
from app.services.tagging import WithTag
from app.services.usage import count_of
from app.services.visits.lists import VisitQuery

DEEPEST = 10
"""Levels of parts."""
MOST_PARTS = 200
"""Pieces that move together."""
ENDED = (
    WorkOrderStatus.completed,
    WorkOrderStatus.approved,
    WorkOrderStatus.closed,
    WorkOrderStatus.canceled,
)


class EquipmentDraft(Draft):
    """A new piece of equipment."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    site_id: UUID
    parent_id: UUID | None = Field(None, description="What it is a part of, at the same site.")
    type: ShortText = Field(examples=["Water heater"])
    make: ShortText | None = None
    model: ShortText | None = None
    serial: ShortText | None = None
    location: ShortText | None = Field(None, description="Where on the site.")
    installed_on: Day | None = None
    warranty_until: Day | None = None
    notes: LongText | None = None
    external_key: ShortText | None = None


class EquipmentPatch(Patch):
    """Changes to a piece of equipment; its site changes by `move`, its status by verbs."""

    parent_id: UUID | None = None
    type: ShortText = ""
    make: ShortText | None = None
    model: ShortText | None = None
    serial: ShortText | None = None
    location: ShortText | None = None
    installed_on: Day | None = None
    warranty_until: Day | None = None
    notes: LongText | None = None
    external_key: ShortText | None = None


class Relocation(Draft):
    """Where it stands from now on."""

    site_id: UUID
    location: ShortText | None = Field(None, description="Where on that site.")
    reason: Reason | None = None


class Change(Draft):
    """Why, if there is something to say."""

    reason: Reason | None = None


class EquipmentQuery(ListQuery):
    """Filters and sorts of the list of equipment."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Equipment.created_at,
        "warranty_until": Equipment.warranty_until,
        "installed_on": Equipment.installed_on,
    }
    FILTERS: ClassVar[Fields | None] = filterable(
        Equipment.id,
        Equipment.created_at,
        Equipment.updated_at,
        Equipment.site_id,
        Equipment.parent_id,
        Equipment.status,
        Equipment.type,
        Equipment.make,
        Equipment.model,
        Equipment.serial,
        Equipment.location,
        Equipment.installed_on,
        Equipment.warranty_until,
        Equipment.notes,
        Equipment.external_key,
        Equipment.deleted_at,
        many={"tags": through(Equipment, Tagging.entity_id, Tagging.tag_id)},
    )

    site_id: Annotated[UUID | None, Filter(Equipment.site_id)] = None
    parent_id: Annotated[UUID | None, Filter(Equipment.parent_id)] = None
    status: Annotated[EquipmentStatus | None, Filter(Equipment.status)] = None
    serial: Annotated[ShortText | None, Filter(Equipment.serial)] = None
    warranty_from: Annotated[Day | None, Filter(Equipment.warranty_until, "gte")] = None
    warranty_before: Annotated[Day | None, Filter(Equipment.warranty_until, "lt")] = None
    external_key: Annotated[ShortText | None, Filter(Equipment.external_key)] = None
    tag_id: Annotated[UUID | None, WithTag(Equipment.id)] = None
    created_from: Annotated[Moment | None, Filter(Equipment.created_at, "gte")] = None
    created_before: Annotated[Moment | None, Filter(Equipment.created_at, "lt")] = None


class ServiceHistoryQuery(VisitQuery):
    """Which of the visits to show; the latest first."""

    DEFAULT_SORT: ClassVar[str] = "-planned_start"


def worked_on(equipment_id: UUID) -> ColumnElement[bool]:
    """The visit is of a work order about this piece."""
    link = select(WorkOrderEquipment.id).where(
        WorkOrderEquipment.org_id == Visit.org_id,
        WorkOrderEquipment.work_order_id == Visit.work_order_id,
        WorkOrderEquipment.equipment_id == equipment_id,
    )
    return link.correlate(Visit).exists()


async def create(ctx: Ctx, draft: EquipmentDraft) -> Equipment:
    """Add a piece of equipment to a site.

    Raises `NotFound` for a site or parent that is not there, `Invalid` for a parent at another site
    or a warranty that ends before it begins.
    """
    site = await ctx.get(Site, draft.site_id, lock=True, pointer="/site_id")
    piece = Equipment(**draft.model_dump(exclude_none=True))
    _refuse_dates(piece.installed_on, piece.warranty_until)
    if draft.parent_id is not None:
        await _refuse_parent(ctx, piece, draft.parent_id)
    await ctx.add(piece)
    await emit(
        ctx,
        Fact.equipment_created,
        piece,
        about=(site.id,),
        name=piece.name,
        address=site.address,
    )
    return piece


async def change(ctx: Ctx, piece: Equipment, patch: EquipmentPatch) -> Equipment:
    """Change what the patch names; `piece` is locked. Raises as `create` does, and `Invalid` for a
    parent that would close a circle or nest too deep."""
    given = patch.given()
    parent_id = given.get("parent_id")
    if parent_id is not None and parent_id != piece.parent_id:
        await ctx.get(Site, piece.site_id, lock=True)  # of two who close a circle, one waits
        await _refuse_parent(ctx, piece, parent_id)
    for name, value in given.items():
        setattr(piece, name, value)
    _refuse_dates(piece.installed_on, piece.warranty_until)
    if fields := changed(piece):
        await emit(
            ctx,
            Fact.equipment_changed,
            piece,
            about=(piece.site_id,),
            name=piece.name,
            fields=", ".join(fields),
        )
    return piece


async def move(ctx: Ctx, piece: Equipment, to: Relocation) -> Equipment:
    """Carry a piece with all its parts to another site; it is no part of anything there.

    Raises `NotFound` for the site, `Conflict` when it stands there already or work on any of it is
    still to be done.
    """
    # sites in one order, so that two who move pieces crosswise do not wait for each other
    ids = sorted({piece.site_id, to.site_id})
    sites = {id: await ctx.get(Site, id, lock=True, pointer="/site_id") for id in ids}
    if piece.site_id == to.site_id:
        raise Conflict(f"{piece.name} is at {sites[to.site_id].address}.", code="already_there")
    whole = [piece, *await _parts(ctx, piece)]
    await _refuse_awaited(ctx, whole, "move it")
    before, after = sites[piece.site_id], sites[to.site_id]
    for one in whole:
        one.site_id = after.id
    piece.parent_id = None
    piece.location = to.location
    for one in whole:
        await emit(
            ctx,
            Fact.equipment_moved,
            one,
            about=(before.id, after.id),
            name=one.name,
            before=before.address,
            after=after.address,
            because=_because(to.reason),
        )
    return piece


async def retire(ctx: Ctx, piece: Equipment, said: Change) -> Equipment:
    """It is not serviced any more, and its history stays. Raises `Conflict` when it is retired, or
    work on it is still to be done."""
    piece.refuse_unless("retire")
    await _refuse_awaited(ctx, [piece], "retire it")
    return await _moved(ctx, piece, "retire", Fact.equipment_retired, said)


async def reinstate(ctx: Ctx, piece: Equipment, said: Change) -> Equipment:
    """It is serviced again. Raises `Conflict` when it is not retired."""
    return await _moved(ctx, piece, "reinstate", Fact.equipment_reinstated, said)


async def delete(ctx: Ctx, piece: Equipment) -> None:
    """Take a piece out of sight that was added by mistake. Raises `Conflict` while it has parts or
    work on it is still to be done."""
    await _refuse_awaited(ctx, [piece], "delete it")
    if parts := await _below(ctx, [piece.id]):
        raise Conflict(
            f"{piece.name} has {count_of(len(parts), 'part', 'parts')}. Give them another parent or"
            " none first.",
            code="in_use",
        )
    piece.deleted_at = clock.now()
    await emit(ctx, Fact.equipment_deleted, piece, about=(piece.site_id,), name=piece.name)


async def restore(ctx: Ctx, piece: Equipment) -> Equipment:
    """Bring a deleted piece back. Raises `Conflict` when it is not deleted, its site or its parent
    is, or its parent has moved away meanwhile."""
    if piece.deleted_at is None:
        raise Conflict("This piece of equipment is not deleted.", code="not_deleted")
    site = await ctx.get(Site, piece.site_id, lock=True, deleted=True)
    if site.deleted_at is not None:
        raise Conflict("Its site is deleted. Restore the site first.", code="deleted")
    if piece.parent_id is not None:
        parent = await ctx.get(Equipment, piece.parent_id, deleted=True)
        if parent.deleted_at is not None:
            raise Conflict(f"It is part of {parent.name}, which is deleted.", code="deleted")
        if parent.site_id != piece.site_id:
            piece.parent_id = None
    piece.deleted_at = None
    await emit(ctx, Fact.equipment_restored, piece, about=(piece.site_id,), name=piece.name)
    return piece


async def set_of_work_order(
    ctx: Ctx, work_order: WorkOrder, site_id: UUID, ids: Sequence[UUID]
) -> bool:
    """Let the work order be about these pieces and no others; whether that changed anything.

    Raises `NotFound` for one that is not there, `Invalid` for one at another site than `site_id` or
    one that is retired and was not named before.
    """
    present = {
        link.equipment_id: link
        for link in await ctx.session.scalars(
            select(WorkOrderEquipment)
            .where(WorkOrderEquipment.work_order_id == work_order.id)
            .limit(MOST_PARTS)
        )
    }
    pieces = await ctx.get_all(Equipment, ids, pointer="/equipment_ids/{}")
    for place, piece in enumerate(pieces):
        if piece.site_id != site_id:
            raise invalid_field(
                f"equipment_ids/{place}",
                f"{piece.name} is at another site than the work.",
                code="elsewhere",
            )
        if piece.status == EquipmentStatus.retired and piece.id not in present:
            raise invalid_field(
                f"equipment_ids/{place}",
                f"{piece.name} is retired. Reinstate it first.",
                code="retired",
            )
    wanted = set(ids)
    for id in present.keys() - wanted:
        await ctx.session.delete(present[id])
    for id in wanted - present.keys():
        ctx.session.add(WorkOrderEquipment(work_order_id=work_order.id, equipment_id=id))
    await ctx.session.flush()
    return wanted != present.keys()


async def names_elsewhere(ctx: Ctx, work_order: WorkOrder, site_id: UUID) -> list[str]:
    """Pieces that the work order is about and that do not stand at this site."""
    pieces = await ctx.session.scalars(
        select(Equipment)
        .join(
            WorkOrderEquipment,
            (WorkOrderEquipment.org_id == Equipment.org_id)
            & (WorkOrderEquipment.equipment_id == Equipment.id),
        )
        .where(WorkOrderEquipment.work_order_id == work_order.id, Equipment.site_id != site_id)
        .limit(MOST_PARTS)
    )
    return [piece.name for piece in pieces]


async def _moved(ctx: Ctx, piece: Equipment, verb: str, fact: Fact, said: Change) -> Equipment:
    piece.move(verb)
    piece.status_reason = said.reason
    await emit(
        ctx, fact, piece, about=(piece.site_id,), name=piece.name, because=_because(said.reason)
    )
    return piece


def _because(reason: str | None) -> str:
    return f": {reason}" if reason else ""


def _refuse_dates(installed: date | None, warranty: date | None) -> None:
    if installed and warranty and warranty < installed:
        raise invalid_field(
            "warranty_until", "The warranty cannot end before it is installed.", code="too_early"
        )


async def _refuse_parent(ctx: Ctx, piece: Equipment, parent_id: UUID) -> None:
    above: UUID | None = parent_id
    for level in range(DEEPEST):
        if above is None:
            return
        if above == piece.id:
            raise invalid_field(
                "parent_id", "A piece of equipment cannot be a part of itself.", code="circle"
            )
        parent = await ctx.get(Equipment, above, fresh=True, pointer="/parent_id")
        if level == 0 and parent.site_id != piece.site_id:
            raise invalid_field("parent_id", f"{parent.name} is at another site.", code="elsewhere")
        above = parent.parent_id
    raise invalid_field("parent_id", f"Parts nest at most {DEEPEST} deep.", code="too_deep")


async def _parts(ctx: Ctx, piece: Equipment) -> list[Equipment]:
    """Everything that is a part of it, and the parts of that."""
    found: list[Equipment] = []
    below = [piece.id]
    while below:
        parts = await _below(ctx, below)
        found += parts
        if len(found) >= MOST_PARTS:
            raise Conflict(
                f"{piece.name} has more than {MOST_PARTS} parts. Move them in portions.",
                code="too_many",
            )
        below = [part.id for part in parts]
    return found


async def _below(ctx: Ctx, ids: list[UUID]) -> list[Equipment]:
    rows = await ctx.session.scalars(
        select(Equipment)
        .where(Equipment.parent_id.in_(ids), Equipment.deleted_at.is_(None))
        .order_by(Equipment.id)
        .limit(MOST_PARTS)
        .with_for_update(key_share=True)
    )
    return list(rows)


async def _refuse_awaited(ctx: Ctx, pieces: Sequence[Equipment], what: str) -> None:
    """Raise `Conflict` while a work order that goes on is about one of them."""
    row = (
        await ctx.session.execute(
            select(WorkOrder.number, WorkOrderEquipment.equipment_id)
            .join(
                WorkOrderEquipment,
                (WorkOrderEquipment.org_id == WorkOrder.org_id)
                & (WorkOrderEquipment.work_order_id == WorkOrder.id),
            )
            .where(
                WorkOrderEquipment.equipment_id.in_([piece.id for piece in pieces]),
                WorkOrder.deleted_at.is_(None),
                WorkOrder.status.not_in(ENDED),
            )
            .order_by(WorkOrder.number)
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return
    name = next(piece.name for piece in pieces if piece.id == row.equipment_id)
    raise Conflict(
        f"Work order {row.number} is still to be done on {name}. Take it off that work order, or"
        f" complete or cancel the work, and then {what}.",
        code="in_use",
    )
