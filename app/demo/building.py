"""Building one demo company: founded months ago, lived through until the present moment.

The same seed at the same moment gives the same rows, apart from password hashes, whose salt is
chance.
"""

from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import Scope, speak_as
from app.core.ids import drawn_from
from app.demo.chronicle import Chronicle
from app.demo.clients import Client, make_clients
from app.demo.companies import Company
from app.demo.ids import Ids
from app.demo.people import found
from app.demo.records import hire, offer
from app.demo.writing import write
from app.models.members import Member
from app.models.organisations import OrganisationSettings


async def build(session: AsyncSession, company: Company, password_hash: str, seed: int) -> None:
    """Found the company and write its life into the tables. Nothing is committed."""
    now = clock.now()
    zone = company.who.time_zone
    today = clock.today(zone)
    opened = datetime.combine(today - company.history, time(8), ZoneInfo(zone))
    ids = Ids(_chance(seed, company, "ids"))
    with clock.set_to(opened), drawn_from(lambda: ids.at(clock.now())):
        org_id = await found(session, company.who, password_hash)
        await _settle(session, company)
    staff = await _staff(session, company)
    told = Chronicle(ids, until=now)
    skills, _ = offer(told, told.act(opened + timedelta(minutes=20), staff["owner"]))
    hire(
        told,
        company,
        opened + timedelta(minutes=40),
        staff["owner"],
        skills,
        today=today,
        member_id=staff["technician"],
    )
    _know(told, _chance(seed, company, "clients"), company, opened, staff)
    await speak_as(session, Scope(org_id, source="demo", request_id="demo"))
    await write(session, told)


def _chance(seed: int, company: Company, purpose: str) -> Random:
    """Chance of its own for each purpose, so that a change in one leaves the others alone."""
    return Random(f"{seed}/{company.who.slug}/{purpose}")  # noqa: S311  it repeats; no secret


async def _settle(session: AsyncSession, company: Company) -> None:
    settings = (await session.execute(select(OrganisationSettings))).scalar_one()
    for name, value in company.settings.items():
        setattr(settings, name, value)
    settings.logo = company.logo
    await session.flush()


async def _staff(session: AsyncSession, company: Company) -> dict[str, UUID]:
    """The people who do things, by their role."""
    found = {
        email: id for id, email in await session.execute(select(Member.id, Member.email).limit(100))
    }
    return {role: found[email] for role, _, email in company.who.people}


def _know(
    told: Chronicle, random: Random, company: Company, opened: datetime, staff: dict[str, UUID]
) -> list[Client]:
    """Customers of the first day are written down one after the other, others as they call."""
    clients = make_clients(random, company)
    first = len(clients) * company.known_at_start // 100
    at = opened + timedelta(hours=2)
    for client in clients[:first]:
        client.arrive(told, at, staff.get("admin", staff["owner"]))
        at += timedelta(minutes=1 + len(client.places))
    return clients
