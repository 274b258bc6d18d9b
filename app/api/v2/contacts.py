"""`/api/v2/contacts`: the people one talks to, and whose contacts they are."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut, Record
from app.api.problems import answers
from app.api.tags import TagsOnRecord
from app.api.v2.stories import tell
from app.models.contacts import Channel, Contact, ContactRole
from app.models.permissions import Permission
from app.services import contacts, tagging
from app.services.contacts import ContactDraft, ContactPatch, ContactQuery, Link
from app.services.context import Ctx

router = APIRouter(
    prefix="/api/v2/contacts", tags=["contacts"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.contacts_read)]
Writer = Annotated[Ctx, allowed(Permission.contacts_write)]


class NotificationsOut(Out):
    """By which channels each kind of notice should come; an empty list: not at all."""

    appointments: list[Channel]
    on_the_way: list[Channel]
    invoices: list[Channel]
    quotes: list[Channel]
    marketing: list[Channel]


class CustomerNameOut(Out):
    id: UUID
    name: str


class ContactLinkOut(Out):
    """A customer whose contact it is."""

    customer: CustomerNameOut
    roles: list[ContactRole]
    is_primary: bool


class ContactOut(Record):
    """A contact: somebody one talks to."""

    name: str
    title: str | None
    email: str | None
    phone: str | None
    mobile: str | None
    notes: str | None
    notifications: NotificationsOut
    customers: list[ContactLinkOut]
    tags: TagsOnRecord
    external_key: str | None
    deleted_at: Instant | None


def _out(contact: Contact) -> ContactOut:
    own = {
        name: getattr(contact, name)
        for name in ContactOut.model_fields
        if name not in ("customers", "tags")
    }
    return ContactOut.model_validate(
        {**own, "customers": contact.links, "tags": tagging.on(contact)}
    )


@shows(Contact)
async def show(ctx: Ctx, contact_id: UUID) -> ContactOut:
    """The contact as this caller sees it."""
    options = contacts.shown(ctx)
    return _out(await ctx.get(Contact, contact_id, fresh=True, options=options))


@router.get("", operation_id="list_contacts", summary="List contacts", responses=answers(400, 422))
async def list_contacts(
    ctx: Reader, query: Annotated[ContactQuery, Query()], page: Pages
) -> PageOut[ContactOut]:
    """Contacts you may see, filtered and sorted."""
    found = await page(Contact, query, options=contacts.shown(ctx))
    return PageOut(
        data=[_out(contact) for contact in found.data],
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.post(
    "",
    operation_id="create_contact",
    summary="Add a contact",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_contact(ctx: Writer, draft: ContactDraft) -> ContactOut:
    """Add somebody one talks to, with the customers they belong to."""
    return await show(ctx, (await contacts.create(ctx, draft)).id)


@router.get(
    "/{id}", operation_id="get_contact", summary="Get a contact", responses=answers(404, 422)
)
async def get_contact(ctx: Reader, id: UUID) -> ContactOut:
    """One contact with the customers you may see."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_contact",
    summary="Change a contact",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_contact(
    ctx: Writer, id: UUID, patch: ContactPatch, seen: SeenVersion
) -> ContactOut:
    """Change the fields you send; null empties a field, silence leaves it."""
    await contacts.change(ctx, await ctx.get(Contact, id, at=seen), patch)
    return await show(ctx, id)


@router.delete(
    "/{id}",
    operation_id="delete_contact",
    summary="Delete a contact",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_contact(ctx: Writer, id: UUID) -> Response:
    """Take a contact out of sight; `restore` brings it back."""
    await contacts.delete(ctx, await ctx.get(Contact, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_contact",
    summary="Restore a deleted contact",
    responses=answers(404, 409, 422),
)
async def restore_contact(ctx: Writer, id: UUID) -> ContactOut:
    """Bring a deleted contact back."""
    await contacts.restore(ctx, await ctx.get(Contact, id, lock=True, deleted=True))
    return await show(ctx, id)


@router.put(
    "/{id}/customers/{customer_id}",
    operation_id="link_contact",
    summary="Make a contact one of a customer",
    responses=answers(400, 404, 409, 422),
)
async def link_contact(ctx: Writer, id: UUID, customer_id: UUID, wish: Link) -> ContactOut:
    """Say what the contact is for the customer; it replaces what was said before."""
    await contacts.link(ctx, await ctx.get(Contact, id, lock=True), customer_id, wish)
    return await show(ctx, id)


@router.delete(
    "/{id}/customers/{customer_id}",
    operation_id="unlink_contact",
    summary="Take a contact away from a customer",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def unlink_contact(ctx: Writer, id: UUID, customer_id: UUID) -> Response:
    """The contact stays, and is no contact of this customer any more."""
    await contacts.unlink(ctx, await ctx.get(Contact, id, lock=True), customer_id)
    return Response(status_code=204)


tell(router, Contact, Permission.contacts_read)
