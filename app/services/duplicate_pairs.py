"""The customers that are there already, looked through for those who are there twice.

A scan goes through all customers by id, a stretch at a time, and compares each with those who share
an e-mail address, a phone or nearly the name with them, as `services.duplicates` grades it. A pair is
told once: of the two, at the one whose id comes first. Nothing is kept and nothing is merged.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select, union

from app.core.contacts import person_sort_name
from app.core.listing import Column, ListQuery
from app.models.contacts import Contact, CustomerContact
from app.models.customers import Customer
from app.models.permissions import Permission
from app.models.sites import Site
from app.services.context import Ctx
from app.services.duplicates import as_asked, people_of, places_of
from app.services.imports.duplicates import (
    LIKELY,
    Match,
    fixed_words,
    plain_name,
    plain_street,
    same_name,
    same_street,
    weighed,
)
from app.services.imports.known import address_of

STRETCH = 100
"""Customers that one question looks at."""
LIKE_EACH = 10
"""Of those with nearly the same name, so many are compared with each."""
MOST = 2_000
"""Customers that one stretch is compared with."""
WITH_EACH = 100
"""At most so many are compared with one customer; what it costs grows with the stretch alone."""
STREETS = 20
"""Spellings of one house that are compared."""
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
    places, people = await places_of(ctx, ids), await people_of(ctx, ids)
    known = {id: _Known(one, places[id], people[id]) for id, one in everybody.items()}
    facts = _Facts(known)
    found = []
    for one in stretch:
        for id in facts.after(one.id, named[one.id]):
            match = known[one.id].match(known[id])
            if match.score >= LIKELY:
                found.append(Pair(one, everybody[id], match.score, match.reasons))
    found.sort(key=lambda pair: (-pair.score, pair.first.id, pair.second.id))
    return found[:SHOWN]


class _Known:
    """What is known of one customer, made plain once, however many they are compared with."""

    def __init__(
        self, customer: Customer, places: Sequence[Site], people: Sequence[Contact]
    ) -> None:
        self.name = plain_name(customer.name)
        phones = [customer.phone, customer.second_phone]
        for one in people:
            phones += [one.phone, one.mobile]
        self.phones = frozenset(filter(None, phones))
        self.emails = frozenset(filter(None, (customer.email, *(one.email for one in people))))
        self.houses: dict[tuple[str, ...], set[str]] = defaultdict(set)
        """Plain streets by place and by the words that no typing mistake explains."""
        for address in (as_asked(customer), *map(address_of, places)):
            street = plain_street(address)
            if not street:
                continue
            fixed = fixed_words(street)
            for place in (address.postal_code[:5], person_sort_name(address.city)):
                if place and len(self.houses[(place, *fixed)]) < STREETS:
                    self.houses[(place, *fixed)].add(street)

    def match(self, other: "_Known") -> Match:
        """How alike two are: any phone, any e-mail address, any house of theirs."""
        streets = [
            same_street(one, another)
            for key in self.houses.keys() & other.houses.keys()
            for one, another in product(self.houses[key], other.houses[key])
        ]
        return weighed(
            email=bool(self.emails & other.emails),
            phone=bool(self.phones & other.phones),
            name=same_name(self.name, other.name),
            address=max(streets, default=0),
        )


class _Facts:
    """Who shares a phone or an e-mail address with whom."""

    def __init__(self, known: dict[UUID, _Known]) -> None:
        self._known = known
        self._holders: dict[str, list[UUID]] = defaultdict(list)
        for id in sorted(known):
            for fact in known[id].phones | known[id].emails:
                self._holders[fact].append(id)

    def after(self, id: UUID, named: Iterable[UUID]) -> list[UUID]:
        """Those after this one who may be the same, who share the most first; a switchboard that half
        a town has is no reason to compare everybody with everybody."""
        shared: Counter[UUID] = Counter()
        for fact in self._known[id].phones | self._known[id].emails:
            shared.update(islice(self._holders[fact], WITH_EACH * 10))
        shared.update(named)
        later = [one for one in shared if one > id and one in self._known]
        return sorted(later, key=lambda one: (-shared[one], one))[:WITH_EACH]


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
