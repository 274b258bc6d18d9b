"""`/api/v2/imports/{id}/…`: a file is put right before anything of it is taken: which column is which,
what stands in a row, which rows are left out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Out, PageOut, Record
from app.api.problems import answers
from app.api.v2.imports import ImportOut, show
from app.core.tables import restored
from app.models.imports import Import, ImportIssue, ImportRow, RowDid
from app.models.permissions import Permission
from app.services import imports
from app.services.context import Ctx
from app.services.imports import CheckDraft, ImportRowPatch, MendingQuery
from app.services.imports.kinds import KINDS

router = APIRouter(
    prefix="/api/v2/imports", tags=["imports"], route_class=Edge, responses=answers(401, 403)
)
Importer = Annotated[Ctx, allowed(Permission.customers_import)]


class FileColumnOut(Out):
    """A column of the file, and what it is read as."""

    heading: str
    field: str | None = Field(description="Null: left out.")
    samples: list[str] = Field(description="Values of the first rows, no two alike.")


class TargetOut(Out):
    """What a column can be read as."""

    name: str
    label: str


class ImportKeyOut(Out):
    """What a row can find its record by, and the fields that have to be there for it."""

    name: str
    fields: list[str]


class WantOut(Out):
    """One of these fields has to be there."""

    fields: list[str]
    otherwise: str = Field(description="What is said while none of them is.")


class ColumnsOut(Out):
    """The columns of a file, and everything they can be read as."""

    columns: list[FileColumnOut]
    fields: list[TargetOut]
    keys: list[ImportKeyOut]
    wants: list[WantOut]


class ProblemOut(Out):
    """What was found in a row."""

    column: str | None
    severity: str
    code: str
    reason: str
    entity: str | None
    record_id: UUID | None = Field(description="What it resembles, for a duplicate.")


class MendingOut(Record):
    """A row of the file that is worth a look before it is taken."""

    row: int = Field(description="1 is the first row under the headings.")
    line: int
    did: RowDid = Field(description="What became of it when it was last looked at.")
    mended: bool
    left_out: bool
    unchecked: bool = Field(description="It was changed since it was last looked at.")
    cells: dict[str, str] | None = Field(
        description="What stands in it now; null for a row in order that is only left out."
    )
    problems: list[ProblemOut]


def _out(imported: Import, row: ImportRow, problems: list[ImportIssue]) -> MendingOut:
    cells = None
    if row.cells is not None:
        stood = zip(imported.headings, row.cells, strict=True)
        cells = {heading: restored(str(cell)) for heading, cell in stood}
    return MendingOut(
        id=row.id,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        row=row.row,
        line=row.line,
        did=row.did,
        mended=row.mended,
        left_out=row.left_out,
        unchecked=row.unchecked,
        cells=cells,
        problems=[ProblemOut.model_validate(one) for one in problems],
    )


@shows(ImportRow)
async def show_row(ctx: Ctx, row_id: UUID) -> MendingOut:
    """The row as this caller sees it."""
    row = await ctx.get(ImportRow, row_id, fresh=True)
    imported = await imports.look_into(ctx, row.import_id, cells=True)
    found = await imports.problems_of(ctx, imported, [row.row])
    return _out(imported, row, found[row.row])


@router.get(
    "/{id}/columns",
    operation_id="list_import_columns",
    summary="What stands in the columns",
    responses=answers(404, 409, 422),
)
async def list_import_columns(ctx: Importer, id: UUID) -> ColumnsOut:
    """Each column with values of its first rows, what it is read as, and what it can be read as."""
    imported = await imports.look_into(ctx, id)
    kind = KINDS[imported.kind]
    return ColumnsOut(
        columns=[
            FileColumnOut.model_validate(one) for one in await imports.columns_of(ctx, imported)
        ],
        fields=[TargetOut.model_validate(one) for one in kind.fields],
        keys=[ImportKeyOut(name=one.name, fields=list(one.targets)) for one in kind.keys],
        wants=[WantOut(fields=list(one.targets), otherwise=one.otherwise) for one in kind.wants],
    )


@router.post(
    "/{id}/check",
    operation_id="check_import",
    summary="Look at a file again",
    status_code=202,
    responses=answers(400, 404, 409, 422),
)
async def check_import(ctx: Importer, id: UUID, draft: CheckDraft) -> ImportOut:
    """Try a file that waits for its mapping, or that was tried and mended since. `changed` looks at
    what was mended or refused, and at whatever that puts right or wrong elsewhere; likenesses between
    rows of the file are looked for among those only, and among all when it is run."""
    await imports.check(ctx, await imports.look_into(ctx, id, lock=True), draft)
    await ctx.session.flush()
    return await show(ctx, id)


@router.get(
    "/{id}/mending",
    operation_id="list_rows_to_mend",
    summary="The rows that are worth a look",
    responses=answers(400, 404, 422),
)
async def list_rows_to_mend(
    ctx: Importer, id: UUID, query: Annotated[MendingQuery, Query()], page: Pages
) -> PageOut[MendingOut]:
    """Rows that are refused, resemble somebody, or were mended or left out, with what stands in them
    and what is wrong with them."""
    imported = await imports.look_into(ctx, id, cells=True)
    found = await page(ImportRow, query, where=imports.worth_a_look(imported, query.why))
    problems = await imports.problems_of(ctx, imported, [row.row for row in found.data])
    rows = [_out(imported, row, problems[row.row]) for row in found.data]
    return PageOut(data=rows, next_cursor=found.next_cursor, total=found.total)


@router.get(
    "/{id}/rows/{row_id}",
    operation_id="get_import_row",
    summary="Get a row of an import",
    responses=answers(404, 422),
)
async def get_import_row(ctx: Importer, id: UUID, row_id: UUID) -> MendingOut:
    """One row, with what stands in it where that is kept, and what is wrong with it."""
    imported = await imports.look_into(ctx, id, cells=True)
    await imports.require_row(ctx, imported, row_id)
    return await show_row(ctx, row_id)


@router.patch(
    "/{id}/rows/{row_id}",
    operation_id="mend_import_row",
    summary="Mend a row, or leave it out",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def mend_import_row(
    ctx: Importer, id: UUID, row_id: UUID, patch: ImportRowPatch, seen: SeenVersion
) -> MendingOut:
    """Write something else into cells of a row that was refused or resembles somebody, or leave any
    row out. The file stays as it was sent. What was found in the row stands until it is checked."""
    imported = await imports.look_into(ctx, id, cells=True, lock=True)
    row = await imports.mend(ctx, imported, row_id, patch, seen=seen)
    return await show_row(ctx, row.id)
