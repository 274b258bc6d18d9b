"""Contacts: the verbs of the people one talks to, and of whose contacts they are.

A notice is only asked for by a channel that reaches the contact. A customer has one primary contact
at most: whoever becomes it takes the place of the one before.
"""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, field_validator
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.core import clock
from app.core.errors import Conflict, NotFound, invalid_field
from app.core.filters import Fields, filterable, through
from app.core.listing import Column, Filter, ListQuery
from app.models.contacts import NOTICES, Channel, Contact, ContactRole, CustomerContact
from app.models.customers import Customer
from app.models.tags import Tagging
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Draft, Email, LongText, Moment, Name, Patch, Phone, ShortText
from app.services.tagging import WithTag
from app.services.tagging import shown as shown_tags

MOST_OF_A_CUSTOMER = 50
"""Contacts that one customer has."""
MOST_CUSTOMERS = 100
"""Customers that have one contact, such as a property manager."""

Channels = Annotated[list[Channel], Field(max_length=2)]
Roles = Annotated[list[ContactRole], Field(min_length=1, max_length=7)]


class Notifications(Draft):
    """By which channels each kind of notice should come; an empty list: not at all."""

    appointments: Channels = Field([])
    on_the_way: Channels = Field([])
    invoices: Channels = Field([])
    quotes: Channels = Field([])
    marketing: Channels = Field([])

    @field_validator(*NOTICES)
    @classmethod
    def _once_each(cls, channels: list[Channel]) -> list[Channel]:
        return list(dict.fromkeys(channels))


class Link(Draft):
    """What a contact is for a customer."""

    roles: Roles = Field([ContactRole.other])
    is_primary: bool = Field(
        False, description="Whom to call first. Takes the place of the one before."
    )

    @field_validator("roles")
    @classmethod
    def _once_each(cls, roles: list[ContactRole]) -> list[ContactRole]:
        return list(dict.fromkeys(roles))


class LinkDraft(Link):
    """A customer of a new contact."""

    customer_id: UUID


class ContactDraft(Draft):
    """A new contact."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    name: Name
    title: ShortText | None = None
    email: Email | None = None
    phone: Phone | None = None
    mobile: Phone | None = Field(
        None, description="Text messages go here, or to `phone` where there is none."
    )
    notes: LongText | None = None
    external_key: ShortText | None = None
    notifications: Notifications = Notifications()
    customers: list[LinkDraft] = Field([], max_length=20)


class ContactPatch(Patch):
    """Changes to a contact; null empties what may be empty."""

    name: Name = ""
    title: ShortText | None = None
    email: Email | None = None
    phone: Phone | None = None
    mobile: Phone | None = None
    notes: LongText | None = None
    external_key: ShortText | None = None
    notifications: Notifications = Field(
        Notifications(), description="Replaces all of them; what is not named is not wanted."
    )


class ContactQuery(ListQuery):
    """Filters and sorts of the list of contacts."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Contact.created_at,
        "name": Contact.sort_name,
    }
    FILTERS: ClassVar[Fields | None] = filterable(
        Contact.id,
        Contact.created_at,
        Contact.updated_at,
        Contact.name,
        Contact.title,
        Contact.email,
        Contact.phone,
        Contact.mobile,
        Contact.notes,
        Contact.external_key,
        Contact.deleted_at,
        many={
            "tags": through(Contact, Tagging.entity_id, Tagging.tag_id),
            "customers": through(Contact, CustomerContact.contact_id, CustomerContact.customer_id),
        },
    )

    customer_id: UUID | None = Field(None, description="Contacts of this customer.")
    role: ContactRole | None = Field(
        None, description="Contacts with this role, of that customer or of any."
    )
    phone: Phone | None = Field(None, description="Their phone or their mobile.")
    email: Annotated[Email | None, Filter(Contact.email)] = None
    external_key: Annotated[ShortText | None, Filter(Contact.external_key)] = None
    tag_id: Annotated[UUID | None, WithTag(Contact.id)] = None
    created_from: Annotated[Moment | None, Filter(Contact.created_at, "gte")] = None
    created_before: Annotated[Moment | None, Filter(Contact.created_at, "lt")] = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found = super().conditions()
        if self.phone is not None:
            found.append(or_(Contact.phone == self.phone, Contact.mobile == self.phone))
        if self.customer_id is not None or self.role is not None:
            link = select(CustomerContact.id).where(
                CustomerContact.org_id == Contact.org_id,
                CustomerContact.contact_id == Contact.id,
            )
            if self.customer_id is not None:
                link = link.where(CustomerContact.customer_id == self.customer_id)
            if self.role is not None:
                link = link.where(CustomerContact.roles.contains([self.role.value]))
            found.append(link.correlate(Contact).exists())
        return found


def shown(ctx: Ctx) -> tuple[ORMOption, ...]:
    """What an output of a contact needs loaded; of its customers, those that this person sees."""
    links = selectinload(Contact.links.and_(CustomerContact.visible_to(ctx)))
    return (links.joinedload(CustomerContact.customer), shown_tags(Contact))


OF_CUSTOMERS = selectinload(Customer.contact_links).joinedload(CustomerContact.contact)
"""What an output of a customer needs loaded to show their contacts."""


async def create(ctx: Ctx, draft: ContactDraft) -> Contact:
    """Add a contact, with the customers it belongs to.

    Raises `NotFound` for a customer that is not there, `Invalid` for a customer named twice or a
    notice that would reach nobody, `Conflict` for an id that another contact has or a customer who
    has too many.
    """
    given = draft.model_dump(exclude_none=True, exclude={"customers", "notifications"})
    contact = Contact(**given)
    _wish(contact, draft.notifications)
    _refuse_deaf(contact)
    ids = [link.customer_id for link in draft.customers]
    for place, id in enumerate(ids):
        if id in ids[:place]:
            raise invalid_field(
                f"customers/{place}/customer_id", "This customer is named twice.", code="twice"
            )
    # always in one order, so that two who name the same customers do not wait for each other
    order = sorted(range(len(ids)), key=lambda place: ids[place])
    customers = [
        await ctx.get(Customer, ids[place], lock=True, pointer=f"/customers/{place}/customer_id")
        for place in order
    ]
    await ctx.add(contact)
    for place, customer in zip(order, customers, strict=True):
        await _link(ctx, contact, customer, draft.customers[place])
    await ctx.session.flush()
    await emit(ctx, Fact.contact_created, contact, about=tuple(ids), name=contact.name)
    return contact


async def change(ctx: Ctx, contact: Contact, patch: ContactPatch) -> Contact:
    """Change what the patch names; `contact` is locked. Raises `Invalid` for a notice that would
    reach nobody."""
    given = patch.given()
    if "notifications" in given:
        given.pop("notifications")
        _wish(contact, patch.notifications)
    for name, value in given.items():
        setattr(contact, name, value)
    _refuse_deaf(contact)
    fields = [name for name in changed(contact) if name != "sort_name"]
    if fields:
        await emit(
            ctx,
            Fact.contact_changed,
            contact,
            about=await _customer_ids(ctx, contact),
            name=contact.name,
            fields=", ".join(fields),
        )
    return contact


async def link(ctx: Ctx, contact: Contact, customer_id: UUID, wish: Link) -> None:
    """Say what the contact is for a customer, instead of what was said before.

    Locks the customer, then is right about `contact`, which is locked. Raises `NotFound` for a
    customer that is not there, `Conflict` when either has too many of the other.
    """
    customer = await ctx.get(Customer, customer_id, lock=True)
    if await _link(ctx, contact, customer, wish):
        contact.touch()
        await emit(
            ctx,
            Fact.contact_linked,
            contact,
            about=(customer.id,),
            contact=contact.name,
            customer=customer.name,
            roles=", ".join(role.replace("_", " ") for role in wish.roles),
            primary=", and whom to call first" if wish.is_primary else "",
        )


async def unlink(ctx: Ctx, contact: Contact, customer_id: UUID) -> None:
    """The contact is no contact of that customer any more. Raises `NotFound` when it was none."""
    customer = await ctx.get(Customer, customer_id, lock=True)
    found = await _found(ctx, contact, customer)
    if found is None:
        raise NotFound(f"{contact.name} is no contact of {customer.name}.")
    await ctx.session.delete(found)
    contact.touch()
    await emit(
        ctx,
        Fact.contact_unlinked,
        contact,
        about=(customer.id,),
        contact=contact.name,
        customer=customer.name,
    )


async def delete(ctx: Ctx, contact: Contact) -> None:
    """Take a contact out of sight; `contact` is locked. They are nobody's primary contact then."""
    contact.deleted_at = clock.now()
    for one in await _links(ctx, CustomerContact.contact_id == contact.id):
        one.is_primary = False
    await emit(
        ctx,
        Fact.contact_deleted,
        contact,
        about=await _customer_ids(ctx, contact),
        name=contact.name,
    )


async def restore(ctx: Ctx, contact: Contact) -> Contact:
    """Bring a deleted contact back. Raises `Conflict` when it is not deleted."""
    if contact.deleted_at is None:
        raise Conflict("This contact is not deleted.", code="not_deleted")
    contact.deleted_at = None
    await emit(
        ctx,
        Fact.contact_restored,
        contact,
        about=await _customer_ids(ctx, contact),
        name=contact.name,
    )
    return contact


async def _link(ctx: Ctx, contact: Contact, customer: Customer, wish: Link) -> bool:
    """Write the link; whether that changed anything. `customer` is locked, so that one stays
    primary."""
    found = await _found(ctx, contact, customer)
    roles = [role.value for role in wish.roles]
    if found is not None and (found.roles, found.is_primary) == (roles, wish.is_primary):
        return False
    if found is None:
        await _refuse_many(ctx, contact, customer)
        found = CustomerContact(customer_id=customer.id, contact_id=contact.id)
    if wish.is_primary:
        for one in await _links(
            ctx,
            CustomerContact.customer_id == customer.id,
            CustomerContact.contact_id != contact.id,
            CustomerContact.is_primary,
        ):
            one.is_primary = False
        await ctx.session.flush()
    found.roles, found.is_primary = roles, wish.is_primary
    await ctx.add(found)
    return True


async def _found(ctx: Ctx, contact: Contact, customer: Customer) -> CustomerContact | None:
    return next(
        iter(
            await _links(
                ctx,
                CustomerContact.contact_id == contact.id,
                CustomerContact.customer_id == customer.id,
            )
        ),
        None,
    )


async def _links(ctx: Ctx, *where: Any) -> list[CustomerContact]:
    rows = await ctx.session.scalars(select(CustomerContact).where(*where).limit(MOST_CUSTOMERS))
    return list(rows)


async def _customer_ids(ctx: Ctx, contact: Contact) -> tuple[UUID, ...]:
    links = await _links(ctx, CustomerContact.contact_id == contact.id)
    return tuple(one.customer_id for one in links)


async def _refuse_many(ctx: Ctx, contact: Contact, customer: Customer) -> None:
    counted = select(
        select(func.count())
        .select_from(CustomerContact)
        .join(
            Contact,
            (Contact.org_id == CustomerContact.org_id) & (Contact.id == CustomerContact.contact_id),
        )
        .where(CustomerContact.customer_id == customer.id, Contact.deleted_at.is_(None))
        .scalar_subquery(),
        select(func.count())
        .select_from(CustomerContact)
        .where(CustomerContact.contact_id == contact.id)
        .scalar_subquery(),
    )
    of_customer, of_contact = (await ctx.session.execute(counted)).one()
    if of_customer >= MOST_OF_A_CUSTOMER:
        raise Conflict(
            f"{customer.name} has {MOST_OF_A_CUSTOMER} contacts, and no more fit. Remove one that"
            " is not needed.",
            code="too_many",
        )
    if of_contact >= MOST_CUSTOMERS:
        raise Conflict(
            f"{contact.name} is a contact of {MOST_CUSTOMERS} customers, and no more fit.",
            code="too_many",
        )


def _wish(contact: Contact, wish: Notifications) -> None:
    for notice in NOTICES:
        channels = [channel.value for channel in getattr(wish, notice)]
        if getattr(contact, f"notify_{notice}") != channels:
            setattr(contact, f"notify_{notice}", channels)


def _refuse_deaf(contact: Contact) -> None:
    """Nobody is to be told by a channel that does not reach them."""
    reached = {
        Channel.email.value: contact.email,
        Channel.sms.value: contact.mobile or contact.phone,
    }
    missing = {Channel.email.value: "e-mail address", Channel.sms.value: "phone number"}
    for notice, channels in contact.notifications.items():
        for channel in channels:
            if not reached[channel]:
                raise invalid_field(
                    f"notifications/{notice}",
                    f"{contact.name} has no {missing[channel]} for this. Add one, or choose another"
                    " channel.",
                    code="unreachable",
                )
