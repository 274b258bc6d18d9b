"""Swapping two planned visits: their times, who comes to them, or both.

Each keeps its length: it starts where the other started. Where that would let two visits of the same
person overlap (a short one before a long one), the one that goes second ends where the second ended,
so that neighbours change places within the time they had.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from app.core import clock
from app.core.errors import invalid_field
from app.models.visits import Visit
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.visits import crew, party, placements
from app.services.visits.gating import Override
from app.services.visits.happenings import Happening
from app.services.visits.party import Party
from app.services.visits.shifting import planned
from app.services.visits.telling import because, tell

LARGEST_VERSION = 2**63 - 1


class Swapped(StrEnum):
    times = "times"
    people = "people"
    both = "both"


IN_WORDS = {
    Swapped.times: "times",
    Swapped.people: "people",
    Swapped.both: "times and people",
}


class Swap(Happening):
    """With which visit, and what of it."""

    with_id: UUID
    with_version: int = Field(
        ge=1, le=LARGEST_VERSION, description="The version of it that you saw."
    )
    what: Swapped = Swapped.both
    override: Override | None = None


@dataclass(frozen=True)
class _Place:
    """Of whom, led by whom, from when until when."""

    who: Party
    lead_id: UUID
    start: datetime
    end: datetime


async def swap(ctx: Ctx, one: Visit, other: Visit, told: Swap) -> None:
    """Let two visits change places, both or neither.

    Raises `Conflict` as `placements` does, `double_booking` when either meets a third; `Invalid` for a
    visit with itself.
    """
    one.refuse_unless("swap")
    if one is other:
        raise invalid_field("with_id", "Name another visit to swap with.", code="same")
    other.refuse_unless("swap", "The visit to swap with is not planned, or has begun.")
    crew.somebody_on(one)
    crew.somebody_on(other)
    mine, theirs = _place(one), _place(other)
    times = _times(one, other) if told.what != Swapped.people else {}
    places = []
    for visit, own, others in ((one, mine, theirs), (other, theirs, mine)):
        start, end = times.get(visit.id, (own.start, own.end))
        comes = own if told.what == Swapped.times else others
        places.append(
            await placements.find(ctx, visit, comes.who, comes.lead_id, start, end, told.override)
        )
    taken_off = await placements.take(ctx, places)
    for place, counterpart in zip(places, (other, one), strict=True):
        place.visit.status_reason = told.reason
        place.visit.moved_at = clock.now()
        await tell(
            ctx,
            Fact.visit_swapped,
            place.visit,
            occurred_at=told.occurred_at,
            also=taken_off[place.visit.id],
            what=IN_WORDS[told.what],
            other=counterpart.work_order.number,
            other_visit_id=str(counterpart.id),
            reason=told.reason,
            because=because(told.reason),
            **place.said(),
        )


def _place(visit: Visit) -> _Place:
    who = party.present(visit)
    return _Place(who, crew.lead_of(visit) or who.technician_ids[0], *planned(visit))


def _times(one: Visit, other: Visit) -> Mapping[UUID, tuple[datetime, datetime]]:
    first, second = sorted((one, other), key=lambda visit: (planned(visit), visit.id))
    (start, end), (later, until) = planned(first), planned(second)
    early = (start, start + (until - later))
    late = (later, later + (end - start))
    if early[1] > late[0] and _bodies(first) & _bodies(second):
        late = (until - (end - start), until)
    return {second.id: early, first.id: late}


def _bodies(visit: Visit) -> set[UUID]:
    """Whoever and whatever is booked for it."""
    people = {one.technician_id for one in crew.standing(visit)}
    return people | {one.vehicle_id for one in visit.vehicles}
