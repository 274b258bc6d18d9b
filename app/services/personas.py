"""Personas: what one identity is in one organisation, at once: a member, a technician, a contact.

The office knows a technician by the member they sign in as, and a customer's contact by the e-mail.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select

from app.models.contacts import Contact
from app.models.members import Member
from app.models.technicians import Technician
from app.services.context import Ctx


class Persona(StrEnum):
    """What somebody is."""

    member = "member"
    technician = "technician"
    contact = "contact"


@dataclass(frozen=True)
class Facet:
    """One of the things a person is: the record that says so."""

    kind: Persona
    id: UUID
    name: str


MOST = 50
"""Contacts with one e-mail."""


async def of(ctx: Ctx) -> list[Facet]:
    """What the caller is here, the member first. One's own records, whatever the scope reaches."""
    member = (await ctx.session.scalars(select(Member).where(Member.id == ctx.user_id))).one()
    technicians = await ctx.session.scalars(
        select(Technician)
        .where(Technician.of_member(ctx.user_id), Technician.deleted_at.is_(None))
        .limit(1)
    )
    contacts = await ctx.session.scalars(
        select(Contact)
        .where(func.lower(Contact.email) == member.email, Contact.deleted_at.is_(None))
        .order_by(Contact.sort_name, Contact.id)
        .limit(MOST)
    )
    return [
        Facet(Persona.member, member.id, member.name),
        *(Facet(Persona.technician, one.id, one.name) for one in technicians),
        *(Facet(Persona.contact, one.id, one.name) for one in contacts),
    ]
