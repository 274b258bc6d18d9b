"""The customers that are there already, looked through for those who are there twice.

A scan goes through all customers by id, a stretch at a time, and compares each with those who share
an e-mail address, a phone or nearly the name with them, as `services.duplicates` grades it. A pair is
told once: of the two, at the one whose id comes first. Nothing is kept and nothing is merged.

What a stretch costs is bounded, and where a bound left somebody out, the answer says so (`cut`).
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, func, literal, select, true, union_all

from app.core.contacts import person_sort_name
from app.core.listing import Column, ListQuery
from app.models.contacts import Contact, CustomerContact
from app.models.customers import Customer
from app.models.permissions import Permission
from app.models.sites import Site, SiteParty
from app.services.context import Ctx
from app.services.duplicates import PEOPLE, as_asked, people_of, places_of
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
"""Of those with nearly the same name, so many are compared with each, wherever they live."""
NAMESAKES = 200
"""So many are looked at for who lives in a house with the same number; `system.resembling` tells no more."""
MOST = 2_000
"""Customers that one stretch is compared with."""
OF_ALL = 20_000
"""Sites, and people, of all of them together; each has an equal share."""
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


@dataclass(frozen=True)
class Found:
    """What one stretch of the scan found, and whether there was more to compare than it does."""

    pairs: Sequence[Pair]
    cut: bool


class StretchQuery(ListQuery):
    """The customers that one question of the scan looks at."""

    SORTS: ClassVar[dict[str, Column]] = {"id": Customer.id}
    DEFAULT_SORT: ClassVar[str] = "id"

    limit: int = STRETCH


async def pairs_of(ctx: Ctx, stretch: Sequence[Customer]) -> Found:
    """Compare these customers, in the order of their ids, with all that come after and that one may
    see; the likeliest pairs first. Told are likely ones alone: half a town shares a house number, a
    name or a switchboard with somebody."""
    if not stretch:
        return Found([], cut=False)
    named, many_names = await _named(ctx, stretch)
    others, many_others = await _others(ctx, stretch, chain.from_iterable(named.values()))
    everybody = {one.id: one for one in (*stretch, *others)}
    ids = list(everybody)
    each = min(max(OF_ALL // len(ids), 10), PEOPLE)
    places, people = await places_of(ctx, ids, each), await people_of(ctx, ids, each)
    counts = [*map(len, places.values()), *map(len, people.values())]
    many_each = each in counts
    known = {id: _Known(one, places[id], people[id]) for id, one in everybody.items()}
    facts = _Facts(known)
    found = []
    for one in stretch:
        for id in facts.after(one.id, named[one.id]):
            match = known[one.id].match(known[id])
            if match.score >= LIKELY:
                found.append(Pair(one, everybody[id], match.score, match.reasons))
    found.sort(key=lambda pair: (-pair.score, pair.first.id, pair.second.id))
    cut = many_names or many_others or many_each or facts.cut or len(found) > SHOWN
    return Found(found[:SHOWN], cut)


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
        self.cut = False
        """Whether somebody had more to be compared with."""
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
            holders = self._holders[fact]
            first = bisect_right(holders, id)
            shared.update(islice(holders, first, first + WITH_EACH * 10))
            self.cut |= len(holders) > first + WITH_EACH * 10
        shared.update(named)
        later = [one for one in shared if one > id and one in self._known]
        self.cut |= len(later) > WITH_EACH
        return sorted(later, key=lambda one: (-shared[one], one))[:WITH_EACH]


async def _named(ctx: Ctx, stretch: Sequence[Customer]) -> tuple[dict[UUID, set[UUID]], bool]:
    """Who has nearly the name of each and may live with them, and whether there are more namesakes
    than were looked at. A name alone makes no pair."""
    resembling = func.system.resembling(Customer.sort_name, NAMESAKES)
    like = resembling.table_valued("entity_id", with_ordinality="place").render_derived()
    ids = [one.id for one in stretch]
    rows = await ctx.session.execute(
        select(Customer.id, like.c.entity_id, like.c.place)
        .select_from(Customer)
        .join(like, true())
        .where(Customer.id.in_(ids))
        .limit(STRETCH * NAMESAKES)
    )
    namesakes = rows.all()
    houses = await _houses({*ids, *(other for _, other, _ in namesakes)}, ctx)
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for id, other, place in namesakes:
        if other > id and (place <= LIKE_EACH or houses[id] & houses[other]):
            found[id].add(other)
    return found, any(place == NAMESAKES for _, _, place in namesakes)


async def _houses(ids: Iterable[UUID], ctx: Ctx) -> dict[UUID, set[str]]:
    """What the streets of somebody begin with, mostly a number: where they are billed, and of their
    sites. Asked of all at once: asked of each pair it is asked twenty thousand times."""
    of = literal(list(ids), ARRAY(Uuid))
    billed = select(Customer.id, func.split_part(Customer.billing_street, " ", 1)).where(
        Customer.id == any_(of), Customer.billing_street.is_not(None)
    )
    sites = (
        select(SiteParty.customer_id, Site.house)
        .join(Site, (Site.org_id == SiteParty.org_id) & (Site.id == SiteParty.site_id))
        .where(
            SiteParty.customer_id == any_(of),
            SiteParty.ends_on.is_(None),
            Site.deleted_at.is_(None),
        )
    )
    found: dict[UUID, set[str]] = defaultdict(set)
    for id, house in await ctx.session.execute(union_all(billed, sites).limit(OF_ALL * 10)):
        found[id].add(house)
    return found


async def _others(
    ctx: Ctx, stretch: Sequence[Customer], named: Iterable[UUID]
) -> tuple[Sequence[Customer], bool]:
    """Those after the stretch who may be one of it, who share the most first, and whether there are
    more. Who lives in the same house and shares nothing else is no likely pair, and is not looked
    for."""
    ids = [one.id for one in stretch]
    people = list(chain.from_iterable((await people_of(ctx, ids)).values()))
    phones = {phone for one in stretch for phone in (one.phone, one.second_phone) if phone}
    phones |= {phone for one in people for phone in (one.phone, one.mobile) if phone}
    emails = {one.email for one in stretch if one.email}
    emails |= {one.email for one in people if one.email}
    # one look-up by each index; joined by OR they would be one look at every customer
    sharing = [
        select(Customer.id).where(Customer.id > ids[-1], held)
        for held in (
            Customer.phone.in_(phones),
            Customer.second_phone.in_(phones),
            Customer.email.in_(emails),
        )
    ]
    if ctx.may(Permission.contacts_read):
        linked = select(CustomerContact.customer_id).join(
            Contact,
            (Contact.org_id == CustomerContact.org_id) & (Contact.id == CustomerContact.contact_id),
        )
        sharing += [
            linked.where(CustomerContact.customer_id > ids[-1], Contact.deleted_at.is_(None), held)
            for held in (
                Contact.phone.in_(phones),
                Contact.mobile.in_(phones),
                Contact.email.in_(emails),
            )
        ]
    either = union_all(*sharing).subquery()
    found = await ctx.session.scalars(
        select(either.c.id)
        .group_by(either.c.id)
        .order_by(func.count().desc(), either.c.id)
        .limit(MOST + 1)
    )
    later = list(dict.fromkeys([*found, *sorted(id for id in named if id > ids[-1])]))
    statement = ctx.select(Customer).where(Customer.id.in_(later[:MOST]))
    others = list(await ctx.session.scalars(statement.order_by(Customer.id).limit(MOST)))
    return others, len(later) > MOST
