"""Days in words, as a person of a locale writes them."""

from datetime import date

from babel import Locale
from babel.dates import format_date


def day_text(day: date, locale: str) -> str:
    """`Mar 14, 2025`, `14.03.2025`."""
    return format_date(day, "medium", locale=Locale.parse(locale.replace("-", "_")))
