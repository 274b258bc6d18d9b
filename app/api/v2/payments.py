"""`/api/v2/payments`: money received. Recording it is `POST /invoices/{id}/payments`."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.api.deps import allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Amount, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.payments import Payment, PaymentMethod, PaymentStatus
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.payments import PaymentQuery

router = APIRouter(
    prefix="/api/v2/payments", tags=["payments"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.payments_read)]


class PaymentOut(Record):
    """Money received on an invoice. `amount` is in minor units of `currency`."""

    invoice_id: UUID
    customer_id: UUID
    status: PaymentStatus
    method: PaymentMethod
    amount: Amount
    currency: str
    received_on: date
    reference: str | None


@shows(Payment)
async def show(ctx: Ctx, payment_id: UUID) -> PaymentOut:
    """The payment as this caller sees it."""
    return PaymentOut.model_validate(await ctx.get(Payment, payment_id))


@router.get("", operation_id="list_payments", summary="List payments", responses=answers(400, 422))
async def list_payments(
    ctx: Reader, query: Annotated[PaymentQuery, Query()], page: Pages
) -> PageOut[PaymentOut]:
    """Payments you may see, filtered and sorted."""
    return await page(Payment, query)  # type: ignore[return-value]


@router.get(
    "/{id}", operation_id="get_payment", summary="Get a payment", responses=answers(404, 422)
)
async def get_payment(ctx: Reader, id: UUID) -> PaymentOut:
    """One payment."""
    return await show(ctx, id)


tell(router, Payment, Permission.payments_read)
