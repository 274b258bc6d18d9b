"""What devices tell of where they are: batches, in any order, twice, wrong, of tomorrow.

What is kept does not depend on the order or on how often it came: a ping belongs to its second, and of
several for one second the most precise one is kept, so a device fills no more than that. What is not kept
is said, one by one, with the reason. Nobody is followed who is not at work (`working`), or has left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CursorResult,
    DateTime,
    Uuid,
    bindparam,
    case,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import TypeEngine

from app.core import clock
from app.core.db import tell_live
from app.core.errors import Forbidden
from app.models.positions import MILLION, Ping, Position
from app.models.technicians import Technician
from app.services.context import Ctx
from app.services.inputs import Draft, Moment
from app.services.tracking import keeping, working

MOST = 2000
"""Pings in one batch."""
AHEAD = timedelta(minutes=2)
"""How far the clock of a device may be ahead of ours."""
VAGUE = 200
"""Metres: what is less precise says nothing about where somebody is."""
LIVE = "gps"
"""The kind of what is told live (`app.realtime.sources`)."""


class PingDraft(BaseModel):
    """One position: when the device was where, how precisely it knows, and how fast it moved."""

    model_config = ConfigDict(extra="forbid")

    at: Moment = Field(description="When the device was there, by its own clock.")
    latitude: float = Field(ge=-90, le=90, strict=True, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, strict=True, allow_inf_nan=False)
    accuracy_m: float = Field(
        ge=0,
        le=1_000_000,
        strict=True,
        allow_inf_nan=False,
        description="Radius in metres, as devices tell it.",
    )
    speed_mps: float | None = Field(
        None,
        ge=0,
        le=10_000,
        strict=True,
        allow_inf_nan=False,
        description="Null: it was not measured.",
    )


class Batch(Draft):
    """Positions of one technician, in any order."""

    pings: list[PingDraft] = Field(min_length=1, max_length=MOST)


class Refused(StrEnum):
    """Why a ping is not kept."""

    in_future = "in_future"
    too_old = "too_old"
    inaccurate = "inaccurate"
    off_shift = "off_shift"
    not_active = "not_active"


WHY = {
    Refused.in_future: "It is ahead of our clock: check the clock of the device.",
    Refused.too_old: "It is older than positions are kept here.",
    Refused.inaccurate: f"It is not known to {VAGUE} m: it would say nothing.",
    Refused.off_shift: "It is outside working time, and nobody is followed then.",
    Refused.not_active: "This technician is not active any more, and is not followed.",
}


@dataclass(frozen=True)
class NotKept:
    """A ping that was not kept: its place in the batch, and why."""

    place: int
    at: datetime
    reason: Refused

    @property
    def detail(self) -> str:
        """A sentence."""
        return WHY[self.reason]


@dataclass
class Taken:
    """What became of a batch."""

    kept: int = 0
    known: int = 0
    """Of their second one is there already, at least as precise."""
    refused: list[NotKept] = field(default_factory=list)


def refuse_others(ctx: Ctx, technician: Technician) -> None:
    """Raise `Forbidden` for whoever tells where somebody else is and does not see everything."""
    if not ctx.sees_all and technician.member_id != ctx.user_id:
        raise Forbidden("You can tell only where you are yourself.", code="not_yours")


async def take(ctx: Ctx, technician: Technician, pings: Sequence[PingDraft]) -> Taken:
    """Keep what is worth keeping. Raises `Forbidden` for another's."""
    refuse_others(ctx, technician)
    now = clock.now()
    oldest = now - timedelta(days=(await ctx.flags()).positions_kept_days)
    taken = Taken()
    likely = list(_likely(pings, oldest, now + AHEAD, taken))
    if not technician.active:
        taken.refused += [NotKept(place, one.at, Refused.not_active) for place, one in likely]
    elif likely:
        instants = [ping.at for _, ping in likely]
        first, last = min(instants), max(instants)
        spans = await working.spans(ctx, [technician], first, last)
        rows = _distinct(_at_work(likely, spans[technician.id], taken))
        if rows:
            taken.kept = await _keep(ctx, technician.id, rows)
            await _remember(ctx, technician.id, rows, now)
    taken.known = len(pings) - len(taken.refused) - taken.kept
    taken.refused.sort(key=lambda one: one.place)
    return taken


Placed = tuple[int, PingDraft]
Row = tuple[datetime, int, int, int, int | None]
"""When, latitude, longitude, accuracy, speed, as they are kept."""


def _likely(
    pings: Sequence[PingDraft], oldest: datetime, newest: datetime, taken: Taken
) -> Iterable[Placed]:
    for place, ping in enumerate(pings):
        if ping.at > newest:
            taken.refused.append(NotKept(place, ping.at, Refused.in_future))
        elif ping.at < oldest:
            taken.refused.append(NotKept(place, ping.at, Refused.too_old))
        elif ping.accuracy_m > VAGUE:
            taken.refused.append(NotKept(place, ping.at, Refused.inaccurate))
        else:
            yield place, ping


def _at_work(
    likely: Sequence[Placed], spans: Sequence[working.Span], taken: Taken
) -> Iterable[PingDraft]:
    for place, ping in likely:
        if working.within(spans, ping.at):
            yield ping
        else:
            taken.refused.append(NotKept(place, ping.at, Refused.off_shift))


def _distinct(pings: Iterable[PingDraft]) -> list[Row]:
    """One row for each second, in their order: two who write at once never wait for each other."""
    best: dict[datetime, Row] = {}
    for ping in pings:
        speed, at = ping.speed_mps, ping.at.replace(microsecond=0)
        row = (
            at,
            round(ping.latitude * MILLION),
            round(ping.longitude * MILLION),
            round(ping.accuracy_m),
            round(speed * 100) if speed is not None else None,
        )
        other = best.get(at)
        if other is None or _rank(row) < _rank(other):
            best[at] = row
    return [best[at] for at in sorted(best)]


def _rank(row: Row) -> tuple[int, int, int, int]:
    """Of two for one second, the lower one is kept: whichever order they come in."""
    return row[3], row[1], row[2], -1 if row[4] is None else row[4]


def ranked(
    latitude: float, longitude: float, accuracy_m: float, speed_mps: float | None
) -> tuple[int, int, int, int]:
    """The same of a position as it was told."""
    speed = -1 if speed_mps is None else round(speed_mps * 100)
    return round(accuracy_m), round(latitude * MILLION), round(longitude * MILLION), speed


def _ranked(row: Any) -> Any:
    """`_rank`, of a row in the database."""
    speed = func.coalesce(row.speed_cms, -1)
    return tuple_(row.accuracy_m, row.latitude_e6, row.longitude_e6, speed)


_COLUMNS = ("at", "latitude_e6", "longitude_e6", "accuracy_m", "speed_cms")
_TYPES: tuple[TypeEngine[Any], ...] = (DateTime(timezone=True), *(BigInteger() for _ in range(4)))
_NEW = insert(Ping).from_select(
    ["org_id", "technician_id", *_COLUMNS],
    select(
        bindparam("org_id", type_=Uuid()),
        bindparam("technician_id", type_=Uuid()),
        *(
            func.unnest(bindparam(f"all_{name}", type_=ARRAY(kind)))
            for name, kind in zip(_COLUMNS, _TYPES, strict=True)
        ),
    ),
    include_defaults=False,
)
_KEEP = _NEW.on_conflict_do_update(
    index_elements=["org_id", "technician_id", "at"],
    set_={name: _NEW.excluded[name] for name in _COLUMNS[1:]},
    where=_ranked(_NEW.excluded) < _ranked(Ping),
).execution_options(dml_strategy="raw")


async def _keep(ctx: Ctx, technician_id: UUID, rows: Sequence[Row]) -> int:
    await keeping.open_days(ctx.session, {row[0].astimezone(UTC).date() for row in rows})
    columns = dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    done = await ctx.session.execute(
        _KEEP,
        {
            "org_id": ctx.org_id,
            "technician_id": technician_id,
            **{f"all_{name}": values for name, values in columns.items()},
        },
    )
    return cast(CursorResult[Any], done).rowcount


async def _remember(ctx: Ctx, technician_id: UUID, rows: Sequence[Row], now: datetime) -> None:
    """Where they were last, that we heard of them, and from when on their track is to be followed."""
    given = dict(zip(_COLUMNS, rows[-1], strict=True))
    statement = insert(Position).values(
        org_id=ctx.org_id, id=technician_id, **given, heard_at=now, fresh_from=rows[0][0]
    )
    told = statement.excluded
    later = or_(
        told.at > Position.at,
        (told.at == Position.at) & (_ranked(told) < _ranked(Position)),
    )
    columns = {name: case((later, told[name]), else_=getattr(Position, name)) for name in _COLUMNS}
    stands = await ctx.session.scalar(
        statement.on_conflict_do_update(
            index_elements=["org_id", "id"],
            set_={
                **columns,
                "heard_at": told.heard_at,
                "fresh_from": func.least(Position.fresh_from, told.fresh_from),
            },
        )
        .returning(Position.at)
        .execution_options(synchronize_session=False)
    )
    if stands == given["at"]:  # what is older than what stands is no news
        tell_live(ctx.session.sync_session, LIVE, ctx.org_id, str(technician_id))
