"""Statements of hot reads that are built: a page of a list, or one record within a narrower scope.

A statement is built once for each shape of question (which filters, which sort, which scope) and kept
as text; what is asked with are its parameters. The conditions are those of the list and the record
scope of the model themselves, so nothing is said twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.orm import with_loader_criteria

from app.core.listing import ListQuery
from app.core.model import SoftDeleted, TenantRow
from app.models.permissions import RecordScope
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services.search import MOST_OWN, SEARCHED


def told(name: str, type_: Any = None) -> Any:
    """A parameter that each question gives a value."""
    return bindparam(name, type_=type_, required=False)


ORG, USER = told("org", Uuid()), told("user", Uuid())


class AnyViewer:
    """Whoever looks with this scope: organisation and person are parameters."""

    org_id = ORG
    user_id = USER

    def __init__(self, scope: RecordScope) -> None:
        self.sees_all = scope is RecordScope.all
        self.sees_team = scope.reach >= RecordScope.team.reach
        self.sees_territory = scope.reach >= RecordScope.territory.reach


SIZES = (1, 10, 50, 200)
"""How many rows a statement is written for: one for each number asked for would be hundreds."""


def size_for(limit: int) -> int:
    """The smallest of `SIZES` that holds `limit` rows."""
    return next(size for size in SIZES if size >= limit)


@dataclass(frozen=True)
class Shape:
    """What makes two questions the same statement."""

    model: type[Any]
    render: str
    scope: RecordScope
    query: type[ListQuery] | None = None
    """None: one record by its id."""
    given: frozenset[str] = frozenset()
    """Filters that were given a value, which is a parameter."""
    switches: frozenset[tuple[str, bool]] = frozenset()
    """Filters that are yes or no, which change the statement."""
    sort: str = ""
    after: bool = False
    """Whether it goes on behind a place in the list."""
    most: int = 1
    """Rows it looks at, at least as many as it is asked for: one of `SIZES`."""
    deleted: bool = False

    def within(self, scope: RecordScope) -> "Shape":
        """The same question of somebody who sees this far."""
        return self if scope is self.scope else replace(self, scope=scope)


@dataclass(frozen=True)
class Statement:
    """A built statement and what its parameters are called, in order."""

    sql: str
    names: Sequence[str]
    fixed: Mapping[str, Any]
    whole: bool
    """Whether nothing follows behind its last row: rows without what is sorted by come last, and are
    the route's to read."""

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters of one question."""
        return [values[name] if name in values else self.fixed[name] for name in self.names]


@lru_cache(maxsize=2000)
def built(shape: Shape) -> Statement:
    """The statement: which rows, the sort key of the last, whether there are more, and all as JSON."""
    model, viewer = shape.model, AnyViewer(shape.scope)
    key, down, whole = model.id, False, True
    conditions: list[ColumnElement[bool]] = []
    if shape.query is None:
        conditions = [model.id == told("id", Uuid())]
    else:
        asked = _asked(shape.query, shape)
        conditions = asked.conditions()
        key, down, _ = asked.order()
        if key.property.columns[0].nullable:
            whole = False
            conditions.append(key.is_not(None))
    seen = model.visible_to
    if shape.query is not None:
        seen = getattr(model, "listed_to", seen)
    rows = select(model.id.label("id"), key.label("key")).where(
        model.org_id == ORG, seen(viewer), *conditions
    )
    if issubclass(model, SoftDeleted) and not shape.deleted:
        rows = rows.where(model.deleted_at.is_(None))
    if shape.after:
        place = tuple_(key, model.id)
        mark = tuple_(told("key", key.type), told("id", Uuid()))
        rows = rows.where(place < mark if down else place > mark)
    if shape.query is not None:
        order = (key.desc(), model.id.desc()) if down else (key.asc(), model.id.asc())
        rows = rows.order_by(*order)
    # a literal, or the planner takes it for a tenth of the table
    more = bindparam("one_more", shape.most + 1, type_=Integer, literal_execute=True)
    limit = told("limit", Integer())
    page = rows.limit(more).subquery("page")
    ids = func.array_agg(page.c.id, type_=ARRAY(Uuid())).label("ids")
    places = func.array_agg(page.c.key, type_=ARRAY(key.type)).label("places")
    found = select(ids, places).subquery("found")
    first = func.trim_array(
        found.c.ids,
        func.greatest(func.cardinality(found.c.ids) - limit, literal(0, Integer)),
        type_=ARRAY(Uuid()),
    )
    rendered = getattr(func.system, shape.render)(
        ORG, first, told("permissions", ARRAY(Text())), *_beside(shape, viewer, found)
    )
    statement: Select[Any] = select(
        rendered.label("body"),
        (func.cardinality(found.c.ids) > limit).label("more"),
        found.c.places[limit].label("last_key"),
        found.c.ids[limit].label("last_id"),
    ).where(found.c.ids.is_not(None))
    return _written(statement, whole=whole)


@lru_cache(maxsize=500)
def built_search(scope: RecordScope, entities: Sequence[str]) -> Statement:
    """Search among what somebody with this scope sees of these kinds of records."""
    viewer = AnyViewer(scope)
    models: list[Any] = [SEARCHED[entity][0] for entity in entities]
    seen = union_all(
        *(
            select(model.id).where(
                model.org_id == ORG, model.visible_to(viewer), model.deleted_at.is_(None)
            )
            for model in models
        )
    ).limit(bindparam("most", MOST_OWN, type_=Integer, literal_execute=True))
    body = func.system.hits_json(
        told("words", ARRAY(Text())),
        told("digits", Text()),
        told("entities", ARRAY(Text())),
        func.array(seen.scalar_subquery(), type_=ARRAY(Uuid())),
        told("limit", Integer()),
    )
    return _written(select(body.label("body")))


def _written(statement: Select[Any], *, whole: bool = True) -> Statement:
    """As text, with the organisation beside every table that is named."""
    statement = statement.options(
        with_loader_criteria(TenantRow, lambda row: row.org_id == ORG, include_aliases=True)
    )
    compiled = statement.compile(
        dialect=asyncpg_dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"render_postcompile": True},
    )
    return Statement(str(compiled), list(compiled.positiontup or ()), dict(compiled.params), whole)


def _asked(query: type[ListQuery], shape: Shape) -> ListQuery:
    """The question, with a parameter for every value."""
    values: dict[str, Any] = dict(shape.switches)
    values |= {name: told(f"given_{name}") for name in shape.given}
    return query.model_construct(**values, sort=shape.sort or None)


def _beside(shape: Shape, viewer: AnyViewer, found: Any) -> list[Any]:
    """What the rendering function must know of the scope: the visits of work orders one sees."""
    if shape.model is not WorkOrder:
        return []
    if viewer.sees_all:
        return [null()]
    seen = select(Visit.id).where(
        Visit.org_id == ORG, Visit.work_order_id == any_(found.c.ids), Visit.visible_to(viewer)
    )
    return [func.array(seen.correlate(found).scalar_subquery(), type_=ARRAY(Uuid()))]
