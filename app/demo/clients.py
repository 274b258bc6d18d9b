"""Whom a demo company works for: people in houses, and businesses with one site or several."""

import itertools
import string
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any
from uuid import UUID

from app.core.contacts import person_sort_name
from app.core.places import Precision
from app.demo.catalogue import ACCESS_NOTES, CUSTOMER_NOTES, SOURCES
from app.demo.chronicle import Chronicle
from app.demo.companies import Company
from app.demo.names import BUSINESS_STREETS, FIRM_WORDS, FIRST, LAST, TOWN_STREETS
from app.demo.towns import Region, near
from app.models.customers import Customer, CustomerKind, CustomerStage
from app.models.sites import PartyRole, PlacedBy, Site, SiteParty
from app.services.facts import Fact

FIRMS = {
    # segment: (of a hundred businesses, kinds of name)
    "restaurant": (30, ("Café", "Grill", "Diner", "Taproom", "Kitchen", "Bakery", "Pizzeria")),
    "farm": (18, ("Farms", "Dairy", "Cattle Co.", "Family Farm", "Orchards")),
    "school": (10, ("Elementary School", "Middle School", "Montessori School", "Day School")),
    "church": (8, ("Lutheran Church", "Chapel", "Mennonite Church", "Community Church")),
    "manager": (6, ("Property Management", "Rentals", "Realty Services")),
    "shop": (28, ("Veterinary Clinic", "Dental", "Car Wash", "Inn", "Day Care", "Brewing Co.",
                  "Nursery", "Feed & Supply", "Apartments", "Fitness")),
}  # fmt: skip
EXEMPT = ("school", "church")
RURAL = {"farm": 100, "church": 40, "school": 25, "shop": 15, "restaurant": 12}
"""Of a hundred of them, how many lie beyond the sewer."""
MANY = 20
"""Attempts at a name that nobody has; after them people get a middle initial."""
CHAIN_IN = 40
"""One chain of four among so many restaurants."""
FICTION = 600
"""Customers for whom the telephone numbers are enough that are kept for fiction (555-01xx)."""
RURAL_HOMES = 64
"""The same for people."""


@dataclass(eq=False)
class Place:
    """A site, before and after it has a row."""

    row: dict[str, Any]
    role: PartyRole
    rural: bool
    id: UUID = field(init=False)
    tank: UUID | None = None

    @cached_property
    def site(self) -> Site:
        """As a record, for what reads records; never added to a session."""
        return Site(**self.row)


@dataclass(eq=False)
class Client:
    """A customer, before and after they have a row."""

    row: dict[str, Any]
    segment: str
    places: list[Place]
    parent: "Client | None" = None
    id: UUID = field(init=False)
    since: datetime | None = None

    @property
    def is_business(self) -> bool:
        return self.row["kind"] is CustomerKind.business

    @cached_property
    def customer(self) -> Customer:
        """As a record, for what reads records; never added to a session."""
        return Customer(**self.row)

    def arrive(self, told: Chronicle, at: datetime, by: UUID) -> None:
        """Somebody writes the customer and their sites down. The parent has arrived before."""
        act = told.act(at, by)
        self.since = at
        self.row["sort_name"] = person_sort_name(self.row["name"])
        if self.parent is not None:
            self.row["parent_id"] = self.parent.id
        self.id = told.add(act, Customer, **self.row)
        told.say(act, Fact.customer_created, Customer, self.id, name=self.row["name"])
        for number, place in enumerate(self.places, 1):
            act = told.act(at + timedelta(seconds=40 * number), by)
            place.id = told.add(act, Site, **place.row)
            told.add(act, SiteParty, site_id=place.id, customer_id=self.id, role=place.role)
            address = place.site.address
            told.say(act, Fact.site_created, Site, place.id, self.id, name=address)


def make_clients(random: Random, company: Company) -> list[Client]:
    """All customers of a company: a chain's head, its branches, then everybody else in no order."""
    firms = company.customers // 4
    maker = _Maker(random, company.region, company.settings["phone"], company.customers > FICTION)
    clients = [maker.person() for _ in range(company.customers - firms)]
    clients += maker.firms(firms)
    random.shuffle(clients)
    heads = {id(one.parent) for one in clients}
    return sorted(clients, key=lambda one: (id(one) not in heads, one.parent is None))


class _Maker:
    def __init__(self, random: Random, region: Region, own_phone: str, many: bool):
        self.random = random
        self.region = region
        self.many = many
        self.named: set[str] = set()
        self.lasts = self._shuffled(LAST)
        self.words = self._shuffled(FIRM_WORDS)
        self.taken = {own_phone}
        self.mailboxes: Counter[str] = Counter()

    def _shuffled(self, things: Any) -> Iterator[Any]:
        return iter(self.random.sample(list(things), len(things)))

    def _in_a_hundred(self, share: int) -> bool:
        return self.random.randrange(100) < share

    def person(self) -> Client:
        first, last = self._person()
        places = [self._place(rural=self._in_a_hundred(RURAL_HOMES))]
        if self._in_a_hundred(5):
            places.append(self._place(rural=True, name=self.random.choice(("Cabin", "Lake house"))))
        return self._client(f"{first} {last}", "home", places, f"{first}.{last}")

    def _person(self) -> tuple[str, str]:
        for attempt in itertools.count():
            first, last = self.random.choice(FIRST), self.random.choice(LAST)
            if attempt > MANY:
                first = f"{first} {self.random.choice(string.ascii_uppercase)}."
            if f"{first} {last}" not in self.named:
                self.named.add(f"{first} {last}")
                return first, last
        raise AssertionError

    def firms(self, number: int) -> list[Client]:
        made = [
            self._firm(segment, kinds)
            for segment, (share, kinds) in FIRMS.items()
            for _ in range(max(1, number * share // 100))
        ]
        made = made[:number]
        restaurants = [one for one in made if one.segment == "restaurant"]
        for first in range(0, len(restaurants), CHAIN_IN):
            chain = restaurants[first : first + 4]
            if len(chain) == 4:
                self._become_chain(chain)
        return made

    def _become_chain(self, chain: list[Client]) -> None:
        head, *branches = chain
        name = head.row["name"]
        head.row["notes"] = f"Head office of the {name} restaurants; each branch is billed here."
        for branch in branches:
            branch.parent = head
            street = branch.places[0].row["street"].split(" ", 1)[1]
            branch.row["name"] = f"{name} {branch.places[0].row['city']}, {street}"
            branch.row["email"] = head.row["email"]

    def _firm(self, segment: str, kinds: tuple[str, ...]) -> Client:
        word = next(self.lasts if segment in ("farm", "manager", "church") else self.words, None)
        word = word or f"{self.random.choice(LAST)} & {self.random.choice(LAST)}"
        while (name := f"{word} {self.random.choice(kinds)}") in self.named:
            word = f"{self.random.choice(LAST)} & {self.random.choice(LAST)}"
        self.named.add(name)
        rural = self._in_a_hundred(RURAL.get(segment, 0))
        count = self.random.randint(3, 7) if segment == "manager" else 1
        count += segment == "farm" and self._in_a_hundred(30)
        places = [
            self._place(rural=rural, business=segment not in ("farm", "manager"))
            for _ in range(count)
        ]
        if segment == "manager":
            for place in places:
                place.role = PartyRole.manager
                place.row["name"] = f"{self.random.choice(FIRM_WORDS)} {self._building()}"
        client = self._client(name, segment, places, f"office.{word}")
        client.row |= {
            "kind": CustomerKind.business,
            "payment_terms_days": 30 if segment in ("manager", "school") else None,
            "tax_exempt": segment in EXEMPT,
        }
        return client

    def _building(self) -> str:
        return self.random.choice(("Court", "House", "Duplex", "Fourplex", "Terrace"))

    def _client(self, name: str, segment: str, places: list[Place], mailbox: str) -> Client:
        home = places[0].row
        letters = "".join(one for one in mailbox.lower() if one.isalnum() or one == ".")
        if self.many:
            letters = self._mailbox(letters)
        row: dict[str, Any] = {
            "kind": CustomerKind.person,
            "stage": CustomerStage.active,
            "name": name,
            "email": f"{letters}@example.com" if self._in_a_hundred(91) else None,
            "phone": self._phone(home["postal_code"]),
            "second_phone": self._phone("") if self._in_a_hundred(9) else None,
            "billing_street": home["street"],
            "billing_city": home["city"],
            "billing_region": home["region"],
            "billing_postal_code": home["postal_code"],
            "source": self.random.choice(SOURCES),
            "notes": self.random.choice(CUSTOMER_NOTES) if self._in_a_hundred(22) else None,
        }
        return Client(row, segment, places)

    def _place(self, *, rural: bool, business: bool = False, name: str | None = None) -> Place:
        where = self.region.place(self.random, rural=rural)
        latitude, longitude = near(self.random, where)
        row = {
            "name": name,
            "street": self._street(rural=rural, business=business),
            "unit": None,
            "city": where.city,
            "region": where.region,
            "postal_code": where.postal_code,
            "country": "US",
            "latitude": latitude,
            "longitude": longitude,
            "placed_by": PlacedBy.pin if rural else PlacedBy.geocoder,
            "precision": Precision.exact if rural else Precision.rooftop,
            "time_zone": where.time_zone,
            "access_notes": self.random.choice(ACCESS_NOTES) if self._in_a_hundred(38) else None,
        }
        return Place(row, PartyRole.owner, rural)

    def _street(self, *, rural: bool, business: bool) -> str:
        if rural:
            road = self.random.choice(self.region.roads)
            road = road.replace("#", str(self.random.randint(4, 21) * 100))
            return f"{self.random.randint(300, 2400)} {road}"
        streets = BUSINESS_STREETS if business else TOWN_STREETS
        return f"{self.random.randint(101, 2999)} {self.random.choice(streets)}"

    def _phone(self, postal_code: str) -> str:
        codes = self.region.area_codes
        home = codes.get(postal_code[:3], codes[""])
        areas = [home, *self.random.sample(self.region.other_area_codes, 2)]
        while True:
            area = self.random.choices(areas, (20, 2, 1))[0]
            number = f"+1{area}555{self._line()}"
            if number not in self.taken:
                self.taken.add(number)
                return number
            areas[0] = self.random.choice(self.region.other_area_codes)

    def _mailbox(self, letters: str) -> str:
        """Nobody shares an address, however many are called alike."""
        self.mailboxes[letters] += 1
        taken = self.mailboxes[letters]
        return letters if taken == 1 else f"{letters}{taken}"

    def _line(self) -> str:
        if not self.many:
            return f"01{self.random.randrange(100):02}"
        return f"{self.random.randrange(2000, 10_000)}"  # the exchange 555 serves nobody
