"""What technicians do on the way and at the site: en route, divert, arrive, start, pause, resume.

Each writes the actual time it is about. The office may say the same for them.
"""

from datetime import datetime

from app.core.errors import invalid_field
from app.models.pauses import Pause
from app.models.visits import Visit
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.visits import crew
from app.services.visits.happenings import Happening, moment, refuse_disorder
from app.services.visits.moving import moved
from app.services.visits.pausing import end_pause


async def en_route(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Somebody sets off for the site. Raises `Conflict` when nobody is on the visit."""
    at = _at(ctx, visit, "en-route", said)
    for assignment in crew.somebody_on(visit):
        assignment.dispatched_at = assignment.dispatched_at or at  # they know of it now
    visit.travel_started_at = at
    refuse_disorder(visit)
    await moved(ctx, visit, "en-route", Fact.visit_en_route, said)


async def divert(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Whoever was on the way turns to other work; the visit waits, dispatched."""
    _at(ctx, visit, "divert", said)
    visit.travel_started_at = None
    visit.expected_end = None
    await moved(ctx, visit, "divert", Fact.visit_diverted, said)


async def arrive(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Somebody is at the site."""
    visit.arrived_at = _at(ctx, visit, "arrive", said)
    refuse_disorder(visit)
    await moved(ctx, visit, "arrive", Fact.visit_arrived, said)


async def start(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Work begins."""
    visit.started_at = _at(ctx, visit, "start", said)
    refuse_disorder(visit)
    await moved(ctx, visit, "start", Fact.visit_started, said)


async def pause(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Work stands still: a break, parts, access."""
    at = _at(ctx, visit, "pause", said)
    if visit.started_at is not None and at < visit.started_at:
        raise invalid_field("occurred_at", "Work had not started then.", code="out_of_order")
    ctx.session.add(Pause(visit_id=visit.id, started_at=at, reason=said.reason))
    await moved(ctx, visit, "pause", Fact.visit_paused, said)


async def resume(ctx: Ctx, visit: Visit, said: Happening) -> None:
    """Work goes on."""
    end_pause(visit, _at(ctx, visit, "resume", said))
    await moved(ctx, visit, "resume", Fact.visit_resumed, said)


def _at(ctx: Ctx, visit: Visit, verb: str, said: Happening) -> datetime:
    crew.refuse_outsiders(ctx, visit)
    visit.refuse_unless(verb)
    return moment(visit, said)
