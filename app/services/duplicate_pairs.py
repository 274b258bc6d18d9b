"""The customers that are there already, looked through for those who are there twice.

A scan goes through all customers by id, a stretch at a time, and compares each with those who share
an e-mail address, a phone or nearly the name with them, as `services.duplicates` grades it. A pair is
told once: of the two, at the one whose id comes first. Nothing is kept and nothing is merged.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select, union

from app.core.listing import Column, ListQuery
from app.models.contacts import Contact, CustomerContact
from app.models.customers import Customer
from app.models.permissions import Permission
from app.models.sites import Site
from app.services.context import Ctx
from app.services.duplicates import as_asked, best_match, people_of, places_of
from app.services.imports.duplicates import LIKELY, Match
from app.services.imports.known import address_of

STRETCH = 100
"""Customers that one question looks at."""
LIKE_EACH = 10
"""Of those with nearly the same name, so many are compared with each."""
MOST = 2_000
"""Customers that one stretch is compared with."""
SHOWN = 500
"""Pairs of one stretch."""


@dataclass(frozen=True)
class Pair:
    """Two customers who may be one."""

    first: Customer
    second: Customer
    score: int
    reasons: tuple[str, ...]


class StretchQuery(ListQuery):
    """The customers that one question of the scan looks at."""

    SORTS: ClassVar[dict[str, Column]] = {"id": Customer.id}
    DEFAULT_SORT: ClassVar[str] = "id"

    limit: int = STRETCH


async def pairs_of(ctx: Ctx, stretch: Sequence[Customer]) -> Sequence[Pair]:
    """Compare these customers, in the order of their ids, with all that come after and that one may
    see; the likeliest pairs first. Told are likely ones alone: half a town shares a house number, a
    name or a switchboard with somebody."""
    if not stretch:
        return []
    named = await _named(ctx, stretch)
    others = await _others(ctx, stretch, chain.from_iterable(named.values()))
    everybody = {one.id: one for one in (*stretch, *others)}
    ids = list(everybody)
    facts = _Facts(everybody, await places_of(ctx, ids), await people_of(ctx, ids))
    found = []
    for one in stretch:
        for id in sorted(facts.shared_by(one) | named[one.id]):
            if id > one.id and id in everybody:
                match = facts.match(one, everybody[id])
                if match.score >= LIKELY:
                    found.append(Pair(one, everybody[id], match.score, match.reasons))
    found.sort(key=lambda pair: (-pair.score, pair.first.id, pair.second.id))
    return found[:SHOWN]


class _Facts:
    """What is known of each, and who shares a fact with whom."""

    def __init__(
        self,
        everybody: dict[UUID, Customer],
        places: dict[UUID, list[Site]],
        people: dict[UUID, list[Contact]],
    ) -> None:
        self._places, self._people = places, people
        self._holders: dict[tuple[str, str], set[UUID]] = defaultdict(set)
        for customer in everybody.values():
            for fact in self._of(customer):
                self._holders[fact].add(customer.id)

    def _of(self, customer: Customer) -> Iterable[tuple[str, str]]:
        people = self._people.get(customer.id, [])
        phones = [customer.phone, customer.second_phone]
        emails = [customer.email, *(one.email for one in people)]
        for one in people:
            phones += [one.phone, one.mobile]
        yield from (("phone", phone) for phone in phones if phone)
        yield from (("email", email) for email in emails if email)

    def shared_by(self, customer: Customer) -> set[UUID]:
        """Who has a fact in common with this one."""
        return set(chain.from_iterable(self._holders[fact] for fact in self._of(customer)))

    def match(self, one: Customer, other: Customer) -> Match:
        """How alike two are, asked from either side: a phone may be a contact's on one of them."""
        return max(
            (self._asked(one, other), self._asked(other, one)), key=lambda match: match.score
        )

    def _asked(self, one: Customer, other: Customer) -> Match:
        places, people = self._places.get(other.id, []), self._people.get(other.id, [])
        known = as_asked(one)
        at_home = [
            replace(
                known,
                street=house.street,
                unit=house.unit,
                city=house.city,
                postal_code=house.postal_code,
            )
            for house in map(address_of, self._places.get(one.id, []))
        ]
        return max(
            (best_match(asked, other, places, people) for asked in (known, *at_home)),
            key=lambda match: match.score,
        )


async def _named(ctx: Ctx, stretch: Sequence[Customer]) -> dict[UUID, set[UUID]]:
    """Whose names are nearly theirs."""
    like = func.system.resembling(Customer.sort_name, LIKE_EACH).table_valued("entity_id").lateral()
    rows = await ctx.session.execute(
        select(Customer.id, like.c.entity_id)
        .join(like, like.c.entity_id != Customer.id)
        .where(Customer.id.in_([one.id for one in stretch]))
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for id, other in rows:
        found[id].add(other)
    return found


async def _others(
    ctx: Ctx, stretch: Sequence[Customer], named: Iterable[UUID]
) -> Sequence[Customer]:
    """Those after the stretch who may be one of it. Who lives in the same house and shares nothing
    else is no likely pair, and is not looked for."""
    ids = [one.id for one in stretch]
    people = list(chain.from_iterable((await people_of(ctx, ids)).values()))
    phones = {phone for one in stretch for phone in (one.phone, one.second_phone) if phone}
    phones |= {phone for one in people for phone in (one.phone, one.mobile) if phone}
    emails = {one.email for one in stretch if one.email} | {
        one.email for one in people if one.email
    }
    # one look-up by each index; joined by OR they would be one look at every customer
    sharing = [
        select(Customer.id).where(Customer.phone.in_(phones)),
        select(Customer.id).where(Customer.second_phone.in_(phones)),
        select(Customer.id).where(Customer.email.in_(emails)),
    ]
    if ctx.may(Permission.contacts_read):
        linked = select(CustomerContact.customer_id).join(
            Contact,
            (Contact.org_id == CustomerContact.org_id) & (Contact.id == CustomerContact.contact_id),
        )
        sharing += [
            linked.where(Contact.deleted_at.is_(None), held)
            for held in (
                Contact.phone.in_(phones),
                Contact.mobile.in_(phones),
                Contact.email.in_(emails),
            )
        ]
    found = await ctx.session.scalars(union(*sharing).limit(MOST))
    later = {id for id in (*found, *named) if id > ids[-1]}
    statement = ctx.select(Customer).where(Customer.id.in_(later))
    return list(await ctx.session.scalars(statement.order_by(Customer.id).limit(MOST)))
