"""How to reach a person, in the one form in which we store it.

A phone number is E.164 (`+12025550123`), an e-mail address has its domain in lower case, a name
sorts without accents. What cannot be brought into that form is a ValueError whose message tells
the person what to change; nobody is asked over the network.
"""

import unicodedata
from functools import lru_cache

import email_validator
import phonenumbers

_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i"}
)


def phone(value: str, region: str = "US") -> str:
    """Return a phone number as E.164; without a country code it belongs to `region`.

    An extension is refused rather than lost: E.164 has no place for it.
    """
    shown = _shown(value)
    try:
        number = phonenumbers.parse(value.strip(), region)
    except phonenumbers.NumberParseException:
        raise ValueError(
            f"“{shown}” is not a phone number. Write it like (202) 555-0123 or +1 202 555 0123."
        ) from None
    if number.extension:
        raise ValueError(
            f"“{shown}” has an extension. Give the number alone and put the extension in the notes."
        )
    if not phonenumbers.is_valid_number(number):
        raise ValueError(
            f"“{shown}” is not a number that can be called. "
            "Check the digits, and begin with + and the country code if it is abroad."
        )
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def phone_text(e164: str, region: str) -> str:
    """Return a stored number as people in `region` write it: theirs without, others with +.

    What is no number comes back as it is: a page is printed all the same.
    """
    try:
        number = phonenumbers.parse(e164, region)
    except phonenumbers.NumberParseException:
        return e164
    at_home = number.country_code == phonenumbers.country_code_for_region(region)
    form = phonenumbers.PhoneNumberFormat
    return str(phonenumbers.format_number(number, form.NATIONAL if at_home else form.INTERNATIONAL))


def phone_digits(e164: str) -> str:
    """Return the digits of a stored number, by which people search."""
    return e164.removeprefix("+")


@lru_cache(maxsize=1024)  # a draft is checked more than once on its way
def email(value: str) -> str:
    """Return an e-mail address in its normal form; whether it receives mail is not asked."""
    try:
        checked = email_validator.validate_email(value.strip(), check_deliverability=False)
    except email_validator.EmailNotValidError as error:
        raise ValueError(
            f"“{_shown(value)}” is not an e-mail address. {error} Write it like name@example.com."
        ) from None
    return checked.normalized


@lru_cache(maxsize=4096)
def person_sort_name(name: str) -> str:
    """Return the key by which a name sorts and is found: no accents, no case, single spaces.

    Stored as `sort_name`, because the database has no collation for it. The order of the words
    stays: which of them is the family name cannot be known.
    """
    bare = _without_accents(_without_accents(name).casefold())
    return " ".join(bare.translate(_LETTERS_WITHOUT_DECOMPOSITION).split())


def _shown(value: str) -> str:
    """Return a value short enough to be quoted in a sentence."""
    value = value.strip()
    return value if len(value) <= 60 else f"{value[:59]}…"


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
