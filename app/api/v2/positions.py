"""`/api/v2/technicians/{id}/positions` and what comes of them: where technicians are, for who may know."""

from collections import Counter
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy.orm import joinedload

from app.api.deps import SignedIn, allowed
from app.api.edge import Edge
from app.api.lists import Pages
from app.api.outputs import Instant, Out, PageOut
from app.api.problems import answers
from app.api.v2.visits.outputs import Named
from app.core import clock
from app.core.telemetry import PINGS
from app.models.permissions import Permission
from app.models.positions import MILLION, Look, Position, PositionLook
from app.models.sites import Site
from app.models.technicians import Technician
from app.models.visits import Visit
from app.scheduling.track import instant
from app.scheduling.travel import Source, Travel
from app.scheduling.worktime import instants_of, utc
from app.services.context import Ctx
from app.services.inputs import Day
from app.services.tracking import arriving, looks, nearest, pings, tracks
from app.services.tracking.arriving import Promise
from app.services.tracking.looks import LookQuery
from app.services.tracking.nearest import PresenceQuery
from app.services.tracking.pings import Batch, Refused
from app.services.visits.taking import WHOLE

router = APIRouter(
    prefix="/api/v2/technicians",
    tags=["positions"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.positions_read)]
mine = APIRouter(
    prefix="/api/v2/me", tags=["positions"], route_class=Edge, responses=answers(401, 403)
)
on_visits = APIRouter(
    prefix="/api/v2/visits", tags=["positions"], route_class=Edge, responses=answers(401, 403)
)
VisitReader = Annotated[Ctx, allowed(Permission.visits_read)]
Auditor = Annotated[Ctx, allowed(Permission.members_audit)]
MOST_POINTS = 2000
SHOWN = (joinedload(PositionLook.looker),)
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
    known: int = Field(description="Of their second one is there already, at least as precise.")
    refused: list[NotKeptOut]


@router.post(
    "/{id}/positions",
    operation_id="send_positions",
    summary="Tell where a technician is",
    responses=answers(400, 404, 422),
)
async def send_positions(ctx: Sender, id: UUID, batch: Batch) -> TakenOut:
    """Up to 2,000 positions, in any order. Sending one again changes nothing: of several for one second
    the most precise one is kept. What is not kept is listed with its reason: outside working time
    (`off_shift`; a visit under way counts as work), not precise (`inaccurate`), ahead of our clock
    (`in_future`), older than positions are kept (`too_old`), of somebody who is not active any more
    (`not_active`)."""
    technician = await ctx.get(Technician, id)
    taken = await pings.take(ctx, technician, batch.pings)
    outcomes = Counter[str](one.reason for one in taken.refused)
    for outcome, number in (*outcomes.items(), ("kept", taken.kept), ("known", taken.known)):
        PINGS.labels(outcome).inc(number)
    return taken  # type: ignore[return-value]


class PositionOut(Out):
    """Where somebody was last, and how long ago that is."""

    at: Instant
    age_seconds: int
    latitude: float
    longitude: float
    accuracy_m: int
    speed_mps: float | None

    @classmethod
    def of(cls, position: Position) -> "PositionOut":
        """As people and programs read it."""
        speed = position.speed_cms
        return cls(
            at=position.at,
            age_seconds=max(0, round((clock.now() - position.at).total_seconds())),
            latitude=position.latitude_e6 / MILLION,
            longitude=position.longitude_e6 / MILLION,
            accuracy_m=position.accuracy_m,
            speed_mps=None if speed is None else speed / 100,
        )


class WhoOut(Out):
    """A technician, in short."""

    id: UUID
    name: str
    phone: str | None
    color: str
    team_id: UUID | None


class PresentOut(Out):
    """A technician, when they were heard of, and where they are."""

    technician: WhoOut
    online: bool = Field(description="Heard of in the last five minutes.")
    last_seen_at: Instant | None
    at_work: bool
    position: PositionOut | None = Field(description="Null outside working time.")


class TravelOut(Out):
    """A drive."""

    seconds: int
    metres: int
    source: Source = Field(
        description="Where its time comes from. `estimate`: ours, from the distance; `learnt`: ours,"
        " corrected by how your own drives went; `provider`: a map service was asked."
    )


class NearOut(Out):
    """Somebody at work, and how long they would take from where they were last."""

    technician: WhoOut
    online: bool
    position: PositionOut
    travel: TravelOut
    arrives_at: Instant = Field(description="If they set off now.")


class NearestOut(Out):
    site_id: UUID
    data: list[NearOut]


class LookerOut(Out):
    id: UUID
    name: str


class PositionLookOut(Out):
    """That somebody looked at where a technician is or was, in one hour."""

    id: UUID
    looker: LookerOut
    looked_at: Look
    hour: Instant
    last_at: Instant
    times: int


def travel_out(travel: Travel) -> TravelOut:
    """As it is answered."""
    return TravelOut.model_validate(travel)


@router.get(
    "/positions",
    operation_id="list_positions",
    summary="Who is online, and where",
    responses=answers(400, 422),
)
async def list_positions(
    ctx: Reader, query: Annotated[PresenceQuery, Query()], page: Pages
) -> PageOut[PresentOut]:
    """The active technicians that your role reaches, by name: when each was heard of, and where they
    were last while they are at work. That you looked is noted, for them to see. Whoever has asked
    here is told new positions on the topic `gps` for a quarter of an hour: of those of the pages that
    they have read."""
    found = await page.of(nearest.followed(ctx), query)
    return PageOut[PresentOut](
        data=[
            PresentOut(
                technician=WhoOut.model_validate(one.technician),
                online=one.online,
                last_seen_at=one.last_seen_at,
                at_work=one.at_work,
                position=PositionOut.of(one.position) if one.position else None,
            )
            for one in await nearest.present(ctx, found.data)
        ],
        next_cursor=found.next_cursor,
        total=found.total,
    )


@router.get(
    "/nearest",
    operation_id="list_nearest_technicians",
    summary="Who is nearest, now",
    responses=answers(404, 409, 422),
)
async def list_nearest_technicians(
    ctx: Reader,
    site_id: Annotated[UUID, Query(description="The site that somebody is to reach.")],
    limit: Annotated[int, Query(ge=1, le=200)] = 10,
) -> NearestOut:
    """Technicians at work who were heard of in the last two hours, by how soon they could be at the
    site: the age of their position, the drive, and where its time comes from. That you looked is
    noted. 409 `not_placed` for a site without a place on the map."""
    site = await ctx.get(Site, site_id, pointer="?site_id")
    found = await nearest.nearest(ctx, site, limit=limit)
    return NearestOut(
        site_id=site.id,
        data=[
            NearOut(
                technician=WhoOut.model_validate(one.technician),
                online=one.online,
                position=PositionOut.of(one.position),
                travel=travel_out(one.travel),
                arrives_at=one.arrives_at,
            )
            for one in found
        ],
    )


class PointOut(Out):
    at: Instant
    latitude: float
    longitude: float
    accuracy_m: int


class LegOut(Out):
    """From setting off for a visit to being there; `end` is null while it lasts."""

    visit_id: UUID
    start: Instant
    end: Instant | None
    metres: int


class TrackOut(Out):
    """Where somebody was on a day of their own, and how far they drove."""

    technician_id: UUID
    day: date
    points: list[PointOut] = Field(description="In order; of very many, evenly spread ones.")
    metres: int
    legs: list[LegOut]


@router.get(
    "/{id}/track",
    operation_id="get_track",
    summary="Where a technician was on a day",
    responses=answers(404, 422),
)
async def get_track(
    ctx: Reader,
    id: UUID,
    day: Annotated[Day | None, Query(description="A local day of theirs; silence: today.")] = None,
) -> TrackOut:
    """What is kept of a day, without what nobody could have driven; the metres of the day and of the way
    to each visit. That you looked is noted."""
    technician = await ctx.get(Technician, id)
    await looks.refuse_curious(ctx, technician)
    day = day or clock.today(technician.time_zone)
    start, end = (utc(one) for one in instants_of(technician.time_zone, day, day))
    found = await tracks.track(ctx, technician, start, end)
    await looks.note(ctx, Look.track, [technician])
    every = len(found.fixes) // MOST_POINTS + 1
    return TrackOut(
        technician_id=technician.id,
        day=day,
        points=[
            PointOut(
                at=instant(fix.at),
                latitude=fix.latitude,
                longitude=fix.longitude,
                accuracy_m=round(fix.accuracy),
            )
            for fix in found.fixes[::every]
        ],
        metres=found.metres,
        legs=[LegOut.model_validate(leg) for leg in found.legs],
    )


@router.get(
    "/{id}/position-looks",
    operation_id="list_position_looks",
    summary="Who looked at where a technician is",
    responses=answers(400, 404, 422),
)
async def list_position_looks(
    ctx: Auditor, id: UUID, query: Annotated[LookQuery, Query()], page: Pages
) -> PageOut[PositionLookOut]:
    """Each person, what they looked at, and how often in which hour. Kept for a year."""
    technician = await ctx.get(Technician, id)
    where = PositionLook.technician_id == technician.id
    return await page(PositionLook, query, where=[where], options=SHOWN)  # type: ignore[return-value]


class EtaOut(Out):
    """When somebody will be there; nine of ten come between `earliest` and `latest`."""

    visit_id: UUID
    technician: Named
    at: Instant
    earliest: Instant
    latest: Instant
    promised_end: Instant | None
    promise: Promise | None = Field(
        description="Of the promised window: `kept`, `at_risk` (`latest` is after it), `broken`"
        " (`earliest` is); null: nothing was promised."
    )
    travel: TravelOut = Field(description="The drive to the site itself.")
    legs: list[TravelOut] = Field(
        description="Every drive from where they are, in order; the last one is `travel`."
    )
    stops_before: int = Field(description="Visits that the plan has before this one.")
    position_at: Instant
    learnt: bool = Field(description="Whether your own drives say how long drives take.")


@on_visits.get(
    "/{id}/eta",
    operation_id="get_eta",
    summary="When somebody will be there",
    responses=answers(404, 409, 422),
)
async def get_eta(ctx: VisitReader, id: UUID) -> EtaOut:
    """From where whoever leads the visit is now, what their plan has before it, and how drives of the
    last weeks went. That you looked is noted. 409: they are there or it is over (`arrived`), nothing
    was heard for half an hour (`no_position`), they are not at work (`not_at_work`), nobody knows
    where the site is (`not_placed`), no plan (`not_planned`), nobody on it (`nobody_assigned`)."""
    found = await arriving.foretell(ctx, await ctx.get(Visit, id, options=WHOLE))
    return EtaOut(
        visit_id=found.visit.id,
        technician=Named.model_validate(found.technician),
        at=found.at,
        earliest=found.earliest,
        latest=found.latest,
        promised_end=found.visit.promised_end,
        promise=found.promise,
        travel=travel_out(found.legs[-1]),
        legs=[travel_out(one) for one in found.legs],
        stops_before=found.stops_before,
        position_at=found.position_at,
        learnt=found.learnt,
    )


@mine.get(
    "/position-looks",
    operation_id="list_my_position_looks",
    summary="Who looked at where I am",
    responses=answers(400, 422),
)
async def list_my_position_looks(
    ctx: SignedIn, query: Annotated[LookQuery, Query()], page: Pages
) -> PageOut[PositionLookOut]:
    """For whoever is a technician here: each person who looked at where you are or were, and how often
    in which hour. Kept for a year."""
    return await page(PositionLook, query, where=[looks.at_myself(ctx)], options=SHOWN)  # type: ignore[return-value]
