"""Whom and where a row means: the customer and the site it names, found for a whole batch at once.

A key of another system says it exactly; otherwise e-mail, phone and name are asked in this order, and
what one of them leaves open the others may decide. Whoever has another key, e-mail or phone than the
row says is not taken for a weaker likeness. Several that fit are named and nobody is guessed; so is
nobody at all. A site is the one at that address, or the customer's only one.

Headings: Jobber's properties are “Service Street 1” and so on, its clients “Client Name”; Housecall Pro
writes Customer, Company, Mobile Phone, Home Phone, Street, Street Line 2, City, State, Zip
(help.housecallpro.com/en/articles/2999685); ServiceTitan has customers and locations
(help.servicetitan.com, “Customer and location records overview”).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import contacts
from app.core.contacts import person_sort_name
from app.models.customers import Customer
from app.models.sites import Site, SiteParty
from app.services.context import Ctx
from app.services.imports.duplicates import Candidate, plain_street
from app.services.imports.houses import having, house, sites_at
from app.services.imports.kinds.base import Field, Reading, Refused

MOST = 20_000
"""Records that the rows of one batch can be about."""

CUSTOMER = (
    Field(
        "customer_external_id",
        "The customer's key in the other system",
        ("Customer ID", "Customer Number", "Customer No", "Client ID", "Client Number",
         "Account Number", "Account No", "Account ID", "J-ID", "Bill To ID", "Customer Ref"),
    ),
    Field(
        "customer_name",
        "The customer's name",
        ("Customer Name", "Client Name", "Customer", "Client", "Company Name", "Company",
         "Account Name", "Bill To", "Bill To Name", "Customer Full Name", "Customer Display Name",
         "Display Name", "Invoiced To", "Owner"),
    ),
    Field(
        "customer_email",
        "The customer's e-mail address",
        ("Customer Email", "Client Email", "Email", "Email Address", "Emails",
         "Customer Email Address", "Client Emails"),
    ),
    Field(
        "customer_phone",
        "The customer's phone",
        ("Customer Phone", "Client Phone", "Phone", "Phone Number", "Mobile Phone",
         "Mobile Number", "Main Phone", "Primary Phone", "Customer Phone Number",
         "Client Phone Numbers", "Main Phone #s", "Home Phone", "Home Number"),
    ),
)  # fmt: skip
PLACE = (
    Field(
        "site_external_id",
        "The site's key in the other system",
        ("Site ID", "Location ID", "Property ID", "Service Location ID", "Location Number"),
    ),
    Field(
        "site_name",
        "The site's name",
        ("Site Name", "Location Name", "Property Name", "Site", "Location", "Property",
         "Service Location", "Building"),
    ),
    Field(
        "street",
        "The site's street",
        ("Service Street", "Service Street 1", "Street", "Street Address", "Service Address",
         "Site Address", "Property Address", "Location Street", "Location Address", "Job Address",
         "Address Line 1", "Address 1", "Street 1", "Address"),
    ),
    Field(
        "unit",
        "Its unit, apartment or suite",
        ("Unit", "Service Street 2", "Street Line 2", "Address Line 2", "Address 2", "Street 2",
         "Location Unit", "Apt", "Suite"),
    ),
    Field("city", "Its city", ("Service City", "City", "Location City", "Property City", "Town")),
    Field(
        "postal_code",
        "Its ZIP code",
        ("Service ZIP Code", "Service ZIP", "ZIP", "ZIP Code", "Postal Code", "Service Postal Code",
         "Location ZIP", "Location ZIP Code", "Property ZIP", "Property ZIP Code", "Postcode",
         "ZIP Postal Code", "Service ZIP Postal Code"),
    ),
)  # fmt: skip


_WHOLE = re.compile(
    r"(?P<street>.+?),\s*(?P<city>[^,]+),\s*[A-Za-z. ]{2,20}\s+(?P<postal_code>[0-9]{5})(-[0-9]{4})?"
    r"(,?\s*(USA|US|United States))?"
)
"""An address in one cell: `12 Main St, Topeka, KS 66604`."""


@dataclass(frozen=True, slots=True)
class Whom:
    """How a row names a customer; a name as it sorts, phone and e-mail as they are kept."""

    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    name: str | None = None

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.external_id, self.name, self.email, self.phone)))


@dataclass(frozen=True, slots=True)
class Where:
    """How a row names a site."""

    external_id: str | None = None
    name: str | None = None
    street: str | None = None
    unit: str | None = None
    city: str | None = None
    postal_code: str | None = None

    @property
    def house(self) -> Candidate:
        """As an address that can be compared."""
        return Candidate(
            street=self.street or "",
            unit=self.unit or "",
            city=self.city or "",
            postal_code=self.postal_code or "",
        )

    def __str__(self) -> str:
        said = (self.external_id, self.name, self.street, self.unit, self.city, self.postal_code)
        return ", ".join(filter(None, said))


def read_whom(values: dict[str, str], reading: Reading) -> Whom | None:
    """The customer that a row names; None when it names nobody."""
    said: dict[str, Any] = {}
    for name, form in (("email", contacts.email), ("phone", contacts.phone)):
        if (text := values.get(f"customer_{name}")) is not None:
            try:
                said[name] = form(text)
            except ValueError as error:
                reading.refuse("value_error", str(error), f"customer_{name}")
    for name in ("external_id", "name"):
        if (text := values.get(f"customer_{name}")) is not None:
            said[name] = text
    return Whom(**said) if said else None


def read_where(values: dict[str, str]) -> Where | None:
    """The site that a row names; None when it names none."""
    said = {
        "external_id": values.get("site_external_id"),
        "name": values.get("site_name"),
        **{name: values.get(name) for name in ("street", "unit", "city", "postal_code")},
    }
    if said["street"] and not said["postal_code"] and (whole := _WHOLE.fullmatch(said["street"])):
        said |= whole.groupdict()
    if (code := said["postal_code"]) is not None:
        code = code.split("-")[0].strip()
        said["postal_code"] = code.zfill(5) if code.isdigit() else code
    return Where(**said) if any(said.values()) else None


class Customers:
    """The customers that a batch may mean."""

    def __init__(self) -> None:
        self._by: dict[tuple[str, str], list[Customer]] = defaultdict(list)

    async def load(self, ctx: Ctx, whoms: Iterable[Whom | None], *, lock: bool) -> None:
        """A query for each way of naming them, whatever the size of the batch."""
        self._by.clear()
        asked = [whom for whom in whoms if whom is not None]
        if not asked:
            return
        names = [person_sort_name(one.name) for one in asked if one.name]
        ids = _ids(one.external_id for one in asked)
        ids |= await having(
            ctx, Customer.id, Customer.external_key, [one.external_id for one in asked]
        )
        ids |= await having(ctx, Customer.id, Customer.email, [one.email for one in asked])
        ids |= await having(ctx, Customer.id, Customer.phone, [one.phone for one in asked])
        ids |= await having(ctx, Customer.id, Customer.sort_name, names)
        statement = (
            ctx.select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id).limit(MOST)
        )
        if lock:
            statement = statement.with_for_update(key_share=True)
        for customer in await ctx.session.scalars(statement):
            for mark in _marks(customer):
                self._by[mark].append(customer)

    def one(self, whom: Whom) -> Customer:
        """The customer. Raises `Refused` when nobody or several fit."""
        if whom.external_id is not None:
            found = self._by.get(("external_id", whom.external_id), [])
            if found:
                return found[0]
            if not (whom.email or whom.phone or whom.name):
                raise Refused(
                    "no_customer",
                    f"No customer has the key “{whom.external_id}”. Import the customers first.",
                    "customer_external_id",
                )
        narrowed: list[Customer] = []
        others: dict[UUID, Refused] = {}
        for kind, value in _asked(whom):
            found = []
            for customer in self._by.get((kind, value), []):
                if (other := _somebody_else(whom, customer, kind)) is None:
                    found.append(customer)
                elif customer not in narrowed:
                    others.setdefault(customer.id, other)
            both = [one for one in narrowed if one in found]
            narrowed = both or narrowed or found
            if len(narrowed) == 1:
                return narrowed[0]
        if not narrowed and others:
            raise next(iter(others.values()))
        if not narrowed:
            raise Refused(
                "no_customer",
                f"There is no customer {whom}. Import the customers first.",
                "customer_name",
            )
        names = ", ".join(_known_by(customer) for customer in narrowed[:3])
        raise Refused(
            "ambiguous",
            f"Several customers fit {whom}: {names}. Name this one by its key, e-mail or phone.",
            "customer_name",
        )


def _somebody_else(whom: Whom, customer: Customer, by: str) -> Refused | None:
    """Why this customer, found by that fact, is not the one: what tells more about them is another."""
    own = customer.external_key
    if whom.external_id is not None and (own is not None or by == "name"):
        known = f"has the key “{own}” here" if own is not None else "has no key here"
        return Refused(
            "no_customer",
            f"No customer has the key “{whom.external_id}”, and {customer.name} {known}. Import the"
            f" customers first; if {customer.name} is meant, leave the key out.",
            "customer_external_id",
        )
    if whom.email is not None and by != "email" and customer.email not in (None, whom.email):
        return _other("e-mail address", whom.email, customer, "customer_email")
    phones = {customer.phone, customer.second_phone} - {None}
    if whom.phone is not None and by == "name" and phones and whom.phone not in phones:
        return _other("phone", whom.phone, customer, "customer_phone")
    return None


def _other(what: str, said: str, customer: Customer, target: str) -> Refused:
    return Refused(
        "no_customer",
        f"No customer {customer.name} has the {what} {said}; the one who is here has another. Import"
        f" the customers first; if they are meant, leave the {what} out.",
        target,
    )


def _asked(whom: Whom) -> list[tuple[str, str]]:
    said = (
        ("email", whom.email),
        ("phone", whom.phone),
        ("name", person_sort_name(whom.name) if whom.name else None),
    )
    return [(kind, value) for kind, value in said if value]


def _ids(keys: Iterable[str | None]) -> set[UUID]:
    """Those keys that are ids of ours, as our own exports name what belongs to what."""
    found = set()
    for key in keys:
        with suppress(ValueError):
            found.add(UUID(key or ""))
    return found


def _marks(customer: Customer) -> list[tuple[str, str]]:
    said = (
        ("external_id", customer.external_key),
        ("external_id", str(customer.id)),  # as our own exports name them
        ("email", customer.email),
        ("phone", customer.phone),
        ("name", customer.sort_name),
    )
    return [(kind, value) for kind, value in said if value]


def _known_by(customer: Customer) -> str:
    told = customer.external_key or customer.email or customer.phone
    return f"{customer.name} ({told})" if told else customer.name


class Places:
    """The sites that a batch may mean."""

    def __init__(self) -> None:
        self._by_key: dict[str, Site] = {}
        self._of: dict[UUID, list[Site]] = defaultdict(list)
        self._at: dict[tuple[str, str], list[Site]] = defaultdict(list)

    async def load(
        self, ctx: Ctx, wheres: Iterable[Where | None], customers: Sequence[UUID], *, lock: bool
    ) -> None:
        """A query for each way of naming them, whatever the size of the batch."""
        self._by_key.clear()
        self._of.clear()
        self._at.clear()
        asked = [where for where in wheres if where is not None]
        theirs = select(SiteParty.customer_id, SiteParty.site_id).where(
            SiteParty.customer_id.in_(customers), SiteParty.ends_on.is_(None)
        )
        parties = (await ctx.session.execute(theirs.limit(MOST))).all() if customers else []
        keys = [where.external_id for where in asked]
        houses = [
            house(where.postal_code, where.street)
            for where in asked
            if where.street and where.postal_code
        ]
        ids = _ids(keys) | {party.site_id for party in parties}
        ids |= await having(ctx, Site.id, Site.external_key, keys)
        ids |= await sites_at(ctx, houses)
        if not ids:
            return
        statement = ctx.select(Site).where(Site.id.in_(ids)).order_by(Site.id).limit(MOST)
        if lock:
            statement = statement.with_for_update(key_share=True)
        found = {site.id: site for site in await ctx.session.scalars(statement)}
        for site in found.values():
            if site.external_key is not None:
                self._by_key[site.external_key] = site
            self._by_key.setdefault(str(site.id), site)
            self._at[(site.postal_code, _house(site))].append(site)
        for party in parties:
            if (known := found.get(party.site_id)) is not None and known not in self._of[
                party.customer_id
            ]:
                self._of[party.customer_id].append(known)

    def of(self, customer: Customer) -> list[Site]:
        """Where the customer is at home now."""
        return self._of.get(customer.id, [])

    def at(self, where: Where) -> list[Site]:
        """The sites at that address."""
        house = plain_street(where.house)
        return self._at.get((where.postal_code or "", house), []) if house else []

    def one(self, where: Where | None, customer: Customer | None) -> Site:
        """The site. Raises `Refused` when none or several fit."""
        if where is not None and where.external_id is not None:
            if (keyed := self._by_key.get(where.external_id)) is not None:
                return keyed
            if not (where.street or where.name):
                raise Refused(
                    "no_site",
                    f"No site has the key “{where.external_id}”. Import the sites first.",
                    "site_external_id",
                )
        theirs = self.of(customer) if customer is not None else []
        found = theirs
        if where is not None and (where.street or where.name):
            found = [site for site in theirs if _fits(site, where)] or self.at(where)
            if where.external_id is not None:
                found = _not_keyed_otherwise(where, found)
        if len(found) == 1:
            return found[0]
        who = customer.name if customer is not None else "this row"
        if not found:
            said = f"There is no site {where}" if where is not None else f"{who} has no site"
            raise Refused("no_site", f"{said}. Import the sites first.", "street", "site_name")
        places = "; ".join(site.address for site in found[:3])
        raise Refused(
            "ambiguous",
            f"{who} has {len(found)} sites that fit: {places}. Name one by its key or its address.",
            "street",
            "site_name",
        )


def _not_keyed_otherwise(where: Where, found: list[Site]) -> list[Site]:
    """Those that may be meant by a key that nobody has: at that address, and without a key.

    Raises `Refused` when there were some, and none of them is left.
    """
    left = [site for site in found if site.external_key is None and where.street]
    if found and not left:
        own = found[0].external_key
        known = f"has the key “{own}” here" if own is not None else "has no key here"
        raise Refused(
            "no_site",
            f"No site has the key “{where.external_id}”, and {found[0].address} {known}. Import the"
            " sites first; if this one is meant, leave the key out.",
            "site_external_id",
        )
    return left


def _fits(site: Site, where: Where) -> bool:
    """Whether a site of that customer is meant: by its street, or else by its name."""
    if where.street:
        same_code = not where.postal_code or where.postal_code == site.postal_code
        house = plain_street(where.house)
        without_unit = plain_street(Candidate(street=site.street)) if not where.unit else None
        return same_code and house in (_house(site), without_unit)
    return bool(
        where.name and site.name and person_sort_name(where.name) == person_sort_name(site.name)
    )


def _house(site: Site) -> str:
    return plain_street(Candidate(street=site.street, unit=site.unit or ""))
