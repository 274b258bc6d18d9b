"""Countries by their ISO 3166 codes."""

from functools import cache

from babel import Locale

# CLDR lists unions, test locales and leftovers among the territories.
_NO_COUNTRY = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


@cache
def codes() -> frozenset[str]:
    """Every country's two letters."""
    listed = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in listed if len(code) == 2 and code.isalpha()) - _NO_COUNTRY


def known_country(code: str) -> str:
    """Return `code` when it is a country's. Raises ValueError with an example otherwise."""
    if code not in codes():
        raise ValueError(f"“{code[:10]}” is not a country. Use two capital letters such as US.")
    return code
