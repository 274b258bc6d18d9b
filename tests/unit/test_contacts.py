"""Phones, e-mail addresses and names come into the one form in which they are stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.contacts import email, person_sort_name, phone, phone_digits, phone_text


@pytest.mark.parametrize(
    "written",
    [
        "(202) 555-0123",
        "202.555.0123",
        "2025550123",
        "1 202 555 0123",
        "+1 202-555-0123",
        " 202 555 0123 ",
    ],
)
def test_a_phone_has_one_form(written: str) -> None:
    assert phone(written) == "+12025550123"


def test_a_phone_abroad() -> None:
    assert phone("+44 20 7946 0958") == "+442079460958"
    assert phone("020 7946 0958", region="GB") == "+442079460958"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "“” is not a phone number. Write it like (202) 555-0123 or +1 202 555 0123."),
        ("call me", "“call me” is not a phone number."),
        ("555-0123", "“555-0123” is not a number that can be called. Check the digits"),
        ("(202) 555-01234", "“(202) 555-01234” is not a number that can be called."),
        ("202-555-0123 x12", "“202-555-0123 x12” has an extension. Give the number alone"),
        ("9" * 300, "“" + "9" * 59 + "…” is not a phone number."),
    ],
)
def test_a_phone_that_cannot_be_stored_says_why(written: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refusal:
        phone(written)
    assert str(refusal.value).startswith(sentence)


def test_a_stored_phone_reads_as_people_there_write_it() -> None:
    assert phone_text("+12025550123", "US") == "(202) 555-0123"
    assert phone_text("+12025550123", "GB") == "+1 202-555-0123"
    assert phone_text("+442079460958", "GB") == "020 7946 0958"
    assert phone_text("front desk", "US") == "front desk"


def test_digits_for_searching() -> None:
    assert phone_digits("+12025550123") == "12025550123"


@given(st.sampled_from(["202", "212", "312", "415"]), st.integers(2_000_000, 9_999_999))
def test_a_stored_phone_stays_as_it_is(area: str, number: int) -> None:
    assert phone(phone(f"{area}{number}")) == f"+1{area}{number}"


def test_an_email_address_has_one_form() -> None:
    assert email("  Ann.Lee@EXAMPLE.com ") == "Ann.Lee@example.com"
    assert email("ann@bücher.example.com") == "ann@bücher.example.com"


@pytest.mark.parametrize(
    "written", ["", "ann", "ann@", "@example.com", "a b@example.com", "ann@localhost"]
)
def test_a_bad_email_address_says_why(written: str) -> None:
    with pytest.raises(ValueError) as refusal:
        email(written)
    assert str(refusal.value).startswith(f"“{written}” is not an e-mail address. ")
    assert str(refusal.value).endswith(". Write it like name@example.com.")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("José  Núñez", "jose nunez"),
        ("ÅSA Öberg", "asa oberg"),
        ("Łukasz Żółć", "lukasz zolc"),
        ("Søren Æbelø", "soren aebelo"),
        ("Straße", "strasse"),
        ("İbrahim", "ibrahim"),
        ("ﬁnn\tO’Brien ", "finn o’brien"),
        ("東京", "東京"),
    ],
)
def test_names_sort_without_accents_and_case(name: str, key: str) -> None:
    assert person_sort_name(name) == key


@given(st.text())
def test_a_sort_name_is_its_own_sort_name(name: str) -> None:
    assert person_sort_name(person_sort_name(name)) == person_sort_name(name)
