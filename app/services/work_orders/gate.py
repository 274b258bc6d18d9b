"""The gate at work: what is missing before a verb, said beforehand and when it is refused.

A job type's own gate stands instead of the organisation's. A visit's notes and files count for the
visit; a work order's are its own and those of its visits. Whoever may approve work orders may waive
what is missing, with a reason.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from app.core.errors import Conflict, FieldError
from app.models.checklist_items import ChecklistItem
from app.models.files import Attachment, AttachmentKind, File
from app.models.gates import ALWAYS, Before, Need, Requirement, read
from app.models.job_types import JobType
from app.models.notes import Note
from app.models.permissions import Permission
from app.models.visits import Visit
from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.services.context import Ctx
from app.services.inputs import Reason

S = WorkOrderStatus


Waived = Annotated[
    Reason | None,
    Field(
        description="Why it goes on although something is missing. Needs the permission"
        " work-orders:approve."
    ),
]


@dataclass(frozen=True)
class Missing:
    """One thing that is not there yet."""

    before: Before
    pointer: str
    code: str
    detail: str

    @property
    def error(self) -> FieldError:
        return FieldError(self.pointer, self.code, self.detail)


async def before_visits(ctx: Ctx, visits: Sequence[Visit]) -> dict[UUID, list[Missing]]:
    """What is missing before each of these visits can be completed; their work orders are loaded."""
    declared = await _declared(ctx, {visit.work_order.job_type_id for visit in visits})
    subjects = {
        visit.id: _Subject(
            visit.work_order_id,
            [
                one
                for one in declared[visit.work_order.job_type_id]
                if one.before is Before.visit_complete and visit.is_open
            ],
            [visit.id],
        )
        for visit in visits
    }
    return await _missing(ctx, subjects)


AHEAD: Mapping[WorkOrderStatus, Collection[Before]] = {
    **dict.fromkeys(
        (S.draft, S.ready, S.scheduled, S.in_progress, S.on_hold),
        (Before.work_order_complete, Before.work_order_approve),
    ),
    S.completed: (Before.work_order_approve,),
}
"""Status → the gates that still lie ahead of a work order."""


async def before_work_orders(
    ctx: Ctx, work_orders: Sequence[WorkOrder], *, only: Before | None = None
) -> dict[UUID, list[Missing]]:
    """What is missing before each of these work orders can be completed and approved; or before
    `only` that verb, whatever the status."""
    declared = await _declared(ctx, {one.job_type_id for one in work_orders})
    subjects = {}
    for work_order in work_orders:
        verbs = (only,) if only else AHEAD.get(S(work_order.status), ())
        asked = [one for one in (*ALWAYS, *declared[work_order.job_type_id]) if one.before in verbs]
        subjects[work_order.id] = _Subject(work_order.id, asked, [work_order.id])
    await _add_visits(ctx, subjects)
    return await _missing(ctx, subjects)


async def pass_visit(ctx: Ctx, visit: Visit, waived: str | None) -> None:
    """Let a visit be completed. Raises `Conflict` (code `gate`) naming what is missing and not
    `waived`, `Forbidden` for a waiver by somebody who may not."""
    missing = (await before_visits(ctx, [visit]))[visit.id]
    _refuse(ctx, "This visit cannot be completed yet", missing, waived)


async def pass_work_order(
    ctx: Ctx, work_order: WorkOrder, verb: Before, waived: str | None
) -> list[FieldError]:
    """What is missing before `verb` of a work order and was not waived. Raises `Forbidden` for a
    waiver by somebody who may not."""
    if waived is not None:
        ctx.require(Permission.work_orders_approve)
        return []
    found = await before_work_orders(ctx, [work_order], only=verb)
    return [one.error for one in found[work_order.id]]


def _refuse(ctx: Ctx, what: str, missing: Sequence[Missing], waived: str | None) -> None:
    if waived is not None:
        ctx.require(Permission.work_orders_approve)
    elif missing:
        said = " ".join(one.detail for one in missing)
        raise Conflict(f"{what}: {said}", code="gate", errors=[one.error for one in missing])


@dataclass
class _Subject:
    """What is asked of one record, and where its notes and files may hang."""

    work_order_id: UUID
    asked: list[Requirement]
    places: list[UUID]
    undone: list[ChecklistItem] = field(default_factory=list)


async def _declared(
    ctx: Ctx, job_type_ids: Collection[UUID]
) -> dict[UUID, tuple[Requirement, ...]]:
    everywhere = read((await ctx.organisation()).gate)
    rows = await ctx.session.execute(
        select(JobType.id, JobType.gate).where(JobType.id.in_(job_type_ids))
    )
    return {id: everywhere if gate is None else read(gate) for id, gate in rows}


COUNTED = {Need.notes, Need.attachments, Need.photos, Need.signatures}


async def _add_visits(ctx: Ctx, subjects: Mapping[UUID, _Subject]) -> None:
    if not _asks(subjects, COUNTED):
        return
    rows = await ctx.session.execute(
        select(Visit.work_order_id, Visit.id).where(
            Visit.work_order_id.in_(subjects), Visit.deleted_at.is_(None)
        )
    )
    for work_order_id, visit_id in rows:
        subjects[work_order_id].places.append(visit_id)


def _asks(subjects: Mapping[UUID, _Subject], needs: set[Need]) -> bool:
    return any(one.need in needs for subject in subjects.values() for one in subject.asked)


async def _missing(ctx: Ctx, subjects: Mapping[UUID, _Subject]) -> dict[UUID, list[Missing]]:
    undone = await _undone(ctx, subjects)
    counted = await _counted(ctx, subjects)
    return {
        id: [
            said
            for one in subject.asked
            for said in _said(one, undone[subject.work_order_id], counted, subject.places)
        ]
        for id, subject in subjects.items()
    }


async def _undone(
    ctx: Ctx, subjects: Mapping[UUID, _Subject]
) -> Mapping[UUID, list[ChecklistItem]]:
    """The steps that are not done, of each work order."""
    found: dict[UUID, list[ChecklistItem]] = defaultdict(list)
    items = await ctx.session.scalars(
        select(ChecklistItem)
        .where(
            ChecklistItem.work_order_id.in_({one.work_order_id for one in subjects.values()}),
            ChecklistItem.done_at.is_(None),
        )
        .order_by(ChecklistItem.position, ChecklistItem.id)
    )
    for item in items:
        found[item.work_order_id].append(item)
    return found


async def _counted(
    ctx: Ctx, subjects: Mapping[UUID, _Subject]
) -> Mapping[Need, Mapping[UUID, int]]:
    """How much of what hangs on each place, as far as somebody asks."""
    places = {place for subject in subjects.values() for place in subject.places}
    found: dict[Need, Counter[UUID]] = defaultdict(Counter)
    if _asks(subjects, {Need.notes}):
        notes = await ctx.session.execute(
            select(Note.entity_id, func.count())
            .where(Note.entity_id.in_(places), Note.deleted_at.is_(None))
            .group_by(Note.entity_id)
        )
        found[Need.notes].update(dict(notes.all()))
    if _asks(subjects, COUNTED - {Need.notes}):
        files = await ctx.session.execute(
            select(Attachment.entity_id, Attachment.kind, func.count())
            .join(Attachment.file)
            .where(
                Attachment.entity_id.in_(places),
                Attachment.deleted_at.is_(None),
                File.deleted_at.is_(None),
            )
            .group_by(Attachment.entity_id, Attachment.kind)
        )
        for place, kind, number in files:
            found[Need.attachments][place] += number
            if kind in KINDS:
                found[KINDS[kind]][place] += number
    return found


KINDS = {AttachmentKind.photo: Need.photos, AttachmentKind.signature: Need.signatures}

WORDS = {
    Need.notes: ("/notes", "note", "Write down what was done."),
    Need.attachments: ("/attachments", "file", "Attach what belongs to it."),
    Need.photos: ("/attachments", "photo", "Take one of the work and attach it."),
    Need.signatures: ("/attachments", "signature", "Let the customer sign, and attach it."),
}
STEPS: Mapping[Need, Callable[[ChecklistItem], bool]] = {
    Need.required_steps: lambda item: item.required,
    Need.every_step: lambda item: True,
}


def _said(
    asked: Requirement,
    undone: Sequence[ChecklistItem],
    counted: Mapping[Need, Mapping[UUID, int]],
    places: Sequence[UUID],
) -> list[Missing]:
    if asked.need in STEPS:
        return [
            Missing(
                asked.before,
                f"/checklist/{item.id}",
                "required_item" if item.required else "undone_item",
                f"“{item.title}” is not done.",
            )
            for item in undone
            if STEPS[asked.need](item)
        ]
    there = counted.get(asked.need, {})
    short = asked.at_least - sum(there.get(place, 0) for place in places)
    if short <= 0:
        return []
    pointer, word, mend = WORDS[asked.need]
    what = f"A {word} is missing." if short == 1 else f"{short} {word}s are missing."
    return [Missing(asked.before, pointer, asked.need.value, f"{what} {mend}")]
