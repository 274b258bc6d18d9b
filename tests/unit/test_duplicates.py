"""Two facts in common make a likely duplicate; one alone never does."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.imports.duplicates import LIKELY, POSSIBLE, Candidate, Match, similarity

FACTS = {
    "same e-mail address": {"email": "ann@example.com"},
    "same phone": {"phone": "+12025550123"},
    "similar name": {"name": "Ann Lee"},
    "similar address": {"street": "12 Main St", "city": "Springfield", "postal_code": "62701"},
}


@pytest.mark.parametrize("fact", FACTS)
def test_one_fact_is_possible_and_never_likely(fact: str) -> None:
    match = similarity(Candidate(**FACTS[fact]), Candidate(**FACTS[fact]))
    assert match.reasons == (fact,)
    assert POSSIBLE <= match.score < LIKELY


@pytest.mark.parametrize("pair", list(combinations(FACTS, 2)))
def test_two_facts_are_likely(pair: tuple[str, str]) -> None:
    customer = Candidate(**FACTS[pair[0]], **FACTS[pair[1]])
    match = similarity(customer, customer)
    assert match.reasons == pair
    assert match.score >= LIKELY


def test_nothing_in_common_and_nothing_known_is_nothing() -> None:
    assert similarity(Candidate(), Candidate()) == Match(0, ())
    assert similarity(Candidate(name="Ann Lee"), Candidate(name="Bob Ray")) == Match(0, ())


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("José Núñez", "Jose Nunez"),
        ("Lee, Ann", "Ann Lee"),
        ("Katherine Jones", "Katharine Jones"),
        ("Acme Plumbing LLC", "ACME Plumbing, Inc."),
        ("O'Brien Farms", "OBrien Farms"),
    ],
)
def test_names_that_are_alike(a: str, b: str) -> None:
    assert similarity(Candidate(name=a), Candidate(name=b)).reasons == ("similar name",)


@pytest.mark.parametrize(
    ("a", "b"), [("Ann Lee", "Lee"), ("Bob Ray", "Rob Roy"), ("Acme Plumbing", "Acme Roofing")]
)
def test_names_that_are_not(a: str, b: str) -> None:
    assert similarity(Candidate(name=a), Candidate(name=b)).score == 0


def test_a_name_in_one_list_is_the_company_of_another() -> None:
    match = similarity(
        Candidate(name="Acme Plumbing"), Candidate(name="Al", company="Acme Plumbing Co")
    )
    assert match.reasons == ("similar name",)


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        ("12 North Main Street", "12 N. Main St", True),
        ("12 Main St Apt 4", "12 Main Street #4", True),
        ("12 Mian St", "12 Main St", True),
        ("12 Main St", "14 Main St", False),
        ("12 Main St Apt B", "12 Main St Apt C", False),
        ("12 N Main St", "12 S Main St", False),
        ("12 NE Oak Ridge Ave", "12 NW Oak Ridge Ave", False),
        ("12 Main St", "12 Oak St", False),
    ],
)
def test_streets(a: str, b: str, alike: bool) -> None:
    match = similarity(
        Candidate(street=a, postal_code="62701"), Candidate(street=b, postal_code="62701-1234")
    )
    assert bool(match.score) is alike


def test_a_unit_may_stand_in_its_own_column() -> None:
    apart = Candidate(street="12 Main St", unit="4", city="Springfield")
    together = Candidate(street="12 Main St, Apt 4", city="SPRINGFIELD")
    assert similarity(apart, together).reasons == ("similar address",)


def test_the_same_street_in_another_town_is_another_address() -> None:
    here = Candidate(street="12 Main St", city="Springfield")
    assert similarity(here, Candidate(street="12 Main St", city="Salem")).score == 0
    assert similarity(here, Candidate(street="12 Main St")).score == 0


words = st.sampled_from(
    ["", "Ann Lee", "Anne Lee", "12 Main St", "14 Main St", "62701", "+12025550123"]
)
customers = st.builds(
    Candidate, name=words, company=words, phone=words, email=words, street=words, unit=words,
    city=words, postal_code=words,
)  # fmt: skip


@given(customers, customers)
def test_the_order_does_not_matter_and_the_score_is_a_percentage(
    a: Candidate, b: Candidate
) -> None:
    match = similarity(a, b)
    assert match == similarity(b, a)
    assert 0 <= match.score <= 100
    assert (match.score >= LIKELY) is (len(match.reasons) >= 2)
    assert (match.score >= POSSIBLE) is (len(match.reasons) >= 1)
