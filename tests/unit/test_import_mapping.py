"""Columns of a customer list find their fields, and the person has the last word."""

import pytest

from app.models.imports import ImportKind
from app.services.imports.kinds import KINDS
from app.services.imports.kinds.base import Kind
from app.services.imports.mapping import Mapping, MappingError, map_columns, word
from tests.support import import_columns

CUSTOMERS = KINDS[ImportKind.customers]
FIELDS = [(kind, field.name) for kind in KINDS.values() for field in kind.fields]


def map_customer_columns(
    headings: list[str], explicit: dict[str, str | None] | None = None
) -> Mapping:
    return map_columns(CUSTOMERS, headings, explicit)


def applied(mapping: Mapping, row: dict[str, str]) -> dict[str, str]:
    """A row as customers are prepared from it."""
    return CUSTOMERS.prepare(mapping.apply(row))


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Customer Name", "name"),
        ("Full Name", "name"),
        ("Display Name", "name"),
        ("First Name", "first_name"),
        ("last_name", "last_name"),
        ("Company Name", "company"),
        ("E-mail", "email"),
        ("Email Address", "email"),
        ("Mobile", "phone"),
        ("Phone Number", "phone"),
        ("PHONE #", "phone"),
        ("Street Address", "street"),
        ("Address 1", "street"),
        ("Address 2", "unit"),
        ("Town", "city"),
        ("State", "region"),
        ("Province", "region"),
        ("State/Province", "region"),
        ("Zip", "postal_code"),
        ("ZIP Code", "postal_code"),
        ("zip/postal code", "postal_code"),
        ("Postal Code", "postal_code"),
        ("Customer ID", "external_id"),
        ("Gate Code", "gate_code"),
        ("Favourite colour", None),
    ],
)
def test_usual_headings_are_understood(heading: str, field: str | None) -> None:
    assert map_customer_columns([heading]).field_of(heading) == field


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_our_own_names_are_understood(kind: Kind, field: str) -> None:
    assert map_columns(kind, [field]).field_of(field) == field


@pytest.mark.parametrize("kind", KINDS.values())
def test_no_heading_means_two_fields(kind: Kind) -> None:
    words = [
        (word(alias), field.name) for field in kind.fields for alias in {field.name, *field.aliases}
    ]
    fields_of: dict[str, set[str]] = {}
    for one, field in words:
        fields_of.setdefault(one, set()).add(field)
    # a bill's address and a second phone stand in for the first ones where these are missing
    apart = {"second_phone", *(one for one in kind.targets if one.startswith("billing_"))}
    assert {one: sure for one, found in fields_of.items() if len(sure := found - apart) > 1} == {}
    assert {target for key in kind.keys for target in key.targets} <= set(kind.targets)


def test_a_field_comes_from_its_likeliest_column() -> None:
    mapping = map_customer_columns(["Billing Address", "Mobile", "Phone", "Service Address", "Age"])
    assert mapping.field_of("Phone") == "phone"
    assert mapping.field_of("Service Address") == "street"
    assert mapping.field_of("Billing Address") == "billing_street"
    assert mapping.unmapped == ("Mobile", "Age")


def test_a_bill_has_its_own_address_where_the_site_has_one() -> None:
    headings = ["Name", "Service Street 1", "Billing Street 1", "Mobile", "Home Phone"]
    mapping = map_customer_columns(headings)
    assert [mapping.field_of(heading) for heading in headings] == [
        "name", "street", "billing_street", "phone", "second_phone",
    ]  # fmt: skip
    mixed = map_customer_columns(["Name", "Street", "ZIP", "Billing City", "Billing Country"])
    assert [mixed.field_of(one) for one in ("Billing City", "Billing Country")] == [
        "billing_city", None,
    ]  # fmt: skip
    alone = map_customer_columns(["Name", "Billing Street 1", "Home Phone"])
    assert [alone.field_of(one) for one in ("Billing Street 1", "Home Phone")] == [
        "street", "phone",
    ]  # fmt: skip


def test_the_person_has_the_last_word() -> None:
    mapping = map_customer_columns(
        ["Name", "Phone", "Mobile", "Region"], {"Mobile": "phone", "Region": None}
    )
    assert mapping.field_of("Mobile") == "phone"
    assert mapping.unmapped == ("Phone", "Region")


def test_applying_gives_trimmed_fields_and_nothing_for_missing_columns() -> None:
    mapping = map_customer_columns(["Full Name", "E-Mail", "Shoe size"])
    row = {"Full Name": " Ann Lee ", "E-Mail": "", "Shoe size": "38"}
    assert applied(mapping, row) == {"name": "Ann Lee", "email": ""}


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("Ann", "Lee", "Ann Lee"), ("", "Lee", "Lee"), (" Ann ", " ", "Ann"), ("", "", "")],
)
def test_first_and_last_name_make_one(first: str, last: str, name: str) -> None:
    mapping = map_customer_columns(["Last Name", "First Name"])
    assert applied(mapping, {"Last Name": last, "First Name": first}) == {"name": name}


def test_a_whole_name_goes_before_its_parts() -> None:
    mapping = map_customer_columns(["Display Name", "First Name", "Last Name"])
    parts = {"First Name": "Ann", "Last Name": "Lee"}
    assert applied(mapping, {"Display Name": "Lee Family", **parts}) == {"name": "Lee Family"}
    assert applied(mapping, {"Display Name": " ", **parts}) == {"name": "Ann Lee"}


@pytest.mark.parametrize(
    ("explicit", "sentence"),
    [
        (
            {"Name": "nickname"},
            "“nickname” is not a field of customers. The fields are: name, company,",
        ),
        ({"Nmae": "name"}, "The file has no column “Nmae”."),
        ({"Name": "name", "Phone": "name"}, "Both “Name” and “Phone” are mapped to name."),
    ],
)
def test_a_senseless_mapping_is_refused_in_words(
    explicit: dict[str, str | None], sentence: str
) -> None:
    with pytest.raises(MappingError) as refusal:
        map_customer_columns(["Name", "Phone"], explicit)
    assert str(refusal.value).startswith(sentence)


def test_the_page_of_columns_says_what_is_read() -> None:
    """`python -m tests.support.import_columns` writes it."""
    assert import_columns.PAGE.read_text() == import_columns.page()
