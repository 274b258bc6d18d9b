"""Customers: the verbs of whom we bill. The model domain: copy it for the next (CONTRIBUTING.md).

Phones are kept as E.164 and e-mails normalised, so that the same one is found again. Deleting is
soft and refused while work is open, money is owed or branches hang on it.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, func, select

from app.core import clock
from app.core.errors import Conflict, invalid_field
from app.core.filters import Fields, filterable, through
from app.core.listing import Column, Filter, ListQuery
from app.models.customers import Customer, CustomerKind, CustomerStage
from app.models.invoices import Invoice, InvoiceStatus
from app.models.ledger import Account, LedgerEntry
from app.models.tags import Tagging
from app.models.work_orders import WorkOrder
from app.services.context import Ctx, changed
from app.services.facts import Fact, Told, emit, emit_all
from app.services.inputs import Draft, Email, LongText, Moment, Name, Patch, Phone, ShortText
from app.services.tagging import WithTag
from app.services.usage import count_by, count_of, open_work_orders

DEEPEST = 10
"""Levels of parents; a chain has three."""


class CustomerDraft(Draft):
    """A new customer."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    kind: CustomerKind = CustomerKind.person
    stage: CustomerStage = CustomerStage.active
    name: Name
    email: Email | None = None
    phone: Phone | None = None
    second_phone: Phone | None = None
    billing_street: ShortText | None = None
    billing_city: ShortText | None = None
    billing_region: ShortText | None = None
    billing_postal_code: ShortText | None = None
    payment_terms_days: int | None = Field(None, ge=0, le=365)
    tax_exempt: bool = False
    source: ShortText | None = None
    notes: LongText | None = None
    external_key: ShortText | None = None
    parent_id: UUID | None = None


class CustomerPatch(Patch):
    """Changes to a customer; null empties what may be empty."""

    kind: CustomerKind = CustomerKind.person
    stage: CustomerStage = CustomerStage.active
    name: Name = ""
    email: Email | None = None
    phone: Phone | None = None
    second_phone: Phone | None = None
    billing_street: ShortText | None = None
    billing_city: ShortText | None = None
    billing_region: ShortText | None = None
    billing_postal_code: ShortText | None = None
    payment_terms_days: int | None = Field(None, ge=0, le=365)
    tax_exempt: bool = False
    source: ShortText | None = None
    notes: LongText | None = None
    external_key: ShortText | None = None
    parent_id: UUID | None = None


class CustomerQuery(ListQuery):
    """Filters and sorts of the list of customers."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Customer.created_at,
        "name": Customer.sort_name,
    }
    FILTERS: ClassVar[Fields | None] = filterable(
        Customer.id,
        Customer.created_at,
        Customer.updated_at,
        Customer.kind,
        Customer.stage,
        Customer.name,
        Customer.email,
        Customer.phone,
        Customer.second_phone,
        Customer.billing_street,
        Customer.billing_city,
        Customer.billing_region,
        Customer.billing_postal_code,
        Customer.payment_terms_days,
        Customer.tax_exempt,
        Customer.source,
        Customer.notes,
        Customer.external_key,
        Customer.parent_id,
        Customer.credit_held_at,
        Customer.service_stopped_at,
        Customer.deleted_at,
        many={"tags": through(Customer, Tagging.entity_id, Tagging.tag_id)},
    )

    kind: Annotated[CustomerKind | None, Filter(Customer.kind)] = None
    stage: Annotated[CustomerStage | None, Filter(Customer.stage)] = None
    parent_id: Annotated[UUID | None, Filter(Customer.parent_id)] = None
    phone: Annotated[Phone | None, Filter(Customer.phone)] = None
    email: Annotated[Email | None, Filter(Customer.email)] = None
    on_credit_hold: bool | None = None
    do_not_service: bool | None = None
    external_key: Annotated[ShortText | None, Filter(Customer.external_key)] = None
    tag_id: Annotated[UUID | None, WithTag(Customer.id)] = None
    created_from: Annotated[Moment | None, Filter(Customer.created_at, "gte")] = None
    created_before: Annotated[Moment | None, Filter(Customer.created_at, "lt")] = None

    def conditions(self) -> list[ColumnElement[bool]]:
        return [*super().conditions(), *self._held()]

    def gathering(self) -> list[ColumnElement[bool]]:
        return [*super().gathering(), *self._held()]

    def _held(self) -> Iterator[ColumnElement[bool]]:
        for wanted, since in (
            (self.on_credit_hold, Customer.credit_held_at),
            (self.do_not_service, Customer.service_stopped_at),
        ):
            if wanted is not None:
                yield since.is_not(None) if wanted else since.is_(None)


async def create(ctx: Ctx, draft: CustomerDraft) -> Customer:
    """Add a customer. Raises `NotFound` for a parent that is not there, `Conflict` for a key or id
    that another customer has."""
    if draft.parent_id is not None:
        # locked, so that it is not deleted meanwhile
        await ctx.get(Customer, draft.parent_id, lock=True, pointer="/parent_id")
    customer = await ctx.add(Customer(**draft.model_dump(exclude_none=True)))
    await emit(ctx, Fact.customer_created, customer, name=customer.name)
    return customer


async def change(ctx: Ctx, customer: Customer, patch: CustomerPatch) -> Customer:
    """Change what the patch names; nothing happens when it says what is there already.

    Raises `NotFound` for a parent that is not there, `Invalid` for one that would close a circle or
    nest too deep, `Conflict` for a key that another customer has. `customer` is locked.
    """
    given = patch.given()
    parent_id = given.get("parent_id")
    if parent_id is not None and parent_id != customer.parent_id:
        await _refuse_circle(ctx, customer, parent_id)
    for name, value in given.items():
        setattr(customer, name, value)
    fields = [name for name in changed(customer) if name != "sort_name"]
    if fields:
        await emit(
            ctx, Fact.customer_changed, customer, name=customer.name, fields=", ".join(fields)
        )
    return customer


async def _refuse_circle(ctx: Ctx, customer: Customer, parent_id: UUID) -> None:
    above: UUID | None = parent_id
    for _ in range(DEEPEST):
        if above is None:
            return
        if above == customer.id:
            raise invalid_field("parent_id", "A customer cannot be its own parent.", code="circle")
        # locked, so that of two who close a circle from both ends one sees the other
        above = (await ctx.get(Customer, above, lock=True, pointer="/parent_id")).parent_id
    raise invalid_field("parent_id", f"Customers nest at most {DEEPEST} deep.", code="too_deep")


async def delete(ctx: Ctx, customer: Customer) -> None:
    """Take a customer out of sight; `customer` is locked.

    Raises `Conflict` while work is open, money is owed or about to be billed, or other customers have it as their parent.
    """
    await delete_all(ctx, [customer])


async def delete_all(ctx: Ctx, customers: Sequence[Customer]) -> None:
    """As `delete` each, all or none, with a number of queries that does not grow."""
    ids = [customer.id for customer in customers]
    busy = await open_work_orders(ctx, WorkOrder.customer_id, ids)
    owed = await _owed(ctx, ids)
    drafts = await count_by(
        ctx,
        Invoice.customer_id,
        ids,
        Invoice.status == InvoiceStatus.draft,
        Invoice.deleted_at.is_(None),
    )
    branches = await count_by(ctx, Customer.parent_id, ids, Customer.deleted_at.is_(None))
    now = clock.now()
    for customer in customers:
        if number := busy.get(customer.id):
            raise Conflict(
                f"{customer.name} has {count_of(number, 'open work order', 'open work orders')}."
                " Close or cancel them first.",
                code="in_use",
            )
        if owed.get(customer.id):
            raise Conflict(f"{customer.name} has an open balance. Settle it first.", code="in_use")
        if number := drafts.get(customer.id):
            raise Conflict(
                f"{customer.name} has {count_of(number, 'draft invoice', 'draft invoices')}."
                " Issue or delete them first.",
                code="in_use",
            )
        if number := branches.get(customer.id):
            raise Conflict(
                f"{customer.name} is the parent of {count_of(number, 'customer', 'customers')}."
                " Give them another parent or none first.",
                code="in_use",
            )
        customer.deleted_at = now
    told = [Told(Fact.customer_deleted, one, data={"name": one.name}) for one in customers]
    await emit_all(ctx, told)


async def _owed(ctx: Ctx, customer_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What each of them owes, in the currency's smallest unit."""
    sums = (
        select(LedgerEntry.customer_id, func.sum(LedgerEntry.amount))
        .where(LedgerEntry.customer_id.in_(customer_ids), LedgerEntry.account == Account.receivable)
        .group_by(LedgerEntry.customer_id)
    )
    return {row[0]: int(row[1]) for row in await ctx.session.execute(sums)}


async def restore(ctx: Ctx, customer: Customer) -> Customer:
    """Bring a deleted customer back. Raises `Conflict` when it is not deleted, or its parent is."""
    if customer.deleted_at is None:
        raise Conflict("This customer is not deleted.", code="not_deleted")
    if customer.parent_id is not None:
        parent = await ctx.get(Customer, customer.parent_id, lock=True, deleted=True)
        if parent.deleted_at is not None:
            raise Conflict(
                f"Its parent {parent.name} is deleted. Restore that first.", code="deleted"
            )
    customer.deleted_at = None
    await emit(ctx, Fact.customer_restored, customer, name=customer.name)
    return customer
