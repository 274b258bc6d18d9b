"""Lists: one class per list says what can be filtered and sorted; the rest is here.

Filters are annotated fields, sorts a dict of columns; anything else is a 422. Pages are keysets
that end with the id, so that a row alive throughout appears exactly once however the table moves. Rows
without what is sorted by come last, either way round, by their id: a keyset of their own, whose cursor
names the id alone. The cursor is sealed: it belongs to one organisation, one filter and one sort.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr
from sqlakeyset import (
    BadBookmark,
    InvalidPage,
    Marker,
    PageSerializationError,
    serialize_bookmark,
    unserialize_bookmark,
)
from sqlakeyset.asyncio import select_page
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Uuid,
    any_,
    bindparam,
    false,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core import filters
from app.core.crypto import Signer
from app.core.errors import BadRequest, FieldError, Invalid
from app.core.model import TenantModel
from app.core.zones import known_zone

M = TypeVar("M", bound=TenantModel)
Zone = Annotated[
    str,
    Field(min_length=1, max_length=60, examples=["America/Chicago"]),
    AfterValidator(known_zone),
]
"""An IANA time zone."""
Column = InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Filter:
    """Marks a field of a `ListQuery` as a condition on a column: `eq`, `gte` or `lt`."""

    column: Any
    op: str = "eq"

    def condition(self, value: Any) -> ColumnElement[bool]:
        match self.op:
            case "gte":
                return self.column >= value  # type: ignore[no-any-return]
            case "lt":
                return self.column < value  # type: ignore[no-any-return]
            case _:
                return self.column == value  # type: ignore[no-any-return]

    def gathering(self, value: Any) -> ColumnElement[bool]:
        """The same for whoever gathers all that match, and does not ask row by row."""
        return self.condition(value)


Ids = Any
"""A statement that finds ids: a select or a union."""


def among(column: Any, ids: Ids) -> ColumnElement[bool]:
    """The column is one of these, which are found first."""
    found = func.array(ids.scalar_subquery(), type_=ARRAY(Uuid()))
    return column == any_(found)  # type: ignore[no-any-return]


def one_by_one(rows: Select[Any]) -> Select[Any]:
    """Inside `exists`: asked of each row. Joined, those of all other rows would be read too."""
    return rows.offset(bindparam("none", 0, type_=Integer, unique=True, literal_execute=True))


MOST = 200
"""The rows of the longest page."""


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of rows; `total` only when it was asked for."""

    data: Sequence[M]
    next_cursor: str | None
    total: int | None


class ListQuery(BaseModel):
    """What every list takes. Subclasses add filters and name their sorts."""

    model_config = ConfigDict(extra="forbid")
    SORTS: ClassVar[dict[str, Column]]
    DEFAULT_SORT: ClassVar[str] = "-created_at"
    FILTERS: ClassVar[filters.Fields | None] = None
    """What `filter` may name. None: what the plain filters and the sorts name."""
    IN_ORDER: ClassVar[frozenset[str]] = frozenset()
    """Filters of yes and no that have indexes of their own, in the order of the sorts."""

    limit: int = Field(50, ge=1, le=MOST, description="Rows a page.")
    cursor: str | None = Field(
        None, max_length=2000, description="`next_cursor` of the page before."
    )
    sort: str | None = Field(
        None,
        max_length=60,
        pattern=r"^-?[a-z_]+$",
        description="A sortable field; `-` before it turns the order round. Rows without a value"
        " in that field come last.",
    )
    include_total: bool = Field(False, description="Also count all rows that match.")
    deleted: bool = Field(False, description="Include deleted rows.")
    filter: str | None = Field(
        None,
        max_length=filters.LONGEST,
        description="A JSON tree of conditions, such as"
        ' `{"field": "created_at", "op": "gte", "value": "-7d"}`, joined by `and`, `or` and `not`.',
        json_schema_extra={"examples": ['{"field": "created_at", "op": "gte", "value": "-7d"}']},
    )
    filter_zone: Zone | None = Field(
        None,
        description="The time zone in which `filter` means days. Default: the organisation's.",
    )

    view: UUID | None = Field(
        None, description="A saved view, whose filter, sort and columns are used."
    )
    _sealed: str = PrivateAttr("")
    """What else a cursor is bound to."""

    def completed(self, sort: str | None, sealed: str) -> Self:
        """The same with this sort where it has none, its cursors bound to `sealed` too."""
        query = self.model_copy(update={"sort": self.sort or sort})
        query._sealed = sealed
        return query

    @classmethod
    def filterable(cls) -> filters.Fields:
        """The fields that `filter` may name."""
        if cls.FILTERS is not None:
            return cls.FILTERS
        marked = [mark.column for _, mark in cls.marks()]
        sorts = {name: filters.field_of(column) for name, column in cls.SORTS.items()}
        return {**filters.filterable(*marked), **sorts}

    def conditions(self) -> list[ColumnElement[bool]]:
        """The declared filters that were given."""
        return [mark.condition(value) for mark, value in self._given()]

    def gathering(self) -> list[ColumnElement[bool]]:
        """The same conditions for a statement that gathers whatever matches before it sorts."""
        found: list[ColumnElement[bool]] = []
        ranges: dict[Any, list[ColumnElement[bool]]] = {}
        for mark, value in self._given():
            if mark.op == "eq":
                found.append(mark.gathering(value))
            else:
                ranges.setdefault(mark.column, []).append(mark.condition(value))
        # by themselves, or the planner, which takes a range for a third of everything, goes another way
        for column, conditions in ranges.items():
            id = column.class_.id
            found.append(among(id, select(id).where(*conditions).correlate(None)))
        return found

    def _given(self) -> Iterator[tuple[Filter, Any]]:
        for name, mark in self.marks():
            if (value := getattr(self, name)) is not None:
                yield mark, value

    @classmethod
    def marks(cls) -> Iterator[tuple[str, Filter]]:
        """The declared filters, by name."""
        for name, info in cls.model_fields.items():
            for mark in info.metadata:
                if isinstance(mark, Filter):
                    yield name, mark

    def order(self) -> tuple[Column, bool, str]:
        """The column to sort by, whether downwards, and the sort's name as given."""
        name = self.sort or self.DEFAULT_SORT
        column = self.SORTS.get(name.removeprefix("-"))
        if column is None:
            known = ", ".join(sorted(self.SORTS))
            detail = f"“{name.removeprefix('-')}” cannot be sorted by; use one of: {known}."
            raise Invalid(detail, errors=[FieldError("?sort", "unknown_sort", detail)])
        return column, name.startswith("-"), name

    def fingerprint(self, org_id: UUID) -> str:
        """What a cursor is bound to, besides its place."""
        asked = self.model_dump(mode="json", exclude={"cursor", "limit", "include_total"})
        return sha256(f"{org_id}{type(self).__name__}{asked}{self._sealed}".encode()).hexdigest()[
            :16
        ]


async def fetch_page(
    session: AsyncSession,
    statement: Select[M],
    model: type[M],
    query: ListQuery,
    org_id: UUID,
    signer: Signer,
) -> Page[M]:
    """One page of `statement` (already narrowed to what the person may see).

    Raises `BadRequest` for a cursor that is not ours, or not of this list.
    """
    column, down, _ = query.order()
    statement = statement.where(*query.conditions())
    total = None
    if query.include_total:
        counted = select(func.count()).select_from(statement.with_only_columns(model.id).subquery())
        total = (await session.execute(counted)).scalar_one()
    place = opened(query, org_id, signer) if query.cursor else None
    tie = model.id.desc() if down else model.id.asc()
    if column.property.columns[0].nullable:
        order = _Order(model, column, down)
        rows, following = await _nulls_last(session, statement, order, query.limit, place)
    else:
        ordered = statement.order_by(column.desc() if down else column.asc(), tie)
        rows, following = await _rows(session, ordered, query.limit, place)
    sealed = None
    if following is not None:
        sealed = signer.sign(f"{query.fingerprint(org_id)}|{serialize_bookmark(following)}")
    return Page(rows, sealed, total)


@dataclass(frozen=True)
class _Order:
    model: Any
    column: Any
    down: bool

    def by(self, *keys: Any) -> list[Any]:
        return [key.desc() if self.down else key.asc() for key in keys]

    def behind(self, here: Any, mark: Any) -> ColumnElement[bool]:
        return (here < mark) if self.down else (here > mark)  # type: ignore[no-any-return]


async def _nulls_last(
    session: AsyncSession, statement: Select[M], order: _Order, limit: int, place: Any
) -> tuple[list[M], Any]:
    """As `_rows`, of rows that may lack what they are sorted by. Each of the two kinds is found through
    the index, at most a page of it; all are read at once, so that a page costs the same wherever it is."""
    id, column = order.model.id, order.column
    mark = () if place is None else tuple(place.place)
    valued, rest = statement.where(column.is_not(None)), statement.where(column.is_(None))
    if len(mark) == 1:
        valued, rest = valued.where(false()), rest.where(order.behind(id, mark[0]))
    elif mark:
        there = tuple_(literal(mark[0], column.type), literal(mark[1], id.type))
        valued = valued.where(order.behind(tuple_(column, id), there))
    found = [
        part.with_only_columns(id).order_by(*keys).limit(limit + 1).subquery()
        for part, keys in ((valued, order.by(column, id)), (rest, order.by(id)))
    ]
    either = union_all(*(select(part.c.id) for part in found))
    ordered = statement.where(id.in_(either)).order_by(column.is_(None), *order.by(column, id))
    rows = list((await session.scalars(ordered.limit(limit + 1))).unique())
    if len(rows) <= limit:
        return rows, None
    last: Any = rows[limit - 1]
    value = getattr(last, column.key)
    return rows[:limit], Marker((last.id,) if value is None else (value, last.id))


async def _rows(
    session: AsyncSession, ordered: Select[M], limit: int, place: Any
) -> tuple[list[M], Any]:
    """The rows behind a place, and the place of the last one when more follow."""
    try:
        page: Any = await select_page(session, ordered, per_page=limit, page=place)
    except (InvalidPage, BadBookmark, PageSerializationError) as error:
        raise _bad_cursor() from error
    return [row[0] for row in page], page.paging.next if page.paging.has_next else None


def opened(query: ListQuery, org_id: UUID, signer: Signer) -> Any:
    """The place in the list that the query's cursor names. Raises `BadRequest` as `fetch_page` does."""
    opened = signer.open(query.cursor or "")
    if opened is None:
        raise _bad_cursor()
    mark, _, place = opened.partition("|")
    if mark != query.fingerprint(org_id):
        raise BadRequest(
            "This cursor belongs to another list, filter or sort. Start again without one.",
            code="bad_cursor",
        )
    try:
        return unserialize_bookmark(place)
    except (BadBookmark, PageSerializationError) as error:
        raise _bad_cursor() from error


def _bad_cursor() -> BadRequest:
    return BadRequest("This cursor is not one of ours. Start again without one.", code="bad_cursor")
