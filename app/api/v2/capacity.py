"""`/api/v2/capacity`: what windows hold, and what of them is kept back."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out, Record
from app.api.problems import answers
from app.api.v2.slots import OversoldOut, days
from app.models.branches import Territory
from app.models.job_types import JobType
from app.models.organisations import OrganisationSettings
from app.models.permissions import Permission
from app.models.work_orders import Priority
from app.services import organisation as organisations
from app.services.context import Ctx
from app.services.dispatching import capacity, reserves
from app.services.dispatching.reserves import ReservesDraft
from app.services.inputs import Day

router = APIRouter(
    prefix="/api/v2/capacity", tags=["visits"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.dispatch_write)]
SettingsReader = Annotated[Ctx, allowed(Permission.organisation_read)]
SettingsWriter = Annotated[Ctx, allowed(Permission.organisation_write)]


class WindowOut(Out):
    """What a window holds, in minutes of work."""

    window_start: Instant
    window_end: Instant
    start_local: str
    end_local: str
    available: int = Field(description="Of everybody's shifts, with a share for driving taken off.")
    sold: int
    held: int
    shadows: int = Field(description="Promised, and nobody comes yet.")
    reserved: int = Field(description="Kept back from ordinary work at this moment.")
    remaining: int = Field(description="What may still be sold.")
    share: int = Field(description="What is taken, in percent.")


class LeftOutOut(Out):
    """Somebody, or some work, that no window counts, and why."""

    kind: str = Field(description="`technician`, or `visit`.")
    id: UUID
    name: str
    days: list[date]
    why: str


class CapacityOut(Out):
    time_zone: str = Field(description="The organisation's.")
    windows: list[WindowOut]
    left_out: list[LeftOutOut] = Field(description="What is no nought, but not known.")
    oversold: list[OversoldOut] = Field(
        description="Promised on these days, and no place is left for them."
    )


class ReserveOut(Out):
    """A part of each window that is kept back: so many minutes, or percent of what it has."""

    minutes: int | None
    percent: int | None
    priority: Priority | None = Field(description="Kept for work of this priority and higher ones.")
    channel: str | None = Field(description="Kept for whoever books this way.")
    release_hours: int = Field(description="So long before the window everybody has it.")


class ReservesOut(Record):
    """What the organisation keeps back. Its version is that of the settings."""

    usual: bool = Field(description="Nobody has said anything: it is what everybody begins with.")
    reserves: list[ReserveOut]


@router.get(
    "", operation_id="get_capacity", summary="What windows hold", responses=answers(404, 409, 422)
)
async def get_capacity(
    ctx: Reader,
    territory_id: Annotated[
        UUID | None, Query(description="For work there; silence: everywhere.")
    ] = None,
    trade: Annotated[
        str | None, Query(min_length=1, max_length=200, description="For this trade; silence: any.")
    ] = None,
    job_type_id: Annotated[
        UUID | None, Query(description="In its windows, and for its trade.")
    ] = None,
    first: Annotated[Day | None, Query(alias="from", description="Silence: today.")] = None,
    last: Annotated[
        Day | None, Query(alias="to", description="The last one; silence: 14 days in all.")
    ] = None,
) -> CapacityOut:
    """Each window's time: what people have, what is sold, held, promised without anybody, kept back, and
    left. Who has no shift or working hours on a day is named, and no nought."""
    kind = None
    if job_type_id is not None:
        kind = await ctx.get(JobType, job_type_id, pointer="?job_type_id")
    territory = None
    if territory_id is not None:
        territory = await ctx.get(Territory, territory_id, pointer="?territory_id")
    start, end = days(first, last, (await ctx.organisation()).time_zone)
    found = await capacity.of_days(ctx, start, end, territory, kind, trade)
    return CapacityOut.model_validate(found)


@router.get("/reserves", operation_id="get_reserves", summary="What is kept back")
async def get_reserves(ctx: SettingsReader) -> ReservesOut:
    """Of each window, for whom, until when; who has said nothing keeps a tenth for emergencies until four
    hours before."""
    return _shown(await organisations.settings(ctx))


@router.put(
    "/reserves",
    operation_id="set_reserves",
    summary="Keep something back",
    responses=answers(400, 409, 412, 422, 428),
)
async def set_reserves(ctx: SettingsWriter, draft: ReservesDraft, seen: SeenVersion) -> ReservesOut:
    """All of them at once; an empty list keeps nothing back, null puts back what everybody begins with.
    What was sold stays sold."""
    organisation = await organisations.settings(ctx, at=seen)
    return _shown(await reserves.change(ctx, organisation, draft))


def _shown(organisation: OrganisationSettings) -> ReservesOut:
    return ReservesOut.model_validate(
        {
            **{
                name: getattr(organisation, name)
                for name in ("id", "version", "created_at", "updated_at")
            },
            "usual": organisation.reserves is None,
            "reserves": [one.model_dump() for one in reserves.said(organisation)],
        }
    )
