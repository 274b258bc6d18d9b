"""Contacts: the people one talks to, and of whose contacts they are.

A row that names a customer makes its person a contact of theirs; whoever is here already is given the
link besides the links they have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select

from app.models.contacts import Contact, ContactRole, CustomerContact
from app.models.imports import ImportKind
from app.models.permissions import Permission
from app.services import contacts
from app.services.contacts import ContactDraft, ContactPatch, Link, LinkDraft
from app.services.context import Ctx
from app.services.imports.kinds import values as cells
from app.services.imports.kinds.base import (
    Field,
    Hand,
    Issue,
    Key,
    Kind,
    Reading,
    Settings,
    Taken,
    Touches,
    Want,
)
from app.services.imports.kinds.related import RelatedHand
from app.services.imports.kinds.relations import CUSTOMER, read_whom

OWN = (
    Field(
        "external_id",
        "Their key in the other system",
        ("Contact ID", "External ID", "Contact Number", "Reference", "ID", "Ref"),
    ),
    Field(
        "name",
        "Name",
        ("Contact Name", "Name", "Full Name", "Contact", "Contact Full Name"),
    ),
    Field(
        "first_name",
        "First name",
        ("First Name", "Contact First Name", "Given Name", "Forename"),
    ),
    Field("last_name", "Last name", ("Last Name", "Contact Last Name", "Surname", "Family Name")),
    Field(
        "title",
        "What they are there, such as caretaker",
        ("Title", "Job Title", "Contact Title", "Position"),
    ),
    Field("email", "E-mail address", ("Contact Email", "Email", "Email Address", "Emails", "E-mails")),
    Field(
        "phone",
        "Phone",
        ("Contact Phone", "Phone", "Phone Number", "Main Phone", "Work Phone", "Work Number",
         "Home Phone", "Home Number"),
    ),
    Field("mobile", "Mobile phone", ("Mobile", "Mobile Phone", "Mobile Number", "Cell", "Cell Phone")),
    Field("notes", "Notes", ("Notes", "Contact Notes", "Note", "Memo", "Comments")),
    Field(
        "role",
        "What they are for the customer: " + ", ".join(role.value for role in ContactRole),
        ("Role", "Contact Role", "Contact Type", "Type"),
    ),
    Field(
        "primary",
        "Whether one calls them first",
        ("Primary", "Is Primary", "Primary Contact", "Main Contact"),
    ),
    Field("tags", "Tags, separated by commas", ("Tags", "Contact Tags", "Labels")),
)  # fmt: skip
_THEIRS = {alias for field in OWN for alias in field.aliases}
FIELDS = (
    *OWN,
    # “Phone” is the person's own here, and not the customer's
    *(
        replace(field, aliases=tuple(alias for alias in field.aliases if alias not in _THEIRS))
        for field in CUSTOMER
    ),
)
CALLED = {
    "external_key": ("external_id",),
    "name": ("name", "first_name", "last_name"),
}
PLAIN = ("title", "email", "phone", "mobile", "notes")


class ContactsHand(RelatedHand):
    """Takes contacts and links them."""

    async def meet(
        self, ctx: Ctx, rows: Sequence[Taken], present: Mapping[str, Sequence[Any]]
    ) -> dict[int, Issue]:
        refused = await super().meet(ctx, rows, present)
        ids = [record.id for found in present.values() for record in found]
        links = await ctx.session.scalars(
            select(CustomerContact).where(CustomerContact.contact_id.in_(ids)).limit(20_000)
        )
        self._linked = {(link.contact_id, link.customer_id): link for link in links}
        first = select(CustomerContact.customer_id, CustomerContact.contact_id).where(
            CustomerContact.customer_id.in_({one.id for one in self.customer.values()}),
            CustomerContact.is_primary,
        )
        self._first = {row[0]: row[1] for row in await ctx.session.execute(first)}
        return refused

    async def create(self, ctx: Ctx, row: Taken, touches: Touches) -> tuple[Any, list[Issue]]:
        customer = self.customer.get(row.row)
        links = []
        if customer is not None:
            links = [LinkDraft(customer_id=customer.id, **row.beside["link"])]
        contact = await contacts.create(ctx, ContactDraft(**row.record, customers=links))
        touches.made(row, contact)
        if links and (said := self._called_first(links[0].customer_id, contact, links[0])):
            touches.noted(row, contact, said)
        return contact, []

    async def change(self, ctx: Ctx, row: Taken, record: Any, touches: Touches) -> bool:
        patch = ContactPatch(**row.record)
        moved = await touches.changed(row, record, contacts.change(ctx, record, patch))
        customer = self.customer.get(row.row)
        if customer is None:
            return moved
        link = self._linked.get((record.id, customer.id))
        wish = self._wish(row, link)
        if link is not None and (link.roles, link.is_primary) == (
            [role.value for role in wish.roles],
            wish.is_primary,
        ):
            return moved
        said: dict[str, Any] = {"linked_to": str(customer.id)}
        if link is not None:
            said |= {"roles": list(link.roles), "is_primary": link.is_primary}
        await contacts.link(ctx, record, customer.id, wish)
        touches.noted(row, record, said | self._called_first(customer.id, record, wish))
        return True

    def _called_first(self, customer_id: UUID, contact: Contact, wish: Link) -> dict[str, Any]:
        """Who was called first until this contact took their place."""
        if not wish.is_primary:
            return {}
        before, self._first[customer_id] = self._first.get(customer_id), contact.id
        if before is None or before == contact.id:
            return {}
        return {"first_of": str(customer_id), "first_before": str(before)}

    @staticmethod
    def _wish(row: Taken, link: CustomerContact | None) -> Link:
        """What the row says, and otherwise what they have been."""
        said = dict(row.beside["link"])
        if link is not None:
            said.setdefault("roles", [ContactRole(role) for role in link.roles])
            said.setdefault("is_primary", link.is_primary)
        return Link(**said)


class ContactsKind(Kind):
    """People one talks to."""

    name: ClassVar[ImportKind] = ImportKind.contacts
    model = Contact
    called: ClassVar[str] = "contact"
    fields: ClassVar[tuple[Field, ...]] = FIELDS
    keys: ClassVar[tuple[Key, ...]] = (
        Key("external_id", ("external_id",), "external_key"),
        Key("email", ("email",), "email"),
        Key("phone", ("phone",), "phone"),
        Key("mobile", ("mobile",), "mobile"),
    )
    wants: ClassVar[tuple[Want, ...]] = (
        Want(
            ("name", "first_name", "last_name"),
            "No column holds the contacts' names. Say which one does, in `mapping`.",
        ),
    )
    needs: ClassVar[tuple[Permission, ...]] = (Permission.contacts_write,)
    reads: ClassVar[tuple[Permission, ...]] = (Permission.contacts_read,)
    hand: ClassVar[type[Hand]] = ContactsHand
    together: ClassVar[bool] = False

    def prepare(self, values: dict[str, str]) -> dict[str, str]:
        return cells.whole_name(values)

    async def understand(
        self, values: dict[str, str], reading: Reading, settings: Settings
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        given = {name: values[name] for name in PLAIN if name in values}
        if "external_id" in values:
            given["external_key"] = values["external_id"]
        if "name" in values:
            given["name"] = values["name"]
        else:
            reading.refuse(
                "missing", "The name is missing. Every contact needs one.", *CALLED["name"]
            )
            given["name"] = "—"  # so that the other cells are looked at too
        link: dict[str, Any] = {}
        with reading.of("role"):
            if "role" in values:
                roles = {role.value.replace("_", " "): role for role in ContactRole}
                link["roles"] = [
                    cells.choice(one, roles, "role") for one in cells.several(values["role"])
                ]
        with reading.of("primary"):
            if "primary" in values:
                link["is_primary"] = cells.yes(values["primary"])
        whom = read_whom(values, reading)
        try:
            draft = ContactDraft(**given)
        except ValidationError as error:
            reading.explain(error, CALLED, thing="A contact")
            return {}, {}
        return draft.model_dump(include=set(given)), {"customer": whom, "link": link}
