"""`/api/v2/promises`: the ledger of what customers were told; whom to tell; that somebody was told."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy.orm import joinedload

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut, Record
from app.api.problems import answers
from app.api.v2.visits.outputs import VisitOut, show
from app.core.listing import Column, Filter, ListQuery
from app.models.permissions import Permission
from app.models.promises import Promise, ToldVia
from app.services.context import Ctx
from app.services.dispatching import telling
from app.services.dispatching.telling import Reason, Telling
from app.services.inputs import Moment
from app.services.visits.taking import take

router = APIRouter(
    prefix="/api/v2/promises", tags=["dispatch"], route_class=Edge, responses=answers(401, 403)
)
waiting_router = APIRouter(
    prefix="/api/v2/customers-to-tell",
    tags=["dispatch"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.visits_read)]
Writer = Annotated[Ctx, allowed(Permission.dispatch_write)]


class PromiseQuery(ListQuery):
    """Filters and sorts of the ledger."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Promise.created_at,
        "window_start": Promise.window_start,
    }

    visit_id: Annotated[UUID | None, Filter(Promise.visit_id)] = None
    told_via: Annotated[ToldVia | None, Filter(Promise.told_via)] = None
    window_from: Annotated[Moment | None, Filter(Promise.window_start, "gte")] = None
    window_before: Annotated[Moment | None, Filter(Promise.window_start, "lt")] = None


class LedgerRowOut(Record):
    """A window as a customer was told it: who, when, how, why, and whether it was kept."""

    visit_id: UUID
    window_start: Instant
    window_end: Instant
    wall_start: str
    wall_end: str
    time_zone: str
    told_via: ToldVia
    told_to: str | None
    told_by_id: UUID | None
    reason: str | None
    closed_at: Instant | None
    kept: bool | None


class TellingDraft(Telling):
    """Of which visit the customer was told how it stands."""

    visit_id: UUID


class ToTellOut(Out):
    """A customer to tell. `told_start` and `told_end` are the window they were told last, if any. `since`
    says when that was; for `not_told`, when the window was written down that nobody has heard of."""

    visit_id: UUID
    work_order_number: str
    customer_id: UUID
    customer: str
    phone: str | None
    email: str | None
    address: str
    time_zone: str
    reason: Reason
    since: Instant
    told_start: Instant | None
    told_end: Instant | None
    told_via: ToldVia | None
    promised_start: Instant | None
    promised_end: Instant | None
    planned_start: Instant | None


class ToTells(Out):
    data: list[ToTellOut]


@router.get(
    "",
    operation_id="list_promises",
    summary="Every window a customer was told",
    responses=answers(400, 422),
)
async def list_promises(
    ctx: Reader, query: Annotated[PromiseQuery, Query()], page: Pages
) -> PageOut[LedgerRowOut]:
    """The ledger. Rows are never changed except to be closed by the next one; `kept` says of the last
    one whether somebody was there in time, once that is known: `false` also when the window is over and
    nobody has arrived."""
    found = await page(Promise, query, options=(joinedload(Promise.visit),))
    return PageOut(
        data=[_row(one) for one in found.data],
        next_cursor=found.next_cursor,
        total=found.total,
    )


def _row(promise: Promise) -> LedgerRowOut:
    names = [name for name in LedgerRowOut.model_fields if name != "kept"]
    own: dict[str, Any] = {name: getattr(promise, name) for name in names}
    return LedgerRowOut.model_validate({**own, "kept": telling.kept(promise, promise.visit)})


@waiting_router.get("", operation_id="list_customers_to_tell", summary="Customers to tell")
async def list_customers_to_tell(ctx: Reader) -> ToTells:
    """Every promise that was left or never told: the soonest first, 200 at a time. Nothing was sent to
    them by any drag; promise another window, or say that they were told."""
    return ToTells(data=[_to_tell(one) for one in await telling.to_tell(ctx)])


def _to_tell(one: telling.ToTell) -> ToTellOut:
    visit, order = one.visit, one.visit.work_order
    return ToTellOut.model_validate(
        {
            "visit_id": visit.id,
            "work_order_number": order.number,
            "customer_id": order.customer.id,
            "customer": order.customer.name,
            "phone": order.customer.phone,
            "email": order.customer.email,
            "address": order.site.address,
            "time_zone": order.site.time_zone,
            "reason": one.reason,
            "since": one.since,
            "told_start": one.told.window_start if one.told else None,
            "told_end": one.told.window_end if one.told else None,
            "told_via": one.told.told_via if one.told else None,
            "promised_start": visit.promised_start,
            "promised_end": visit.promised_end,
            "planned_start": visit.planned_start,
        }
    )


@waiting_router.post(
    "",
    operation_id="tell_customer",
    summary="Note that a customer was told",
    responses=answers(400, 404, 409, 422),
)
async def tell_customer(ctx: Writer, draft: TellingDraft) -> VisitOut:
    """They know how it stands: the window that was only written down, or that nobody comes. Where the
    plan has left the window they were told, promise another one instead (409 `promise_first`)."""
    visit = await take(ctx, draft.visit_id, pointer="/visit_id")
    await telling.told(ctx, visit, draft)
    return await show(ctx, draft.visit_id)
