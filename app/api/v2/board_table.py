"""`/api/v2/board/table`: what a client reckons the consequence of a drag from, by itself."""

import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.api.v2.board import StretchOut, told
from app.models.permissions import Permission
from app.scheduling.model import Leg
from app.services.board import table
from app.services.board.table import TableQuery
from app.services.context import Ctx

router = APIRouter(
    prefix="/api/v2/board", tags=["board"], route_class=Edge, responses=answers(401, 403)
)
Planner = Annotated[Ctx, allowed(Permission.dispatch_write)]


class PaceOut(Out):
    up_to_metres: float | None = Field(description="Null: all that is farther.")
    metres_per_second: float


class ReckoningOut(Out):
    """What the reckoning goes by (docs/board.md, “While something is dragged”)."""

    earth_radius_metres: float
    detour: float = Field(description="Road metres for a metre of great circle.")
    paces: list[PaceOut]
    stop_seconds: int = Field(description="Added to each drive.")
    unknown_seconds: int = Field(description="A drive to or from a place that is not on the map.")
    commute_seconds: int = Field(
        description="So much of a drive from or to home lies outside the shift, where such drives do."
    )
    access_tolerance_seconds: int


class FloatingPauseOut(Out):
    """The break that floats: it may begin anywhere from `earliest` to `latest`."""

    seconds: int
    earliest: Instant
    latest: Instant


class TableDayOut(Out):
    """A lane's day before anything stands on it."""

    date: datetime.date
    start: str = Field(description="The place, of `places`, from which they set out.")
    end: str
    shift: StretchOut
    first_leg: Leg
    last_leg: Leg
    pause: FloatingPauseOut | None
    busy: list[StretchOut] = Field(
        description="Of the shift: further breaks, time off, free hours."
    )
    off: list[StretchOut] = Field(description="Approved time off: nothing can be planned then.")
    skills: dict[str, int] = Field(description="Levels of what is valid on the day, by skill.")


class TableLaneOut(Out):
    id: UUID
    days: list[TableDayOut]


class BoardTableOut(Out):
    """What a board does not say and the reckoning of a drag needs."""

    date: datetime.date
    days: int
    seq: int
    rules: ReckoningOut
    points: list[list[float] | None] = Field(
        description="Latitude and longitude; null: nobody knows where."
    )
    places: dict[str, int] = Field(
        description="Where bases, events and sites are, by number in `points`. A site that is not here"
        " is where its visit's cell says."
    )
    known: list[list[int]] = Field(
        description="Drives that a map service was asked for: from and to, by number in `points`,"
        " seconds, metres. All others are estimated by `rules`."
    )
    lanes: list[TableLaneOut]
    needs: dict[str, dict[str, int]] = Field(
        description="By kind of work: the skills that somebody on the visit has to have, with levels."
    )
    refused: dict[str, list[str]] = Field(
        description="By visit: codes for which it would be refused wherever it is dropped."
    )
    access: dict[str, list[StretchOut]] = Field(
        description="By site: when it can be entered. One that is not here can be at any time."
    )


@router.get(
    "/table",
    operation_id="get_board_table",
    summary="What a drag is reckoned from",
    response_model=BoardTableOut,
    responses=answers(400, 409, 422),
)
async def get_board_table(ctx: Planner, query: Annotated[TableQuery, Query()]) -> Response:
    """Beside `GET /board` of the same days, by technicians: from both a client reckons, while a visit is held
    over a lane, the drives, who is expected later, and whether the drop would be refused. Read it when you read
    the board; no visit's move changes it. docs/board.md says how it is reckoned, `tests/vectors/drag.json`
    holds cases of it."""
    ctx.require(Permission.visits_read)
    ctx.require(Permission.technicians_read)
    return told(await table.table(ctx, query))
