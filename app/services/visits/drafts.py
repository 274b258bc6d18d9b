"""Making a visit, changing what may be changed without a verb, deleting and restoring one.

A new visit is unscheduled: perhaps promised, on nobody's board. Its window and its status move only
by their verbs. What somebody was told about is cancelled and never deleted.
"""

from typing import Any
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import exists, or_, select

from app.core import clock
from app.core.errors import Conflict, FieldError, Invalid, invalid_field
from app.models.assignments import Assignment
from app.models.promises import Promise, ToldVia
from app.models.visits import Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.services.context import Ctx, changed
from app.services.facts import Fact
from app.services.inputs import Draft, LongText, Patch, ShortText
from app.services.visits import gating, parts, promises
from app.services.visits.gating import Override
from app.services.visits.taking import WORK_ORDER
from app.services.visits.telling import tell
from app.services.visits.times import Window
from app.services.visits.work import locked, refuse_ended
from app.services.work_orders.following import follow

VERB_OF = {
    **dict.fromkeys(
        (
            "window_start", "window_end", "window_start_local", "window_end_local",
            "promised_start", "promised_end", "told_via", "told_to",
        ),
        "promise",
    ),
    **dict.fromkeys(
        ("start", "end", "planned_start", "planned_end", "technician_ids", "assignments"),
        "schedule",
    ),
}  # fmt: skip
"""Fields that people try to patch, and the verb that moves them."""


class VisitDraft(Window):
    """A new visit."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    work_order_id: UUID
    promised: bool = Field(
        True, description="false: the window is wished for and promised to nobody."
    )
    told_via: ToldVia | None = Field(None, description="Silence: nobody was told yet.")
    told_to: ShortText | None = None
    duration_minutes: int | None = Field(
        None, ge=5, le=10_080, description="Silence takes the job type's."
    )
    instructions: LongText | None = None
    override: Override | None = Field(
        None, description="Do not service or a credit hold, overruled with a reason."
    )


class VisitPatch(Patch):
    """Changes to a visit; its window, plan and status have verbs of their own."""

    duration_minutes: int = Field(60, ge=5, le=10_080)
    instructions: LongText | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_the_verb(cls, body: Any) -> Any:
        if isinstance(body, dict):
            if "status" in body:
                raise _not_by_patch(
                    "status", "The status moves by verbs, such as dispatch, start or complete."
                )
            for name in body.keys() & VERB_OF.keys():
                raise _not_by_patch(name, f"Use POST /api/v2/visits/{{id}}/{VERB_OF[name]} for it.")
        return body


def _not_by_patch(field: str, detail: str) -> Invalid:
    sentence = f"PATCH does not change {field}. {detail}"
    return Invalid(
        sentence, code="not_by_patch", errors=[FieldError(f"/{field}", "not_by_patch", sentence)]
    )


async def create(ctx: Ctx, draft: VisitDraft) -> Visit:
    """Add a visit to a work order; with a window, its first promise.

    Raises `NotFound` for the work order, `Conflict` when that is a draft, has ended or is full, and
    what `gating` says of the customer unless it is overruled by somebody who may.
    """
    work_order = await ctx.get(
        WorkOrder, draft.work_order_id, lock=True, options=WORK_ORDER, pointer="/work_order_id"
    )
    refuse_ended(work_order)
    overruled = gating.let_pass(ctx, gating.of_customer(work_order.customer), draft.override)
    window = draft.between(work_order.site.time_zone)
    if (draft.told_via or draft.told_to) and not (window and draft.promised):
        raise invalid_field(
            "told_via", "Nobody can be told without a promised window.", code="nothing_to_tell"
        )
    await parts.refuse_too_many(ctx, work_order)
    visit = Visit(
        work_order=work_order,
        duration_minutes=draft.duration_minutes or work_order.job_type.duration_minutes,
        instructions=draft.instructions,
        assignments=[],
        vehicles=[],
        **({"id": draft.id} if draft.id else {}),
    )
    if window and draft.promised:
        visit.promised_start, visit.promised_end = window
    elif window:
        visit.requested_start, visit.requested_end = window
    await ctx.add(visit)
    await tell(
        ctx,
        Fact.visit_created,
        visit,
        minutes=visit.duration_minutes,
        **gating.spoken(draft.override, overruled),
    )
    if window and draft.promised:
        await promises.write(ctx, visit, window, draft.told_via or ToldVia.not_yet, draft.told_to)
    await follow(ctx, work_order)
    return visit


async def change(ctx: Ctx, visit: Visit, patch: VisitPatch) -> None:
    """Change what the patch names. Raises `Conflict` when the visit is over, or when its duration
    would change although it is planned."""
    given = patch.given()
    if not visit.is_open:
        raise Conflict("This visit is over and changes no more.", code="visit_over")
    minutes = given.get("duration_minutes", visit.duration_minutes)
    if visit.planned_start is not None and minutes != visit.duration_minutes:
        raise Conflict(
            "This visit is planned. Resize it with schedule and another end.", code="planned"
        )
    for name, value in given.items():
        setattr(visit, name, value)
    if fields := changed(visit):
        await tell(ctx, Fact.visit_changed, visit, fields=", ".join(fields))


class Copy(Draft):
    """Another visit like this one."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")


async def duplicate(ctx: Ctx, visit: Visit, copy: Copy) -> Visit:
    """Add a visit of the same length with the same instructions to the same work order; nobody is
    promised anything. Raises as `create` does, but for the customer's banners."""
    refuse_ended(visit.work_order)
    await parts.refuse_too_many(ctx, visit.work_order)
    made = await parts.another(
        ctx,
        visit,
        id=copy.id,
        minutes=visit.duration_minutes,
        instructions=visit.instructions,
    )
    await follow(ctx, visit.work_order)
    return made


async def delete(ctx: Ctx, visit: Visit) -> None:
    """Take a visit out of sight. Raises `Conflict` when anybody was told of it or put on it."""
    told = select(Promise.id).where(Promise.visit_id == visit.id)
    manned = select(Assignment.id).where(Assignment.visit_id == visit.id)
    known = await ctx.session.scalar(select(or_(exists(told), exists(manned))))
    if known or visit.status != VisitStatus.unscheduled:
        raise Conflict(
            "This visit was promised or booked, and its story stays. Cancel it instead.",
            code="cancel_instead",
        )
    await parts.unlink(ctx, visit)
    visit.deleted_at = clock.now()
    await tell(ctx, Fact.visit_deleted, visit)
    await follow(ctx, visit.work_order)


async def restore(ctx: Ctx, visit: Visit) -> None:
    """Bring a deleted visit back. Raises `Conflict` when it is not deleted, or its work order is or
    has ended."""
    if visit.deleted_at is None:
        raise Conflict("This visit is not deleted.", code="not_deleted")
    if visit.work_order.deleted_at is not None:
        raise Conflict("Its work order is deleted. Restore that first.", code="deleted")
    refuse_ended(await locked(ctx, visit.work_order))
    visit.deleted_at = None
    await tell(ctx, Fact.visit_restored, visit)
    await follow(ctx, visit.work_order)
