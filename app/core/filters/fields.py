"""The fields of a list, as far as `filter` goes: declared once, typed by their columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from inspect import get_annotations
from types import NoneType
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Date, DateTime, Integer, Numeric, Uuid, select
from sqlalchemy.orm import InstrumentedAttribute


class Kind(StrEnum):
    """What a field holds, as far as comparing goes."""

    text = "text"
    choice = "enum"
    number = "number"
    money = "money"
    day = "date"
    instant = "instant"
    flag = "bool"
    id = "id"
    many = "relation"


class Op(StrEnum):
    eq = "eq"
    ne = "ne"
    lt = "lt"
    lte = "lte"
    gt = "gt"
    gte = "gte"
    among = "in"
    not_in = "not_in"
    contains = "contains"
    not_contains = "not_contains"
    starts_with = "starts_with"
    ends_with = "ends_with"
    is_null = "is_null"
    between = "between"
    has = "has"
    any_of = "any_of"


_SAME = (Op.eq, Op.ne, Op.among, Op.not_in, Op.is_null)
_ORDERED = (*_SAME, Op.lt, Op.lte, Op.gt, Op.gte, Op.between)
OPERATORS: Mapping[Kind, tuple[Op, ...]] = {
    Kind.text: (*_ORDERED, Op.contains, Op.not_contains, Op.starts_with, Op.ends_with),
    Kind.choice: _SAME,
    Kind.number: _ORDERED,
    Kind.money: _ORDERED,
    Kind.day: _ORDERED,
    Kind.instant: _ORDERED,
    Kind.flag: (Op.eq, Op.ne, Op.is_null),
    Kind.id: _SAME,
    Kind.many: (Op.has, Op.any_of, Op.is_null),
}
"""Which operators make sense of which kind of field."""

DENIED = {Op.ne: Op.eq, Op.not_in: Op.among, Op.not_contains: Op.contains}
"""Operators that say that another one does not hold."""


@dataclass(frozen=True)
class FilterField:
    """A field of a list that can be filtered by."""

    kind: Kind
    column: Any = None
    choices: tuple[str, ...] = ()
    whole: bool = False
    """A number without decimals."""
    related: Callable[[Sequence[UUID] | None], ColumnElement[bool]] | None = None
    """Of `many`: the condition that one of these, or anything at all, is there."""


Fields = Mapping[str, FilterField]


def filterable(
    *columns: Any, money: Sequence[Any] = (), many: Mapping[str, FilterField] | None = None
) -> Fields:
    """The fields of a list: columns under their own names, typed by what they hold.

    `money` are columns of minor units, `many` relations made by `through`.
    """
    found = {column.key: field_of(column) for column in columns}
    found |= {column.key: FilterField(Kind.money, column, whole=True) for column in money}
    return found | dict(many or {})


def through(
    model: Any, owner: InstrumentedAttribute[Any], to: InstrumentedAttribute[Any], *where: Any
) -> FilterField:
    """What hangs on a record of `model` through rows that name both: `owner` the record, `to` it."""
    link: Any = owner.class_

    def related(ids: Sequence[UUID] | None) -> ColumnElement[bool]:
        rows = select(link.id).where(link.org_id == model.org_id, owner == model.id, *where)
        if ids is not None:
            rows = rows.where(to.in_(ids))
        return rows.correlate(model).exists()

    return FilterField(Kind.many, related=related)


def field_of(column: Any) -> FilterField:
    """A column as a field, by its type."""
    kind = column.type
    match kind:
        case Boolean():
            return FilterField(Kind.flag, column)
        case Uuid():
            return FilterField(Kind.id, column)
        case DateTime():
            return FilterField(Kind.instant, column)
        case Date():
            return FilterField(Kind.day, column)
        case Integer():
            return FilterField(Kind.number, column, whole=True)
        case Numeric():
            return FilterField(Kind.number, column)
        case _:
            choices = _choices(column)
            return FilterField(Kind.choice if choices else Kind.text, column, choices)


def _choices(column: Any) -> tuple[str, ...]:
    """The members of the StrEnum that a model says a text column holds."""
    for owner in column.class_.__mro__:
        said = get_annotations(owner).get(column.key)
        for inner in get_args(said):
            for one in {inner, *get_args(inner)} - {NoneType}:
                if isinstance(one, type) and issubclass(one, StrEnum):
                    return tuple(member.value for member in one)
    return ()
