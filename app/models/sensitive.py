"""Columns that only some roles see: declared on the column, obeyed wherever the column is shown.

`gate_code = mapped_column(Short, info=only_for(Permission.…))` is all a table says; of a column that
holds JSON, `info=within_only_for(unit_cost=Permission.…)` says it of a key within. Outputs mark the
same field (`api.outputs.Only`; a rule compares the two), and history, journal, lists and filters
leave it out for whoever lacks the permission: absent, not null.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Column

from app.core.model import TenantRow
from app.models.permissions import Permission

_KEY = "seen_with"
_WITHIN = "seen_within_with"

May = Callable[[Permission], bool]


def only_for(permission: Permission) -> dict[str, Any]:
    """For the `info` of a column: what one needs to see it."""
    return {_KEY: permission}


def within_only_for(**keys: Permission) -> dict[str, Any]:
    """For the `info` of a column of JSON: what one needs to see these keys of the objects in it."""
    return {_WITHIN: keys}


@cache
def sensitive(model: type[TenantRow]) -> dict[str, Permission]:
    """A model's sensitive columns, with what one needs to see each."""
    return _said(model, _KEY)


@cache
def sensitive_within(model: type[TenantRow]) -> dict[str, dict[str, Permission]]:
    """A model's columns of JSON with sensitive keys, with what one needs to see each key."""
    return _said(model, _WITHIN)


def _said(model: type[TenantRow], kind: str) -> dict[str, Any]:
    return {
        attribute.key: column.info[kind]
        for attribute in model.__mapper__.column_attrs
        for column in attribute.columns
        if isinstance(column, Column) and kind in column.info
    }


def hidden(model: type[TenantRow], may: May) -> set[str]:
    """The columns of `model` that somebody with these rights does not see."""
    return {name for name, permission in sensitive(model).items() if not may(permission)}


def veiled(model: type[TenantRow], changes: Mapping[str, Any], may: May) -> dict[str, Any]:
    """Changes (`{column: [before, after]}`) as somebody with these rights sees them. Where nothing
    but what they do not see has changed within a column, it is left out."""
    unseen, within = hidden(model, may), sensitive_within(model)
    shown = {}
    for name, change in changes.items():
        keys = {key for key, needed in within.get(name, {}).items() if not may(needed)}
        if name in unseen:
            continue
        if keys:
            before, after = (_without(keys, value) for value in change)
            if before == after:
                continue
            change = [before, after]
        shown[name] = change
    return shown


def _without(keys: set[str], value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(keys, inner) for key, inner in value.items() if key not in keys}
    return [_without(keys, one) for one in value] if isinstance(value, list) else value


@cache
def sensitive_models() -> list[type[TenantRow]]:
    """Every model with such columns."""
    return [mapper.class_ for mapper in TenantRow.registry.mappers if _of(mapper.class_)]


def _of(model: type[Any]) -> bool:
    return issubclass(model, TenantRow) and bool(sensitive(model) or sensitive_within(model))
