"""Statements of hot reads that are built: a page of a list, or one record within a narrower scope.

A statement is built once for each shape of question (which filters, which sort, which scope) and kept
as text; what is asked with are its parameters. The conditions are those of the list and the record
scope of the model themselves, so nothing is said twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
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
    union_all,
)
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.orm import with_loader_criteria

from app.core.listing import among
from app.core.model import SoftDeleted, TenantRow
from app.models.permissions import RecordScope
from app.models.reach import reached
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services.hot.paging import page_of
from app.services.hot.shapes import ORG, AnyViewer, Shape, told
from app.services.search import MOST_OWN, SEARCHED


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
    limit = told("limit", Integer())
    key, whole = model.id, True
    if shape.query is None:
        rows = select(model.id.label("id"), model.id.label("key")).where(
            model.org_id == ORG, model.id == told("id", Uuid()), model.visible_to(viewer)
        )
        if issubclass(model, SoftDeleted) and not shape.deleted:
            rows = rows.where(model.deleted_at.is_(None))
        page = rows.subquery("page")
    else:
        key = shape.asked().order()[0]
        whole = not key.property.columns[0].nullable
        page = page_of(shape, viewer, limit)
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
    return written(statement, whole=whole)


@lru_cache(maxsize=500)
def built_search(scope: RecordScope, entities: Sequence[str]) -> Statement:
    """Search among what somebody with this scope sees of these kinds of records."""
    viewer = AnyViewer(scope)
    models: list[Any] = [SEARCHED[entity][0] for entity in entities]
    seen = union_all(*(_seen(model, viewer) for model in models)).limit(
        bindparam("most", MOST_OWN, type_=Integer, literal_execute=True)
    )
    body = func.system.hits_json(
        told("words", ARRAY(Text())),
        told("digits", Text()),
        told("entities", ARRAY(Text())),
        func.array(seen.scalar_subquery(), type_=ARRAY(Uuid())),
        told("limit", Integer()),
    )
    return written(select(body.label("body")))


def _seen(model: Any, viewer: AnyViewer) -> Select[Any]:
    rows = select(model.id).where(model.org_id == ORG, model.deleted_at.is_(None))
    ids = reached(model, viewer)
    return rows if ids is None else rows.where(among(model.id, ids))


def written(statement: Select[Any], *, whole: bool = True) -> Statement:
    """As text, with the organisation beside every table that is named."""
    statement = statement.options(
        with_loader_criteria(TenantRow, lambda row: row.org_id == ORG, include_aliases=True)
    )
    compiled = statement.compile(
        dialect=asyncpg_dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"render_postcompile": True},
    )
    return Statement(str(compiled), list(compiled.positiontup or ()), dict(compiled.params), whole)


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
