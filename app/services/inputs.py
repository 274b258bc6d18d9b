"""Bases of the inputs that sit beside verbs.

Unknown fields are refused, texts are trimmed, and a patch knows silence from null: `given()` holds
what was said, `None` included.
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from app.core import clock, contacts, countries, zones
from app.core.errors import invalid_field
from app.core.money import MAX_MINOR


class Draft(BaseModel):
    """What a new record is made from."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def _silent(schema: dict[str, Any]) -> None:
    # what a field that was not sent holds in memory is nothing that anybody could send
    schema["minProperties"] = 1
    for field in schema.get("properties", {}).values():
        field.pop("default", None)


class Patch(BaseModel):
    """What is to change; omitted is not null."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, json_schema_extra=_silent)

    def given(self) -> dict[str, Any]:
        """The fields that were sent, with their values."""
        return {name: getattr(self, name) for name in self.model_fields_set}

    @model_validator(mode="after")
    def _say_something(self) -> "Patch":
        if not self.model_fields_set:
            raise ValueError("Name at least one field to change.")
        return self


P = TypeVar("P", bound=Patch)

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _within_reason(moment: datetime) -> datetime:
    if not FIRST <= moment < LAST:
        raise ValueError("The time must lie between 1970 and 2200.")
    return moment.astimezone(UTC)


def _written_moment(value: Any) -> Any:
    # pydantic would also take a number of seconds, or a day without a time
    if isinstance(value, datetime) or (
        isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]", value.strip())
    ):
        return value
    raise ValueError("Write a time with its offset, like 2026-11-23T08:00:00Z.")


Moment = Annotated[AwareDatetime, BeforeValidator(_written_moment), AfterValidator(_within_reason)]
"""An instant with its offset, between 1970 and 2200; kept in UTC."""

AHEAD = timedelta(minutes=5)
"""How far the clocks of devices may be ahead of ours."""


LONGEST_SILENCE = timedelta(days=366)
"""How long a device may have been out of reach of us; before that it is a clock that was never set."""


def _happened(moment: datetime) -> datetime:
    if moment > clock.now() + AHEAD:
        raise ValueError("What happened cannot lie in the future.")
    if moment < clock.now() - LONGEST_SILENCE:
        raise ValueError("This is more than a year ago. Check the device's clock.")
    return moment


Happened = Annotated[Moment, AfterValidator(_happened)]
"""When something happened in the field, perhaps before we heard of it."""


def _day_within_reason(day: date) -> date:
    if not FIRST.date() <= day < LAST.date():
        raise ValueError("The day must lie between 1970 and 2200.")
    return day


def _written_day(value: Any) -> Any:
    # pydantic would also take a number of seconds
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"[0-9-]{10}", value)):
        return value
    raise ValueError("Write a day like 2026-11-23.")


Day = Annotated[date, BeforeValidator(_written_day), AfterValidator(_day_within_reason)]
"""A calendar day between 1970 and 2200."""


def decimal_text(
    whole: int, places: int, example: str = "12.5"
) -> tuple[BeforeValidator, WithJsonSchema]:
    """Marks of a `Decimal` that is sent as text: up to `whole` digits and `places` decimals.

    Text only, because a JSON number may have been a float on its way. Never negative.
    """
    pattern = rf"^[0-9]{{1,{whole}}}(\.[0-9]{{1,{places}}})?$"

    def check(value: Any) -> Any:
        # a Decimal is our own default or a value copied from a row
        if isinstance(value, Decimal) or (isinstance(value, str) and re.fullmatch(pattern, value)):
            return value
        raise ValueError(
            f'Send a decimal as text, such as "{example}": at most {whole} digits'
            f" and {places} decimals, no sign."
        )

    schema = {
        "type": "string",
        "pattern": pattern,
        "maxLength": whole + 1 + places,
        "examples": [example],
    }
    return BeforeValidator(check), WithJsonSchema(schema, mode="validation")


UnitPrice = Annotated[Decimal, *decimal_text(10, 4)]
"""A price in major units, finer than the currency where needed."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]
LongText = Annotated[str, Field(min_length=1, max_length=10_000)]
Minor = Annotated[int, Field(ge=0, le=MAX_MINOR, strict=True)]
"""An amount in minor units."""
Reason = Annotated[str, Field(min_length=1, max_length=200)]

Phone = Annotated[
    str, Field(max_length=40, examples=["(202) 555-0123"]), AfterValidator(contacts.phone)
]
"""Any way of writing it; kept as E.164."""
Email = Annotated[
    str, Field(max_length=200, examples=["ann@example.com"]), AfterValidator(contacts.email)
]
Zone = Annotated[
    str,
    Field(min_length=1, max_length=60, examples=["America/Chicago"]),
    AfterValidator(zones.known_zone),
]
"""An IANA time zone."""
Country = Annotated[
    str,
    Field(max_length=2, pattern="^[A-Z]{2}$", examples=["US"]),
    AfterValidator(countries.known_country),
]
"""An ISO 3166 code."""


Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, strict=True)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, strict=True)]


def degrees(value: float | None) -> Decimal | None:
    """As a position is kept, to a millionth."""
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.000001"))


def refuse_half_a_position(
    latitude: object, longitude: object, names: tuple[str, str] = ("latitude", "longitude")
) -> None:
    """Raise `Invalid` where one of the two is missing."""
    if (latitude is None) != (longitude is None):
        missing = names[0] if latitude is None else names[1]
        raise invalid_field(
            missing, "A position needs both latitude and longitude.", code="missing"
        )


def _share(rate: Decimal) -> Decimal:
    if rate >= 1:
        raise ValueError('Write the rate as a share: "0.0825" is 8.25 %.')
    return rate


def _prefix(prefix: str) -> str:
    if prefix[-1:].isdigit():
        raise ValueError("A prefix cannot end with a digit, or two numbers could read the same.")
    return prefix


TaxRate = Annotated[Decimal, *decimal_text(1, 6, "0.0825"), AfterValidator(_share)]
Prefix = Annotated[
    str, Field(max_length=20, pattern=r"^[A-Za-z0-9 ./_-]*$"), AfterValidator(_prefix)
]
"""What stands before a number."""
