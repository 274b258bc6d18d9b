"""Who is here already: customers that resemble what is being typed, graded, with the reasons.

The grading is that of imports (`imports.duplicates`): two facts together are likely, one alone is
possible. Candidates share the e-mail address, a phone (theirs, or one of their contacts'), the house,
or a name that is nearly the same; `system.resembled` finds each of these by its own index. Of many, those
with whom most facts agree are compared, so that a hundred namesakes do not hide the one it is. Only customers
that the asking person may see are compared.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, TableValuedAlias, Uuid, func, literal, select, true
from sqlalchemy.orm import aliased

from app.core.contacts import person_sort_name
from app.models.contacts import Contact, CustomerContact
from app.models.customers import Customer
from app.models.permissions import Permission
from app.models.sites import Site, SiteParty
from app.services.context import Ctx
from app.services.customers import CustomerDraft
from app.services.imports.duplicates import LIKELY, POSSIBLE, Candidate, Match, similarity
from app.services.imports.known import address_of

_POSTAL_CODE = re.compile(r"\b\d{5}\b")
MOST = 100
"""Candidates compared for one question, by `system.compared_json` too."""
PLACES = 1_000
"""Sites of a customer that are compared, by `system.compared_json` too."""
PEOPLE = 1_000
NOWHERE = (Candidate(),)
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


@dataclass(frozen=True, slots=True)
class Compared:
    """A customer to be compared with: any phone, any e-mail address, and any address of theirs when an
    address is compared."""

    id: UUID
    name: str
    phone: str | None
    email: str | None
    phones: frozenset[str | None]
    emails: frozenset[str | None]
    addresses: tuple[Candidate, ...]


async def find(ctx: Ctx, asked: Candidate, *, apart_from: UUID | None = None) -> list[Duplicate]:
    """Customers that `asked` resembles, the likeliest first, at most 20."""
    resembled = func.system.resembled(
        ctx.org_id,
        person_sort_name(asked.name) or None,
        asked.phone or None,
        asked.email or None,
        asked.street or None,
        asked.city or None,
        asked.postal_code or None,
        ctx.may(Permission.contacts_read),
    )
    if apart_from is not None:
        resembled = func.array_remove(resembled, apart_from)
    # these functions name the organisation themselves, so the session has nothing to add
    connection = await ctx.session.connection()
    if ctx.sees_all:
        reads_contacts = ctx.may(Permission.contacts_read)
        told = func.system.compared_json(ctx.org_id, resembled, reads_contacts, bool(asked.street))
        return graded(asked, compared(await connection.scalar(select(told))))
    ids = await connection.scalar(select(resembled))
    return graded(asked, await _visible(ctx, ids)) if ids else []


async def of_new(ctx: Ctx, customer: Customer) -> list[Duplicate]:
    """Whom a customer resembles who was just added."""
    return await find(ctx, as_asked(customer), apart_from=customer.id)


def as_asked(new: Customer | CustomerDraft) -> Candidate:
    """Somebody who is being added, as they are compared."""
    return Candidate(
        name=new.name,
        phone=new.phone or new.second_phone or "",
        email=new.email or "",
        street=new.billing_street or "",
        city=new.billing_city or "",
        postal_code=new.billing_postal_code or "",
    )


def compared(told: str | None) -> Iterator[Compared]:
    """What `system.compared_json` tells of customers."""
    for one in orjson.loads(told or "[]"):
        people = one["people"] or ()
        billing = {part: one[f"billing_{part}"] for part in ("street", "city", "postal_code")}
        places = one["places"] or ()
        yield Compared(
            UUID(one["id"]),
            one["name"],
            one["phone"],
            one["email"],
            frozenset(
                (
                    one["phone"],
                    one["second_phone"],
                    *(person[kind] for person in people for kind in ("phone", "mobile")),
                )
            ),
            frozenset((one["email"], *(person["email"] for person in people))),
            tuple(_address(**place) for place in (*places, billing)),
        )


def graded(asked: Candidate, customers: Iterable[Compared]) -> list[Duplicate]:
    """Those whom `asked` resembles, the likeliest first, at most 20."""
    found = []
    for one in customers:
        match = _best(asked, one)
        if match.score >= POSSIBLE:
            found.append(
                Duplicate(one.id, one.name, one.phone, one.email, match.score, match.reasons)
            )
    found.sort(key=lambda one: (-one.score, person_sort_name(one.name), one.id))
    return found[:SHOWN]


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


async def _visible(ctx: Ctx, ids: list[UUID]) -> list[Compared]:
    """Those of these customers whom somebody sees who does not see all."""
    # as `system.compared_json` cuts: with whom most facts agree; names come last of what was found
    strongest = literal([id for id, _ in Counter(ids).most_common()], ARRAY(Uuid))
    ranked = func.unnest(strongest).table_valued("id", with_ordinality="place").render_derived()
    statement = ctx.select(Customer).join(ranked, ranked.c.id == Customer.id)
    customers = list(await ctx.session.scalars(statement.order_by(ranked.c.place).limit(MOST)))
    seen = [customer.id for customer in customers]
    places, people = await places_of(ctx, seen), await people_of(ctx, seen)
    return [_known(one, places[one.id], people[one.id]) for one in customers]


def _known(customer: Customer, places: Iterable[Site], people: Iterable[Contact]) -> Compared:
    phones = {customer.phone, customer.second_phone}
    emails = {customer.email}
    for one in people:
        phones |= {one.phone, one.mobile}
        emails.add(one.email)
    billing = _address(customer.billing_street, customer.billing_city, customer.billing_postal_code)
    return Compared(
        customer.id,
        customer.name,
        customer.phone,
        customer.email,
        frozenset(phones),
        frozenset(emails),
        (*map(address_of, places), billing),
    )


def _address(
    street: str | None, city: str | None, postal_code: str | None, unit: str | None = None
) -> Candidate:
    return Candidate(
        street=street or "", unit=unit or "", city=city or "", postal_code=postal_code or ""
    )


async def places_of(ctx: Ctx, ids: list[UUID], each: int = PLACES) -> dict[UUID, list[Site]]:
    """Their sites, of those one may see, at most so many of each."""
    asked = _each(ids)
    theirs = (
        select(Site)
        .join(SiteParty, (SiteParty.org_id == Site.org_id) & (SiteParty.site_id == Site.id))
        .where(
            SiteParty.customer_id == asked.c.id,
            SiteParty.ends_on.is_(None),
            Site.deleted_at.is_(None),
            Site.visible_to(ctx),
        )
        .limit(each)
        .lateral()
    )
    rows = await ctx.session.execute(
        select(asked.c.id, aliased(Site, theirs)).select_from(asked).join(theirs, true())
    )
    found: dict[UUID, list[Site]] = defaultdict(list)
    for customer_id, site in rows:
        found[customer_id].append(site)
    return found


async def people_of(ctx: Ctx, ids: list[UUID], each: int = PEOPLE) -> dict[UUID, list[Contact]]:
    """Their contacts, at most so many of each; none for whoever does not read contacts."""
    found: dict[UUID, list[Contact]] = defaultdict(list)
    if not ctx.may(Permission.contacts_read):
        return found
    asked = _each(ids)
    theirs = (
        select(Contact)
        .join(
            CustomerContact,
            (CustomerContact.org_id == Contact.org_id) & (CustomerContact.contact_id == Contact.id),
        )
        .where(CustomerContact.customer_id == asked.c.id, Contact.deleted_at.is_(None))
        .limit(each)
        .lateral()
    )
    rows = await ctx.session.execute(
        select(asked.c.id, aliased(Contact, theirs)).select_from(asked).join(theirs, true())
    )
    for customer_id, contact in rows:
        found[customer_id].append(contact)
    return found


def _each(ids: Sequence[UUID]) -> TableValuedAlias:
    """A row for each of them, which what is asked of each can be asked of."""
    return func.unnest(literal(list(ids), ARRAY(Uuid))).table_valued("id").render_derived()


def best_match(
    asked: Candidate, customer: Customer, places: Iterable[Site], people: Iterable[Contact]
) -> Match:
    """The likeliest way in which it could be this customer: any phone, any address of theirs."""
    return _best(asked, _known(customer, places, people))


def _best(asked: Candidate, customer: Compared) -> Match:
    """The likeliest way in which it could be this customer."""
    # equal or not is all that is asked of these two, so one of them speaks for the others
    phone = asked.phone if asked.phone in customer.phones else customer.phone or ""
    email = asked.email if asked.email in customer.emails else customer.email or ""
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
            for house in (customer.addresses if asked.street else NOWHERE)
        ),
        key=lambda match: match.score,
    )
