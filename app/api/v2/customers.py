"""`/api/v2/customers`. The model router: outputs, then six sentences (CONTRIBUTING.md)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.customers import Customer, CustomerKind, CustomerStage
from app.models.permissions import Permission
from app.services import customers
from app.services.context import Ctx
from app.services.customers import CustomerDraft, CustomerPatch, CustomerQuery

router = APIRouter(
    prefix="/api/v2/customers", tags=["customers"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.customers_read)]
Writer = Annotated[Ctx, allowed(Permission.customers_write)]


class CustomerOut(Record):
    """A customer: who is billed."""

    kind: CustomerKind
    stage: CustomerStage
    name: str
    email: str | None
    phone: str | None
    second_phone: str | None
    billing_street: str | None
    billing_city: str | None
    billing_region: str | None
    billing_postal_code: str | None
    payment_terms_days: int | None
    tax_exempt: bool
    source: str | None
    notes: str | None
    external_key: str | None
    parent_id: UUID | None
    deleted_at: Instant | None


@shows(Customer)
async def show(ctx: Ctx, customer_id: UUID) -> CustomerOut:
    """The customer as this caller sees it."""
    return CustomerOut.model_validate(await ctx.get(Customer, customer_id))


@router.get(
    "", operation_id="list_customers", summary="List customers", responses=answers(400, 422)
)
async def list_customers(
    ctx: Reader, query: Annotated[CustomerQuery, Query()], page: Pages
) -> PageOut[CustomerOut]:
    """Customers you may see, filtered and sorted."""
    return await page(Customer, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_customer",
    summary="Add a customer",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_customer(ctx: Writer, draft: CustomerDraft) -> CustomerOut:
    """Add a customer. The same `id` or `Idempotency-Key` again answers as the first time."""
    return await customers.create(ctx, draft)  # type: ignore[return-value]


@router.get(
    "/{id}", operation_id="get_customer", summary="Get a customer", responses=answers(404, 422)
)
async def get_customer(ctx: Reader, id: UUID) -> CustomerOut:
    """One customer."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_customer",
    summary="Change a customer",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_customer(
    ctx: Writer,
    id: UUID,
    patch: CustomerPatch,
    seen: SeenVersion,
) -> CustomerOut:
    """Change the fields you send; null empties a field, silence leaves it."""
    customer = await ctx.get(Customer, id, at=seen)
    return await customers.change(ctx, customer, patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_customer",
    summary="Delete a customer",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_customer(ctx: Writer, id: UUID) -> Response:
    """Take a customer out of sight; `restore` brings it back."""
    await customers.delete(ctx, await ctx.get(Customer, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_customer",
    summary="Restore a deleted customer",
    responses=answers(404, 409, 422),
)
async def restore_customer(ctx: Writer, id: UUID) -> CustomerOut:
    """Bring a deleted customer back."""
    customer = await ctx.get(Customer, id, lock=True, deleted=True)
    return await customers.restore(ctx, customer)  # type: ignore[return-value]


tell(router, Customer, Permission.customers_read)
