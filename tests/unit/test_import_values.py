"""What a cell of a list means: amounts as people and programs write them."""

import datetime as dt
from typing import Any

import pytest

from app.core.tables.sheets import said
from app.services.imports.kinds.values import Settings, money


def settings(currency: str = "USD") -> Settings:
    return Settings("US", currency, "America/Chicago", dt.date(2026, 11, 20))


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("1,234.50", 123450), ("$1,234.50", 123450), ("1.234,50", 123450), ("1 234,50", 123450),
        ("5 USD", 500), ("US$ 4.00", 400), ("$.50", 50), ("-5", -500), ("(12)", -1200),
        ("$(100.00)", -10000), ("($100.00)", -10000), ("100.00-", -10000), ("$ -100.00", -10000),
        ("USD -100.00", -10000), ("US$-4.00", -400), ("−4.00", -400), ("100.00 CR", -10000),
    ],
)  # fmt: skip
def test_an_amount_keeps_its_sign_however_it_is_written(written: str, minor: int) -> None:
    assert money(written, settings()) == minor


@pytest.mark.parametrize(
    "written", ["50%", "€5", "EUR 5", "12 apples", "5-3", "12)", "(12", "10 x 5", "1.234.567,8,9"]
)
def test_what_is_no_amount_of_ours_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        money(written, settings())


def test_an_amount_is_no_finer_than_its_currency() -> None:
    assert money("¥500", settings("JPY")) == 500
    with pytest.raises(ValueError, match="finer than JPY goes"):
        money("500.5", settings("JPY"))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (100 * 1.1, "110"), (0.1 + 0.2, "0.3"), (12.0, "12"), (-3.25, "-3.25"), (1e-7, "0.0000001"),
        (True, "true"), (dt.datetime(2026, 3, 1), "2026-03-01"),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_cell_of_a_workbook_is_what_the_workbook_shows(cell: Any, text: str) -> None:
    assert said(cell) == text
