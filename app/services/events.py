"""Events: meetings, trainings, a vehicle's service, a way to the supply house. They take their participants' time, so that
nobody is in two places, nor paid twice for one hour."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, field_validator
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy import delete as delete_rows
from sqlalchemy.orm import selectinload

from app.core import clock, wall
from app.core.errors import Conflict, invalid_field
from app.core.listing import Column, Filter, ListQuery
from app.models.bookings import Booking, BookingKind
from app.models.events import Event, EventKind, EventParticipant
from app.models.sites import Site
from app.models.technicians import Technician
from app.models.vehicles import Vehicle
from app.services import event_series
from app.services.context import Ctx, changed
from app.services.event_series import Of, Repeats
from app.services.facts import Fact, emit
from app.services.inputs import (
    FIRST,
    Draft,
    Latitude,
    Longitude,
    LongText,
    Moment,
    Name,
    Patch,
    ShortText,
    degrees,
    refuse_half_a_position,
)
from app.services.visits import bookings, crew
from app.services.visits.bookings import Bookable, Claim, Wish
from app.services.visits.times import refuse_span

MOST = 100
"""Participants of one event."""
POSITION = ("latitude", "longitude")
LONGEST_PLACE = 200
TIMES = ("starts_at", "ends_at")
PARTS = {"technician_ids", "vehicle_ids", "repeats"}
"""Of a draft: what is kept elsewhere."""
Ids = Annotated[list[UUID], Field(max_length=MOST)]


class _Times:
    @field_validator("technician_ids", "vehicle_ids")
    @classmethod
    def _once_each(cls, ids: list[UUID]) -> list[UUID]:
        if len(set(ids)) != len(ids):
            raise ValueError("Name each of them once.")
        return ids


class EventDraft(_Times, Draft):
    """A new event, and who and what takes part."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    title: Name
    kind: EventKind = EventKind.meeting
    starts_at: Moment
    ends_at: Moment
    place: ShortText | None = None
    latitude: Latitude | None = Field(
        None, description="Of the place: people drive there and back. Silence: nobody has to drive."
    )
    longitude: Longitude | None = None
    site_id: UUID | None = Field(
        None, description="Instead of a position: at this site, whose address names the place."
    )
    description: LongText | None = None
    technician_ids: Ids = Field([])
    vehicle_ids: Ids = Field([])
    repeats: Repeats | None = Field(
        None,
        description="It takes place again at this hour on the office's clock: a series of events.",
    )


class EventPatch(_Times, Patch):
    """Changes to an event; participants are replaced as a whole, people and vehicles each."""

    title: Name = ""
    kind: EventKind = EventKind.meeting
    starts_at: Moment = FIRST
    ends_at: Moment = FIRST
    place: ShortText | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    site_id: UUID | None = Field(None, description="Instead of a position: at this site.")
    description: LongText | None = None
    technician_ids: Ids = Field([])
    vehicle_ids: Ids = Field([])


class EventQuery(ListQuery):
    """Filters and sorts of the list of events."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Event.created_at,
        "starts_at": Event.starts_at,
    }

    kind: Annotated[EventKind | None, Filter(Event.kind)] = None
    starts_from: Annotated[Moment | None, Filter(Event.starts_at, "gte")] = None
    starts_before: Annotated[Moment | None, Filter(Event.starts_at, "lt")] = None
    technician_id: UUID | None = Field(None, description="Somebody who takes part.")
    vehicle_id: UUID | None = Field(None, description="A vehicle that takes part.")
    series_id: Annotated[UUID | None, Filter(Event.series_id)] = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found = super().conditions()
        for id in (self.technician_id, self.vehicle_id):
            if id is not None:
                part = select(EventParticipant.id).where(
                    EventParticipant.org_id == Event.org_id,
                    EventParticipant.event_id == Event.id,
                    EventParticipant.resource_id == id,
                )
                found.append(part.correlate(Event).exists())
        return found


async def create(ctx: Ctx, draft: EventDraft) -> Event:
    """Add an event, or with `repeats` a series of them, and book whoever takes part; the first event.

    Raises `NotFound` for a participant or a site that is not there, `Invalid` for half a position, a site
    that is nowhere yet or a series that nobody can mean, `Conflict` `technician_inactive` for one who
    does not work at present and `double_booking` as planning a visit does; of a series, with every day
    that has no place.
    """
    refuse_span(draft.starts_at, draft.ends_at, "starts_at", "ends_at")
    refuse_half_a_position(draft.latitude, draft.longitude)
    zone = (await ctx.organisation()).time_zone
    people = await _people(ctx, draft.technician_ids)
    whom: list[Bookable] = [*people, *await _vehicles(ctx, draft.vehicle_ids)]
    given = await _with_its_place(ctx, draft.model_dump(exclude_none=True, exclude=PARTS))
    if draft.repeats is None:
        made = [Event(**given)]
    else:
        made = event_series.made(draft.repeats, given, zone)
    for event in made:
        event.participants = [EventParticipant(resource_id=one.id) for one in whom]
    ctx.session.add_all(made)
    await ctx.session.flush()
    await _book_all(ctx, [(event, whom) for event in made])
    await _refuse_inactive(ctx, people)
    for event in made:
        await _tell(ctx, Fact.event_created, event)
    return made[0]


async def change(ctx: Ctx, event: Event, patch: EventPatch, which: Of = Of.this) -> Event:
    """Change what the patch names; `event` has its participants loaded. Raises as `create` does.

    Others of its series take the same; where it moves, they move to the same hour on the wall, as many
    days further.
    """
    given = patch.given()
    zone = (await ctx.organisation()).time_zone
    chosen = await event_series.of(ctx, event, which)
    others = [one for one in chosen if one is not event]
    present = {one.id: one for one in await bookables(ctx, chosen)}
    people = vehicles = None
    if given.pop("technician_ids", None) is not None:
        people = await _people(ctx, patch.technician_ids)
    if given.pop("vehicle_ids", None) is not None:
        vehicles = await _vehicles(ctx, patch.vehicle_ids)
    before = event.starts_at, event.ends_at
    for name, value in (await _with_its_place(ctx, given)).items():
        setattr(event, name, value)
        for other in others if name not in TIMES else ():
            setattr(other, name, value)
    for one in chosen:
        refuse_half_a_position(one.latitude, one.longitude)
    off_days = False
    if before != (event.starts_at, event.ends_at):
        refuse_span(event.starts_at, event.ends_at, *TIMES)
        off_days = event_series.moved_with(event, before, others, zone)
    fields = {one.id: changed(one) for one in chosen}
    booked: list[tuple[Event, Sequence[Bookable]]] = []
    new: dict[UUID, Technician] = {}
    for one in chosen:
        there = {it.resource_id: present[it.resource_id] for it in one.participants}
        wanted = _taking_part(there.values(), people, vehicles)
        same = wanted.keys() == there.keys()
        if not same:
            kept = {it.resource_id: it for it in one.participants}
            one.participants = [kept.get(id) or EventParticipant(resource_id=id) for id in wanted]
            one.touch()
            fields[one.id].append("participants")
        moved = bool({*TIMES} & {*fields[one.id]})
        if moved or not same:
            booked.append((one, list(wanted.values())))
            new |= {
                id: it
                for id, it in wanted.items()
                if isinstance(it, Technician) and (moved or id not in there)
            }
    if which is Of.following and any(fields.values()):
        event_series.set_apart(chosen)
    if off_days and which is not Of.this:
        event_series.forget_rule(chosen)
    await _book_all(ctx, booked)
    await _refuse_inactive(ctx, list(new.values()))
    for one in chosen:
        if fields[one.id]:
            await _tell(ctx, Fact.event_changed, one, fields=", ".join(fields[one.id]))
    return event


def _taking_part(
    there: Iterable[Bookable],
    people: Sequence[Technician] | None,
    vehicles: Sequence[Vehicle] | None,
) -> dict[UUID, Bookable]:
    """Who and what takes part, where people or vehicles are replaced."""
    present = list(there)
    wanted: list[Bookable] = [
        *([one for one in present if isinstance(one, Technician)] if people is None else people),
        *([one for one in present if isinstance(one, Vehicle)] if vehicles is None else vehicles),
    ]
    return {one.id: one for one in wanted}


async def delete(ctx: Ctx, event: Event, which: Of = Of.this) -> None:
    """It does not take place, or neither do others of its series; its participants are free again."""
    for one in await event_series.of(ctx, event, which):
        await bookings.release(ctx, await _claim(ctx, one))
        one.deleted_at = clock.now()
        await _tell(ctx, Fact.event_deleted, one)


async def restore(ctx: Ctx, event: Event) -> Event:
    """Bring a deleted event back. Raises `Conflict` when it is not deleted, or when a participant
    is booked for something else by now."""
    if event.deleted_at is None:
        raise Conflict("This event is not deleted.", code="not_deleted")
    event.deleted_at = None
    await _book(ctx, event, await bookables(ctx, [event]))
    await _tell(ctx, Fact.event_restored, event)
    return event


async def take_ahead(ctx: Ctx, one: Technician) -> list[Event]:
    """The events that are ahead of somebody, deleted ones too, locked: before they are, as everybody
    locks an event before whoever takes part in it."""
    ahead = await ctx.session.scalars(
        _ahead(one)
        .options(selectinload(Event.participants))
        .order_by(Event.id)
        .with_for_update(key_share=True, of=Event)
        .execution_options(populate_existing=True)
    )
    return list(ahead)


def _ahead(one: Technician) -> Select[Event]:
    return (
        select(Event)
        .join(
            EventParticipant,
            (EventParticipant.org_id == Event.org_id) & (EventParticipant.event_id == Event.id),
        )
        .where(EventParticipant.resource_id == one.id, Event.starts_at > clock.now())
    )


async def leave(ctx: Ctx, one: Technician, ahead: Sequence[Event]) -> None:
    """Take somebody who stops working here, and is locked by now, out of every event `ahead`.

    Raises `Conflict` when they were put into another one meanwhile.
    """
    known = {event.id for event in ahead}
    if set(await ctx.session.scalars(_ahead(one).with_only_columns(Event.id))) - known:
        raise Conflict(
            f"{one.name} was put into another event at this moment. Try again.", code="busy"
        )
    for event in ahead:
        await ctx.session.execute(
            delete_rows(Booking).where(Booking.event_id == event.id, Booking.resource_id == one.id)
        )
        if event.deleted_at is None:
            await _tell(ctx, Fact.event_changed, event, fields="participants")
        event.participants = [it for it in event.participants if it.resource_id != one.id]
        event.touch()
        await ctx.session.flush()


async def bookables(ctx: Ctx, events: Sequence[Event]) -> list[Bookable]:
    """Who and what takes part in these events, in two queries; deleted ones too."""
    ids = {one.resource_id for event in events for one in event.participants}
    people = await ctx.session.scalars(select(Technician).where(Technician.id.in_(ids)))
    vehicles = await ctx.session.scalars(select(Vehicle).where(Vehicle.id.in_(ids)))
    return [*people, *vehicles]


async def _with_its_place(ctx: Ctx, given: dict[str, Any]) -> dict[str, Any]:
    """What was given, with the position of the site that was named and its address as the place."""
    position = {name: degrees(given[name]) for name in POSITION if name in given}
    given = {**given, **position}
    site_id = given.pop("site_id", None)
    if site_id is None:
        return given
    if any(one is not None for one in position.values()):
        raise invalid_field("site_id", "Send a site or a position, not both.", code="twice")
    site = await ctx.get(Site, site_id, pointer="/site_id")
    if site.latitude is None:
        raise invalid_field(
            "site_id",
            f"Nobody knows yet where {site.address} is. Put the site on the map first, or send"
            " latitude and longitude.",
            code="not_on_the_map",
        )
    place = given.get("place") or site.address[:LONGEST_PLACE]
    return {**given, "latitude": site.latitude, "longitude": site.longitude, "place": place}


async def _people(ctx: Ctx, ids: Sequence[UUID]) -> list[Technician]:
    return await ctx.get_all(Technician, ids, pointer="/technician_ids/{}")


async def _refuse_inactive(ctx: Ctx, people: Sequence[Bookable]) -> None:
    """Asked once they are booked and so locked: whoever stops working here has done so by then."""
    await crew.technicians(ctx, [one.id for one in people])


async def _vehicles(ctx: Ctx, ids: Sequence[UUID]) -> list[Vehicle]:
    return await ctx.get_all(Vehicle, ids, pointer="/vehicle_ids/{}")


async def _claim(ctx: Ctx, event: Event) -> Claim:
    return Claim(BookingKind.event, event.id, (await ctx.organisation()).time_zone)


async def _book(ctx: Ctx, event: Event, whom: Sequence[Bookable]) -> None:
    await _book_all(ctx, [(event, whom)])


async def _book_all(ctx: Ctx, events: Sequence[tuple[Event, Sequence[Bookable]]]) -> None:
    zone = (await ctx.organisation()).time_zone
    for event, _ in events:
        event.wall_start, event.time_zone = wall.written(event.starts_at, zone), zone
    await ctx.session.flush()
    wishes = [
        Wish(await _claim(ctx, event), whom, event.starts_at, event.ends_at)
        for event, whom in events
    ]
    if wishes:
        await event_series.book(ctx, wishes, zone)


async def _tell(ctx: Ctx, fact: Fact, event: Event, **data: str) -> None:
    zone = (await ctx.organisation()).time_zone
    await emit(
        ctx,
        fact,
        event,
        about=tuple(one.resource_id for one in event.participants),
        name=event.title,
        when=_when(event.starts_at, event.ends_at, zone),
        fields=data.get("fields", ""),
    )


def _when(start: datetime, end: datetime, zone: str) -> str:
    return wall.spoken(start, end, zone)
