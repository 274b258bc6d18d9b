"""What things cost us: added up exactly, and kept with the line that a cost was said of."""

from decimal import Decimal
from fractions import Fraction
from math import floor
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import MAX_MINOR, Rounding, minor_digits
from app.services.invoices.costs import kept
from app.services.invoices.lines import LineDraft
from app.services.invoices.totals import (
    MOST_COST,
    MOST_LINES,
    Costed,
    Margin,
    line_cost,
    margin,
)

UP, EVEN = Rounding.half_up, Rounding.half_even


def one(cost: str | None, quantity: str = "1") -> Costed:
    return Costed(Decimal(quantity), None if cost is None else Decimal(cost))


def test_a_margin_says_how_much_of_it_is_known() -> None:
    lines = [one("24.0875", "3"), one("10"), one(None, "2"), one("0")]
    assert margin(lines, 20000, "USD", UP) == Margin(8226, 11774, 1)
    assert margin([one("150")], 10000, "USD", UP) == Margin(15000, -5000, 0)
    assert margin([], 0, "USD", UP) == Margin(0, 0, 0)


def test_each_line_is_rounded_once_by_the_invoices_rule() -> None:
    halves = [one("0.125"), one("0.125"), one("0.375")]
    assert margin(halves, 100, "USD", UP).cost == 13 + 13 + 38
    assert margin(halves, 100, "USD", EVEN).cost == 12 + 12 + 38
    assert line_cost(one("0.5"), "JPY", EVEN) == 0
    assert line_cost(one("1.2345"), "KWD", UP) == 1235


def test_what_is_beyond_any_amount_is_not_counted() -> None:
    most = one("50000000", "1000")
    assert line_cost(most, "USD", UP) == MOST_COST
    assert margin([most] * MOST_LINES, 0, "USD", UP) == Margin(MAX_MINOR, -MAX_MINOR, 0)
    beyond = one("50000000", "1000.001")
    assert margin([beyond, one("1")], 500, "USD", UP) == Margin(100, 400, 1)


def decimals(whole: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(0, 10 ** (whole + places)).map(lambda n: Decimal(n).scaleb(-places))


# so that no line is beyond any amount, in a currency of four digits either
COSTED = st.lists(st.builds(Costed, decimals(3, 3), decimals(5, 4) | st.none()), max_size=40)


def by_hand(line: Costed, currency: str, rounding: Rounding) -> int:
    """In fractions, which know no decimals."""
    assert line.unit_cost is not None
    exact = Fraction(line.quantity) * Fraction(line.unit_cost) * 10 ** minor_digits(currency)
    return round(exact) if rounding is EVEN else floor(exact + Fraction(1, 2))


@given(
    lines=COSTED,
    net=st.integers(0, 10**12),
    currency=st.sampled_from(["USD", "JPY", "KWD", "CLF"]),
    rounding=st.sampled_from(Rounding),
)
def test_cost_and_margin_are_those_of_hand_arithmetic(
    lines: list[Costed], net: int, currency: str, rounding: Rounding
) -> None:
    found = margin(lines, net, currency, rounding)
    known = [line for line in lines if line.unit_cost is not None]
    assert found.cost == sum(by_hand(line, currency, rounding) for line in known)
    assert found.margin == net - found.cost
    assert found.lines_without_cost == len(lines) - len(known)


def line(words: str, price: str = "10", cost: str | None = None, **more: str) -> LineDraft:
    said = {"description": words, "unit_price": price, **more}
    return LineDraft.model_validate(said if cost is None else {**said, "unit_cost": cost})


BEFORE = [line("Pumping", "385", "120"), line("Digging", "95", "40", unit="hour")]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([line("Pumping", "385"), line("Digging", "95", unit="hour")], ["120", "40"]),
        ([line("Digging", "95", unit="hour"), line("Pumping", "385")], ["40", "120"]),
        ([line("Filter"), line("Pumping", "400")], [None, "120"]),
        ([line("Pumping out", "385")], ["120"]),
        ([line("Filter", "385"), line("Pumping", "385")], [None, "120"]),
        ([line("Filter", "20")], [None]),
        ([line("Pumping", "385", unit="hour")], [None]),
        ([line("Pumping", "385", "130"), line("Pumping", "385")], ["130", None]),
        ([LineDraft.model_validate({"description": "Pumping", "unit_price": "1", "unit_cost": None})],
         [None]),
    ],
)  # fmt: skip
def test_a_cost_stays_with_the_line_it_was_said_of(
    after: list[LineDraft], expected: list[str | None]
) -> None:
    assert kept(after, BEFORE) == [None if one is None else Decimal(one) for one in expected]


LINES = st.lists(
    st.builds(
        line,
        st.sampled_from(["Pumping", "Digging", "Filter"]),
        st.sampled_from(["10", "20"]),
        decimals(3, 2).map(str) | st.none(),
        unit=st.sampled_from(["each", "hour"]),
        quantity=st.sampled_from(["1", "2.5"]),
    ),
    max_size=12,
)


@given(before=LINES, order=st.randoms(use_true_random=False))
def test_lines_that_only_move_take_their_costs_along(
    before: list[LineDraft], order: Random
) -> None:
    moved = order.sample(before, len(before))
    silent = [one.model_copy() for one in moved]
    for one in silent:
        one.model_fields_set.discard("unit_cost")

    def known(lines: list[LineDraft], said: list[Decimal | None]) -> list[tuple[str, str]]:
        return sorted((one.model_dump_json(exclude={"unit_cost"}), str(cost))
                      for one, cost in zip(lines, said, strict=True))  # fmt: skip

    assert known(silent, kept(silent, before)) == known(before, [one.unit_cost for one in before])


@given(before=LINES, after=LINES)
def test_no_cost_is_made_up_or_used_twice(before: list[LineDraft], after: list[LineDraft]) -> None:
    for one in after:
        one.model_fields_set.discard("unit_cost")
    left = [one.unit_cost for one in before]
    for cost in kept(after, before):
        if cost is not None:
            left.remove(cost)
