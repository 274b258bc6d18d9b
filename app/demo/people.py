"""The two demo organisations and who signs in to them. The small one's owner belongs to both."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.process import DemoSignIn
from app.services.identity.organisations import (
    NewOrganisation,
    add_person,
    create_organisation,
)


@dataclass(frozen=True)
class DemoCompany:
    name: str
    slug: str
    time_zone: str
    people: tuple[tuple[str, str, str], ...]
    """(role, name, e-mail)."""


BLUESTEM = DemoCompany(
    "Bluestem Septic & Plumbing",
    "bluestem",
    "America/Chicago",
    (
        ("owner", "Ruth Okafor", "ruth@bluestem.example.com"),
        ("dispatcher", "Dana Whitfield", "dana@bluestem.example.com"),
        ("technician", "Theo Alvarez", "theo@bluestem.example.com"),
        ("accountant", "Ines Park", "ines@bluestem.example.com"),
        ("admin", "Walt Jensen", "walt@prairiedrain.example.com"),
    ),
)
PRAIRIE_DRAIN = DemoCompany(
    "Prairie Drain Co.",
    "prairie-drain",
    "America/Denver",
    (
        ("owner", "Walt Jensen", "walt@prairiedrain.example.com"),
        ("dispatcher", "Mae Castillo", "mae@prairiedrain.example.com"),
        ("technician", "Jonah Reed", "jonah@prairiedrain.example.com"),
        ("accountant", "Priya Nair", "priya@prairiedrain.example.com"),
    ),
)
COMPANIES = (BLUESTEM, PRAIRIE_DRAIN)


async def found(session: AsyncSession, company: DemoCompany, password_hash: str) -> UUID:
    """Make one organisation and its people; the session comes back scoped to it. Its id."""
    org_id = await create_organisation(
        session, NewOrganisation(company.name, company.slug, company.time_zone)
    )
    for role, name, email in company.people:
        await add_person(session, email=email, name=name, role=role, password_hash=password_hash)
    return org_id


def sign_ins(password: str) -> list[DemoSignIn]:
    """Owner, dispatcher, technician and accountant of each."""
    shown = ("owner", "dispatcher", "technician", "accountant")
    return [
        DemoSignIn(company.slug, email, password, role)
        for company in COMPANIES
        for role, _, email in company.people
        if role in shown
    ]
