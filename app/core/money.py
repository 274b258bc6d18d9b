"""Money is an integer of minor units with a currency; a float never touches it.

Unit prices and quantities may be finer than a cent and are `Decimal`; each *amount* is rounded once,
by the rule the organisation chose, and sums are sums of integers.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum

from babel.numbers import get_currency_precision, is_currency

MAX_MINOR = 10**15
"""No amount of ours reaches it (ten trillion dollars); bounds every money field far below bigint."""


class Rounding(StrEnum):
    """How a half of the smallest unit is rounded."""

    half_up = "half_up"
    half_even = "half_even"

    @property
    def mode(self) -> str:
        return ROUND_HALF_UP if self is Rounding.half_up else ROUND_HALF_EVEN


def known_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 currency that can be invoiced in."""
    return len(code) == 3 and code.isupper() and is_currency(code)


def minor_digits(currency: str) -> int:
    """How many decimals the currency has (ISO 4217 by way of CLDR): USD 2, JPY 0, KWD 3."""
    return get_currency_precision(currency)


def to_minor(amount: Decimal, currency: str, rounding: Rounding) -> int:
    """`amount` in major units as integer minor units, rounded once by `rounding`."""
    return int((amount.scaleb(minor_digits(currency))).quantize(Decimal(1), rounding=rounding.mode))


def to_major(minor: int, currency: str) -> Decimal:
    """Minor units as an exact Decimal of major units."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` by `weights` with the largest-remainder method; the parts always sum to it.

    Equal remainders go to the earlier part, so that the result does not depend on chance. With no
    weight at all the total is spread evenly. Raises ValueError on negative weights or no parts.
    """
    if not weights or min(weights) < 0:
        raise ValueError("Shares need at least one weight and none below zero.")
    if not any(weights):
        weights = [1] * len(weights)
    whole, sign = sum(weights), (-1 if total < 0 else 1)
    exact = [divmod(abs(total) * weight, whole) for weight in weights]
    parts = [quotient for quotient, _ in exact]
    left = abs(total) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: (-exact[i][1], i))
    for index in by_remainder[:left]:
        parts[index] += 1
    return [sign * part for part in parts]
