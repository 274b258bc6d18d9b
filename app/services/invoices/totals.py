"""What an invoice comes to: pure arithmetic over integers and decimals.

Each line is rounded once; everything after that is sums of integers. The discount is spread over
the lines by their amounts before tax, largest remainder first, so that the lines always add up to
the document. Tax is rounded once per document or once per line, as the organisation chose.

What it costs us is added up in the same way, and stored nowhere: what is left of the subtotal after
discount and costs is known as far as the costs of the lines are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.core.money import MAX_MINOR, Rounding, share, to_minor
from app.models.organisations import RoundTaxOn

MOST_LINES = 200
"""The lines of the longest invoice."""
MOST_COST = MAX_MINOR // MOST_LINES
"""What a line can cost us at most, so that all of them together stay below any amount of ours."""


@dataclass(frozen=True)
class Priced:
    """What a line says before it is added up; the price is in major units."""

    quantity: Decimal
    unit_price: Decimal
    taxable: bool = True


@dataclass(frozen=True)
class Rules:
    """How this invoice is added up."""

    currency: str
    rounding: Rounding
    tax_rate: Decimal
    """0.0825 is 8.25 %."""
    round_tax_on: RoundTaxOn


@dataclass(frozen=True)
class LineTotals:
    amount: int
    discount: int
    """This line's share of the document's."""
    tax: int


@dataclass(frozen=True)
class Totals:
    """Minor units, and `subtotal - discount + tax = total`, of each line's sums too."""

    lines: tuple[LineTotals, ...]
    subtotal: int
    discount: int
    tax: int

    @property
    def total(self) -> int:
        return self.subtotal - self.discount + self.tax


def add_up(lines: Sequence[Priced], rules: Rules, *, discount: int | Decimal = 0) -> Totals:
    """The totals. `discount` is an amount in minor units, or a percentage as a `Decimal`.

    Raises ValueError for a discount below zero or above the subtotal.
    """
    amounts = [line_amount(line, rules) for line in lines]
    subtotal = sum(amounts)
    off = discount if isinstance(discount, int) else _percent_of(subtotal, discount, rules)
    if not 0 <= off <= subtotal:
        raise ValueError("A discount lies between nothing and the subtotal.")
    shares = share(off, amounts) if amounts else []
    taxed = [
        amount - part if line.taxable else 0
        for line, amount, part in zip(lines, amounts, shares, strict=True)
    ]
    taxes = _taxes(taxed, rules)
    return Totals(
        tuple(LineTotals(*row) for row in zip(amounts, shares, taxes, strict=True)),
        subtotal=subtotal,
        discount=off,
        tax=sum(taxes),
    )


def line_amount(line: Priced, rules: Rules) -> int:
    """quantity × unit price, rounded once."""
    return to_minor(line.quantity * line.unit_price, rules.currency, rules.rounding)


@dataclass(frozen=True)
class Costed:
    """What a line costs us; the unit cost is in major units, None where nobody said."""

    quantity: Decimal
    unit_cost: Decimal | None


@dataclass(frozen=True)
class Margin:
    """Minor units, and `margin = subtotal - discount - cost`."""

    cost: int
    margin: int
    lines_without_cost: int
    """How many lines the cost says nothing of: with any, the margin is at most this."""


def line_cost(line: Costed, currency: str, rounding: Rounding) -> int | None:
    """quantity × unit cost, rounded once. None where nobody said, or beyond what is counted."""
    if line.unit_cost is None:
        return None
    cost = to_minor(line.quantity * line.unit_cost, currency, rounding)
    return cost if cost <= MOST_COST else None


def margin(lines: Sequence[Costed], net: int, currency: str, rounding: Rounding) -> Margin:
    """What is left of `net`, the subtotal without the discount, after what the lines cost."""
    each = [line_cost(line, currency, rounding) for line in lines]
    cost = sum(one for one in each if one is not None)
    return Margin(cost, net - cost, each.count(None))


def _percent_of(subtotal: int, percent: Decimal, rules: Rules) -> int:
    return _whole(Decimal(subtotal) * percent / 100, rules)


def _taxes(taxed: list[int], rules: Rules) -> list[int]:
    if rules.round_tax_on is RoundTaxOn.line:
        return [_whole(base * rules.tax_rate, rules) for base in taxed]
    return share(_whole(sum(taxed) * rules.tax_rate, rules), taxed) if taxed else []


def _whole(minor: Decimal, rules: Rules) -> int:
    return int(minor.quantize(Decimal(1), rounding=rules.rounding.mode))
