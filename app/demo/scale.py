"""Large companies for measuring and for showing: as many work orders as asked for, in a few minutes.

The last weeks of each were lived step by step like the demo's; the years before them were brought
over when it began to work with Truckroll (`moving`, `bringing`). Everything is committed in pieces
and numbered as it comes. While that goes on the schema has no revision, so that nothing starts on
half of it.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from app.config import Environment
from app.core import clock
from app.core.db import Scope, Sessions, make_engine
from app.core.prepare import take_statistics
from app.demo.bringing import bring
from app.demo.building import build, chances, count_on, set_up
from app.demo.companies import LARGE, SMALL, Company, Crew
from app.demo.ids import Ids
from app.demo.jobs import Local
from app.demo.living import Life
from app.demo.moving import Brought, Moved
from app.demo.names import FIRM_WORDS, FIRST, LAST
from app.demo.people import DemoCompany
from app.demo.unfinished import number_all, unfinished
from app.demo.writing import write
from app.installation import Installation, NotReadyError, say
from app.models.organisations import OrganisationSettings
from app.services.identity.organisations import known_slugs
from app.services.identity.passwords import hash_password

Say = Callable[[str], None]
LIVED = timedelta(days=45)
"""How long a large company has worked with Truckroll at most, and"""
LIVED_OF = 8
"""no more than this part of its time."""
WORK_ORDERS = 2000
"""At scale 1, about."""
TOGETHER = 250
"""Work orders that are written together, about 4,500 rows."""
A_DAY = 2.4
"""Work orders that a technician takes on a working day."""
COLORS = tuple(one.color for one in LARGE.crew)


@dataclass(frozen=True)
class Urls:
    """`postgresql://…` of the roles that fill a database."""

    app: str
    relay: str
    owner: str


@dataclass(frozen=True)
class Filled:
    """An organisation that is there now."""

    org_id: UUID
    slug: str
    name: str
    owner: str
    dispatcher: str
    work_orders: int
    customers: int


async def fill(
    urls: Urls,
    work_orders: int,
    organisations: int = 1,
    *,
    seed: int = 1,
    password: str,
    say: Say = lambda _: None,
) -> list[Filled]:
    """Fill a migrated database with so many work orders, split over so many organisations.

    Killed in between it leaves a database that nothing starts on (`installation.HalfFilled`).
    """
    async with unfinished(urls.owner):
        password_hash = await hash_password(password)
        return await _fill(urls, work_orders, organisations, seed, password_hash, say)


async def demo_at(
    installation: Installation, scale: int, organisations: int, *, seed: int = 1
) -> list[Filled]:
    """The demo, its large company so many times as large, or as many like it; the small one too.

    Raises `NotReadyError` where there is an organisation already, or nobody may make such a thing.
    """
    if installation.settings.environment is Environment.production:
        raise NotReadyError(
            "This is a production environment (ENVIRONMENT): no demo is made in it."
        )
    if installation.owner_url is None or installation.relay_url is None:
        raise NotReadyError("Set DATABASE_OWNER_URL and DATABASE_RELAY_URL too.")
    urls = Urls(installation.app_url, installation.relay_url, installation.owner_url)
    password_hash = await hash_password(installation.demo_password)
    engine = make_engine(urls.app, pool_size=1)
    try:
        sessions = Sessions(engine)
        async with sessions.open() as session:
            if await known_slugs(session):
                raise NotReadyError(
                    "There are organisations in this database already. A large demo goes into an"
                    " empty one: name another with --data."
                )
        async with unfinished(urls.owner):
            filled = await _fill(urls, scale * WORK_ORDERS, organisations, seed, password_hash, say)
            async with sessions.open() as session:
                await build(session, SMALL, password_hash, seed, say)
                await session.commit()
            await number_all(urls.relay)
    finally:
        await engine.dispose()
    return filled


async def _fill(
    urls: Urls, work_orders: int, organisations: int, seed: int, password_hash: str, say: Say
) -> list[Filled]:
    engine = make_engine(urls.app, pool_size=1)
    filled: list[Filled] = []
    try:
        for place in range(organisations):
            share = work_orders // organisations + (place < work_orders % organisations)
            company = large(share, place)
            say(f"{company.who.name}: about {share:,} work orders…")
            filling = _Filling(urls, Sessions(engine), company, seed, say)
            filled.append(await filling.run(password_hash))
        say("Taking statistics…")
        await take_statistics(urls.owner)
    finally:
        await engine.dispose()
    return filled


def large(work_orders: int, place: int = 0) -> Company:
    """A company with so many work orders until now: the first is Bluestem, others are its like."""
    hands = max(3, round(work_orders**0.5 / 7))
    weekdays = work_orders / (A_DAY * hands)
    return replace(
        LARGE,
        who=_who(place),
        crew=tuple(_crew(place, number) for number in range(hands)),
        settings=LARGE.settings if not place else {**LARGE.settings, **_letterhead(_who(place))},
        customers=max(40, work_orders // 5),
        history=timedelta(days=max(30, round(weekdays * 7 / 5.2))),
        known_at_start=25,
        prospects=max(2, work_orders // 2000),
        troubles=hands >= 8,
        work_orders=work_orders,
    )


def _who(place: int) -> DemoCompany:
    """The company's name and people; e-mail addresses are nobody's (RFC 2606)."""
    if not place:
        return LARGE.who
    word = FIRM_WORDS[place % len(FIRM_WORDS)]
    number = place // len(FIRM_WORDS)
    name = f"{word} Septic & Plumbing" + (f" {number + 1}" if number else "")
    slug = f"{word.lower().replace(' ', '-')}-{place}"
    roles = ("owner", "dispatcher", "technician", "accountant")
    people = tuple(
        (role, _name(place, number), f"{role}@{slug}.example.com")
        for number, role in enumerate(roles)
    )
    return DemoCompany(name, slug, LARGE.who.time_zone, people)


def _letterhead(who: DemoCompany) -> dict[str, str]:
    return {
        "legal_name": f"{who.name} LLC",
        "email": f"office@{who.slug}.example.com",
        "website": f"https://{who.slug}.example.com",
        "invoice_footer": f"Thank you for calling {who.name}.",
        "payment_instructions": f"By check to {who.name} LLC. Please name the invoice number.",
    }


def _crew(place: int, number: int) -> Crew:
    """Bluestem's technicians, and after them others of the same trades."""
    like = LARGE.crew[number % len(LARGE.crew)]
    if not place and number < len(LARGE.crew):
        return like
    until = {name: days + 7 * number for name, days in like.certified_for.items()}
    return Crew(_name(place, number + 2), COLORS[number % len(COLORS)], like.skills, until)


def _name(place: int, number: int) -> str:
    """Nobody's name, and no two alike in one company."""
    return f"{FIRST[(7 * number + 3 * place) % len(FIRST)]} {LAST[(11 * number + 5 * place) % len(LAST)]}"


class _Filling:
    """One company on its way into the tables."""

    def __init__(self, urls: Urls, sessions: Sessions, company: Company, seed: int, say: Say):
        self.urls = urls
        self.sessions = sessions
        self.company = company
        self.seed = seed
        self.say = say

    async def run(self, password_hash: str) -> Filled:
        company, now = self.company, clock.now()
        chance = chances(self.seed, company)
        local = Local(company.who.time_zone)
        began = local.at(local.day(now) - company.history, 8)
        opened = max(began, local.at(local.day(now) - min(LIVED, company.history / LIVED_OF), 8))
        moving = opened - timedelta(hours=2)
        ids = Ids(chance("ids"))
        async with self.sessions.open() as session:
            settings, office = await set_up(session, company, password_hash, moving, ids)
            await session.commit()
        self.scope = Scope(settings.org_id, office.clerk, "demo", "demo-1")
        told = Moved(ids, until=now, opened=opened, at=moving + timedelta(minutes=1))
        life = Life(told, company, began, chance, office)
        await self._bring(life, told, settings)
        self.say(f"  living the last {(now - opened).days} days…")
        async with self.sessions.open(Scope(settings.org_id, source="demo")) as session:
            await write(session, told, told.living)
            await count_on(session, life)
            await session.commit()
        await number_all(self.urls.relay)
        emails = {role: email for role, _, email in company.who.people}
        return Filled(
            settings.org_id,
            company.who.slug,
            company.who.name,
            emails["owner"],
            emails["dispatcher"],
            len(life.jobs),
            len(life.known) + len(life.later),
        )

    async def _bring(self, life: Life, told: Moved, settings: OrganisationSettings) -> None:
        """Write what is told while the next is being told, and number what was written."""
        pieces = _pieces(life, told, settings)
        numbering = asyncio.create_task(asyncio.sleep(0))
        due = 1000
        written = 0
        piece = await asyncio.to_thread(next, pieces, None)
        while piece is not None:
            following = asyncio.create_task(asyncio.to_thread(next, pieces, None))
            with clock.set_to(piece.at):
                async with self.sessions.open(self.scope) as session:
                    await bring(session, piece)
                    await session.commit()
            written += TOGETHER
            if written >= due:
                self.say(f"  {min(written, len(life.jobs)):,} of {len(life.jobs):,} work orders")
                await take_statistics(self.urls.owner)
                due *= 2
            await numbering
            numbering = asyncio.create_task(number_all(self.urls.relay))
            piece = await following
        await numbering


def _pieces(life: Life, told: Moved, settings: OrganisationSettings) -> Iterator[Brought]:
    """Everything that is brought over, in pieces."""
    for number, _ in enumerate(life.telling(settings)):
        told.next_record()
        if number % TOGETHER == 0:
            yield told.take()
    yield told.take()
