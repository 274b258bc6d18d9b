"""Shapes that several routes promise: the base of outputs, and a page of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from app.core.listing import Page
from app.models.moves import Moving
from app.models.permissions import Permission
from app.services.context import Ctx

T = TypeVar("T", bound=BaseModel)


_viewer: ContextVar[Ctx | None] = ContextVar("viewer", default=None)


@contextmanager
def viewing(ctx: Ctx) -> Iterator[None]:
    """Outputs made inside show what this person may see; outside, no sensitive field at all."""
    token = _viewer.set(ctx)
    try:
        yield
    finally:
        _viewer.reset(token)


def only(permission: Permission, says: str = "") -> Any:
    """Marks a field that is absent for whoever lacks `permission`; give it a default. `says` is what
    else there is to say of it.

    The column says the same (`models.sensitive.only_for`), so that history and journal hide it too.
    """

    def absent(_: Any) -> bool:
        viewer = _viewer.get()
        return viewer is None or not viewer.may(permission)

    described = f"{says} Absent without the permission {permission.value}.".lstrip()
    return Field(exclude_if=absent, description=described)


class Out(BaseModel):
    """An output. Its fields are always present, but for those that are `only` for some; None is
    said aloud."""

    model_config = ConfigDict(from_attributes=True)


def rfc3339(moment: datetime) -> str:
    """A moment in UTC with `Z`."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


Instant = Annotated[
    AwareDatetime,
    PlainSerializer(rfc3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""RFC 3339 in UTC with `Z`."""


class MinorUnits:
    """Marks an amount: an integer of minor units, with its `currency` in the field beside it."""


class ByName:
    """Marks a list of things that are called something: a table writes only what each is called,
    which is how an import reads them."""

    def __init__(self, *path: str) -> None:
        self.path = path or ("name",)


Amount = Annotated[int, MinorUnits()]
"""Minor units of `currency`; in a table it is in major units, as people write it."""


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


class Seen:
    """A record as one person sees it: what it holds, and the verbs that are open to them."""

    def __init__(self, ctx: Ctx, record: Moving) -> None:
        self._record = record
        self.allowed_transitions = record.allowed_transitions(ctx.may)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record, name)


class Beside:
    """A record with what is shown beside its own columns: `Beside(customer, contacts=…)`."""

    def __init__(self, record: Any, **more: Any) -> None:
        self._record = record
        self.__dict__.update(more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record, name)


class PageOut(BaseModel, Generic[T]):
    """One page of a list."""

    data: list[T]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page.")
    total: int | None = Field(None, description="Only with `include_total=true`.")


def seen_page(ctx: Ctx, page: Page[Any], out: type[T]) -> PageOut[T]:
    """A page of records with statuses, as one person sees them."""
    rows = [out.model_validate(Seen(ctx, record)) for record in page.data]
    return PageOut[out](data=rows, next_cursor=page.next_cursor, total=page.total)  # type: ignore[valid-type]
