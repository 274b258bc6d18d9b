"""Every list as a table: `Accept: text/csv`, or that of an XLSX, answers all rows of it, with the same
filters and sort.

The pages of the list itself are written one after the other, so a table holds what the list shows to
whoever asks, and nothing else. Each page has a transaction of its own: a slow reader holds none. What
cannot be answered is refused before the first byte. A longer list is an export (`services.exports`). Who took
which list is in the journal before the first byte too.

A heading is a field's name, of a field within a field with a dot (`customer.name`).
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path as FilePath
from types import NoneType
from typing import IO, Any, get_args, get_origin
from urllib.parse import parse_qsl, urlencode

import orjson
from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from app.api.outputs import ByName, MinorUnits
from app.api.strict import StrictRequest
from app.core import clock
from app.core.errors import FieldError, Invalid
from app.core.tables import Column, Format, Kind, csv_head, csv_rows, table_file

PREFIX = "/api/v2/"
MOST_ROWS = 10_000
PAGE = 200
CHUNK = 256 * 1024

Answer = Callable[[StrictRequest], Awaitable[Response]]
Told = Callable[[str, Format, int], Awaitable[None]]
"""Writes down that a list was taken: which, as what, how many rows."""


def row_of(response_model: Any, dependant: Dependant) -> type[BaseModel] | None:
    """What a page of this list holds, or None for a route that is no list or cannot count itself."""
    fields = getattr(response_model, "model_fields", {})
    takes = {one.alias for one in get_flat_params(dependant)}
    if not {"data", "next_cursor"} <= fields.keys() or "include_total" not in takes:
        return None
    (row,) = get_args(fields["data"].annotation)
    return row if isinstance(row, type) and issubclass(row, BaseModel) else None


def wanted(request: Request) -> Format | None:
    """The table that the caller would rather have than JSON."""
    wishes: dict[str, float] = {}
    for part in request.headers.get("accept", "").split(","):
        media, _, parameters = part.partition(";")
        wishes.setdefault(media.strip().lower(), _weight(parameters))
    best = max(Format, key=lambda one: wishes.get(one.media_type, 0))
    weight = wishes.get(best.media_type, 0)
    return best if weight > 0 and weight >= wishes.get("application/json", 0) else None


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0
    return 1


async def table(
    request: Request, row: type[BaseModel], shape: Format, answer: Answer, told: Told
) -> Response:
    """All rows of the list as a table. `answer` gives one page, `told` writes down that it was taken.

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
        raise _too_long(request, total)
    chosen = getattr(request.state, "columns", None)
    columns = columns_shown(row, first["data"], chosen)
    name = request.url.path.rstrip("/").rpartition("/")[2]
    pages = _pages(first, request, answer)
    media_type = shape.media_type
    if shape is Format.csv:
        body, media_type = _csv(columns, pages), f"{media_type}; charset=utf-8; header=present"
    else:
        body = _sent(await _whole(shape, columns, pages, name))
    await told(request.url.path.removeprefix(PREFIX).rstrip("/"), shape, total)
    return StreamingResponse(
        body,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{clock.now():%Y-%m-%d}.{shape}"',
            "Cache-Control": "no-store",
            "Vary": "Accept",
        },
    )


def _too_long(request: Request, total: int) -> Invalid:
    said = f"This list has {total:,} rows; a table holds at most {MOST_ROWS:,}."
    name = request.url.path.removeprefix(PREFIX)
    export = f" Export it with POST {PREFIX}exports, list “{name}”, or narrow it with filter."
    return Invalid(
        said + (" Narrow it with filter." if "/" in name else export), code="too_many_rows"
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
        reply = await answer(StrictRequest(scope, request.receive))
    return orjson.loads(bytes(reply.body))


async def _pages(page: Any, request: Request, answer: Answer) -> AsyncIterator[list[Any]]:
    while True:
        yield page["data"]
        if page["next_cursor"] is None:
            return
        page = await _page(request, answer, cursor=page["next_cursor"])


async def _csv(columns: Sequence[Column], pages: AsyncIterator[list[Any]]) -> AsyncIterator[bytes]:
    yield csv_head(columns)
    async for rows in pages:
        yield csv_rows(columns, rows)


async def _whole(
    shape: Format, columns: Sequence[Column], pages: AsyncIterator[list[Any]], name: str
) -> IO[bytes]:
    """The finished file, which nobody else can name any more."""
    folder = FilePath(tempfile.mkdtemp(prefix="truckroll-"))
    try:
        file = table_file(shape, folder / "table", columns, title=name)
        try:
            async for rows in pages:
                await asyncio.to_thread(file.add, rows)
        except BaseException:
            file.abandon()
            raise
        await asyncio.to_thread(file.finish)
        return (folder / "table").open("rb")  # a file of our own
    finally:
        shutil.rmtree(folder)


async def _sent(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk


def columns_of(row: type[BaseModel]) -> Iterator[Column]:
    """The fields of an output, those of outputs within it after their own names."""
    for name, info in row.model_fields.items():
        inner = _output_in(info.annotation)
        if inner is None:
            yield _column(name, info)
        else:
            yield from (replace(one, path=(name, *one.path)) for one in columns_of(inner))


def _column(name: str, info: FieldInfo) -> Column:
    for mark in info.metadata:
        if isinstance(mark, ByName):
            return Column((name,), Kind.names, mark.path)
    return Column((name,), _kind(info.annotation, info.metadata))


def _output_in(annotation: Any) -> type[BaseModel] | None:
    options = [one for one in get_args(annotation) if one is not NoneType]
    if len(options) == 1 and get_origin(annotation) not in (list, dict, tuple):
        annotation = options[0]
    return (
        annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    )


def _kind(annotation: Any, marks: Sequence[Any] = ()) -> Kind:
    """What the values of a field are, whether or not it may be empty."""
    options = [one for one in get_args(annotation) if one is not NoneType]
    if any(isinstance(one, MinorUnits) for one in (*marks, *options)):
        return Kind.amount
    if get_origin(annotation) in (list, dict, tuple):
        return Kind.plain
    if options:
        return _kind(options[0], options[1:]) if _one(options) else Kind.plain
    if annotation in (datetime, AwareDatetime):
        return Kind.moment
    return {date: Kind.day, Decimal: Kind.decimal}.get(annotation, Kind.plain)


def _one(options: Sequence[Any]) -> bool:
    """Whether what is left of a type beside None, or within its marks, is one type."""
    return not any(isinstance(one, type) for one in options[1:])


def columns_shown(
    row: type[BaseModel], rows: Sequence[Any], chosen: Sequence[str] | None
) -> list[Column]:
    """Those that were chosen, or all, without what this caller does not see: such a field is in no
    row. Without rows, the fields that everybody sees."""
    columns = list(columns_of(row))
    seen = {name for one in rows for name in one} or {
        name for name, field in row.model_fields.items() if field.exclude_if is None
    }
    if chosen is not None:
        by_name = {column.heading: column for column in columns}
        columns = [by_name[name] for name in chosen if name in by_name]
    return [column for column in columns if column.path[0] in seen]
