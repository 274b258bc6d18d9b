"""Money is an integer of minor units with a currency; a float never touches it.

Unit prices and quantities may be finer than a cent and are `Decimal`; each *amount* is rounded once,
by the rule the organisation chose, and sums are sums of integers.
"""

import re
from collections.abc import Sequence
from copy import copy
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache

from babel import Locale
from babel.numbers import is_currency

MAX_MINOR = 10**15
"""No amount of ours reaches it (ten trillion dollars); bounds every money field far below bigint."""

# ISO 4217's digits, which stored amounts follow; CLDR's differ (it shows Iraqi dinars in whole).
_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_MINOR_DIGITS = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}


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
    """How many decimals the currency has by ISO 4217: USD 2, JPY 0, KWD 3."""
    return _MINOR_DIGITS.get(currency, 2)


def to_minor(amount: Decimal, currency: str, rounding: Rounding) -> int:
    """`amount` in major units as integer minor units, rounded once by `rounding`."""
    return int((amount.scaleb(minor_digits(currency))).quantize(Decimal(1), rounding=rounding.mode))


def to_major(minor: int, currency: str) -> Decimal:
    """Minor units as an exact Decimal of major units."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def money_text(minor: int, currency: str, locale: str) -> str:
    """Minor units as a person of that locale reads them: `$1,234.50`, `12.345,67 €`."""
    return price_text(to_major(minor, currency), currency, locale)


def price_text(amount: Decimal, currency: str, locale: str) -> str:
    """Major units with their currency, at least as fine as the currency, never rounded."""
    speaker = _speaker(locale)
    digits = minor_digits(currency)
    pattern = copy(speaker.currency_formats["standard"])
    pattern.frac_prec = (digits, max(digits, _decimals(amount)))
    text = pattern.apply(amount, speaker, currency=currency, currency_digits=False)
    # CLDR asks for a space after a code made of letters; babel leaves it out.
    return re.sub(r"(?<=[A-Za-z])(?=[-\d])", "\u00a0", text).replace("-", "\u2212")


@cache
def _speaker(locale: str) -> Locale:
    return Locale.parse(locale.replace("-", "_"))  # reads a file


def _decimals(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    assert isinstance(exponent, int)  # prices are finite
    return max(0, -exponent)


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
