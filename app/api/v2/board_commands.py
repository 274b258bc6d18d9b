"""`/api/v2/board/consequence` and `/emergency`: what would come of it, before anybody does it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.api.v2.board import StopOut, TotalsOut, told
from app.api.v2.visits.outputs import WarningOut
from app.models.permissions import Permission
from app.services.board import consequence, emergencies
from app.services.board.consequence import Drop
from app.services.board.emergencies import EmergencyAsk
from app.services.context import Ctx

router = APIRouter(
    prefix="/api/v2/board", tags=["board"], route_class=Edge, responses=answers(401, 403)
)
Writer = Annotated[Ctx, allowed(Permission.dispatch_write)]


class RefusalOut(Out):
    """Why a drop would be refused, as the refusal itself says it."""

    code: str
    detail: str


class StopOfVisitOut(StopOut):
    technician_id: UUID


class MoreOut(Out):
    """How much more, or less, of each."""

    drive_minutes: int
    work_minutes: int
    idle_minutes: int
    overtime_minutes: int


class ChangedLaneOut(Out):
    technician_id: UUID
    name: str
    totals: TotalsOut
    more: MoreOut


class ShiftedOut(Out):
    """Somebody who is expected at another time by it."""

    visit_id: UUID
    technician_id: UUID
    was: Instant
    arrive: Instant
    minutes: int
    late: bool = Field(description="After the promised window.")


class ConsequenceOut(Out):
    """What would come of a drop."""

    refusal: RefusalOut | None = Field(description="Null: it would be done.")
    warnings: list[WarningOut] = Field(description="It would be done, and be warned of.")
    stops: list[StopOfVisitOut] = Field(description="The visit itself, for each who comes.")
    lanes: list[ChangedLaneOut] = Field(
        description="Of those whose day you see whole: its totals then, and what is more."
    )
    moves: list[ShiftedOut]


@router.post(
    "/consequence",
    operation_id="try_drop",
    summary="What a drop would do",
    response_model=ConsequenceOut,
    responses=answers(400, 404, 409, 422),
)
async def try_drop(ctx: Writer, drop: Drop) -> Response:
    """The drop itself, made and taken back: warnings, drives, idle time and overtime, and who else is
    expected at another time. Nothing is written."""
    ctx.require(Permission.visits_read)
    ctx.require(Permission.technicians_read)
    found = await consequence.of_drop(ctx, drop)
    refusal = found.refusal
    return told(
        {
            "refusal": {"code": refusal.code, "detail": refusal.detail} if refusal else None,
            "warnings": found.warnings,
            "stops": found.stops,
            "lanes": found.lanes,
            "moves": found.moves,
        }
    )


class DisplacedOut(Out):
    """A visit that gives way; the first three are what `accept` of the insert takes."""

    visit_id: UUID
    version: int
    becomes_start: Instant | None = Field(description="Null: it goes into the tray.")
    work_order_number: str
    customer: str
    planned_start: Instant
    planned_end: Instant
    minutes_later: int | None
    promised_end: Instant | None
    breaks_promise: bool
    confirmed: bool


class ProposalOut(Out):
    """One way to take an emergency: `POST /visits/{id}/insert` with these."""

    technician_id: UUID
    name: str
    start: Instant
    end: Instant
    drive_minutes: int
    promises_broken: int
    displaces: list[DisplacedOut]


class ProposalsOut(Out):
    visit_id: UUID
    version: int = Field(description="Of the visit: the insert's `If-Match`.")
    proposals: list[ProposalOut] = Field(
        description="At most one for each technician, the best first: fewest promises broken, soonest."
    )


@router.post(
    "/emergency",
    operation_id="propose_emergency",
    summary="Who can take an emergency",
    responses=answers(400, 404, 409, 422),
)
async def propose_emergency(ctx: Writer, ask: EmergencyAsk) -> ProposalsOut:
    """Who could be there when, and which visits would give way by how much, each promise that breaks by
    name: the insert itself, made and taken back. Nothing is written."""
    ctx.require(Permission.visits_read)
    visit, found = await emergencies.propose(ctx, ask)
    proposals: list[Any] = [
        {
            "technician_id": one.technician.id,
            "name": one.technician.name,
            "start": one.start,
            "end": one.end,
            "drive_minutes": one.drive_minutes,
            "promises_broken": one.promises_broken,
            "displaces": one.displaces,
        }
        for one in found
    ]
    return ProposalsOut(visit_id=visit.id, version=visit.version, proposals=proposals)
