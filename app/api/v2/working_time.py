"""`GET /api/v2/technicians/{id}/working-time`: when somebody works, as computed."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.core import clock
from app.core.errors import FieldError, Invalid
from app.models.permissions import Permission
from app.models.technicians import Technician
from app.scheduling.values import PieceKind, WorkDay
from app.scheduling.worktime import days_of, utc
from app.services import working_time
from app.services.context import Ctx
from app.services.inputs import Day

router = APIRouter(
    prefix="/api/v2/technicians",
    tags=["working time"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.technicians_read)]
LONGEST = timedelta(days=62)


class PieceOut(Out):
    """A stretch of the day, what it is, and what made it so."""

    start: Instant
    end: Instant
    kind: PieceKind
    source: str = Field(description="Id of the shift, holiday or time off; or `organisation`.")
    name: str


class FlexibleBreakOut(Out):
    """A break that may begin anywhere from `earliest` to `latest`."""

    minutes: int
    earliest: Instant
    latest: Instant


class OvertimeOut(Out):
    """How long work may go on after a shift."""

    start: Instant
    end: Instant


class MovedOut(Out):
    """A wall time that the clocks skip, and what they showed instead."""

    wall: str
    became: str


class WorkDayOut(Out):
    """One local day."""

    day: date
    start: Instant = Field(description="Its midnight; a day has 23, 24 or 25 hours.")
    end: Instant
    known: bool = Field(description="false: no shift and no working hours say anything about it.")
    work_minutes: int = Field(description="Without breaks, flexible ones taken out as well.")
    on_call_minutes: int
    pieces: list[PieceOut]
    flexible_breaks: list[FlexibleBreakOut]
    overtime: list[OvertimeOut]
    moved: list[MovedOut]


class WorkingTimeOut(Out):
    """The local days of a technician, in their own time zone."""

    technician_id: UUID
    time_zone: str
    days: list[WorkDayOut]


@router.get(
    "/{id}/working-time",
    operation_id="get_working_time",
    summary="When a technician works",
    responses=answers(404, 422),
)
async def get_working_time(
    ctx: Reader,
    id: UUID,
    first: Annotated[
        Day | None, Query(alias="from", description="The first local day; silence: today.")
    ] = None,
    last: Annotated[
        Day | None, Query(alias="to", description="The last, 61 days later at most; silence: 6.")
    ] = None,
) -> WorkingTimeOut:
    """Shifts, breaks, holidays and approved time off as pieces of each local day that never overlap,
    each with what made it so."""
    technician = await ctx.get(Technician, id)
    first = first or clock.today(technician.time_zone)
    last = last or first + timedelta(days=6)
    if not timedelta() <= last - first < LONGEST:
        detail = "Ask for 1 to 62 days; “to” is the last of them."
        raise Invalid(detail, errors=[FieldError("?to", "out_of_bounds", detail)])
    calendar = (await working_time.calendars(ctx, [technician], first, last))[technician.id]
    return WorkingTimeOut(
        technician_id=technician.id,
        time_zone=technician.time_zone,
        days=[_shown(day) for day in days_of(calendar, first, last)],
    )


def _shown(day: WorkDay) -> WorkDayOut:
    return WorkDayOut.model_validate(
        {
            "day": day.day,
            **_between(day),
            "known": day.planned,
            "work_minutes": day.minutes(PieceKind.work),
            "on_call_minutes": day.minutes(PieceKind.on_call),
            "pieces": [
                {**_between(one), "kind": one.kind, "source": one.source, "name": one.name}
                for one in day.pieces
            ],
            "flexible_breaks": [
                {
                    "minutes": one.minutes,
                    "earliest": utc(one.earliest),
                    "latest": utc(one.latest),
                }
                for one in day.breaks
            ],
            "overtime": [_between(one) for one in day.overtime],
            "moved": [{"wall": _wall(one.wall), "became": _wall(one.became)} for one in day.moved],
        }
    )


def _between(one: Any) -> dict[str, datetime]:
    return {"start": utc(one.start), "end": utc(one.end)}


def _wall(at: datetime) -> str:
    return at.isoformat(timespec="minutes")
