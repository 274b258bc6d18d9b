"""What an invoice comes to."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import Rounding
from app.models.organisations import RoundTaxOn
from app.services.invoices.totals import LineTotals, Priced, Rules, add_up


def rules(
    rate: str = "0.23",
    on: RoundTaxOn = RoundTaxOn.document,
    rounding: Rounding = Rounding.half_up,
    currency: str = "USD",
) -> Rules:
    return Rules(currency, rounding, Decimal(rate), on)


def one(price: str, quantity: str = "1", *, taxable: bool = True) -> Priced:
    return Priced(Decimal(quantity), Decimal(price), taxable)


def test_tax_by_document_or_by_line_as_published() -> None:
    lines = [one("55.55"), one("11.11")]
    assert add_up(lines, rules(on=RoundTaxOn.document)).tax == 1533
    by_line = add_up(lines, rules(on=RoundTaxOn.line))
    assert (by_line.tax, [line.tax for line in by_line.lines]) == (1534, [1278, 256])


def test_a_half_is_rounded_by_the_organisations_rule() -> None:
    lines = [one("0.125")]
    assert add_up(lines, rules("0")).subtotal == 13
    assert add_up(lines, rules("0", rounding=Rounding.half_even)).subtotal == 12
    halves = [one("0.50"), one("0.50")]  # 5 % of each is two and a half cents
    assert add_up(halves, rules("0.05", RoundTaxOn.line)).tax == 6
    assert add_up(halves, rules("0.05", RoundTaxOn.line, Rounding.half_even)).tax == 4


def test_each_line_is_rounded_once() -> None:
    third = add_up([one("24.0875", "3")], rules("0"))
    assert third.subtotal == 7226  # not three times 24.09


def test_the_discount_comes_off_before_tax_and_reaches_every_line() -> None:
    totals = add_up([one("100"), one("50"), one("50")], rules("0.10"), discount=1001)
    assert [line.discount for line in totals.lines] == [501, 250, 250]
    assert (totals.subtotal, totals.discount, totals.tax, totals.total) == (
        20000,
        1001,
        1900,
        20899,
    )


def test_a_percentage_follows_the_subtotal() -> None:
    totals = add_up([one("33.33"), one("66.66")], rules("0"), discount=Decimal("12.5"))
    assert (totals.discount, totals.total) == (1250, 8749)
    assert add_up([one("80")], rules(), discount=Decimal(100)).total == 0


def test_what_is_not_taxable_is_not_taxed() -> None:
    totals = add_up([one("100"), one("100", taxable=False)], rules("0.10"), discount=5000)
    assert totals.lines == (LineTotals(10000, 2500, 750), LineTotals(10000, 2500, 0))


def test_currencies_without_and_with_three_decimals() -> None:
    assert add_up([one("1500", "1.5")], rules("0.10", currency="JPY")).total == 2475
    assert add_up([one("1.2345")], rules("0.05", currency="KWD")).subtotal == 1235


def test_nothing_comes_to_nothing() -> None:
    assert add_up([], rules()).total == 0
    assert add_up([one("0")], rules(), discount=Decimal(50)).total == 0


@pytest.mark.parametrize("discount", [-1, 101, Decimal("-0.5"), Decimal("100.5")])
def test_a_discount_cannot_exceed_what_it_comes_off(discount: int | Decimal) -> None:
    with pytest.raises(ValueError, match="between nothing and the subtotal"):
        add_up([one("1.00")], rules(), discount=discount)


def decimals(whole: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(0, 10 ** (whole + places)).map(lambda n: Decimal(n).scaleb(-places))


LINES = st.lists(
    st.builds(
        Priced,
        quantity=decimals(3, 3).filter(bool),
        unit_price=decimals(6, 4),
        taxable=st.booleans(),
    ),
    max_size=40,
)
RULES = st.builds(
    Rules,
    currency=st.sampled_from(["USD", "JPY", "KWD", "CLF"]),
    rounding=st.sampled_from(Rounding),
    tax_rate=st.integers(0, 999_999).map(lambda n: Decimal(n).scaleb(-6)),
    round_tax_on=st.sampled_from(RoundTaxOn),
)
FRACTION = st.fractions(0, 1)


@given(lines=LINES, how=RULES, part=FRACTION, percent=decimals(1, 4) | st.none())
def test_the_lines_always_add_up_to_the_document(
    lines: list[Priced], how: Rules, part: object, percent: Decimal | None
) -> None:
    subtotal = add_up(lines, how).subtotal
    fixed = int(subtotal * part)  # type: ignore[operator]
    totals = add_up(lines, how, discount=fixed if percent is None else percent)

    assert sum(line.amount for line in totals.lines) == totals.subtotal == subtotal
    assert sum(line.discount for line in totals.lines) == totals.discount
    assert sum(line.tax for line in totals.lines) == totals.tax
    assert totals.total == totals.subtotal - totals.discount + totals.tax
    for line, priced in zip(totals.lines, lines, strict=True):
        assert 0 <= line.discount <= line.amount
        assert line.tax >= 0
        assert priced.taxable or line.tax == 0


@given(price=decimals(4, 2), count=st.integers(2, 20), how=RULES, part=FRACTION)
def test_equal_lines_share_equally_and_the_odd_unit_goes_to_the_earlier(
    price: Decimal, count: int, how: Rules, part: object
) -> None:
    lines = [Priced(Decimal(1), price)] * count
    discount = int(add_up(lines, how).subtotal * part)  # type: ignore[operator]
    shares = [line.discount for line in add_up(lines, how, discount=discount).lines]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] - shares[-1] <= 1


@given(lines=LINES.filter(bool), how=RULES)
def test_tax_by_document_differs_from_tax_by_line_by_roundings_only(
    lines: list[Priced], how: Rules
) -> None:
    def tax(on: RoundTaxOn) -> int:
        return add_up(lines, Rules(how.currency, how.rounding, how.tax_rate, on)).tax

    assert abs(tax(RoundTaxOn.document) - tax(RoundTaxOn.line)) <= (len(lines) + 1) / 2
