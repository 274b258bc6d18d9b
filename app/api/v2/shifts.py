"""`/api/v2/shifts`: the patterns of when technicians work."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import PageOut, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.models.permissions import Permission
from app.models.shifts import Shift, ShiftKind
from app.services import shifts
from app.services.context import Ctx
from app.services.shifts import ShiftDraft, ShiftPatch, ShiftQuery, Span

router = APIRouter(
    prefix="/api/v2/shifts",
    tags=["working time"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.technicians_read)]
Writer = Annotated[Ctx, allowed(Permission.technicians_write)]


class ShiftOut(Record):
    """A pattern of shifts, and the days on which it holds."""

    technician_id: UUID | None
    crew_id: UUID | None
    name: str
    kind: ShiftKind
    overrides: bool
    valid_from: date
    valid_until: date | None
    rotation_weeks: int
    anchor: date
    spans: list[Span]
    overtime_minutes: int


@shows(Shift)
async def show(ctx: Ctx, shift_id: UUID) -> ShiftOut:
    """The pattern as this caller sees it."""
    return ShiftOut.model_validate(await ctx.get(Shift, shift_id))


@router.get("", operation_id="list_shifts", summary="List shifts", responses=answers(400, 422))
async def list_shifts(
    ctx: Reader, query: Annotated[ShiftQuery, Query()], page: Pages
) -> PageOut[ShiftOut]:
    """Patterns of shifts, those of one technician with `technician_id`."""
    return await page(Shift, query)  # type: ignore[return-value]


@router.post(
    "",
    operation_id="create_shift",
    summary="Add a pattern of shifts",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_shift(ctx: Writer, draft: ShiftDraft) -> ShiftOut:
    """Say when a technician works, or a crew. For a swap or a day off, add one that `overrides` for the day."""
    return await shifts.create(ctx, draft)  # type: ignore[return-value]


@router.get("/{id}", operation_id="get_shift", summary="Get shifts", responses=answers(404, 422))
async def get_shift(ctx: Reader, id: UUID) -> ShiftOut:
    """One pattern of shifts."""
    return await show(ctx, id)


@router.patch(
    "/{id}",
    operation_id="change_shift",
    summary="Change a pattern of shifts",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_shift(ctx: Writer, id: UUID, patch: ShiftPatch, seen: SeenVersion) -> ShiftOut:
    """Change the fields you send. To change it from a day on, end it with `valid_until` and add
    another. Booked visits stay; `GET /api/v2/visit-alerts` names those that no longer fit."""
    return await shifts.change(ctx, await ctx.get(Shift, id, at=seen), patch)  # type: ignore[return-value]


@router.delete(
    "/{id}",
    operation_id="delete_shift",
    summary="Delete a pattern of shifts",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_shift(ctx: Writer, id: UUID) -> Response:
    """Delete a pattern as if it had never been."""
    await shifts.delete(ctx, await ctx.get(Shift, id, lock=True))
    return Response(status_code=204)


tell(router, Shift, Permission.technicians_read)
