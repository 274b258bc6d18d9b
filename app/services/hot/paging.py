"""Which rows a page of a list holds, found without looking at many others.

There are three ways, told by what is asked alone, and never left to what the planner guesses of values
that it does not know:

- *in order*: without a filter, or with one whose rows an index holds in the order of the sort;
- *gathered*: what few rows match, or somebody sees, is found by itself and sorted;
- *near first*: the first rows in the order, as far as `NEAR`; only when too few of them match is all that
  matches gathered. So common values cost a page, and rare ones what there is of them.
"""

from enum import Enum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Uuid,
    bindparam,
    func,
    inspect,
    select,
    true,
    tuple_,
    union_all,
)

from app.core.listing import Filter, ListQuery, among
from app.core.model import SoftDeleted
from app.models.reach import reached
from app.services.hot.shapes import ORG, AnyViewer, Shape, told

NEAR = 1_000
"""Rows in the order of a list that are looked at before what matches is gathered."""


class Way(Enum):
    in_order = "in order"
    gathered = "gathered"
    near_first = "near first"


def way_of(shape: Shape) -> Way:
    """How the page is found for somebody who sees everything; everybody else's is gathered."""
    assert shape.query is not None
    if not AnyViewer(shape.scope).sees_all:
        return Way.gathered
    key = shape.asked().order()[0]
    asked = shape.given | {name for name, _ in shape.switches}
    marks = {name: mark for name, mark in shape.query.marks() if name in asked}
    ranges = {name for name, mark in marks.items() if mark.op != "eq" and mark.column is key}
    rest = asked - ranges
    if not rest or (len(rest) == 1 and _in_order(shape.query, marks, min(rest), key)):
        return Way.in_order
    if any(mark.op == "eq" and _few(mark) for mark in marks.values()):
        return Way.gathered
    return Way.near_first


def _in_order(query: type[ListQuery], marks: dict[str, Filter], name: str, key: Any) -> bool:
    """Whether an index holds the rows that have any value of this filter in the order of `key`."""
    if name in query.IN_ORDER:
        return True
    mark = marks.get(name)
    if mark is None or mark.op != "eq" or type(mark) is not Filter:
        return False
    return ["org_id", mark.column.key, key.key] in [one[:3] for one in _indexes(mark)]


def _few(mark: Filter) -> bool:
    """Whether hardly more than one row has a value: an index holds the column alone."""
    return type(mark) is Filter and ["org_id", mark.column.key] in _indexes(mark)


def _indexes(mark: Filter) -> list[list[str]]:
    table = inspect(mark.column.class_).local_table
    unique = [list(one.columns.keys()) for one in table.constraints if hasattr(one, "columns")]
    whole = [one for one in table.indexes if one.dialect_options["postgresql"]["where"] is None]
    return [*unique, *([column.name for column in one.columns] for one in whole)]


def page_of(shape: Shape, viewer: AnyViewer, limit: Any) -> Any:
    """Ids and sort keys of the page and one more row, in order."""
    query, model = shape.asked(), shape.model
    key, down, _ = query.order()
    way = way_of(shape)
    # a literal, or the planner takes it for a tenth of the table
    more = _literal("one_more", shape.most + 1)

    def by(column: Any, id: Any) -> tuple[Any, Any]:
        return (column.desc(), id.desc()) if down else (column.asc(), id.asc())

    rows = select(model.id.label("id"), key.label("key")).where(model.org_id == ORG)
    if issubclass(model, SoftDeleted) and not shape.deleted:
        rows = rows.where(model.deleted_at.is_(None))
    if key.property.columns[0].nullable:
        rows = rows.where(key.is_not(None))
    if shape.after:
        place = tuple_(key, model.id)
        mark = tuple_(told("key", key.type), told("id", Uuid()))
        rows = rows.where(place < mark if down else place > mark)
    if way is Way.in_order:
        ordered = rows.where(*query.conditions()).order_by(*by(key, model.id))
        return ordered.limit(more).subquery("page")
    seen = reached(model, viewer)
    conditions = query.gathering() if seen is None else [*query.conditions(), among(model.id, seen)]
    matching = _alone(rows.where(*conditions), "matching")
    gathered = select(matching.c.id, matching.c.key)
    gathered = gathered.order_by(*by(matching.c.key, matching.c.id)).limit(more)
    if way is Way.gathered:
        return gathered.subquery("page")
    first = rows.order_by(*by(key, model.id)).limit(_literal("near", NEAR)).subquery("first")
    # one by one, until the page is full: a join would be planned from the filter's side
    fits = select(model.id).where(model.org_id == ORG, model.id == first.c.id, *query.conditions())
    fitting = fits.limit(_literal("one", 1)).correlate(first).lateral("fitting")
    those = select(first.c.id, first.c.key).join(fitting, true())
    near = _alone(those.order_by(*by(first.c.key, first.c.id)).limit(more), "near")
    enough: ColumnElement[bool] = select(func.count()).select_from(near).scalar_subquery() > limit
    far = gathered.where(~enough).subquery("far")
    return union_all(
        select(near.c.id, near.c.key).where(enough), select(far.c.id, far.c.key)
    ).subquery("page")


def _alone(rows: Select[Any], name: str) -> Any:
    """Found by itself, whatever it is for."""
    return rows.cte(name).prefix_with("materialized")


def _literal(name: str, value: int) -> Any:
    return bindparam(name, value, type_=Integer, literal_execute=True)
