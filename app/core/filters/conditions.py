"""A filter as SQL: one condition that is true or false of each row, never unknown."""

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, func, literal, not_, or_

from app.core.filters.fields import DENIED, Kind, Op
from app.core.filters.trees import And, Leaf, Node, Not, Or, Span


def condition(node: Node, *, denied: bool = False) -> ColumnElement[bool]:
    """The tree as a condition that is never unknown; `denied` is its complement."""
    match node:
        case Not(inner):
            return condition(inner, denied=not denied)
        case And(parts):
            made = [condition(one, denied=denied) for one in parts]
            return or_(*made) if denied else and_(*made)
        case Or(parts):
            made = [condition(one, denied=denied) for one in parts]
            return and_(*made) if denied else or_(*made)
        case Leaf():
            return _leaf(node, denied)


def _leaf(leaf: Leaf, denied: bool) -> ColumnElement[bool]:
    if leaf.op in DENIED:
        denied = not denied
    field, op = leaf.field, DENIED.get(leaf.op, leaf.op)
    if field.related is not None:
        ids = None if op is Op.is_null else [one.low for one in leaf.values]
        met = field.related(ids)
        if op is Op.is_null:
            denied ^= leaf.empty
        return not_(met) if denied else met
    column = field.column
    if op is Op.is_null:
        return column.is_(None) if leaf.empty is not denied else column.is_not(None)  # type: ignore[no-any-return]
    made = _met(_folded(column) if field.kind is Kind.text else column, op, leaf)
    return or_(column.is_(None), not_(made)) if denied else made


def _met(column: Any, op: Op, leaf: Leaf) -> ColumnElement[bool]:
    values = [
        Span(_folded(literal(one.low, Text))) if leaf.field.kind is Kind.text else one
        for one in leaf.values
    ]
    if op is Op.among:
        if any(one.high is not None for one in values):
            return or_(*(_compared(column, Op.eq, one) for one in values))
        return column.in_([one.low for one in values])  # type: ignore[no-any-return]
    if op is Op.between:
        low, high = values
        return and_(_compared(column, Op.gte, low), _compared(column, Op.lte, high))
    compared: ColumnElement[bool] = _compared(column, op, values[0])
    return compared


def _compared(column: Any, op: Op, value: Span) -> Any:
    low, high = value.low, value.high
    match op:
        case Op.eq:
            return column == low if high is None else and_(column >= low, column < high)
        case Op.lt:
            return column < low
        case Op.gte:
            return column >= low
        case Op.lte:
            return column <= low if high is None else column < high
        case Op.gt:
            return column > low if high is None else column >= high
        case Op.contains:
            return func.strpos(column, low) > 0
        case Op.starts_with:
            return func.starts_with(column, low)
        case Op.ends_with:
            return func.right(column, func.length(low)) == low
    raise AssertionError(op)


def _folded(text: Any) -> Any:
    """Without case and accents; compared letter by letter, whatever the cluster's collation."""
    return func.lower(func.public.unaccent(text), type_=Text).collate("C")
