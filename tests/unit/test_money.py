"""Money in figures and in words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import Rounding, minor_digits, money_text, price_text, share, to_minor


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("USD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("IQD", 3), ("RSD", 2), ("EUR", 2)],
)
def test_digits_are_those_of_iso_4217(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "said"),
    [
        (123450, "USD", "en_US", "$1,234.50"),
        (-5, "USD", "en_US", "−$0.05"),
        (1234567, "JPY", "ja_JP", "￥1,234,567"),
        (1234567, "KWD", "en-GB", "KWD\u00a01,234.567"),
        (1234567, "EUR", "de_DE", "12.345,67\u00a0€"),
    ],
)
def test_an_amount_reads_as_people_write_it(
    minor: int, currency: str, locale: str, said: str
) -> None:
    assert money_text(minor, currency, locale) == said


def test_a_price_finer_than_a_cent_is_not_rounded() -> None:
    assert price_text(Decimal("24.0875"), "USD", "en_US") == "$24.0875"
    assert price_text(Decimal("24.5000"), "USD", "en_US") == "$24.50"


def test_a_half_is_rounded_by_the_chosen_rule() -> None:
    half = Decimal("0.125")
    assert to_minor(half, "USD", Rounding.half_up) == 13
    assert to_minor(half, "USD", Rounding.half_even) == 12
    assert to_minor(Decimal("0.5"), "JPY", Rounding.half_up) == 1
    assert to_minor(Decimal("0.0005"), "KWD", Rounding.half_even) == 0


@given(
    total=st.integers(0, 10**15), weights=st.lists(st.integers(0, 10**15), min_size=1, max_size=60)
)
def test_shares_sum_exactly_and_stay_near_their_due(total: int, weights: list[int]) -> None:
    parts = share(total, weights)
    assert sum(parts) == total
    whole = sum(weights) or len(weights)
    for part, weight in zip(parts, weights if any(weights) else [1] * len(weights), strict=True):
        assert abs(part * whole - total * weight) < whole
