"""Who is here already: customers that resemble what is being typed, graded, with the reasons.

The grading is that of imports (`imports.duplicates`): two facts together are likely, one alone is
possible. Candidates share the e-mail address, a phone (theirs, or one of their contacts'), the house,
or a name that is nearly the same; names are found by trigrams, through a function that reads the
search table, because under row-level security no trigram reaches an index. Only customers that the
asking person may see are compared.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.core.contacts import person_sort_name
from app.models.contacts import Contact, CustomerContact
from app.models.customers import Customer
from app.models.permissions import Permission
from app.models.sites import Site, SiteParty
from app.services.context import Ctx
from app.services.imports.duplicates import LIKELY, POSSIBLE, Candidate, Match, similarity
from app.services.imports.known import address_of

_POSTAL_CODE = re.compile(r"\b\d{5}\b")
MOST = 100
"""Candidates compared for one question."""
SHOWN = 20
"""Answers at most."""


class Grade(StrEnum):
    likely = "likely"
    possible = "possible"


@dataclass(frozen=True)
class Duplicate:
    """A customer whom it resembles."""

    id: UUID
    name: str
    phone: str | None
    email: str | None
    score: int
    reasons: tuple[str, ...]

    @property
    def grade(self) -> Grade:
        return Grade.likely if self.score >= LIKELY else Grade.possible


async def find(ctx: Ctx, asked: Candidate, *, apart_from: UUID | None = None) -> list[Duplicate]:
    """Customers that `asked` resembles, the likeliest first, at most 20."""
    customers = await _candidates(ctx, asked, apart_from)
    if not customers:
        return []
    ids = [customer.id for customer in customers]
    places, people = await places_of(ctx, ids), await people_of(ctx, ids)
    found = []
    for customer in customers:
        match = best_match(asked, customer, places[customer.id], people[customer.id])
        if match.score >= POSSIBLE:
            found.append(
                Duplicate(
                    customer.id,
                    customer.name,
                    customer.phone,
                    customer.email,
                    match.score,
                    match.reasons,
                )
            )
    found.sort(key=lambda one: (-one.score, person_sort_name(one.name), one.id))
    return found[:SHOWN]


async def of_new(ctx: Ctx, customer: Customer) -> list[Duplicate]:
    """Whom a customer resembles who was just added."""
    return await find(ctx, as_asked(customer), apart_from=customer.id)


def as_asked(customer: Customer) -> Candidate:
    """What a customer's own record says, to be compared."""
    return Candidate(
        name=customer.name,
        phone=customer.phone or customer.second_phone or "",
        email=customer.email or "",
        street=customer.billing_street or "",
        city=customer.billing_city or "",
        postal_code=customer.billing_postal_code or "",
    )


def address_parts(line: str) -> dict[str, str]:
    """Street, city and postal code of an address in one line; what is not said is left out."""
    parts = [part.strip() for part in line.split(",") if part.strip()]
    if not parts:
        return {}
    found = {"street": parts[0]}
    if code := _POSTAL_CODE.search(" ".join(parts[1:])):
        found["postal_code"] = code.group()
    elif code := _POSTAL_CODE.search(parts[0], 1):
        found["postal_code"] = code.group()
        found["street"] = parts[0].replace(code.group(), "").strip()
    if len(parts) > 1:
        found["city"] = parts[-2] if len(parts) > 2 else _POSTAL_CODE.sub("", parts[1]).strip()
    return found


async def _candidates(ctx: Ctx, asked: Candidate, apart_from: UUID | None) -> list[Customer]:
    shared: list[ColumnElement[bool]] = []
    named = await _named(ctx, asked.name) if asked.name else []
    if others := [id for id in named if id != apart_from]:
        shared.append(Customer.id.in_(others))
    linked = (
        select(CustomerContact.id)
        .join(
            Contact,
            (Contact.org_id == CustomerContact.org_id) & (Contact.id == CustomerContact.contact_id),
        )
        .where(
            CustomerContact.org_id == Customer.org_id,
            CustomerContact.customer_id == Customer.id,
            Contact.deleted_at.is_(None),
        )
        .correlate(Customer)
    )
    reads_contacts = ctx.may(Permission.contacts_read)
    if asked.phone:
        shared += [Customer.phone == asked.phone, Customer.second_phone == asked.phone]
        if reads_contacts:
            either = or_(Contact.phone == asked.phone, Contact.mobile == asked.phone)
            shared.append(linked.where(either).exists())
    if asked.email:
        shared.append(Customer.email == asked.email)
        if reads_contacts:
            shared.append(linked.where(Contact.email == asked.email).exists())
    if asked.street and (asked.postal_code or asked.city):
        shared.append(Customer.id.in_(_at_house(asked)))
    if not shared:
        return []
    statement = ctx.select(Customer).where(or_(*shared)).order_by(Customer.id).limit(MOST)
    if apart_from is not None:
        statement = statement.where(Customer.id != apart_from)
    return list(await ctx.session.scalars(statement))


async def _named(ctx: Ctx, name: str) -> list[UUID]:
    """Customers whose name is nearly this; nobody is shown before `ctx.select` has agreed."""
    found = func.system.resembling(person_sort_name(name), MOST).table_valued("entity_id")
    # the function names the organisation itself, so the session has nothing to add
    connection = await ctx.session.connection()
    return list(await connection.scalars(select(found.c.entity_id)))


def _at_house(asked: Candidate) -> Select[UUID]:
    """Customers with a site in the same place that begins with the same number."""
    number = Site.house == asked.street.split(" ")[0]
    place = (
        Site.postal_code.startswith(asked.postal_code[:5], autoescape=True)
        if asked.postal_code
        else func.lower(Site.city) == asked.city.casefold()
    )
    return (
        select(SiteParty.customer_id)
        .join(Site, (Site.org_id == SiteParty.org_id) & (Site.id == SiteParty.site_id))
        .where(number, place, SiteParty.ends_on.is_(None), Site.deleted_at.is_(None))
        .limit(MOST)
    )


async def places_of(ctx: Ctx, ids: list[UUID]) -> dict[UUID, list[Site]]:
    """Their sites, of those one may see."""
    rows = await ctx.session.execute(
        select(SiteParty.customer_id, Site)
        .join(Site, (Site.org_id == SiteParty.org_id) & (Site.id == SiteParty.site_id))
        .where(
            SiteParty.customer_id.in_(ids),
            SiteParty.ends_on.is_(None),
            Site.deleted_at.is_(None),
            Site.visible_to(ctx),
        )
        .limit(MOST * 20)
    )
    found: dict[UUID, list[Site]] = defaultdict(list)
    for customer_id, site in rows:
        found[customer_id].append(site)
    return found


async def people_of(ctx: Ctx, ids: list[UUID]) -> dict[UUID, list[Contact]]:
    """Their contacts; none for whoever does not read contacts."""
    found: dict[UUID, list[Contact]] = defaultdict(list)
    if not ctx.may(Permission.contacts_read):
        return found
    rows = await ctx.session.execute(
        select(CustomerContact.customer_id, Contact)
        .join(
            Contact,
            (Contact.org_id == CustomerContact.org_id) & (Contact.id == CustomerContact.contact_id),
        )
        .where(CustomerContact.customer_id.in_(ids), Contact.deleted_at.is_(None))
        .limit(MOST * 50)
    )
    for customer_id, contact in rows:
        found[customer_id].append(contact)
    return found


def best_match(
    asked: Candidate, customer: Customer, places: Iterable[Site], people: Iterable[Contact]
) -> Match:
    """The likeliest way in which it could be this customer: any phone, any address of theirs."""
    phones = {customer.phone, customer.second_phone}
    emails = {customer.email}
    for one in people:
        phones |= {one.phone, one.mobile}
        emails.add(one.email)
    # equal or not is all that is asked of these two, so one of them speaks for the others
    phone = asked.phone if asked.phone in phones else customer.phone or ""
    email = asked.email if asked.email in emails else customer.email or ""
    houses = [address_of(site) for site in places]
    billing = Candidate(
        street=customer.billing_street or "",
        city=customer.billing_city or "",
        postal_code=customer.billing_postal_code or "",
    )
    return max(
        (
            similarity(
                asked,
                Candidate(
                    name=customer.name,
                    phone=phone,
                    email=email,
                    street=house.street,
                    unit=house.unit,
                    city=house.city,
                    postal_code=house.postal_code,
                ),
            )
            for house in (*houses, billing)
        ),
        key=lambda match: match.score,
    )
