"""Deactivation: somebody stops working here. What was promised to customers stays promised.

In one transaction the sessions end, the technician takes no more work, each visit that was ahead of
them goes back into the tray, and they take part in no event that was ahead. What they did stays theirs.
`reinstate` lets a member in again, and `active: true` lets a technician be booked again; visits do not
come back by themselves. Locks are taken in everybody's order: events, visits, the technician.
"""

from dataclasses import dataclass

from pydantic import Field

from app.core.errors import Conflict
from app.models.technicians import Technician
from app.models.visits import Visit
from app.services import events
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.identity import memberships
from app.services.identity.memberships import Seat
from app.services.inputs import Draft, Reason
from app.services.usage import count_of
from app.services.visits.handing_over import hand_over


class Departure(Draft):
    """Why somebody stops working here."""

    reason: Reason | None = Field(None, examples=["Moved to another town"])


@dataclass(frozen=True)
class Deactivated:
    """Who stopped, and the visits that need somebody else now."""

    seat: Seat | None
    technician: Technician | None
    visits: list[Visit]


async def technician(ctx: Ctx, one: Technician, departure: Departure) -> Deactivated:
    """Let a technician do no more visits; whoever signs in as them still does.

    Raises `Conflict` when they are not active, and while they are out on a visit.
    """
    if not one.active:
        raise Conflict(f"{one.name} is not active already.", code="already_inactive")
    return Deactivated(None, one, await _stop(ctx, one, departure))


async def member(ctx: Ctx, seat: Seat, departure: Departure) -> Deactivated:
    """Keep a member out, and hand over what was ahead of the technician they are, if they are one.

    Raises as `memberships.suspend` and `technician`. Somebody suspended before is only handed over.
    """
    if seat.membership.suspended_at is None:
        seat = await memberships.suspend(ctx, seat)
    else:
        memberships.refuse_unreachable(ctx, seat)
    mine = ctx.select(Technician).where(Technician.of_member(seat.member.id))
    one = (await ctx.session.execute(mine.with_for_update(key_share=True))).scalar_one_or_none()
    visits = await _stop(ctx, one, departure) if one is not None and one.active else []
    await emit(
        ctx,
        Fact.member_deactivated,
        seat.member,
        name=seat.member.name,
        because=f": {departure.reason}" if departure.reason else "",
        handed_over=count_of(len(visits), "visit", "visits"),
    )
    return Deactivated(seat, one, visits)


async def _stop(ctx: Ctx, one: Technician, departure: Departure) -> list[Visit]:
    ahead = await events.take_ahead(ctx, one)
    visits = await hand_over(ctx, one, f"{one.name[:150]} does not work here any more")
    await events.leave(ctx, one, ahead)
    one.active = False
    await emit(
        ctx,
        Fact.technician_deactivated,
        one,
        name=one.name,
        because=f": {departure.reason}" if departure.reason else "",
        handed_over=count_of(len(visits), "visit", "visits"),
    )
    return visits
