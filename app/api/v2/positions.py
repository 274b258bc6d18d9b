"""`/api/v2/technicians/{id}/positions` and what comes of them: where technicians are, for who may know."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.models.permissions import Permission
from app.models.technicians import Technician
from app.services.context import Ctx
from app.services.tracking import pings
from app.services.tracking.pings import Batch, Refused

router = APIRouter(
    prefix="/api/v2/technicians",
    tags=["positions"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.positions_read)]
Sender = Annotated[Ctx, allowed(Permission.positions_write)]


class NotKeptOut(Out):
    """A ping that was not kept, and why."""

    place: int = Field(description="Its place in the batch, from 0.")
    at: Instant
    reason: Refused
    detail: str


class TakenOut(Out):
    """What became of a batch."""

    kept: int
    known: int = Field(description="They were there already, at least as precisely.")
    refused: list[NotKeptOut]


@router.post(
    "/{id}/positions",
    operation_id="send_positions",
    summary="Tell where a technician is",
    responses=answers(400, 404, 422),
)
async def send_positions(ctx: Sender, id: UUID, batch: Batch) -> TakenOut:
    """Up to 2,000 positions, in any order. Sending one again changes nothing: of two for one instant
    the more precise one is kept. What is not kept is listed with its reason: outside working time
    (`off_shift`; a visit under way counts as work), not precise (`inaccurate`), ahead of our clock
    (`in_future`), older than positions are kept (`too_old`)."""
    technician = await ctx.get(Technician, id)
    return await pings.take(ctx, technician, batch.pings)  # type: ignore[return-value]
