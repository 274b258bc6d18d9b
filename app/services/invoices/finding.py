"""Finding invoices: what the list can be filtered and sorted by."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from app.core import clock
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.invoices import Invoice, InvoiceStatus
from app.services.context import Ctx
from app.services.inputs import Day, ShortText


class InvoiceQuery(ListQuery):
    """Filters and sorts of the list of invoices."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Invoice.created_at,
        "due_on": Invoice.due_on,
    }
    FILTERS: ClassVar[Fields | None] = filterable(
        Invoice.id,
        Invoice.created_at,
        Invoice.updated_at,
        Invoice.number,
        Invoice.status,
        Invoice.work_order_id,
        Invoice.customer_id,
        Invoice.currency,
        Invoice.issued_at,
        Invoice.issued_on,
        Invoice.due_on,
        Invoice.payment_terms_days,
        Invoice.tax_label,
        Invoice.tax_rate,
        Invoice.discount_percent,
        Invoice.discount_label,
        Invoice.notes,
        Invoice.external_key,
        Invoice.void_reason,
        Invoice.deleted_at,
        money=(
            Invoice.subtotal,
            Invoice.discount,
            Invoice.tax,
            Invoice.total,
            Invoice.balance,
        ),
    )

    status: Annotated[InvoiceStatus | None, Filter(Invoice.status)] = None
    customer_id: Annotated[UUID | None, Filter(Invoice.customer_id)] = None
    work_order_id: Annotated[UUID | None, Filter(Invoice.work_order_id)] = None
    number: Annotated[ShortText | None, Filter(Invoice.number)] = None
    external_key: Annotated[ShortText | None, Filter(Invoice.external_key)] = None
    issued_from: Annotated[Day | None, Filter(Invoice.issued_on, "gte")] = None
    issued_before: Annotated[Day | None, Filter(Invoice.issued_on, "lt")] = None
    overdue: bool | None = Field(
        None, description="Owed beyond the due date, by today in the organisation's time zone."
    )


async def today(ctx: Ctx) -> date:
    """The day it is for the organisation: issue dates and due dates are days of its own zone."""
    return clock.today((await ctx.organisation()).time_zone)
