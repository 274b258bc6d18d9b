"""Which column of somebody's list of customers is which field of ours.

We guess from the headings and the person corrects: what was said explicitly always wins. Every
field comes from at most one column. First and last name are two columns that make one field.
"""

import unicodedata
from collections.abc import Iterable
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass

FIELDS = (
    "name",
    "company",
    "email",
    "phone",
    "notes",
    "external_id",
    "site_name",
    "street",
    "unit",
    "city",
    "region",
    "postal_code",
    "country",
    "access_notes",
)
NAME_PARTS = ("first_name", "last_name")
TARGETS = FIELDS + NAME_PARTS
"""What a column can be mapped to: the fields, and the two halves of a name."""

# The likeliest heading first: where a file has several for one field, the earlier one wins.
_SYNONYMS: dict[str, tuple[str, ...]] = {
    "name": (
        "Name", "Customer Name", "Full Name", "Display Name", "Client Name", "Contact Name",
        "Account Name", "Customer Full Name", "Customer Display Name", "Customer", "Client",
        "Contact", "Primary Contact", "Bill To Name",
    ),
    "first_name": (
        "First Name", "Given Name", "Forename", "First", "Customer First Name",
        "Contact First Name", "Client First Name", "FName",
    ),
    "last_name": (
        "Last Name", "Surname", "Family Name", "Last", "Customer Last Name", "Contact Last Name",
        "Client Last Name", "LName",
    ),
    "company": (
        "Company", "Company Name", "Business Name", "Business", "Organization", "Organisation",
        "Organization Name", "Organisation Name", "Customer Company",
    ),
    "email": (
        "Email", "Email Address", "Primary Email", "Main Email", "Customer Email",
        "Contact Email", "Client Email", "Email 1", "Emails", "Mail", "Email ID",
    ),
    "phone": (
        "Phone", "Phone Number", "Mobile", "Mobile Phone", "Mobile Number", "Cell", "Cell Phone",
        "Cell Number", "Primary Phone", "Primary Phone Number", "Main Phone", "Customer Phone",
        "Contact Phone", "Client Phone", "Telephone", "Telephone Number", "Tel", "Phone 1",
        "Phone Numbers", "Home Phone", "Home Number", "Work Phone", "Work Number", "Contact Number",
    ),
    "notes": (
        "Notes", "Note", "Customer Notes", "Client Notes", "Comments", "Comment", "Remarks", "Memo",
        "Description",
    ),
    "external_id": (
        "External ID", "Customer ID", "Customer Number", "Customer No", "Account Number",
        "Account No", "Account ID", "Client ID", "Reference", "ID", "Key", "Code", "Ref",
    ),
    "site_name": (
        "Site Name", "Site", "Location Name", "Location", "Property Name", "Property",
        "Service Location", "Job Site", "Building", "Building Name",
    ),
    "street": (
        "Street", "Street Address", "Service Address", "Service Street", "Service Street 1",
        "Site Address", "Property Address", "Job Address", "Location Address", "Address",
        "Address 1", "Address Line 1", "Street 1", "Street Line 1", "Street Address 1", "Addr",
        "Addr 1", "Billing Address", "Billing Street", "Billing Street 1", "Mailing Address",
    ),
    "unit": (
        "Unit", "Unit Number", "Apartment", "Apt", "Apt Number", "Suite", "Suite Number",
        "Address 2", "Address Line 2", "Street 2", "Street Line 2", "Street Address 2", "Addr 2",
        "Service Street 2", "Billing Street 2",
    ),
    "city": (
        "City", "Town", "Service City", "Site City", "Property City", "Job City", "City Town",
        "Town City", "Locality", "Suburb", "Municipality", "Billing City", "Mailing City",
    ),
    "region": (
        "State", "Region", "Province", "State Province", "Province State", "Service State",
        "Site State", "Property State", "Job State", "State Code", "Billing State",
        "Mailing State",
    ),
    "postal_code": (
        "Postal Code", "ZIP", "ZIP Code", "Postcode", "ZIP Postal Code",
        "Postal ZIP Code", "Postal", "Service ZIP", "Service ZIP Code", "Service Postal Code",
        "Site ZIP", "Site ZIP Code", "Property ZIP", "Property ZIP Code", "Job ZIP", "Zip 5",
        "Billing ZIP", "Billing ZIP Code", "Billing Postal Code", "Mailing ZIP",
        "Mailing ZIP Code",
    ),
    "country": (
        "Country", "Country Code", "Service Country", "Site Country", "Property Country",
        "Billing Country", "Mailing Country",
    ),
    "access_notes": (
        "Access Notes", "Access", "Access Instructions", "Entry Notes", "Entry Instructions",
        "Gate Code", "Site Notes", "Location Notes", "Property Notes", "Directions",
    ),
}  # fmt: skip


class MappingError(ValueError):
    """The mapping that was asked for makes no sense; the message says why."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A settled mapping: each heading to its target, or to `None` when it is left out."""

    targets: dict[str, str | None]

    def field_of(self, heading: str) -> str | None:
        """Return what a column is mapped to, or `None` when it is left out."""
        return self.targets.get(heading)

    @property
    def unmapped(self) -> tuple[str, ...]:
        """The headings whose columns are left out, in the file's order."""
        return tuple(heading for heading, target in self.targets.items() if target is None)

    def apply(self, cells: MappingABC[str, str]) -> dict[str, str]:
        """Return the fields of one row, trimmed; a field without a column is not in it at all."""
        values = {
            target: cells[heading].strip()
            for heading, target in self.targets.items()
            if target is not None
        }
        parts = [values.pop(part) for part in NAME_PARTS if part in values]
        if parts and not values.get("name"):
            values["name"] = " ".join(part for part in parts if part)
        return values


def map_customer_columns(
    headings: Iterable[str], explicit: MappingABC[str, str | None] | None = None
) -> Mapping:
    """Map the columns of a list of customers: what is explicit first, then by guessing.

    `explicit` names targets by heading; `None` leaves a column out. A guess never takes a target
    that was given explicitly.
    """
    explicit = explicit or {}
    headings = tuple(headings)
    _check(headings, explicit)
    taken = {target for target in explicit.values() if target is not None}
    guesses = _guess([heading for heading in headings if heading not in explicit], taken)
    targets = {**guesses, **explicit}
    return Mapping({heading: targets.get(heading) for heading in headings})


def _check(headings: tuple[str, ...], explicit: MappingABC[str, str | None]) -> None:
    seen: dict[str, str] = {}
    for heading, target in explicit.items():
        if heading not in headings:
            raise MappingError(f"The file has no column “{heading}”.")
        if target is None:
            continue
        if target not in TARGETS:
            allowed = ", ".join(TARGETS)
            raise MappingError(
                f"“{target}” is not a field of customers. The fields are: {allowed}."
            )
        if target in seen:
            raise MappingError(f"Both “{seen[target]}” and “{heading}” are mapped to {target}.")
        seen[target] = heading


def _guess(headings: list[str], taken: set[str]) -> dict[str, str | None]:
    """Give every free target its likeliest heading."""
    by_word: dict[str, str] = {}
    for heading in headings:
        by_word.setdefault(_word(heading), heading)
    guesses: dict[str, str | None] = {}
    for target, words in _WORDS.items():
        heading_found = next((by_word[word] for word in words if word in by_word), None)
        if target not in taken and heading_found is not None:
            guesses[heading_found] = target
    return guesses


def _word(heading: str) -> str:
    """Return a heading without case, accents, spaces and punctuation."""
    decomposed = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(letter for letter in decomposed if letter.isalnum())


_WORDS = {
    target: tuple(_word(synonym) for synonym in synonyms) for target, synonyms in _SYNONYMS.items()
}
