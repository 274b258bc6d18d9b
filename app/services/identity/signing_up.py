"""Signing up: a new organisation with its owner, once its owner has shown that the mailbox is theirs.

Until then nothing exists but a ticket. Whether an e-mail is known shows nowhere but in its mailbox:
both get a ticket and a letter, by the same steps. The password is chosen with the ticket and not
before, so that nobody prepares an account for an address that is another's.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Sessions
from app.core.identity_db import open_identity
from app.core.tools import tools_of
from app.models.identity import Organisation, Purpose, User
from app.services.identity import letters, proving, tickets
from app.services.identity.devices import Device
from app.services.identity.organisations import NewOrganisation, add_person, create_organisation
from app.services.inputs import Draft, Email, Name, Zone
from app.services.organisation import Currency


class SignUp(Draft):
    """Who wants to begin, and with what."""

    email: Email
    name: Name = Field(description="Your own name.", examples=["Dana Miller"])
    organisation: Name = Field(description="Your company's name.", examples=["Acme Plumbing"])
    time_zone: Zone
    currency: Currency = "USD"


@dataclass(frozen=True)
class Founded:
    """The organisation that was made."""

    name: str
    slug: str
    email: str


async def ask(sessions: Sessions, wanted: SignUp) -> None:
    """Send a letter with a ticket. The same work for an e-mail that is known and one that is not.

    Raises `TooMany` for an address that was sent several.
    """
    email = wanted.email.lower()
    async with open_identity(sessions) as session:
        known = await session.scalar(select(User.name).where(User.email == email))
        token = await tickets.issue(
            session, Purpose.sign_up, email, data=wanted.model_dump(exclude={"email"})
        )
        await letters.write(
            session,
            to=email,
            template="sign_up" if known is None else "sign_up_known",
            data={
                "name": wanted.name if known is None else known,
                "organisation": wanted.organisation,
                "url": f"{tools_of(session).public_url}/sign-up#token={token}",
                "code": token,
            },
        )
        await session.commit()


async def confirm(sessions: Sessions, token: str, password: str, device: Device) -> Founded:
    """Make the organisation and its owner. Somebody we know proves it by the password they have.

    Raises `Invalid` for a ticket that is not good, a weak password, or (of somebody known) a wrong
    one; `TooMany` after too many wrong ones.
    """
    async with open_identity(sessions) as session:
        ticket = await tickets.look_at(session, token, Purpose.sign_up)
        known = await session.scalar(select(User).where(User.email == ticket.email))
        wanted = SignUp(email=ticket.email, **ticket.data)
        slug = await _free_slug(session, wanted.organisation)
    names = (ticket.email, wanted.name, wanted.organisation)
    hashed = await proving.own_or_new(sessions.engine, known, password, names, device)
    async with sessions.open() as session:
        await create_organisation(
            session,
            NewOrganisation(wanted.organisation, slug, wanted.time_zone, wanted.currency),
        )
        await tickets.spend(session, token, Purpose.sign_up)
        await add_person(
            session, email=ticket.email, name=wanted.name, role="owner", password_hash=hashed
        )
        await session.commit()
    return Founded(wanted.organisation, slug, ticket.email)


async def _free_slug(session: AsyncSession, name: str) -> str:
    """The name as an address would have it; with six letters more when another has it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "company"
    if len(slug) < 2:
        slug = f"{slug}-company"
    taken = await session.scalar(select(Organisation.id).where(Organisation.slug == slug))
    return slug if taken is None else f"{slug}-{secrets.token_hex(3)}"
