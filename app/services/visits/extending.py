"""Work that takes longer than planned: when whoever is there says that it will be over.

It is no plan and books nobody: it meets no calendar, and says to the board what will be late.
"""

from datetime import datetime, timedelta

from pydantic import Field

from app.core import clock, wall
from app.core.errors import invalid_field
from app.models.visits import Visit
from app.services.context import Ctx
from app.services.facts import Fact
from app.services.inputs import Moment
from app.services.visits import lasting
from app.services.visits.happenings import Happening
from app.services.visits.telling import because, tell

MINUTE = timedelta(minutes=1)
LONGEST = timedelta(days=7)


class Extension(Happening):
    """How much longer, or until when."""

    minutes: int | None = Field(
        None,
        ge=5,
        le=1440,
        description="Beyond the end that is expected so far, or from now if that is past.",
    )
    until: Moment | None = Field(None, description="Or the end that is expected now.")


async def extend(ctx: Ctx, visit: Visit, told: Extension) -> None:
    """Expect the end of a visit that has begun later, or earlier with `until`. Raises `Invalid`
    without a word about when, or for an end that is past."""
    visit.refuse_unless("extend")
    if (told.minutes is None) is (told.until is None):
        raise invalid_field(
            "minutes", "Say how much longer: minutes, or until, and not both.", code="missing"
        )
    now = clock.now()
    until = told.until
    if until is None:
        until = _whole(lasting.until(visit, now)) + timedelta(minutes=told.minutes or 0)
    latest = max(now, visit.planned_end or now) + LONGEST
    if not now < until <= latest:
        raise invalid_field(
            "until",
            "The expected end must lie ahead, within seven days of what was planned.",
            code="out_of_bounds",
        )
    visit.expected_end = until
    visit.moved_at = now
    zone = visit.work_order.site.time_zone
    await tell(
        ctx,
        Fact.visit_extended,
        visit,
        occurred_at=told.occurred_at,
        until=wall.spoken_at(until, zone),
        expected_end=until,
        because=because(told.reason),
    )


def _whole(at: datetime) -> datetime:
    """The next whole minute."""
    down = at.replace(second=0, microsecond=0)
    return down if down == at else down + MINUTE
