"""How likely two customers are one and the same.

Four facts count, each with the chance it alone would give: the same e-mail address, the same
phone, nearly the same name, nearly the same address. They add up as independent evidence does,
1 - (1 - a)(1 - b)…, and the weights are chosen so that **any two facts together are `LIKELY` and no
single one is**: families share a phone, property managers an e-mail address, neighbours a house,
and there are many John Smiths. A score is a hint for a person; nothing merges by itself.
"""

import re
from dataclasses import dataclass
from itertools import product
from math import prod

from rapidfuzz import fuzz

from app.core.contacts import person_sort_name

LIKELY = 75
"""From here on two facts agree: show the pair before importing."""

POSSIBLE = 50
"""From here on one fact agrees: worth a line in the report."""

SAME_NAME = 88
"""Of 100: lets through a letter or two in an ordinary name, in any order of its words."""

SAME_STREET = 88
"""Of 100, after abbreviations; house and unit numbers and directions must be equal besides."""

_EMAIL, _PHONE, _NAME, _ADDRESS = 0.70, 0.65, 0.60, 0.57

_LEGAL_FORMS = frozenset(
    {"inc", "incorporated", "llc", "ltd", "limited", "co", "corp", "corporation", "company", "lp"}
)
_STREET_WORDS = {
    "street": "st", "avenue": "ave", "av": "ave", "road": "rd", "drive": "dr", "lane": "ln",
    "boulevard": "blvd", "court": "ct", "place": "pl", "square": "sq", "highway": "hwy",
    "parkway": "pkwy", "terrace": "ter", "circle": "cir", "trail": "trl", "way": "wy",
    "north": "n", "south": "s", "east": "e", "west": "w", "northeast": "ne", "northwest": "nw",
    "southeast": "se", "southwest": "sw", "saint": "st", "mount": "mt", "fort": "ft",
    "apartment": "unit", "apt": "unit", "suite": "unit", "ste": "unit", "number": "unit",
}  # fmt: skip
_DIRECTIONS = frozenset({"ne", "nw", "se", "sw"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What of a customer is compared; phone as E.164, e-mail as normalised, or nothing."""

    name: str = ""
    company: str = ""
    phone: str = ""
    email: str = ""
    street: str = ""
    unit: str = ""
    city: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """How alike two customers are, 0 to 100, and the facts that say so."""

    score: int
    reasons: tuple[str, ...]


def similarity(a: Candidate, b: Candidate) -> Match:
    """Compare two customers; the order does not matter, and what is unknown says nothing."""
    return weighed(
        email=_equal(a.email.casefold(), b.email.casefold()),
        phone=_equal(a.phone, b.phone),
        name=_names_alike(a, b),
        address=_addresses_alike(a, b),
    )


def weighed(*, email: bool, phone: bool, name: float, address: float) -> Match:
    """The four facts together; names and addresses say how alike they are, 0 to 1."""
    facts = {
        "same e-mail address": _EMAIL * email,
        "same phone": _PHONE * phone,
        "similar name": _NAME * name,
        "similar address": _ADDRESS * address,
    }
    score = 1 - prod(1 - weight for weight in facts.values())
    return Match(round(100 * score), tuple(fact for fact, weight in facts.items() if weight))


def _equal(a: str, b: str) -> bool:
    return bool(a) and a == b


def same_name(a: str, b: str) -> float:
    """How alike two plain names are, 0 to 1; 0 where they are two names."""
    return _ratio(a, b, SAME_NAME)


def same_street(a: str, b: str) -> float:
    """How alike two plain streets are that share their fixed words, 0 to 1; 0 where they are two."""
    return _ratio(a, b, SAME_STREET)


def _names_alike(a: Candidate, b: Candidate) -> float:
    """Compare names and companies crosswise: one list's name is another list's company."""
    pairs = product(
        filter(None, map(plain_name, (a.name, a.company))),
        filter(None, map(plain_name, (b.name, b.company))),
    )
    return max((_ratio(one, other, SAME_NAME) for one, other in pairs), default=0.0)


def _addresses_alike(a: Candidate, b: Candidate) -> float:
    """Compare streets in the same place; 12 and 14 Main Street are two houses."""
    same_place = _equal(a.postal_code[:5], b.postal_code[:5]) or _equal(
        person_sort_name(a.city), person_sort_name(b.city)
    )
    one, other = plain_street(a), plain_street(b)
    if not (same_place and one and other) or fixed_words(one) != fixed_words(other):
        return 0.0
    return _ratio(one, other, SAME_STREET)


def _ratio(a: str, b: str, least: int) -> float:
    """Return how alike two texts are in any order of words, 0 to 1; below `least` is 0."""
    return fuzz.token_sort_ratio(a, b, score_cutoff=least) / 100


def plain_name(name: str) -> str:
    """A name without accents, marks and legal forms."""
    words = re.findall(r"\w+", person_sort_name(name).replace("'", "").replace("’", ""))
    return " ".join([word for word in words if word not in _LEGAL_FORMS] or words)


def plain_street(customer: Candidate) -> str:
    """A street with its unit as one word for each of its spellings."""
    if not customer.street.strip():
        return ""
    unit = f" unit {customer.unit}" if customer.unit.strip() else ""
    words = re.findall(r"\w+", person_sort_name(f"{customer.street}{unit}".replace("#", " unit ")))
    short = [_STREET_WORDS.get(word, word) for word in words]
    return " ".join(word for word in short if word != "unit")


def fixed_words(street: str) -> list[str]:
    """The words of a plain street that no typing mistake explains: numbers, unit letters, directions."""
    return sorted(
        word
        for word in street.split()
        if len(word) == 1 or word in _DIRECTIONS or any(letter.isdigit() for letter in word)
    )
