"""`/api/v2/customers`. The model router: outputs, then six sentences (CONTRIBUTING.md)."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm.interfaces import ORMOption

from app.api.banners import BannerOut
from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Beside, Instant, Out, PageOut, Record
from app.api.problems import answers
from app.api.tags import TagsOnRecord
from app.api.v2.stories import tell
from app.models.contacts import Channel, ContactRole
from app.models.customers import Customer, CustomerKind, CustomerStage
from app.models.permissions import Permission
from app.services import banners, contacts, customers, duplicate_pairs, duplicates, holds, tagging
from app.services.banners import Banner
from app.services.context import Ctx
from app.services.customers import CustomerDraft, CustomerPatch, CustomerQuery
from app.services.duplicate_pairs import StretchQuery
from app.services.duplicates import Duplicate, Grade
from app.services.holds import Hold, Release
from app.services.hot.rendering import customer_json
from app.services.imports.duplicates import Candidate
from app.services.inputs import Email, Name, Phone, ShortText

router = APIRouter(
    prefix="/api/v2/customers", tags=["customers"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.customers_read)]
Writer = Annotated[Ctx, allowed(Permission.customers_write)]
Holder = Annotated[Ctx, allowed(Permission.customers_hold)]


class ContactOfCustomerOut(Out):
    """Somebody one talks to about this customer; `GET /contacts/{id}` has the rest."""

    id: UUID
    name: str
    title: str | None
    email: str | None
    phone: str | None
    mobile: str | None
    notifications: dict[str, list[Channel]] = Field(
        description="By which channels each kind of notice should come."
    )
    roles: list[ContactRole]
    is_primary: bool


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
    contacts: list[ContactOfCustomerOut] | None = Field(
        description="The primary one first; null when your role does not read contacts."
    )
    tags: TagsOnRecord
    banners: list[BannerOut] = Field(
        description="The gravest first; what is owed only for who reads invoices."
    )
    deleted_at: Instant | None


class DuplicateOut(Out):
    """A customer whom it resembles, and why."""

    id: UUID
    name: str
    phone: str | None
    email: str | None
    grade: Grade = Field(description="`likely`: two facts agree; `possible`: one does.")
    score: int = Field(description="0 to 100; for sorting.")
    reasons: list[str]


class TwinOut(Out):
    """One of two who may be the same."""

    id: UUID
    name: str
    phone: str | None
    email: str | None
    created_at: Instant


class DuplicatePairOut(Out):
    """Two customers of whom two facts agree."""

    first: TwinOut
    second: TwinOut
    score: int = Field(description="0 to 100; for sorting.")
    reasons: list[str]


class DuplicatePairsOut(Out):
    """What one stretch of the scan found."""

    data: list[DuplicatePairOut]
    looked_at: int = Field(description="How many customers were compared with the others.")
    cut: bool = Field(
        description="Whether some of these share so much with so many that not all were compared."
    )
    next_after: str | None = Field(description="Null: all customers were looked at.")


class NewCustomerOut(CustomerOut):
    """A customer that was just added, and whom they resemble."""

    possible_duplicates: list[DuplicateOut]


def _shown(ctx: Ctx) -> list[ORMOption]:
    """What is shown with a customer."""
    known = [contacts.OF_CUSTOMERS] if ctx.may(Permission.contacts_read) else []
    return [*known, tagging.shown(Customer)]


async def _all(ctx: Ctx, rows: Sequence[Customer]) -> list[CustomerOut]:
    """Customers that were loaded with what is shown, as this caller sees them."""
    known = await banners.of_customers(ctx, [customer.id for customer in rows])
    return [_out(ctx, customer, known[customer.id]) for customer in rows]


def _out(ctx: Ctx, customer: Customer, about: list[Banner]) -> CustomerOut:
    known = None
    if ctx.may(Permission.contacts_read):
        known = [
            Beside(link.contact, roles=link.roles, is_primary=link.is_primary)
            for link in customer.contact_links
            if link.contact.deleted_at is None
        ]
    return CustomerOut.model_validate(
        Beside(customer, contacts=known, banners=about, tags=tagging.on(customer))
    )


@shows(Customer)
async def show(ctx: Ctx, customer_id: UUID) -> CustomerOut:
    """The customer as this caller sees it."""
    customer = await ctx.get(Customer, customer_id, fresh=True, options=_shown(ctx))
    return (await _all(ctx, [customer]))[0]


@router.get(
    "", operation_id="list_customers", summary="List customers", responses=answers(400, 422)
)
async def list_customers(
    ctx: Reader, query: Annotated[CustomerQuery, Query()], page: Pages
) -> PageOut[CustomerOut]:
    """Customers you may see, filtered and sorted."""
    found = await page(Customer, query, options=_shown(ctx))
    return PageOut(
        data=await _all(ctx, found.data), next_cursor=found.next_cursor, total=found.total
    )


@router.post(
    "",
    operation_id="create_customer",
    summary="Add a customer",
    status_code=201,
    response_model=NewCustomerOut,
    responses=answers(400, 404, 409, 422),
)
async def create_customer(ctx: Writer, draft: CustomerDraft) -> Any:
    """Add a customer. The same `id` or `Idempotency-Key` again answers as the first time. Whom it
    resembles is in `possible_duplicates`; it is added all the same."""
    customer = await customers.create(ctx, draft)
    resembled = await duplicates.of_new(ctx, customer)
    shown = await customer_json(ctx, customer)
    if shown is None:
        made = await show(ctx, customer.id)
        known = [DuplicateOut.model_validate(one) for one in resembled]
        return NewCustomerOut(**made.model_dump(), possible_duplicates=known)
    body = f'{shown[:-1]},"possible_duplicates":{resembled_json(resembled)}}}'
    return Response(body, 201, media_type="application/json")


def resembled_json(resembled: Sequence[Duplicate]) -> str:
    """Whom somebody resembles, as it stands in a reply."""
    known = [DuplicateOut.model_validate(one).model_dump(mode="json") for one in resembled]
    return orjson.dumps(known).decode()


class DuplicatesOut(Out):
    data: list[DuplicateOut]


class DuplicatesQuery(BaseModel):
    """What is known of somebody who may be here already; who is asked for by nothing resembles nobody."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Name | None = None
    phone: Phone | None = None
    email: Email | None = None
    address: ShortText | None = Field(
        None,
        description="Street, city and postal code in one line.",
        examples=["12 Main St, Topeka, KS 66604"],
    )

    def candidate(self) -> Candidate:
        """The same, as it is compared."""
        return Candidate(
            name=self.name or "",
            phone=self.phone or "",
            email=self.email or "",
            **duplicates.address_parts(self.address or ""),
        )


class DuplicatePairsQuery(BaseModel):
    """Where the scan goes on."""

    model_config = ConfigDict(extra="forbid")

    after: str | None = Field(
        None, max_length=2000, description="`next_after` of the stretch before."
    )


@router.get(
    "/duplicates",
    operation_id="find_duplicate_customers",
    summary="Find out whether somebody is a customer already",
    responses=answers(400, 422),
)
async def find_duplicates(ctx: Reader, query: Annotated[DuplicatesQuery, Query()]) -> DuplicatesOut:
    """Customers you may see whom this resembles, the likeliest first, each with the reasons. Nothing
    is merged."""
    found = await duplicates.find(ctx, query.candidate())
    return DuplicatesOut(data=[DuplicateOut.model_validate(one) for one in found])


@router.get(
    "/duplicate-pairs",
    operation_id="list_duplicate_pairs",
    summary="Look through all customers for those who are there twice",
    responses=answers(400, 422),
)
async def list_duplicate_pairs(
    ctx: Reader,
    query: Annotated[DuplicatePairsQuery, Query()],
    page: Pages,
) -> DuplicatePairsOut:
    """The next hundred customers compared with all that you may see: pairs of which two facts agree, the
    likeliest first. Ask again with `next_after` until it is null. Nothing is merged."""
    stretch = await page(Customer, StretchQuery(cursor=query.after))
    found = await duplicate_pairs.pairs_of(ctx, stretch.data)
    return DuplicatePairsOut(
        data=[DuplicatePairOut.model_validate(one) for one in found.pairs],
        looked_at=len(stretch.data),
        cut=found.cut,
        next_after=stretch.next_cursor,
    )


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
    await customers.change(ctx, customer, patch)
    return await show(ctx, id)


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
    await customers.restore(ctx, customer)
    return await show(ctx, id)


@router.post(
    "/{id}/hold-credit",
    operation_id="hold_customer_credit",
    summary="Put a customer on credit hold",
    responses=answers(400, 404, 409, 422),
)
async def hold_credit(ctx: Holder, id: UUID, hold: Hold) -> CustomerOut:
    """From now on no visit is added or booked for them, unless it is overruled with a reason."""
    await holds.hold_credit(ctx, await ctx.get(Customer, id, lock=True), hold)
    return await show(ctx, id)


@router.post(
    "/{id}/release-credit",
    operation_id="release_customer_credit",
    summary="Take a customer off credit hold",
    responses=answers(400, 404, 409, 422),
)
async def release_credit(ctx: Holder, id: UUID, release: Release) -> CustomerOut:
    """They can be booked again."""
    await holds.release_credit(ctx, await ctx.get(Customer, id, lock=True), release)
    return await show(ctx, id)


@router.post(
    "/{id}/stop-service",
    operation_id="stop_customer_service",
    summary="Serve a customer no more",
    responses=answers(400, 404, 409, 422),
)
async def stop_service(ctx: Holder, id: UUID, hold: Hold) -> CustomerOut:
    """From now on no visit is added or booked for them, unless it is overruled with a reason."""
    await holds.stop_service(ctx, await ctx.get(Customer, id, lock=True), hold)
    return await show(ctx, id)


@router.post(
    "/{id}/resume-service",
    operation_id="resume_customer_service",
    summary="Serve a customer again",
    responses=answers(400, 404, 409, 422),
)
async def resume_service(ctx: Holder, id: UUID, release: Release) -> CustomerOut:
    """They can be booked again."""
    await holds.resume_service(ctx, await ctx.get(Customer, id, lock=True), release)
    return await show(ctx, id)


tell(router, Customer, Permission.customers_read)
