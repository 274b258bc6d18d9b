"""`/api/v2/board`: some days of everybody as one picture, and the parts of it that are read again."""

import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.api.state import state_of
from app.api.v2.visits.outputs import WarningOut
from app.models.assignments import AssignmentStatus
from app.models.events import EventKind
from app.models.permissions import Permission
from app.models.visits import VisitLock, VisitStatus
from app.models.work_orders import Priority, WorkOrderStatus
from app.scheduling.alerts import AlertCode
from app.scheduling.travel import Source
from app.scheduling.values import PieceKind
from app.services.board import picture
from app.services.board import tray as trays
from app.services.board.asking import BoardQuery, By, PatchQuery
from app.services.board.tray import TrayQuery
from app.services.context import Ctx

router = APIRouter(
    prefix="/api/v2/board", tags=["board"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.visits_read)]


class AssignedOut(Out):
    technician_id: UUID
    status: AssignmentStatus
    is_lead: bool


class PlaceAndTimeOut(Out):
    """A visit's windows, and the work, customer and site that it is for."""

    duration_minutes: int
    planned_start: Instant | None
    planned_end: Instant | None
    promised_start: Instant | None
    promised_end: Instant | None
    requested_start: Instant | None
    requested_end: Instant | None
    work_order_id: UUID
    number: str = Field(description="Of the work order.")
    summary: str
    priority: Priority
    job_type_id: UUID
    job_type: str
    trade: str
    crew_size: int
    customer_id: UUID
    customer: str
    phone: str | None = Field(description="Null too without the permission customers:read.")
    site_id: UUID
    street: str
    city: str
    latitude: float | None
    longitude: float | None
    time_zone: str
    territory_id: UUID | None


class CellOut(PlaceAndTimeOut):
    """A visit as the board draws it."""

    id: UUID
    version: int
    status: VisitStatus
    lock: VisitLock
    expected_end: Instant | None = Field(description="As whoever is there said (`extend`).")
    travel_started_at: Instant | None
    arrived_at: Instant | None
    started_at: Instant | None
    finished_at: Instant | None
    confirmed_at: Instant | None
    status_reason: str | None
    crew_id: UUID | None
    assigned: list[AssignedOut] = Field(description="Who comes, the lead first.")
    vehicle_ids: list[UUID]
    warnings: list[WarningOut]


class PieceOfDayOut(Out):
    start: Instant
    end: Instant
    kind: PieceKind
    name: str


class FloatingOut(Out):
    """A break that may begin anywhere from `earliest` to `latest`."""

    minutes: int
    earliest: Instant
    latest: Instant


class StretchOut(Out):
    start: Instant
    end: Instant


class EventOnBoardOut(Out):
    id: UUID
    kind: EventKind
    title: str
    start: Instant
    end: Instant
    place: str | None


class HoldOnBoardOut(Out):
    id: UUID = Field(description="Of the time that is kept, of this lane's.")
    hold_id: UUID | None = Field(
        description="What it is kept for: `/holds/{id}`, and what events of holds name."
    )
    start: Instant
    end: Instant
    expires_at: Instant


class StopOut(Out):
    """A stop as it will be, or was, with the drive to it."""

    visit_id: UUID | None
    event_id: UUID | None
    leave_at: Instant | None = Field(
        description="When they will leave for it, or left. Null, as the rest of the drive, when it is"
        " from a place that you may not see."
    )
    leave_by: Instant | None = Field(description="When they have to leave to begin as planned.")
    drive_minutes: int | None
    metres: int | None
    source: Source | None
    arrive: Instant
    start: Instant
    end: Instant


class AlertOnBoardOut(Out):
    code: AlertCode
    visit_id: UUID
    minutes: int = Field(description="How late, how much over.")
    cause_visit_id: UUID | None = Field(description="The visit before it that takes too long.")


class TotalsOut(Out):
    """What a lane's day comes to, with the drives from and to home."""

    drive_minutes: int
    work_minutes: int
    idle_minutes: int
    overtime_minutes: int
    home_at: Instant


class LaneDayOut(Out):
    """A local day of a lane."""

    date: datetime.date
    start: Instant
    end: Instant
    known: bool = Field(description="false: nothing says when they work on this day.")
    pieces: list[PieceOfDayOut]
    breaks: list[FloatingOut]
    overtime: list[StretchOut]
    events: list[EventOnBoardOut]
    holds: list[HoldOnBoardOut]
    busy: list[StretchOut] = Field(description="Time of theirs that you may not see into.")
    visit_ids: list[UUID]
    stops: list[StopOut]
    alerts: list[AlertOnBoardOut]
    totals: TotalsOut | None = Field(description="Null where you do not see all of the day.")


class LaneOut(Out):
    id: UUID
    kind: Literal["technician", "crew", "vehicle", "trailer", "equipment", "bay"]
    name: str
    color: str | None
    time_zone: str
    active: bool
    team_id: UUID | None
    member_ids: list[UUID] = Field(description="Of a crew, on these days.")
    days: list[LaneDayOut]


class BoardDayOut(Out):
    """A day of the organisation."""

    date: datetime.date
    start: Instant
    end: Instant
    minutes: int = Field(description="1,380 to 1,500: clocks are changed.")


class CountsOut(Out):
    visits: int
    unassigned: int
    alerts: int
    by_status: dict[VisitStatus, int]


class BoardOut(Out):
    """Some days of everybody."""

    date: datetime.date
    days: list[BoardDayOut]
    time_zone: str
    by: By
    seq: int = Field(description="Everything up to this number of the journal is in it.")
    now: Instant = Field(description="The moment for which expected times and alerts are told.")
    as_of: Instant | None
    lanes: list[LaneOut]
    unassigned: list[UUID] = Field(
        description="Open visits that are planned or promised for these days, and nobody comes."
    )
    without_lane: list[UUID] = Field(
        description="Open visits that somebody comes to without a crew, or a vehicle, of these lanes."
    )
    alerts: list[AlertOnBoardOut] = Field(
        description="Of what stands on no lane: windows that were promised, and nobody has room for them."
    )
    visits: list[CellOut]
    counts: CountsOut


class BoardPatchOut(Out):
    """Parts of a board, to be put in place of what stands there."""

    seq: int
    now: Instant
    visits: list[CellOut]
    gone: list[UUID] = Field(description="Of the ids: not on this board.")
    unassigned: list[UUID] = Field(description="Of the ids: on the lane of those without anybody.")
    without_lane: list[UUID]
    alerts: list[AlertOnBoardOut] = Field(
        description="All of what stands on no lane: put them in place of what you have."
    )
    lanes: list[LaneOut] = Field(description="Those that were named or are touched, whole.")


def told(drawn: dict[str, Any]) -> Response:
    """As JSON, at once: a board is too large to be copied through models of its parts."""
    return Response(
        orjson.dumps(drawn, default=str, option=orjson.OPT_UTC_Z), media_type="application/json"
    )


@router.get(
    "",
    operation_id="get_board",
    summary="Some days of everybody",
    response_model=BoardOut,
    responses=answers(400, 404, 409, 422),
)
async def get_board(ctx: Reader, query: Annotated[BoardQuery, Query()]) -> Response:
    """One to seven days: lanes with working time, events, holds, stops with the drives between them,
    expected times, alerts and totals; and the visits, each once. Whatever your role does not reach takes
    its time on the lanes as `busy` and says nothing more. `as_of`: as it was then, for roles that see
    everything. 409 `too_many` where that is more than one board
    holds. Keep it right by the topics `board:<date>` and `GET /board/visits` (docs/board.md)."""
    ctx.require(Permission.technicians_read)
    return Response(await picture.board(ctx, query), media_type="application/json")


@router.get(
    "/visits",
    operation_id="get_board_visits",
    summary="Read parts of a board again",
    response_model=BoardPatchOut,
    responses=answers(400, 404, 409, 422),
)
async def get_board_visits(ctx: Reader, query: Annotated[PatchQuery, Query()]) -> Response:
    """The visits that events named, and the lanes on which you show them, in the shapes of the board and
    for the same days: put them in place of what you have."""
    ctx.require(Permission.technicians_read)
    return told(await picture.patch(ctx, query))


class TrayRowOut(PlaceAndTimeOut):
    """What waits in the tray: a visit, or a work order that has none."""

    kind: Literal["visit", "work_order"]
    visit_id: UUID | None
    version: int = Field(description="Of the visit, or else of the work order.")
    status: VisitStatus | WorkOrderStatus
    reason: str | None = Field(
        description="Why it is here, as somebody said or as it was warned of."
    )
    urgent: bool = Field(description="It is for today, or was before.")
    since: Instant = Field(description="From when on it has been waiting.")


class TabsOut(Out):
    """How much each tab holds."""

    unassigned: int
    to_schedule: int
    on_hold: int
    redispatch: int
    alerts: int
    canceled: int


class TrayOut(Out):
    """A page of one tab, and how much all of them hold."""

    data: list[TrayRowOut]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page.")
    counts: TabsOut
    urgent: TabsOut = Field(description="Of these, what is for today or was before.")


@router.get(
    "/tray",
    operation_id="get_board_tray",
    summary="What should be on the board, and is not",
    response_model=TrayOut,
    responses=answers(400, 422),
)
async def get_board_tray(
    ctx: Reader, query: Annotated[TrayQuery, Query()], request: Request
) -> Response:
    """`unassigned`: promised, and nobody comes. `to_schedule`: unplanned visits without a promise, and
    work orders that are ready and have no visit to come. `on_hold`. `redispatch`: declined by everybody, or
    not finished and nobody goes again. `alerts`: planned with a warning. `canceled`: in the last 14 days.
    The filters hold for the counts, too."""
    ctx.require(Permission.work_orders_read)
    found = await trays.tray(ctx, query, state_of(request).cursors)
    return told(
        {
            "data": found.rows,
            "next_cursor": found.next_cursor,
            "counts": found.counts,
            "urgent": found.urgent,
        }
    )
