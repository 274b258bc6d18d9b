"""The lists that views and bulk actions speak of, by the names of their addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import BaseModel

from app.core.errors import FieldError, Invalid
from app.core.listing import ListQuery
from app.models.permissions import Permission


@dataclass(frozen=True)
class Listed:
    """One list: what it takes, the fields of its rows, and what one needs to read it."""

    name: str
    query: type[ListQuery]
    columns: tuple[str, ...]
    permission: Permission | None
    row: type[BaseModel]


Lists = Mapping[str, Listed]


def list_called(lists: Lists, name: str) -> Listed:
    """The list of this name. Raises `Invalid`."""
    found = lists.get(name)
    if found is None:
        near = get_close_matches(name[:60], lists, n=3, cutoff=0.7) or ["customers", "work-orders"]
        known = " or ".join(f"“{one}”" for one in near)
        detail = f"There is no list “{name[:60]}”. A list is called as its address is: {known}."
        raise Invalid(detail, errors=[FieldError("/list", "unknown_list", detail)])
    return found
