"""What a board knows of visits beside their rows: who was told when they come, and where those are who are on
the way.

What is always true: both are asked each time, and only where they could raise an alert: nobody has to confirm
what lies more than two days ahead, and only whoever is on the way is looked for.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, any_, cast, select

from app.core.geo import Point
from app.core.model import Viewer
from app.models.positions import MILLION, Position
from app.models.promises import Promise, ToldVia
from app.models.visits import VisitStatus
from app.scheduling.alerts import CONFIRM
from app.scheduling.model import Place
from app.services.board.cells import Seen
from app.services.board.lanes import Heard
from app.services.board.questions import Question
from app.services.board.visits import MOST
from app.services.context import Ctx
from app.services.hot.shapes import told

AHEAD = timedelta(seconds=2 * CONFIRM)
"""Whoever looks for the next alert looks a day ahead."""
FRESH = timedelta(minutes=10)
"""For so long a position says where somebody is."""
TO_COME = (VisitStatus.tentative, VisitStatus.scheduled, VisitStatus.dispatched)
IDS = any_(told("ids", ARRAY(Uuid())))


def _told(_: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(cast(Promise.visit_id, Text).label("visit"))
        .where(
            Promise.visit_id == IDS,
            Promise.closed_at.is_(None),
            Promise.told_via != ToldVia.not_yet,
        )
        .limit(MOST)
    )


def _positions(_: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            cast(Position.id, Text).label("technician"),
            Position.at,
            Position.latitude_e6,
            Position.longitude_e6,
        )
        .where(Position.id == IDS)
        .limit(MOST)
    )


TOLD, POSITIONS = Question(_told), Question(_positions)


async def of(ctx: Ctx, visits: Sequence[Seen], now: datetime, *, past: bool) -> Heard:
    """What one knows of these now. Of a past moment nobody knows where anybody was."""
    asked = [
        UUID(one.id)
        for one in visits
        if one.start is not None
        and one.start <= now + AHEAD
        and one.promised_start is not None
        and one.confirmed_at is None
        and one.status in TO_COME
    ]
    rows = await TOLD.ask(ctx, ids=asked) if asked else []
    on_the_way = {
        UUID(id) for one in visits if one.status == VisitStatus.en_route for id in one.technicians
    }
    at = {}
    if on_the_way and not past:
        since = now - FRESH
        at = {
            id: Place(
                f"at:{id}:{moment.timestamp()}", Point(latitude / MILLION, longitude / MILLION)
            )
            for id, moment, latitude, longitude in await POSITIONS.ask(ctx, ids=list(on_the_way))
            if moment > since
        }
    return Heard(frozenset(id for (id,) in rows), at)
