"""Who is here already: the customers that a row might be about, found by what duplicates share.

Two facts make a likely duplicate (`duplicates`), so every likely one shares an e-mail address, a
phone, a name as it sorts, or a house with the row; only those are loaded and compared. A name with
a letter off at another address without phone or e-mail in common is one fact, and not likely.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.contacts import person_sort_name
from app.models.customers import Customer, CustomerKind
from app.models.sites import Site, SiteParty
from app.services.context import Ctx
from app.services.imports.duplicates import LIKELY, Candidate, Match, similarity
from app.services.imports.houses import having, house, sites_at
from app.services.imports.kinds.base import Taken

MOST = 5000
"""Candidates looked at for one batch of rows."""

NEWEST = 50
"""Of those who share something, how many are compared: some lists have one e-mail address for all
who have none."""


@dataclass(frozen=True)
class Known:
    """A customer one might be; `row` is the row of this file that made it."""

    candidate: Candidate
    name: str
    customer_id: UUID | None
    row: int | None = None


class Acquaintances:
    """Everybody that rows were compared with, by what they might share."""

    def __init__(self) -> None:
        self._by: dict[Hashable, list[Known]] = defaultdict(list)
        self._ids: set[UUID] = set()
        self._made: list[Known] = []

    async def meet(self, ctx: Ctx, rows: Sequence[Taken]) -> None:
        """Load the customers that any of these rows might be."""
        marks = {mark for row in rows for mark in _marks(candidate_of(row))}
        customers = {one.id: one for one in await _sharing(ctx, marks)}
        unknown = [one for id, one in customers.items() if id not in self._ids]
        theirs: dict[UUID, list[Site]] = defaultdict(list)
        for customer_id, site in await _sites(ctx, [one.id for one in unknown]):
            theirs[customer_id].append(site)
        for customer in unknown:
            self._ids.add(customer.id)
            for candidate in _candidates(customer, theirs[customer.id]):
                self._remember(Known(candidate, customer.name, customer.id))

    def remember(self, row: Taken, customer_id: UUID | None) -> None:
        """A row that has become a customer; None when it only would have."""
        if customer_id is not None:
            self._ids.add(customer_id)
        known = Known(candidate_of(row), row.record["name"], customer_id, row.row)
        self._made.append(known)
        self._remember(known)

    def mark(self) -> int:
        """A moment to go `back_to`."""
        return len(self._made)

    def back_to(self, mark: int) -> None:
        """Forget the rows that have become customers since; they did not after all."""
        for known in self._made[mark:]:
            for one in _marks(known.candidate):
                self._by[one].remove(known)
        del self._made[mark:]

    def likeliest(self, row: Taken) -> tuple[Known, Match] | None:
        """Whom the row most likely is, if it is likely at all."""
        candidate = candidate_of(row)
        met = {id(one): one for mark in _marks(candidate) for one in self._by[mark][-NEWEST:]}
        scored = [(similarity(candidate, one.candidate), one) for one in met.values()]
        match, known = max(scored, key=lambda pair: pair[0].score, default=(None, None))
        return (known, match) if match and known and match.score >= LIKELY else None

    def _remember(self, known: Known) -> None:
        for mark in _marks(known.candidate):
            self._by[mark].append(known)


def candidate_of(row: Taken) -> Candidate:
    """A row as it is compared."""
    site, customer = row.beside["site"] or {}, row.record
    business = customer.get("kind") == CustomerKind.business
    return Candidate(
        name=customer["name"],
        company=customer["name"] if business else "",
        phone=customer.get("phone") or "",
        email=customer.get("email") or "",
        street=site.get("street", ""),
        unit=site.get("unit", ""),
        city=site.get("city", ""),
        postal_code=site.get("postal_code", ""),
    )


def address_of(site: Site) -> Candidate:
    """A site as it is compared."""
    return Candidate(
        street=site.street, unit=site.unit or "", city=site.city, postal_code=site.postal_code
    )


def _candidates(customer: Customer, sites: Iterable[Site]) -> Iterator[Candidate]:
    person = Candidate(name=customer.name, phone=customer.phone or "", email=customer.email or "")
    places = [address_of(site) for site in sites] or [Candidate()]
    for place in places:
        yield replace(
            person,
            street=place.street,
            unit=place.unit,
            city=place.city,
            postal_code=place.postal_code,
        )


def _marks(one: Candidate) -> Iterator[tuple[str, Hashable]]:
    """What a likely duplicate of this one has at least one of."""
    if one.email:
        yield "email", one.email
    if one.phone:
        yield "phone", one.phone
    if one.name:
        yield "name", person_sort_name(one.name)
    if one.street and one.postal_code:
        yield "house", house(one.postal_code, one.street)


async def _sharing(ctx: Ctx, marks: set[tuple[str, Hashable]]) -> Sequence[Customer]:
    values: dict[str, list[Any]] = defaultdict(list)
    for kind, value in marks:
        values[kind].append(value)
    ids = await having(ctx, Customer.id, Customer.email, values["email"])
    ids |= await having(ctx, Customer.id, Customer.phone, values["phone"])
    ids |= await having(ctx, Customer.id, Customer.sort_name, values["name"])
    if there := await sites_at(ctx, values["house"]):
        living = select(SiteParty.customer_id).where(
            SiteParty.site_id.in_(there), SiteParty.ends_on.is_(None)
        )
        ids |= set(await ctx.session.scalars(living.limit(MOST)))
    if not ids:
        return []
    found = ctx.select(Customer).where(Customer.id.in_(ids)).limit(MOST)
    return (await ctx.session.scalars(found)).all()


async def _sites(ctx: Ctx, customers: Sequence[UUID]) -> Sequence[tuple[UUID, Site]]:
    rows = await ctx.session.execute(
        select(SiteParty.customer_id, Site)
        .join(Site, (Site.org_id == SiteParty.org_id) & (Site.id == SiteParty.site_id))
        .where(
            SiteParty.customer_id.in_(customers),
            SiteParty.ends_on.is_(None),
            Site.deleted_at.is_(None),
        )
        .limit(MOST)
    )
    return [(row[0], row[1]) for row in rows]
