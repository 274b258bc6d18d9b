"""Bases of the inputs that sit beside verbs.

Unknown fields are refused, texts are trimmed, and a patch knows silence from null: `given()` holds
what was said, `None` included.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from app.core.money import MAX_MINOR


class Draft(BaseModel):
    """What a new record is made from."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Patch(BaseModel):
    """What is to change; omitted is not null."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

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


Moment = Annotated[AwareDatetime, AfterValidator(_within_reason)]
"""An instant with its offset, between 1970 and 2200; kept in UTC."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]
LongText = Annotated[str, Field(min_length=1, max_length=10_000)]
Minor = Annotated[int, Field(ge=0, le=MAX_MINOR, strict=True)]
"""An amount in minor units."""
Reason = Annotated[str, Field(min_length=1, max_length=200)]
