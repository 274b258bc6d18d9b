"""Shapes that several routes promise: the base of outputs, and a page of them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

T = TypeVar("T")


class Out(BaseModel):
    """An output. Its fields are always present; None is said aloud."""

    model_config = ConfigDict(from_attributes=True)


def _z(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


Instant = Annotated[AwareDatetime, PlainSerializer(_z, return_type=str)]
"""RFC 3339 in UTC with `Z`."""


def _plain(number: Decimal) -> str:
    # a row that was just written holds "12.5", the same row read again "12.5000"
    whole, _, decimals = f"{number:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0')}".rstrip(".")


Exact = Annotated[Decimal, PlainSerializer(_plain, return_type=str)]
"""A decimal as text, without trailing zeros."""


class Record(Out):
    """What every record shows."""

    id: UUID
    version: int
    created_at: Instant
    updated_at: Instant


class PageOut(BaseModel, Generic[T]):
    """One page of a list."""

    data: list[T]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page.")
    total: int | None = Field(None, description="Only with `include_total=true`.")
