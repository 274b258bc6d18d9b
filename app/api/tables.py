"""Every list as a table: `Accept: text/csv` answers all rows of it, with the same filters and sort.

The pages of the list itself are written one after the other, so a table holds what the list shows to
whoever asks, and nothing else. Each page has a transaction of its own: a slow reader holds none. What
cannot be answered is refused before the first byte.

UTF-8 with a byte order mark, because spreadsheets take it for another encoding without; a heading is
a field's name, of a field within a field with a dot (`customer.name`).
"""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from types import NoneType
from typing import Any, get_args, get_origin
from urllib.parse import parse_qsl, urlencode

import orjson
from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from app.api.strict import StrictRequest
from app.core import clock
from app.core.errors import FieldError, Invalid
from app.core.listing import WHOLE
from app.core.tables import neutral

MOST_ROWS = 10_000
PAGE = 200
MEDIA_TYPE = "text/csv"

Path = tuple[str, ...]
Answer = Callable[[StrictRequest], Awaitable[Response]]


def row_of(response_model: Any, dependant: Dependant) -> type[BaseModel] | None:
    """What a page of this list holds, or None for a route that is no list or cannot count itself."""
    fields = getattr(response_model, "model_fields", {})
    takes = {one.alias for one in get_flat_params(dependant)}
    if not {"data", "next_cursor"} <= fields.keys() or "include_total" not in takes:
        return None
    (row,) = get_args(fields["data"].annotation)
    return row if isinstance(row, type) and issubclass(row, BaseModel) else None


def is_wanted(request: Request) -> bool:
    """Whether the caller would rather have a table than JSON."""
    wishes: dict[str, float] = {}
    for part in request.headers.get("accept", "").split(","):
        media, _, parameters = part.partition(";")
        wishes.setdefault(media.strip().lower(), _weight(parameters))
    table = wishes.get(MEDIA_TYPE, 0)
    return table > 0 and table >= wishes.get("application/json", 0)


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0
    return 1


async def table(request: Request, row: type[BaseModel], answer: Answer) -> Response:
    """All rows of the list as a table. `answer` gives one page.

    Raises `Invalid` for a list that is too long, and whatever the list itself refuses.
    """
    asked = dict(parse_qsl(request.url.query, keep_blank_values=True))
    for name in ("limit", "cursor", "include_total"):
        if name in asked:
            detail = f"A table holds all rows of the list. Leave {name} out."
            raise Invalid(detail, errors=[FieldError(f"?{name}", "not_with_csv", detail)])
    first = await _page(request, answer, include_total="true")
    total = first["total"] or 0
    if total > MOST_ROWS:
        raise Invalid(
            f"This list has {total:,} rows; a table holds at most {MOST_ROWS:,}."
            " Narrow it with filter.",
            code="too_many_rows",
        )
    headings = _chosen(row, first["data"], request)
    name = request.url.path.rstrip("/").rpartition("/")[2]
    return StreamingResponse(
        _written(headings, first, request, answer),
        media_type=f"{MEDIA_TYPE}; charset=utf-8; header=present",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{clock.now():%Y-%m-%d}.csv"',
            "Cache-Control": "no-store",
            "Vary": "Accept",
        },
    )


async def _page(request: Request, answer: Answer, **more: str) -> Any:
    """One page of the list, in a transaction of its own."""
    query = [*parse_qsl(request.url.query, keep_blank_values=True), ("limit", str(PAGE))]
    async with AsyncExitStack() as inner, AsyncExitStack() as function:
        scope = {
            **request.scope,
            "query_string": urlencode([*query, *more.items()]).encode(),
            "fastapi_inner_astack": inner,
            "fastapi_function_astack": function,
        }
        whole = WHOLE.set(True)
        try:
            reply = await answer(StrictRequest(scope, request.receive))
        finally:
            WHOLE.reset(whole)
    return orjson.loads(bytes(reply.body))


async def _written(
    headings: list[Path], page: Any, request: Request, answer: Answer
) -> AsyncIterator[bytes]:
    yield "\ufeff".encode() + _lines([[spoken(path) for path in headings]])
    while True:
        yield _lines([[_cell(_at(one, path)) for path in headings] for one in page["data"]])
        if page["next_cursor"] is None:
            return
        page = await _page(request, answer, cursor=page["next_cursor"])


def _lines(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def headings_of(row: type[BaseModel]) -> Iterator[Path]:
    """The fields of an output, those of outputs within it after their own names."""
    for name, info in row.model_fields.items():
        inner = _output_in(info.annotation)
        if inner is None:
            yield (name,)
        else:
            yield from ((name, *path) for path in headings_of(inner))


def _output_in(annotation: Any) -> type[BaseModel] | None:
    options = [one for one in get_args(annotation) if one is not NoneType]
    if len(options) == 1 and get_origin(annotation) not in (list, dict, tuple):
        annotation = options[0]
    return (
        annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    )


def _chosen(row: type[BaseModel], rows: list[Any], request: Request) -> list[Path]:
    """Those of the view, or all, without what this caller does not see: such a field is in no row.
    Without rows, the fields that everybody sees."""
    headings = list(headings_of(row))
    seen = {name for one in rows for name in one} or {
        name for name, field in row.model_fields.items() if field.exclude_if is None
    }
    columns = getattr(request.state, "columns", None)
    if columns is not None:
        by_name = {spoken(path): path for path in headings}
        headings = [by_name[name] for name in columns if name in by_name]
    return [path for path in headings if path[0] in seen]


def spoken(path: Path) -> str:
    """A heading: `customer.name`."""
    return ".".join(path)


def _at(row: Any, path: Path) -> Any:
    for name in path:
        row = row.get(name) if isinstance(row, dict) else None
    return row


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() if not any(isinstance(one, list | dict) for one in value):
            return neutral("; ".join(map(_cell, value)))
        case list() | dict():
            return orjson.dumps(value).decode()
        case str():
            return neutral(value)
    return str(value)
