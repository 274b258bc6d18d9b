"""Asking for an export, and stopping it."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, ValidationError

from app.core import filters
from app.core.errors import Conflict, FieldError, Invalid, Refusal, invalid_field
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.core.tables import SHEET_ROWS, Format
from app.models.exports import UNFINISHED, Export, ExportStatus
from app.services import jobs
from app.services.context import Ctx
from app.services.exports.making import JOB
from app.services.exports.reading import ReadList
from app.services.facts import Fact, emit
from app.services.finding import Listed, Lists, list_called
from app.services.inputs import Draft, ShortText, Zone

Tree = Annotated[
    dict[str, Any],
    Field(
        description="Conditions as in `filter=` of the list.",
        examples=[{"field": "created_at", "op": "gte", "value": "-1y"}],
    ),
]
Columns = Annotated[list[ShortText], Field(min_length=1, max_length=100)]
Plain = Annotated[
    dict[Annotated[str, Field(max_length=60)], ShortText],
    Field(
        max_length=30,
        description="The list's other filters, as its address takes them.",
        examples=[{"status": "completed"}],
    ),
]


class ExportDraft(Draft):
    """A list, what of it, and as which file."""

    list: ShortText = Field(description="The list, as its address says.", examples=["customers"])
    format: Format = Format.csv
    filter: Tree | None = None
    filter_zone: Zone | None = None
    where: Plain | None = None
    sort: str | None = Field(
        None, max_length=60, pattern=r"^-?[a-z_]{1,59}$", examples=["-created_at"]
    )
    view: UUID | None = Field(None, description="A saved view, as in `view=` of the list.")
    deleted: bool = Field(False, description="Deleted rows too.")
    columns: Columns | None = Field(
        None, description="In this order; by default those of the view, or all."
    )


class ExportQuery(ListQuery):
    """Filters and sorts of the list of exports."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Export.created_at}
    FILTERS: ClassVar[Fields | None] = filterable(
        Export.id,
        Export.created_at,
        Export.list,
        Export.format,
        Export.status,
        Export.rows_total,
        Export.finished_at,
        Export.expires_at,
    )

    list: Annotated[ShortText | None, Filter(Export.list)] = None
    status: Annotated[ExportStatus | None, Filter(Export.status)] = None


async def ask(ctx: Ctx, draft: ExportDraft, lists: Lists, read: ReadList) -> Export:
    """Have it made after the commit, in this person's name and with the rights they have then.

    What the list would refuse is refused now: `Invalid` for a list, filter, sort or column that is
    not there and for more rows than a sheet holds, `Forbidden` for a list that one may not read,
    `NotFound` for a view that one does not see.
    """
    listed = list_called(lists, draft.list)
    if listed.permission is not None:
        ctx.require(listed.permission)
    for place, column in enumerate(draft.columns or ()):
        if column not in listed.columns:
            detail = f"“{column}” is no field of {listed.name}."
            raise invalid_field(f"columns/{place}", detail, code="unknown_column")
    asked = _asked(draft, listed)
    total = await _rows(ctx, listed, asked, read)
    if draft.format is Format.xlsx and total > SHEET_ROWS:
        raise invalid_field("format", _too_many(total), code="too_many_rows")
    export = await ctx.add(
        Export(
            list=listed.name,
            format=draft.format,
            asked=asked,
            columns=draft.columns,
            rows_total=total,
            asked_by_id=ctx.user_id,
        )
    )
    await emit(
        ctx, Fact.export_asked, export, list=listed.name.replace("-", " "), format=draft.format
    )
    await jobs.ask(ctx, JOB, export)
    return export


def _too_many(rows: int) -> str:
    return f"A spreadsheet holds {SHEET_ROWS:,} rows, and these are {rows:,}. Ask for csv."


def _asked(draft: ExportDraft, listed: Listed) -> dict[str, str]:
    """What the list's own address would be sent, each of it valid."""
    own = listed.query.model_fields.keys() - ListQuery.model_fields.keys()
    for name in draft.where or {}:
        if name not in own:
            known = ", ".join(sorted(own)) or "none: use filter"
            detail = f"“{name[:60]}” is no filter of {listed.name}. Its own are {known}."
            raise invalid_field(f"where/{name}", detail, code="unknown_filter")
    asked = dict(draft.where or {})
    if draft.filter is not None:
        asked["filter"] = json.dumps(draft.filter, ensure_ascii=False)
        if len(asked["filter"]) > filters.LONGEST:
            detail = f"The filter is longer than {filters.LONGEST:,} characters. Shorten it."
            raise invalid_field("filter", detail, code="too_long")
    if draft.deleted:
        asked["deleted"] = "true"
    for name in ("filter_zone", "sort", "view"):
        if (value := getattr(draft, name)) is not None:
            asked[name] = str(value)
    try:
        listed.query.model_validate(asked)
    except ValidationError as error:
        wrong = [
            FieldError(
                _pointer(f"?{one['loc'][0] if one['loc'] else ''}", asked, own),
                str(one["type"]),
                f"{one['msg'].removeprefix('Value error, ').rstrip('.')}.",
            )
            for one in error.errors()[:20]
        ]
        detail = f"Please correct: {wrong[0].pointer}. {wrong[0].detail}"
        raise Invalid(detail, errors=wrong) from error
    return asked


async def _rows(ctx: Ctx, listed: Listed, asked: Mapping[str, str], read: ReadList) -> int:
    """How many rows there are now. What the list refuses points into our body."""
    try:
        return (await read(ctx, listed.name, asked, total=True, limit=1)).total or 0
    except Refusal as refusal:
        own = listed.query.model_fields.keys() - ListQuery.model_fields.keys()
        refusal.errors = tuple(
            FieldError(_pointer(one.pointer, asked, own), one.code, one.detail)
            for one in refusal.errors
        )
        raise


def _pointer(pointer: str, asked: Mapping[str, str], own: Any) -> str:
    """`?filter/field` → `/filter/field`, `?status` → `/where/status`."""
    if not pointer.startswith("?"):
        return pointer
    name = pointer[1:].partition("/")[0]
    return f"/where/{pointer[1:]}" if name in own else f"/{pointer[1:]}"


async def cancel(ctx: Ctx, export: Export) -> Export:
    """Stop it; nothing of it is kept. `export` is locked. Raises `Conflict` when it has ended."""
    if export.status not in UNFINISHED:
        raise Conflict(f"This export is {export.status}; there is nothing to stop.", code="ended")
    export.status = ExportStatus.canceled
    await emit(ctx, Fact.export_canceled, export, list=export.list.replace("-", " "))
    return export
