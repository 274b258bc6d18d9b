"""Customers to tell: every promise that was left, or never told, and nobody has said so.

What is always true: no drag tells anybody anything (`rulings.md` 33), so this list is where it is seen. A
row leaves it when the customer was told: by a promise, which is a row of the ledger, or for a visit that
does not take place by a note of when and how.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import Field, field_validator
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.core import clock
from app.core.errors import Conflict
from app.models.promises import Promise, ToldVia
from app.models.visits import OCCUPYING, Visit, VisitStatus
from app.models.work_orders import WorkOrder
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.inputs import ShortText
from app.services.visits import promises
from app.services.visits.happenings import Happening, moment
from app.services.visits.promises import VIA, NewPromise
from app.services.visits.telling import because, tell

MOST = 200
LATELY = timedelta(days=14)
"""After which nobody is told any more that somebody does not come."""
BEFORE = (VisitStatus.scheduled, VisitStatus.dispatched, VisitStatus.tentative)


class Reason(StrEnum):
    not_told = "not_told"
    """A window was written down, and the customer has not heard of it."""
    planned_outside = "planned_outside"
    """The plan has left the window that was told."""
    canceled = "canceled"
    """It does not take place, and a window was told."""


@dataclass(frozen=True, slots=True)
class ToTell:
    """A customer to tell, and of what."""

    visit: Visit
    reason: Reason
    told: Promise | None
    """What they were told last."""

    @property
    def since(self) -> datetime:
        """When they were told that; or when the window was written down that nobody has heard of."""
        standing = self.visit.promise
        unheard = standing if self.reason is Reason.not_told or self.told is None else None
        said = unheard or self.told
        return said.created_at if said is not None else self.visit.created_at


class Telling(Happening):
    """How the customer was told."""

    told_via: ToldVia
    told_to: ShortText | None = Field(None, description="Who was told.")

    @field_validator("told_via")
    @classmethod
    def _really(cls, via: ToldVia) -> ToldVia:
        if via is ToldVia.not_yet:
            raise ValueError("Name how the customer was told: phone, email, sms, …")
        return via


async def to_tell(ctx: Ctx) -> list[ToTell]:
    """Whom to tell, the soonest first: `MOST` at a time."""
    found = await ctx.session.scalars(
        ctx.select(Visit)
        .where(or_(_not_told(), _outside(), _canceled()))
        .options(
            joinedload(Visit.work_order).options(
                joinedload(WorkOrder.customer), joinedload(WorkOrder.site)
            ),
            selectinload(Visit.promise),
        )
        .order_by(Visit.promised_start, Visit.id)
        .limit(MOST)
    )
    visits = found.unique().all()
    last = await _last_told(ctx, [one.id for one in visits])
    return [ToTell(one, _reason(one), last.get(one.id)) for one in visits]


async def told(ctx: Ctx, visit: Visit, said: Telling) -> None:
    """The customer knows how it stands. A window that was written down is told now, which is a row of
    the ledger; of a visit that does not take place it is kept that they know.

    Raises `Conflict` `nothing_to_tell` where they know everything, `promise_first` where the plan has
    left what they were told: another window has to be promised, or the plan put right.
    """
    if visit.status == VisitStatus.canceled:
        if visit.customer_told_at is not None or not await _last_told(ctx, [visit.id]):
            raise _nothing()
        visit.customer_told_at = moment(visit, said)
        await tell(
            ctx,
            Fact.visit_customer_told,
            visit,
            occurred_at=said.occurred_at,
            told=VIA[said.told_via]
            if said.told_to is None
            else f"{VIA[said.told_via]}, {said.told_to}",
            because=because(said.reason),
        )
        return
    standing = visit.promise
    if standing is not None and standing.told_via == ToldVia.not_yet:
        new = NewPromise(
            window_start=standing.window_start,
            window_end=standing.window_end,
            told_via=said.told_via,
            told_to=said.told_to,
            reason=said.reason,
            occurred_at=said.occurred_at,
        )
        await promises.promise(ctx, visit, new)
        return
    if _is_outside(visit):
        raise Conflict(
            "The plan has left the window that the customer was told. Promise them another one, or"
            " plan the visit inside it.",
            code="promise_first",
        )
    raise _nothing()


def _nothing() -> Conflict:
    return Conflict("The customer knows how it stands.", code="nothing_to_tell")


def _not_told() -> ColumnElement[bool]:
    waiting = select(Promise.id).where(
        Promise.org_id == Visit.org_id,
        Promise.visit_id == Visit.id,
        Promise.closed_at.is_(None),
        Promise.told_via == ToldVia.not_yet,
    )
    open_ones = (VisitStatus.unscheduled, *OCCUPYING)
    return and_(Visit.status.in_(open_ones), exists(waiting.correlate(Visit)))


def _outside() -> ColumnElement[bool]:
    return and_(
        Visit.status.in_(BEFORE),
        or_(Visit.planned_start < Visit.promised_start, Visit.planned_start > Visit.promised_end),
    )


def _canceled() -> ColumnElement[bool]:
    known = select(Promise.id).where(
        Promise.org_id == Visit.org_id,
        Promise.visit_id == Visit.id,
        Promise.told_via != ToldVia.not_yet,
        Promise.closed_at > clock.now() - LATELY,
        Promise.window_end > Promise.closed_at,
    )
    return and_(
        Visit.status == VisitStatus.canceled,
        Visit.customer_told_at.is_(None),
        exists(known.correlate(Visit)),
    )


def _is_outside(visit: Visit) -> bool:
    at, start, end = visit.planned_start, visit.promised_start, visit.promised_end
    if at is None or start is None or end is None or visit.status not in BEFORE:
        return False
    return not start <= at <= end


def _reason(visit: Visit) -> Reason:
    if visit.status == VisitStatus.canceled:
        return Reason.canceled
    return Reason.planned_outside if _is_outside(visit) else Reason.not_told


async def _last_told(ctx: Ctx, ids: Sequence[UUID]) -> dict[UUID, Promise]:
    """The windows that were really told last."""
    rows = await ctx.session.scalars(
        select(Promise)
        .where(Promise.visit_id.in_(ids), Promise.told_via != ToldVia.not_yet)
        .order_by(Promise.visit_id, Promise.created_at)
        .limit(MOST * 50)
    )
    return {one.visit_id: one for one in rows}


def kept(promise: Promise, visit: Visit) -> bool | None:
    """Whether a promise was kept: None while nobody knows, for one that another took the place of, and
    for a visit that does not take place. Once its window is over and nobody has arrived, it was not."""
    if promise.closed_at is not None or visit.deleted_at is not None:
        return None
    if visit.arrived_at is not None:
        return visit.arrived_at <= promise.window_end
    unknown = visit.status in (VisitStatus.completed, VisitStatus.canceled)
    return None if unknown or clock.now() <= promise.window_end else False
