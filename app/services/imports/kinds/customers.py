"""Customers, each perhaps with the site where the work is.

A row that says a street, a city or a postal code speaks of a place; its customer is billed there
until somebody says otherwise. Whoever resembles a customer that is here, or one of an earlier row,
is taken and named (`known`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.geo import Place
from app.models.customers import Customer, CustomerKind
from app.models.imports import ImportKind
from app.models.permissions import Permission
from app.models.sites import Site, SiteParty
from app.services import customers, sites
from app.services.context import Ctx
from app.services.customers import CustomerDraft, CustomerPatch
from app.services.imports.duplicates import Candidate, similarity
from app.services.imports.kinds import values as cells
from app.services.imports.kinds.base import (
    Field,
    Hand,
    Issue,
    Key,
    Kind,
    Reading,
    Settings,
    Taken,
    Touches,
    Want,
)
from app.services.imports.kinds.places import read_site
from app.services.imports.kinds.values import NAME_PARTS, whole_name
from app.services.imports.known import Acquaintances, address_of
from app.services.sites import SiteDraft, SitePatch

FIELDS = (
    Field(
        "name",
        "Name, or the contact's where there is a company",
        (
            "Name", "Customer Name", "Full Name", "Display Name", "Client Name", "Contact Name",
            "Account Name", "Customer Full Name", "Customer Display Name", "Customer", "Client",
            "Contact", "Primary Contact", "Bill To Name",
        ),
    ),
    Field(
        "company",
        "Company; makes the customer a business",
        (
            "Company", "Company Name", "Business Name", "Business", "Organization",
            "Organisation", "Organization Name", "Organisation Name", "Customer Company",
        ),
    ),
    Field(
        "email",
        "E-mail address",
        (
            "Email", "Email Address", "Primary Email", "Main Email", "Customer Email",
            "Contact Email", "Client Email", "Email 1", "Emails", "Mail", "Email ID", "E-mails",
        ),
    ),
    Field(
        "phone",
        "Phone",
        (
            "Phone", "Phone Number", "Mobile", "Mobile Phone", "Mobile Number", "Cell",
            "Cell Phone", "Cell Number", "Primary Phone", "Primary Phone Number", "Main Phone", "Main Phone #s",
            "Customer Phone", "Contact Phone", "Client Phone", "Telephone", "Telephone Number",
            "Tel", "Phone 1", "Phone Numbers", "Home Phone", "Home Number", "Work Phone",
            "Work Number", "Contact Number",
        ),
    ),
    Field(
        "notes",
        "Notes",
        (
            "Notes", "Note", "Customer Notes", "Client Notes", "Comments", "Comment", "Remarks",
            "Memo", "Description",
        ),
    ),
    Field(
        "external_id",
        "Their key in the other system",
        (
            "External ID", "External Key", "J-ID", "Customer ID", "Customer Number", "Customer No", "Account Number",
            "Account No", "Account ID", "Client ID", "Reference", "ID", "Key", "Code", "Ref",
        ),
    ),
    Field(
        "site_name",
        "Name of the site",
        (
            "Site Name", "Site", "Location Name", "Location", "Property Name", "Property",
            "Service Location", "Job Site", "Building", "Building Name",
        ),
    ),
    Field(
        "street",
        "Street of the site",
        (
            "Street", "Street Address", "Service Address", "Service Street", "Service Street 1",
            "Site Address", "Property Address", "Job Address", "Location Address", "Address",
            "Address 1", "Address Line 1", "Street 1", "Street Line 1", "Street Address 1",
            "Addr", "Addr 1", "Billing Address", "Billing Street", "Billing Street 1",
            "Mailing Address",
        ),
    ),
    Field(
        "unit",
        "Unit, apartment or suite",
        (
            "Unit", "Unit Number", "Apartment", "Apt", "Apt Number", "Suite", "Suite Number",
            "Address 2", "Address Line 2", "Street 2", "Street Line 2", "Street Address 2",
            "Addr 2", "Service Street 2", "Billing Street 2",
        ),
    ),
    Field(
        "city",
        "City",
        (
            "City", "Town", "Service City", "Site City", "Property City", "Job City",
            "City Town", "Town City", "Locality", "Suburb", "Municipality", "Billing City",
            "Mailing City",
        ),
    ),
    Field(
        "region",
        "State",
        (
            "State", "Region", "Province", "State Province", "Province State", "Service State",
            "Site State", "Property State", "Job State", "State Code", "Billing State",
            "Mailing State",
        ),
    ),
    Field(
        "postal_code",
        "ZIP code",
        (
            "Postal Code", "ZIP", "ZIP Code", "Postcode", "ZIP Postal Code", "Postal ZIP Code",
            "Postal", "Service ZIP", "Service ZIP Code", "Service Postal Code", "Site ZIP",
            "Site ZIP Code", "Property ZIP", "Property ZIP Code", "Job ZIP", "Zip 5",
            "Billing ZIP", "Billing ZIP Code", "Billing Postal Code", "Mailing ZIP",
            "Mailing ZIP Code",
        ),
    ),
    Field(
        "country",
        "Country",
        (
            "Country", "Country Code", "Service Country", "Site Country", "Property Country",
            "Billing Country", "Mailing Country",
        ),
    ),
    Field(
        "access_notes",
        "How to get in",
        (
            "Access Notes", "Access", "Access Instructions", "Entry Notes", "Entry Instructions",
            "Site Notes", "Location Notes", "Property Notes", "Directions",
        ),
    ),
    Field(
        "gate_code",
        "The code of the gate or door",
        ("Gate Code", "Access Code", "Entry Code", "Door Code", "Lockbox Code"),
    ),
    Field(
        "first_name",
        "First name",
        (
            "First Name", "Given Name", "Forename", "First", "Customer First Name",
            "Contact First Name", "Client First Name", "FName",
        ),
    ),
    Field(
        "last_name",
        "Last name",
        (
            "Last Name", "Surname", "Family Name", "Last", "Customer Last Name",
            "Contact Last Name", "Client Last Name", "LName",
        ),
    ),
    Field(
        "second_phone",
        "Another phone",
        ("Second Phone", "Phone 2", "Other Phone", "Alternate Phone", "Secondary Phone",
         "Home Phone", "Home Number", "Work Phone", "Work Number"),
    ),
    Field(
        "billing_street",
        "Street of the bill, where it is not the site's",
        ("Billing Street", "Billing Street 1", "Billing Address", "Mailing Address",
         "Bill To Street", "Bill To Address"),
    ),
    Field("billing_city", "City of the bill", ("Billing City", "Mailing City", "Bill To City")),
    Field(
        "billing_region",
        "State of the bill",
        ("Billing State", "Billing Province", "Mailing State", "Bill To State"),
    ),
    Field(
        "billing_postal_code",
        "ZIP code of the bill",
        ("Billing ZIP Code", "Billing ZIP", "Billing Postal Code", "Mailing ZIP",
         "Mailing ZIP Code", "Bill To ZIP"),
    ),
    Field("source", "Where they came from", ("Lead Source", "Source", "Referred By", "Campaign")),
    Field(
        "payment_terms_days",
        "Days they have to pay: 30, Net 30",
        ("Payment Terms", "Terms", "Net Days"),
    ),
    Field("tax_exempt", "Whether they pay no tax", ("Tax Exempt", "Is Tax Exempt", "Non Taxable")),
    Field("tags", "Tags, separated by commas", ("Tags", "Customer Tags", "Client Tags", "Labels")),
)  # fmt: skip
PLAIN = (
    "second_phone",
    "billing_street",
    "billing_city",
    "billing_region",
    "billing_postal_code",
    "source",
)
CALLED = {
    "email": ("email",),
    "phone": ("phone",),
    "external_key": ("external_id",),
    "name": ("name", *NAME_PARTS, "company"),
}
"""A customer's fields and the columns that make them."""


SITE_PARTS = ("unit", "city", "region", "postal_code", "country")


class CustomersHand(Hand):
    """Takes customers with their sites, and remembers whom the rows resemble."""

    def __init__(self, kind: Kind, key: str, *, dry_run: bool) -> None:
        super().__init__(kind, key, dry_run=dry_run)
        self._met = Acquaintances()
        self._places: dict[UUID, list[Site]] = {}

    async def meet(
        self, ctx: Ctx, rows: Sequence[Taken], present: Mapping[str, Sequence[Any]]
    ) -> dict[int, Issue]:
        self._places = await _places(ctx, [one for found in present.values() for one in found])
        await self._met.meet(ctx, [row for row in rows if row.key not in present])
        return {}

    async def create(self, ctx: Ctx, row: Taken, touches: Touches) -> tuple[Any, list[Issue]]:
        likely = self._met.likeliest(row)
        draft = CustomerDraft(**{**_bill(row, None), **row.record})
        customer = await customers.create(ctx, draft)
        touches.made(row, customer)
        if (place := row.beside["site"]) is not None:
            site = await sites.create(ctx, SiteDraft(customer_id=customer.id, **place))
            touches.made(row, site)
        self._met.remember(row, None if self.dry_run else customer.id)
        return customer, _resembles(row, likely)

    async def change(self, ctx: Ctx, row: Taken, record: Any, touches: Touches) -> bool:
        patch = CustomerPatch(**{**_bill(row, record), **row.record})
        moved = await touches.changed(row, record, customers.change(ctx, record, patch))
        return await self._change_site(ctx, row, record, touches) or moved

    async def _change_site(
        self, ctx: Ctx, row: Taken, customer: Customer, touches: Touches
    ) -> bool:
        """The house is the same or nearly so: put it right. Another house is another site."""
        place = row.beside["site"]
        if place is None:
            return False
        meant = Candidate(
            street=place["street"],
            unit=place.get("unit", ""),
            city=place.get("city", ""),
            postal_code=place["postal_code"],
        )
        site = max(
            self._places.get(customer.id, []),
            key=lambda one: similarity(meant, address_of(one)).score,
            default=None,
        )
        if site is None or not similarity(meant, address_of(site)).reasons:
            made = await sites.create(ctx, SiteDraft(customer_id=customer.id, **place))
            touches.made(row, made)
            return True
        return await touches.changed(row, site, sites.change(ctx, site, SitePatch(**place)))

    def mark(self) -> int:
        return self._met.mark()

    def back_to(self, mark: int) -> None:
        self._met.back_to(mark)


class CustomersKind(Kind):
    """Whom one bills."""

    name: ClassVar[ImportKind] = ImportKind.customers
    model = Customer
    called: ClassVar[str] = "customer"
    fields: ClassVar[tuple[Field, ...]] = FIELDS
    keys: ClassVar[tuple[Key, ...]] = (
        Key("external_id", ("external_id",), "external_key"),
        Key("email", ("email",), "email"),
        Key("phone", ("phone",), "phone"),
    )
    wants: ClassVar[tuple[Want, ...]] = (
        Want(
            ("name", "company", *NAME_PARTS),
            "No column holds the customers' names. Say which one does, in `mapping`.",
        ),
    )
    needs: ClassVar[tuple[Permission, ...]] = (Permission.customers_write, Permission.sites_write)
    reads: ClassVar[tuple[Permission, ...]] = (Permission.customers_read, Permission.sites_read)
    hand: ClassVar[type[Hand]] = CustomersHand

    def prepare(self, values: dict[str, str]) -> dict[str, str]:
        return whole_name(values)

    def reconsider(self, guesses: dict[str, str | None]) -> dict[str, str | None]:
        """A bill's address stands in for a site's as a whole, and never completes one."""
        street = next((head for head, target in guesses.items() if target == "street"), None)
        if street is None or _is_bill(street):
            return guesses
        taken = set(guesses.values())
        for heading, target in list(guesses.items()):
            if target in SITE_PARTS and _is_bill(heading):
                bill = f"billing_{target}"
                guesses[heading] = bill if bill in self.targets and bill not in taken else None
        return guesses

    async def understand(
        self, values: dict[str, str], reading: Reading, settings: Settings
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        customer = _customer(values, reading)
        site, place = await read_site(values, reading, keyed=False)
        return customer, {"site": site, "billing": _billing(site, place)}

    def says(self, row: Taken) -> dict[str, str]:
        site = row.beside["site"] or {}
        address = ", ".join(
            site[name]
            for name in ("street", "unit", "city", "region", "postal_code")
            if name in site
        )
        return super().says(row) | ({"site": address} if address else {})


def _is_bill(heading: str) -> bool:
    """Whether a heading speaks of where the bill goes: Billing City, Mailing ZIP."""
    return heading.strip().casefold().startswith(("billing", "mailing", "bill to"))


def _bill(row: Taken, customer: Customer | None) -> dict[str, Any]:
    """The site's address for the bill, unless the row or somebody before has said another."""
    said = any(name.startswith("billing_") for name in row.record)
    known = customer is not None and customer.billing_street
    return {} if said or known else dict(row.beside["billing"])


def _customer(values: dict[str, str], reading: Reading) -> dict[str, Any]:
    given: dict[str, Any] = {
        ours: values[theirs]
        for theirs, ours in (
            ("email", "email"),
            ("phone", "phone"),
            ("external_id", "external_key"),
            *((name, name) for name in PLAIN),
        )
        if theirs in values
    }
    with reading.of("tax_exempt"):
        if "tax_exempt" in values:
            given["tax_exempt"] = cells.yes(values["tax_exempt"])
    with reading.of("payment_terms_days"):
        if "payment_terms_days" in values:
            given["payment_terms_days"] = cells.days(values["payment_terms_days"])
    name, company = values.get("name"), values.get("company")
    notes = [values["notes"]] if "notes" in values else []
    if company:
        given["kind"] = CustomerKind.business
        if name and name != company:
            notes.insert(0, f"Contact: {name}")
    if notes:
        given["notes"] = "\n".join(notes)
    given["name"] = company or name
    if given["name"] is None:
        reading.refuse("missing", "The name is missing. Every customer needs one.", *CALLED["name"])
        given["name"] = "—"  # so that the other cells are looked at too
    try:
        draft = CustomerDraft(**given)
    except ValidationError as error:
        reading.explain(error, CALLED, thing="A customer")
        return {}
    return draft.model_dump(include=set(given))


def _billing(site: dict[str, Any] | None, place: Place | None) -> dict[str, Any]:
    """The bill goes where the work is, until somebody says otherwise."""
    if site is None:
        return {}
    told = {"city": place.city, "region": place.region} if place is not None else {}
    street = ", ".join(site[name] for name in ("street", "unit") if name in site)
    address = told | site | {"street": street[:200]}
    fields = ("street", "city", "region", "postal_code")
    return {f"billing_{name}": address[name] for name in fields if name in address}


async def _places(ctx: Ctx, present: Sequence[Customer]) -> dict[UUID, list[Site]]:
    """Their sites at present."""
    places: dict[UUID, list[Site]] = defaultdict(list)
    for party in await ctx.session.scalars(
        select(SiteParty)
        .where(
            SiteParty.customer_id.in_([customer.id for customer in present]),
            SiteParty.ends_on.is_(None),
        )
        .options(joinedload(SiteParty.site))
        .order_by(SiteParty.created_at)
    ):
        if party.site.deleted_at is None:
            places[party.customer_id].append(party.site)
    return places


def _resembles(row: Taken, likely: Any) -> list[Issue]:
    if likely is None:
        return []
    known, match = likely
    where = f" in row {known.row} of this file" if known.row is not None else ""
    return [
        Issue(
            row.row,
            row.line,
            None,
            "likely_duplicate",
            f"Resembles {known.name}{where}: {', '.join(match.reasons)}.",
            severity="duplicate",
            entity="customers",
            record_id=known.customer_id,
        )
    ]
