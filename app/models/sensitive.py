"""Columns that only some roles see: declared on the column, obeyed wherever the column is shown.

`gate_code = mapped_column(Short, info=only_for(Permission.…))` is all a table says. Outputs mark the
same field (`api.outputs.Only`; a rule compares the two), and history, journal, lists and filters
leave it out for whoever lacks the permission: absent, not null.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Column

from app.core.model import TenantRow
from app.models.permissions import Permission

_KEY = "seen_with"


def only_for(permission: Permission) -> dict[str, Any]:
    """For the `info` of a column: what one needs to see it."""
    return {_KEY: permission}


@cache
def sensitive(model: type[TenantRow]) -> dict[str, Permission]:
    """A model's sensitive columns, with what one needs to see each."""
    return {
        attribute.key: column.info[_KEY]
        for attribute in model.__mapper__.column_attrs
        for column in attribute.columns
        if isinstance(column, Column) and _KEY in column.info
    }


def hidden(model: type[TenantRow], may: Callable[[Permission], bool]) -> set[str]:
    """The columns of `model` that somebody with these rights does not see."""
    return {name for name, permission in sensitive(model).items() if not may(permission)}


@cache
def sensitive_models() -> list[type[TenantRow]]:
    """Every model with such columns."""
    return [mapper.class_ for mapper in TenantRow.registry.mappers if _of(mapper.class_)]


def _of(model: type[Any]) -> bool:
    return issubclass(model, TenantRow) and bool(sensitive(model))
