"""`/api/v2/imports`: a file goes in, is read in the background, every refused row is named, and all of
it can be taken back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import Field, TypeAdapter, ValidationError
from starlette.datastructures import UploadFile as Sent

from app.api.deps import allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut, Record
from app.api.problems import answers
from app.api.state import state_of
from app.api.strict import parse
from app.core.db import Scope
from app.core.errors import BadRequest, Conflict, invalid_field
from app.models.imports import (
    Checking,
    Encoding,
    Import,
    ImportChange,
    ImportFormat,
    ImportIssue,
    ImportKind,
    ImportRow,
    ImportStatus,
    MappedBy,
    RowDid,
    Separator,
    Undone,
)
from app.models.permissions import Permission
from app.services import imports
from app.services.context import Ctx
from app.services.identity.acting import act_for
from app.services.imports import (
    ImportChangeQuery,
    ImportDraft,
    ImportQuery,
    ImportRowQuery,
    IssueQuery,
)

SHEET = 200


class Intake(Edge):
    """Takes the file in before the transaction begins: unrolling it takes a while."""

    @asynccontextmanager
    async def receiving(self, request: Request) -> AsyncIterator[None]:
        form = await request.form()
        sent, sheet = form.get("file"), form.get("sheet")
        try:
            encoding = Encoding(str(said)) if (said := form.get("encoding")) else None
            separator = Separator(str(said)) if (said := form.get("separator")) else None
        except ValueError:
            sent = None
        if not isinstance(sent, Sent) or (sheet is not None and len(str(sheet)) > SHEET):
            yield  # the handler's validation says what is missing
            return
        async with imports.receive(
            sent.file,
            encoding=encoding,
            separator=separator,
            sheet=str(sheet) if sheet else None,
        ) as unrolled:
            request.state.unrolled = unrolled
            yield


router = APIRouter(
    prefix="/api/v2/imports", tags=["imports"], route_class=Intake, responses=answers(401, 403)
)
Importer = Annotated[Ctx, allowed(Permission.customers_import)]
Columns = TypeAdapter(
    dict[Annotated[str, Field(max_length=10_000)], Annotated[str, Field(max_length=60)] | None]
)


class ImportOut(Record):
    """A file and what has become of its rows so far: `rows_read` of `rows_total`."""

    kind: ImportKind
    status: ImportStatus
    filename: str
    format: ImportFormat
    encoding: Encoding | None = Field(description="Of a CSV file: found, or as you said.")
    separator: Separator | None
    sheet: str | None = Field(description="Of a workbook: the sheet that is read.")
    dry_run: bool
    file_of_id: UUID | None = Field(description="The dry run that the file was sent for.")
    key: str = Field(description="The field by which a row finds its record again.")
    headings: list[str]
    mapping: dict[str, str | None] = Field(
        description="Each column and the field it is read as; null: left out."
    )
    mapped_by: MappedBy
    rows_total: int
    rows_read: int
    rows_created: int
    rows_updated: int
    rows_unchanged: int
    rows_refused: int
    rows_left_out: int
    checking: Checking | None = Field(
        description="What is or was looked at again; null: it is read for the first time."
    )
    changes: int = Field(description="Records made or changed, what an undo takes back.")
    changes_undone: int
    changes_kept: int = Field(description="What an undo left: touched since, or in use.")
    cancel_asked: bool
    failure: str | None
    started_at: Instant | None
    finished_at: Instant | None
    file_removed_at: Instant | None = Field(
        description="When the file was let go of: since then it is neither run nor taken back."
    )
    made_by_id: UUID | None


class ImportIssueOut(Out):
    """A row that was refused (`error`), or taken and worth a look (`duplicate`)."""

    id: UUID
    row: int = Field(description="1 is the first row under the headings.")
    line: int
    column: str | None
    severity: str
    code: str
    reason: str
    entity: str | None = Field(description="What it resembles, for a duplicate.")
    record_id: UUID | None


class ImportRowOut(Out):
    """What a row became; in a dry run, what it would become."""

    id: UUID
    version: int = Field(description="To leave the row out with.")
    row: int = Field(description="1 is the first row under the headings.")
    line: int
    did: RowDid
    entity: str | None
    record_id: UUID | None = Field(description="Null where nothing was made.")
    says: dict[str, Any] = Field(description="The fields as they were understood.")


class ImportChangeOut(Out):
    """A record that was made or changed, and what an undo did about it."""

    position: int
    row: int
    entity: str
    record_id: UUID
    did: str
    undone: Undone | None = Field(description="Null before an undo has come to it.")
    name: str | None
    code: str | None
    reason: str | None = Field(description="Why it was kept.")


@shows(Import)
async def show(ctx: Ctx, import_id: UUID) -> ImportOut:
    """The import as this caller sees it."""
    return ImportOut.model_validate(await ctx.get(Import, import_id, fresh=True))


@router.get("", operation_id="list_imports", summary="List imports", responses=answers(400, 422))
async def list_imports(
    ctx: Importer, query: Annotated[ImportQuery, Query()], page: Pages
) -> PageOut[ImportOut]:
    """Imports, newest first."""
    return await page(Import, query, where=imports.shown_to(ctx))  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_import",
    summary="Import a file",
    status_code=202,
    responses=answers(400, 409, 413, 415, 422, 503),
)
async def create_import(
    request: Request,
    ctx: Importer,
    response: Response,
    file: Annotated[
        UploadFile,
        File(description="CSV or XLSX, at most 100 MB and 250,000 rows under one row of headings."),
    ],
    kind: Annotated[ImportKind, Form()],
    mapping: Annotated[
        str | None,
        Form(
            max_length=100_000,
            description='JSON object from heading to field, such as `{"Ref": "external_id"}`;'
            " null leaves a column out. What is not named is guessed from its heading. Without it,"
            " a file with headings that were mapped before is mapped in the same way.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, Form(description="Check everything, tell what would happen, change nothing.")
    ] = False,
    key: Annotated[
        str | None,
        Form(
            max_length=60,
            description="Finds a record again. Default: the first of its kind that a column holds,"
            " else `none`, which always makes new ones.",
        ),
    ] = None,
    encoding: Annotated[
        Encoding | None, Form(description="Of a CSV file, where it was not found rightly.")
    ] = None,
    separator: Annotated[
        Separator | None, Form(description="Of a CSV file, where it was not found rightly.")
    ] = None,
    sheet: Annotated[
        str | None,
        Form(
            max_length=SHEET, description="Of a workbook. Default: the first that holds anything."
        ),
    ] = None,
    wait: Annotated[
        bool,
        Form(description="Read nothing before `check` is asked for: the mapping is said first."),
    ] = False,
) -> ImportOut:
    """Read a list into records of one kind. Answers once the file is known to be a table; poll the
    import until its status is `completed`, `canceled` or `failed`, then read its `rows` and `errors`.
    """
    draft = ImportDraft(
        kind=kind,
        filename=(file.filename or "upload")[-1000:],
        mapping=_columns(mapping),
        dry_run=dry_run,
        key=key,
        wait=wait,
    )
    imported = await imports.begin(ctx, draft, request.state.unrolled)
    response.headers["Location"] = f"{router.prefix}/{imported.id}"
    return imported  # type: ignore[return-value]


def _columns(mapping: str | None) -> Any:
    if mapping is None or not mapping.strip():
        return None
    try:
        return Columns.validate_python(parse(mapping.encode()))
    except (BadRequest, ValidationError) as error:
        detail = 'The mapping must be a JSON object from heading to field, such as {"Ref": "name"}.'
        raise invalid_field("mapping", detail, code="bad_mapping") from error


@router.get(
    "/{id}", operation_id="get_import", summary="Get an import", responses=answers(404, 422)
)
async def get_import(ctx: Importer, id: UUID) -> ImportOut:
    """How far it is, and how many rows were taken."""
    await imports.look_at(ctx, id)
    return await show(ctx, id)


@router.get(
    "/{id}/rows",
    operation_id="list_import_rows",
    summary="What became of the rows",
    responses=answers(400, 404, 422),
)
async def list_import_rows(
    ctx: Importer, id: UUID, query: Annotated[ImportRowQuery, Query()], page: Pages
) -> PageOut[ImportRowOut]:
    """Each row and what it became, or of a dry run the preview: what it would become."""
    imported = await imports.look_into(ctx, id)
    return await page(ImportRow, query, where=[ImportRow.import_id == imported.id])  # type: ignore[return-value]


@router.get(
    "/{id}/errors",
    operation_id="list_import_errors",
    summary="What was found in an import",
    responses=answers(400, 404, 422),
)
async def list_import_errors(
    ctx: Importer, id: UUID, query: Annotated[IssueQuery, Query()], page: Pages
) -> PageOut[ImportIssueOut]:
    """Refused rows with column and reason, and rows that resemble somebody, in the file's order."""
    imported = await imports.look_into(ctx, id)
    return await page(ImportIssue, query, where=[ImportIssue.import_id == imported.id])  # type: ignore[return-value]


@router.get(
    "/{id}/refused",
    operation_id="download_refused_rows",
    summary="The refused rows, to be mended",
    response_class=Response,
    responses={
        200: {
            "description": "A CSV file with the columns that were sent, and what is wrong.",
            "content": {"text/csv": {}},
        },
        **answers(404, 409, 422),
    },
)
async def download_refused_rows(request: Request, ctx: Importer, id: UUID) -> Response:
    """The rows that were refused, in the shape in which they were sent, with two columns more: `Import
    row` and `Import problem`. Mend them and send the file again; these two columns are not read."""
    imported = await imports.look_into(ctx, id, cells=True)
    if imported.file_removed_at is not None:
        raise Conflict("The rows of this file are not kept any more.", code="file_gone")
    sessions = state_of(request).sessions
    scope = Scope(ctx.org_id, ctx.user_id, "api", request.state.request_id)

    @asynccontextmanager
    async def transaction() -> AsyncIterator[Ctx]:
        async with sessions.open(scope) as session:
            yield await act_for(session, scope.actor_id)

    return StreamingResponse(
        imports.mendable(imported, transaction),
        media_type="text/csv; charset=utf-8; header=present",
        headers={
            "Content-Disposition": f'attachment; filename="refused-{id}.csv"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "no-store",
        },
    )


@router.get(
    "/{id}/changes",
    operation_id="list_import_changes",
    summary="What an import changed",
    responses=answers(400, 404, 422),
)
async def list_import_changes(
    ctx: Importer, id: UUID, query: Annotated[ImportChangeQuery, Query()], page: Pages
) -> PageOut[ImportChangeOut]:
    """Each record it made or changed; after an undo, `undone=kept` are those that were left, with the
    reason."""
    imported = await imports.look_into(ctx, id)
    return await page(ImportChange, query, where=[ImportChange.import_id == imported.id])  # type: ignore[return-value]


@router.post(
    "/{id}/run",
    operation_id="run_import",
    summary="Run a file that was only tried, or go on",
    status_code=202,
    responses=answers(400, 404, 409, 422),
)
async def run_import(ctx: Importer, id: UUID, response: Response) -> ImportOut:
    """After a dry run: a new import of the same file, which does it. After one that failed or was
    canceled: the same import goes on after its last row."""
    running = await imports.run(ctx, await imports.look_into(ctx, id, lock=True))
    await ctx.session.flush()
    response.headers["Location"] = f"{router.prefix}/{running.id}"
    return await show(ctx, running.id)


@router.post(
    "/{id}/cancel",
    operation_id="cancel_import",
    summary="Stop an import",
    responses=answers(400, 404, 409, 422),
)
async def cancel_import(ctx: Importer, id: UUID) -> ImportOut:
    """Stop before the next batch of rows. What was taken stays, and can be undone. An undo that is going
    on is stopped too: what it has taken back stays so, and undoing again goes on with the rest."""
    await imports.cancel(ctx, await imports.look_at(ctx, id, lock=True))
    await ctx.session.flush()
    return await show(ctx, id)


@router.post(
    "/{id}/undo",
    operation_id="undo_import",
    summary="Take an import back",
    status_code=202,
    responses=answers(400, 404, 409, 422),
)
async def undo_import(ctx: Importer, id: UUID) -> ImportOut:
    """Remove what it made and put back what it changed, in the background. What somebody has touched
    since, or what is in use, is left as it is: `changes?undone=kept` names it."""
    await imports.undo(ctx, await imports.look_at(ctx, id, lock=True))
    await ctx.session.flush()
    return await show(ctx, id)
