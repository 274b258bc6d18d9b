"""The verbs that move a work order, each said by a person (`WorkOrder.MOVES`).

Every one writes `decided_at`, which makes a decision a new version of the record; what merely
follows from the visits is none (`following`). The callers have locked the row.
"""

from collections.abc import Sequence
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from app.core import clock
from app.core.errors import Conflict, FieldError
from app.models.gates import Before
from app.models.invoices import Invoice, InvoiceStatus
from app.models.visits import BEGUN, TERMINAL, Visit, VisitStatus
from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.inputs import Draft, Happened, Reason
from app.services.visits.happenings import ReasonedHappening
from app.services.visits.withdrawing import withdraw
from app.services.work_orders.following import follow, status_by_visits
from app.services.work_orders.gate import Waived, pass_work_order
from app.services.work_orders.story import tell
from app.services.work_orders.visits import open_visits

S = WorkOrderStatus


class Decision(Draft):
    """A verb without more to say."""

    occurred_at: Happened | None = Field(
        None, description="When it happened, if that was before now."
    )


class ReasonedDecision(Decision):
    """A verb that needs a reason."""

    reason: Reason


class Completion(Decision):
    """Completing or approving; although something is missing only when somebody waives it."""

    waived: Waived = None


async def ready(ctx: Ctx, work_order: WorkOrder, said: Decision) -> WorkOrder:
    """Release a draft to be planned; until then it takes no visits."""
    await _move(ctx, work_order, "ready", Fact.work_order_ready, said)
    return work_order


async def hold(ctx: Ctx, work_order: WorkOrder, said: ReasonedDecision) -> WorkOrder:
    """Put it on hold. Its visits stay as they are."""
    await _move(ctx, work_order, "hold", Fact.work_order_held, said, reason=said.reason)
    return work_order


async def release(ctx: Ctx, work_order: WorkOrder, said: Decision) -> WorkOrder:
    """Take it off hold, to the status that its visits give it now."""
    work_order.refuse_unless("release")
    by_visits = await status_by_visits(ctx, work_order)
    # completing is a fact of its own: `follow` says it
    target = S.in_progress if by_visits is S.completed else by_visits
    await _move(ctx, work_order, "release", Fact.work_order_released, said, target=target)
    await follow(ctx, work_order)
    return work_order


async def complete(ctx: Ctx, work_order: WorkOrder, said: Completion) -> WorkOrder:
    """Complete it. Raises `Conflict` (code `gate`) naming what is missing: an open visit, a
    completed one, or what the gate asks for; the visits cannot be waived."""
    work_order.refuse_unless("complete")
    waivable = await pass_work_order(ctx, work_order, Before.work_order_complete, said.waived)
    _refuse_missing(work_order, "complete", [*await _missing_visits(ctx, work_order), *waivable])
    work_order.completed_at = said.occurred_at or clock.now()
    because = f", although steps are missing: {said.waived}" if said.waived else ""
    await _move(
        ctx,
        work_order,
        "complete",
        Fact.work_order_completed,
        said,
        reason=said.waived,
        because=because,
    )
    return work_order


async def reopen(ctx: Ctx, work_order: WorkOrder, said: ReasonedDecision) -> WorkOrder:
    """Take up work again on what was complete."""
    work_order.refuse_unless("reopen")
    work_order.completed_at = None
    await _move(
        ctx,
        work_order,
        "reopen",
        Fact.work_order_reopened,
        said,
        target=S.in_progress,
        reason=said.reason,
    )
    return work_order


async def approve(ctx: Ctx, work_order: WorkOrder, said: Completion) -> WorkOrder:
    """The office has reviewed it. Raises `Conflict` (code `gate`) naming what is missing and not
    waived."""
    work_order.refuse_unless("approve")
    missing = await pass_work_order(ctx, work_order, Before.work_order_approve, said.waived)
    _refuse_missing(work_order, "approved", missing)
    because = f", although something is missing: {said.waived}" if said.waived else ""
    await _move(
        ctx,
        work_order,
        "approve",
        Fact.work_order_approved,
        said,
        reason=said.waived,
        because=because,
    )
    return work_order


async def close(ctx: Ctx, work_order: WorkOrder, said: Decision) -> WorkOrder:
    """Close it for good: everything is invoiced and paid, or there is nothing to pay.

    Raises `Conflict` (code `not_settled`) naming each draft and each invoice that is not paid.
    """
    work_order.refuse_unless("close")
    await _refuse_unsettled(ctx, work_order, "close", drafts_too=True)
    await _move(ctx, work_order, "close", Fact.work_order_closed, said)
    return work_order


async def cancel(ctx: Ctx, work_order: WorkOrder, said: ReasonedDecision) -> WorkOrder:
    """Cancel it and every visit that has not begun; nothing is deleted.

    Lock the open visits before the work order (`visits.lock_open`). Raises `Conflict` while somebody
    is on the way or at work, and while an issued invoice is not paid.
    """
    work_order.refuse_unless("cancel")
    open_ones = await open_visits(ctx, work_order)
    begun = [
        FieldError(f"/visits/{visit.id}", "visit_begun", f"A visit is {_word(visit.status)}.")
        for visit in open_ones
        if visit.status in BEGUN
    ]
    if begun:
        raise Conflict(
            "Somebody is on the way or at work. End or cancel that visit first.",
            code="visit_begun",
            errors=begun,
        )
    await _refuse_unsettled(ctx, work_order, "cancel", drafts_too=False)
    why = ReasonedHappening(reason=said.reason, occurred_at=said.occurred_at)
    await _move(ctx, work_order, "cancel", Fact.work_order_canceled, said, reason=said.reason)
    for visit in open_ones:
        await withdraw(ctx, visit, why)
    return work_order


async def _move(
    ctx: Ctx,
    work_order: WorkOrder,
    verb: str,
    fact: Fact,
    said: Decision,
    *,
    target: S | None = None,
    reason: str | None = None,
    because: str = "",
) -> None:
    work_order.move(verb, target)
    work_order.status_reason = reason
    work_order.decided_at = clock.now()
    await tell(ctx, fact, work_order, occurred_at=said.occurred_at, reason=reason, because=because)


def _refuse_missing(work_order: WorkOrder, done: str, missing: Sequence[FieldError]) -> None:
    if missing:
        raise Conflict(
            f"Work order {work_order.number} is not {done} yet: "
            + " ".join(error.detail for error in missing),
            code="gate",
            errors=missing,
        )


async def _missing_visits(ctx: Ctx, work_order: WorkOrder) -> list[FieldError]:
    visits = await ctx.session.execute(
        select(Visit.id, Visit.status)
        .where(Visit.work_order_id == work_order.id, Visit.deleted_at.is_(None))
        .order_by(Visit.created_at, Visit.id)
    )
    statuses: dict[UUID, str] = dict(visits.all())
    missing = [
        FieldError(f"/visits/{visit_id}", "open_visit", f"A visit is still {_word(status)}.")
        for visit_id, status in statuses.items()
        if status not in TERMINAL
    ]
    if VisitStatus.completed not in statuses.values():
        missing.append(FieldError("/visits", "no_completed_visit", "No visit was completed."))
    return missing


async def _refuse_unsettled(
    ctx: Ctx, work_order: WorkOrder, verb: str, *, drafts_too: bool
) -> None:
    settled = (InvoiceStatus.paid, InvoiceStatus.void)
    invoices = await ctx.session.scalars(
        select(Invoice)
        .where(
            Invoice.work_order_id == work_order.id,
            Invoice.deleted_at.is_(None),
            Invoice.status.not_in(settled),
        )
        .order_by(Invoice.created_at, Invoice.id)
    )
    open_ones = []
    for invoice in invoices:
        where = f"/invoices/{invoice.id}"
        if invoice.status == InvoiceStatus.draft:
            if drafts_too:
                detail = "A draft invoice is not issued. Issue or delete it."
                open_ones.append(FieldError(where, "draft_invoice", detail))
        else:
            detail = f"Invoice {invoice.number} is not paid in full. Record its payment or void it."
            open_ones.append(FieldError(where, "open_balance", detail))
    if open_ones:
        raise Conflict(
            f"Work order {work_order.number} cannot {verb} yet. "
            + " ".join(error.detail for error in open_ones),
            code="not_settled",
            errors=open_ones,
        )


def _word(status: str) -> str:
    return status.replace("_", " ")
