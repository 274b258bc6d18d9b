"""What stands on a board beside visits: events, and times that are held for somebody."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, cast, select

from app.core.geo import Point
from app.core.model import Viewer
from app.models.bookings import Booking, BookingKind
from app.models.events import Event, EventParticipant
from app.scheduling.model import Place
from app.services.board.questions import END, NOW, START, Question
from app.services.context import Ctx

MOST = 5_000


@dataclass(slots=True)
class Beside:
    """An event or a hold on somebody's lane."""

    shown: dict[str, Any]
    start: datetime
    end: datetime
    name: str
    visible: bool = True
    place: Place | None = None
    """One drives there and back."""


Each = dict[str, list[Beside]]
"""By lane."""


def _events(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            cast(EventParticipant.resource_id, Text).label("lane"),
            cast(Event.id, Text).label("event"),
            Event.kind,
            Event.title,
            Event.starts_at,
            Event.ends_at,
            Event.place,
            Event.latitude,
            Event.longitude,
            Event.visible_to(viewer).label("visible"),
        )
        .join(
            EventParticipant,
            (EventParticipant.org_id == Event.org_id) & (EventParticipant.event_id == Event.id),
        )
        .where(Event.deleted_at.is_(None), Event.starts_at < END, Event.ends_at > START)
        .order_by(Event.starts_at, Event.id)
        .limit(MOST)
    )


def _holds(_: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            cast(Booking.resource_id, Text).label("lane"),
            cast(Booking.id, Text).label("booking"),
            cast(Booking.hold_id, Text).label("hold"),
            Booking.starts_at,
            Booking.ends_at,
            Booking.expires_at,
        )
        .where(
            Booking.kind == BookingKind.hold,
            Booking.expires_at > NOW,
            Booking.starts_at < END,
            Booking.ends_at > START,
        )
        .order_by(Booking.starts_at, Booking.id)
        .limit(MOST)
    )


EVENTS, HOLDS = Question(_events), Question(_holds)


async def events(ctx: Ctx, start: datetime, end: datetime) -> Each:
    """Meetings, training, service, supply houses."""
    rows = await EVENTS.ask(ctx, start=start, end=end)
    found: Each = defaultdict(list)
    for lane, id, kind, title, starts_at, ends_at, where, latitude, longitude, visible in rows:
        shown = {
            "id": id, "kind": kind, "title": title, "start": starts_at, "end": ends_at, "place": where,
        }  # fmt: skip
        place = None
        if latitude is not None and longitude is not None:
            point = Point(float(latitude), float(longitude))
            place = Place(f"event:{id}", point, where or title)
        found[lane].append(Beside(shown, starts_at, ends_at, title, visible, place))
    return found


async def holds(ctx: Ctx, start: datetime, end: datetime, now: datetime) -> Each:
    """Times that are held until they expire."""
    rows = await HOLDS.ask(ctx, start=start, end=end, now=now)
    found: Each = defaultdict(list)
    for lane, id, hold, starts_at, ends_at, expires_at in rows:
        shown = {
            "id": id, "hold_id": hold, "start": starts_at, "end": ends_at, "expires_at": expires_at,
        }  # fmt: skip
        found[lane].append(Beside(shown, starts_at, ends_at, "Held"))
    return found
