"""Building one demo company: founded months ago, lived through until the present moment.

The same seed at the same moment gives the same rows, apart from password hashes, whose salt is
chance.
"""

from collections.abc import Callable
from datetime import datetime
from random import Random
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import Scope, speak_as
from app.core.ids import drawn_from
from app.demo.chronicle import Chronicle
from app.demo.companies import Company
from app.demo.ids import Ids
from app.demo.jobs import Local
from app.demo.living import Chance, Life
from app.demo.office import Office
from app.demo.people import found
from app.demo.writing import write
from app.models.members import Member
from app.models.organisations import Counter, OrganisationSettings, Series
from app.services import organisation
from app.services.context import Ctx
from app.services.organisation import OrganisationPatch

Say = Callable[[str], None]


async def build(
    session: AsyncSession, company: Company, password_hash: str, seed: int, say: Say
) -> None:
    """Found the company and write its life into the tables. Nothing is committed."""
    chance = chances(seed, company)
    now = clock.now()
    local = Local(company.who.time_zone)
    opened = local.at(local.day(now) - company.history, 8)
    ids = Ids(chance("ids"))
    settings, office = await set_up(session, company, password_hash, opened, ids)
    # half a year is lived through between two statements: on a busy machine that takes minutes
    for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
        await session.execute(select(func.set_config(limit, "0", True)))
    life = Life(Chronicle(ids, until=now), company, opened, chance, office)
    say(f"… {company.customers} customers, {len(company.crew)} technicians")
    life.live(settings)
    say(f"… {len(life.jobs)} work orders in {company.history.days} days")
    await speak_as(session, Scope(settings.org_id, source="demo"))
    await write(session, life.told)
    await count_on(session, life)


def chances(seed: int, company: Company) -> Chance:
    """Chance of its own for each purpose of this company, always the same for a seed."""
    return lambda purpose: Random(f"{seed}/{company.who.slug}/{purpose}")  # noqa: S311  no secret


async def set_up(
    session: AsyncSession, company: Company, password_hash: str, at: datetime, ids: Ids
) -> tuple[OrganisationSettings, Office]:
    """Found the company at a moment, with its people and settings. Nothing is committed."""
    with clock.set_to(at), drawn_from(lambda: ids.at(clock.now())):
        org_id = await found(session, company.who, password_hash)
        staff = await _staff(session, company)
        await speak_as(session, Scope(org_id, staff["owner"], "demo", "demo-0"))
        settings = await _settle(session, company, staff["owner"])
    return settings, _office(settings, staff)


async def count_on(session: AsyncSession, life: Life) -> None:
    """Let the next work order and the next invoice carry the next numbers."""
    await _count_on(session, Series.work_order, len(life.jobs))
    await _count_on(session, Series.invoice, len(life.bills))


async def _staff(session: AsyncSession, company: Company) -> dict[str, UUID]:
    """The people who do things, by their role."""
    members = {one.email: one.id for one in await session.scalars(select(Member).limit(100))}
    return {role: members[email] for role, _, email in company.who.people}


async def _settle(session: AsyncSession, company: Company, owner: UUID) -> OrganisationSettings:
    """Let the owner fill in the settings."""
    [org_id] = (await session.scalars(select(OrganisationSettings.org_id))).all()
    ctx = Ctx(session, org_id, owner, frozenset(), source="demo")
    settings = await organisation.settings(ctx, lock=True)
    await organisation.change(ctx, settings, OrganisationPatch(**company.settings))
    await organisation.set_logo(ctx, company.logo)
    return settings


def _office(settings: OrganisationSettings, staff: dict[str, UUID]) -> Office:
    def numbers(series: Series) -> Callable[[int], str]:
        counter = settings.numbering[series]
        prefix, first = counter.prefix, counter.next
        return lambda place: f"{prefix}{first + place}"

    return Office(
        owner=staff["owner"],
        clerk=staff.get("admin", staff["owner"]),
        dispatcher=staff["dispatcher"],
        accountant=staff["accountant"],
        technician=staff["technician"],
        work_order_number=numbers(Series.work_order),
        invoice_number=numbers(Series.invoice),
        terms=settings.payment_terms_days,
    )


async def _count_on(session: AsyncSession, series: Series, taken: int) -> None:
    """Let the next one of the series carry the next number."""
    await session.execute(
        update(Counter)
        .where(Counter.series == series)
        .values(next=Counter.next + taken)
        .execution_options(synchronize_session=False)
    )
