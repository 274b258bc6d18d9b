"""`/api/v2/imports`: a file goes in, is read in the background, and every refused row is named."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from pydantic import Field, TypeAdapter, ValidationError

from app.api.deps import allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut, Record
from app.api.problems import answers
from app.api.strict import parse
from app.core.errors import BadRequest, invalid_field
from app.models.imports import Import, ImportIssue, ImportKind, ImportStatus
from app.models.permissions import Permission
from app.services import imports
from app.services.context import Ctx
from app.services.imports import ImportDraft, ImportQuery, IssueQuery

router = APIRouter(
    prefix="/api/v2/imports", tags=["imports"], route_class=Edge, responses=answers(401, 403)
)
Importer = Annotated[Ctx, allowed(Permission.customers_import)]
Columns = TypeAdapter(
    dict[Annotated[str, Field(max_length=10_000)], Annotated[str, Field(max_length=60)] | None]
)


class ImportOut(Record):
    """A file and what has become of its rows so far."""

    kind: ImportKind
    status: ImportStatus
    filename: str
    dry_run: bool
    key: str
    mapping: dict[str, str | None] = Field(
        description="Each column and the field it is read as; null: left out."
    )
    rows_read: int
    rows_created: int
    rows_updated: int
    rows_unchanged: int
    rows_refused: int
    failure: str | None
    started_at: Instant | None
    finished_at: Instant | None
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
    entity: str | None = Field(description="What kind of record it is about: `customers`.")
    record_id: UUID | None = Field(
        description="The record it is about, such as the one that a duplicate resembles."
    )


@shows(Import)
async def show(ctx: Ctx, import_id: UUID) -> ImportOut:
    """The import as this caller sees it."""
    return ImportOut.model_validate(await ctx.get(Import, import_id))


@router.get("", operation_id="list_imports", summary="List imports", responses=answers(400, 422))
async def list_imports(
    ctx: Importer, query: Annotated[ImportQuery, Query()], page: Pages
) -> PageOut[ImportOut]:
    """Imports, newest first."""
    return await page(Import, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_import",
    summary="Import a file",
    status_code=202,
    responses=answers(400, 409, 413, 415, 422),
)
async def create_import(
    ctx: Importer,
    response: Response,
    file: Annotated[UploadFile, File(description="CSV, UTF-8 or UTF-16; at most 10 MB.")],
    kind: Annotated[ImportKind, Form()],
    mapping: Annotated[
        str | None,
        Form(
            max_length=100_000,
            description='JSON object from heading to field, such as `{"Ref": "external_id"}`;'
            " null leaves a column out. What is not named is guessed from its heading.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, Form(description="Check everything, tell what would happen, change nothing.")
    ] = False,
    key: Annotated[
        str | None,
        Form(
            max_length=60,
            description="The field by which a row finds its record again, such as `email`."
            " Default: `external_id` where a column holds it, else `none`, which always makes new"
            " ones.",
        ),
    ] = None,
) -> ImportOut:
    """Read a list of customers, sites, work orders or the like. Answers at once; poll the import until its status
    is `completed` or `failed`, then read its `errors`."""
    draft = ImportDraft(
        kind=kind,
        filename=(file.filename or "upload")[-1000:],
        content=await file.read(),
        mapping=_columns(mapping),
        dry_run=dry_run,
        key=key,
    )
    imported = await imports.begin(ctx, draft)
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
    return await show(ctx, id)


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
    imported = await ctx.get(Import, id)
    return await page(ImportIssue, query, where=[ImportIssue.import_id == imported.id])  # type: ignore[return-value]
