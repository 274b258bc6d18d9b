"""A visit's facts: each stands in the stories of its work order, customer, site and technicians."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.core import wall
from app.models.technicians import Technician
from app.models.visits import Visit
from app.services.context import Ctx
from app.services.facts import Fact, emit


async def tell(
    ctx: Ctx,
    fact: Fact,
    visit: Visit,
    *,
    occurred_at: datetime | None = None,
    also: Iterable[Technician] = (),
    **data: Any,
) -> None:
    """Write a fact about a visit that was loaded whole; `also` are technicians no longer on it."""
    work_order = visit.work_order
    crew = [one.technician for one in visit.assignments if one.stands]
    await emit(
        ctx,
        fact,
        visit,
        about=(
            work_order.id,
            work_order.customer_id,
            work_order.site_id,
            *(technician.id for technician in (*crew, *also)),
        ),
        occurred_at=occurred_at,
        work_order=work_order.number,
        technicians=names(crew),
        **data,
    )


def names(technicians: Iterable[Technician]) -> str:
    """“Ann Lee, Bo Diaz and Cy Young”, by name."""
    said = sorted(technician.name for technician in technicians)
    if len(said) < 2:
        return "".join(said) or "nobody"
    return f"{', '.join(said[:-1])} and {said[-1]}"


def local(visit: Visit, start: datetime, end: datetime) -> str:
    """A stretch of time as people at the visit's site say it."""
    return wall.spoken(start, end, visit.work_order.site.time_zone)


def because(reason: str | None) -> str:
    """The tail of a sentence that has room for a reason."""
    return f": {reason}" if reason else ""
