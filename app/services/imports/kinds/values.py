"""What people write into cells, in the one form in which we keep it.

Days and times in ISO form or as Americans write them, in the organisation's zone where they name none;
money with its sign and separators, exact to the smallest unit; yes and no in many words. What cannot
be read is a ValueError whose message says how to write it.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.core.money import MAX_MINOR, minor_digits
from app.services.imports.kinds.base import Settings

T = TypeVar("T")
_MONTH_FIRST = ("US", "PH", "FM", "MH", "PW")
_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p")
_WORDY = ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y")
_YES = {"yes", "y", "true", "t", "1", "x", "on", "active", "✓", "✔"}
_NO = {"no", "n", "false", "f", "0", "off", "inactive", "-"}
_NUMBER = re.compile(r"[0-9.]*[0-9][0-9.,\s\u00a0\u202f']*")
_NEGATIVE = re.compile(r"[-−–(]|\bCR\b")
SIGNS = {
    "$": {"USD", "CAD", "AUD", "NZD", "MXN"}, "US$": {"USD"}, "CA$": {"CAD"}, "C$": {"CAD"},
    "A$": {"AUD"}, "NZ$": {"NZD"}, "€": {"EUR"}, "£": {"GBP"}, "¥": {"JPY"},
}  # fmt: skip
"""What people write beside an amount, and which currencies it can mean."""


def moment(text: str, settings: Settings) -> datetime:
    """An instant; a day alone is its beginning, a time without an offset is the organisation's."""
    found = _iso(text) or _written(text, settings)
    if found is None:
        raise ValueError(
            f"“{text[:40]}” is not a date. Write it like 2026-03-31 or 03/31/2026, perhaps with a"
            " time."
        )
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(settings.time_zone))
    if not 1970 <= found.year < 2200:
        raise ValueError("The day must lie between 1970 and 2200.")
    return found.astimezone(UTC)


def day(text: str, settings: Settings) -> date:
    """A calendar day of the organisation."""
    return moment(text, settings).astimezone(ZoneInfo(settings.time_zone)).date()


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip().removesuffix(" UTC"))
    except ValueError:
        return None


def _written(text: str, settings: Settings) -> datetime | None:
    words = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", text.strip(), flags=re.IGNORECASE)
    words = " ".join(words.replace(",", " ").split())
    order = "%m{0}%d{0}" if settings.country in _MONTH_FIRST else "%d{0}%m{0}"
    days = [
        (order + year).format(mark) for mark in ("/", "-", ".") for year in ("%Y", "%y")
    ] + list(_WORDY)
    for written in days:
        for clock in ("", *_CLOCKS):
            try:
                return datetime.strptime(words, f"{written} {clock}".strip())  # noqa: DTZ007
            except ValueError:
                continue
    return None


def money(text: str, settings: Settings) -> int:
    """An amount in minor units; with a minus, in brackets or with a `CR` it is negative.

    Beside the number stands the organisation's own currency, or nothing. Raises `ValueError` for
    whatever else is there, and for what is finer or larger than can be kept.
    """
    said = text.strip()
    found = _NUMBER.search(said)
    if found is None:
        raise ValueError(f"“{said[:40]}” is not an amount. Write it like 1,234.50.")
    beside = f"{said[: found.start()]} {said[found.end() :]}".upper()
    negative = _NEGATIVE.search(beside) is not None
    currency = _NEGATIVE.sub(" ", beside).replace(")", " ").split()
    if beside.count("(") != beside.count(")") or len(currency) > 1:
        raise ValueError(f"“{said[:40]}” is not an amount. Write it like 1,234.50.")
    if currency and settings.currency not in SIGNS.get(currency[0], {currency[0]}):
        raise ValueError(
            f"“{said[:40]}” is not an amount in {settings.currency}. Write it like 1,234.50."
        )
    amount = _decimal(found.group().strip())
    digits = minor_digits(settings.currency)
    exact = amount.scaleb(digits)
    if exact != exact.to_integral_value():
        raise ValueError(
            f"“{said[:40]}” is finer than {settings.currency} goes. Write at most {digits} decimals."
        )
    if exact > MAX_MINOR:
        raise ValueError(f"“{said[:40]}” is more than can be kept.")
    return -int(exact) if negative else int(exact)


def _decimal(number: str) -> Decimal:
    """`1,234.50`, `1.234,50`, `1 234.50` and `1234,5` alike; `1,234` has thousands."""
    plain = re.sub(r"[\s\u00a0\u202f']", "", number).rstrip(".,")
    plain = f"0{plain}" if plain.startswith(".") else plain
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and point >= 0:
        thousands, decimal = (",", ".") if point > comma else (".", ",")
    elif comma >= 0 and not re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+", plain):
        thousands, decimal = ".", ","
    else:
        thousands, decimal = ",", "."
    plain = plain.replace(thousands, "").replace(decimal, ".")
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,6})?", plain):
        raise ValueError(f"“{number[:40]}” is not an amount. Write it like 1,234.50.")
    return Decimal(plain)


def yes(text: str) -> bool:
    """Whether a cell says yes."""
    said = text.strip().casefold()
    if said in _YES:
        return True
    if said in _NO:
        return False
    raise ValueError(f"“{text[:40]}” is neither yes nor no.")


def days(text: str) -> int:
    """How many days one has to pay: `30`, `Net 30`, `30 days`, `Due on receipt`."""
    said = text.strip().casefold()
    if said in ("due on receipt", "on receipt", "immediately", "cod", "due upon receipt"):
        return 0
    found = re.fullmatch(r"(?:net\s*)?([0-9]{1,3})(?:\s*days?)?", said)
    if found is None:
        raise ValueError(f"“{text[:40]}” is no number of days. Write it like 30 or Net 30.")
    return int(found.group(1))


_ONE_OF_SEVERAL = re.compile(r'\s*"(?:[^"]|"")*"\s*(?=[,;|\n]|$)|[^,;|\n]+')
"""Quotes hold a word together only when they hold all of it: 5" pipe is no beginning of one."""


def _unquoted(word: str) -> str:
    word = word.strip()
    if len(word) > 1 and word[0] == word[-1] == '"':
        return word[1:-1].replace('""', '"')
    return word


def several(text: str) -> list[str]:
    """The words of a cell that holds several, each once: `vip, gate; dog`, `"HVAC, heating"; dog`."""
    words = (" ".join(_unquoted(word).split()) for word in _ONE_OF_SEVERAL.findall(text))
    return list(dict.fromkeys(word for word in words if word))


def tags(text: str) -> list[str]:
    """The tags that a cell names."""
    found = several(text)
    if any(len(word) > 60 for word in found):
        raise ValueError("A tag is at most 60 characters long. Separate several with commas.")
    return found


def choice(text: str, meanings: dict[str, T], thing: str) -> T:
    """What a cell means, by the words that mean it."""
    said = " ".join(re.split(r"[\s_-]+", text.strip().casefold()))
    if said in meanings:
        return meanings[said]
    raise ValueError(f"“{text[:40]}” is no {thing}. Write one of: {', '.join(meanings)}.")


NAME_PARTS = ("first_name", "last_name")


def whole_name(values: dict[str, str]) -> dict[str, str]:
    """First and last name are two columns that make one field, where there is no whole name."""
    values = dict(values)
    parts = [values.pop(part) for part in NAME_PARTS if part in values]
    if parts and not values.get("name"):
        values["name"] = " ".join(part for part in parts if part)
    return values
