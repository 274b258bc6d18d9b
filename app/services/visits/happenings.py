"""When something happened, and why: what every verb of a visit may be told.

Time of the event is business data and may lie before the time we hear of it; state is decided in the
order in which the server hears (`Moving.move`).
"""

from datetime import datetime
from itertools import pairwise

from pydantic import Field

from app.core import clock
from app.core.errors import invalid_field
from app.models.visits import Visit
from app.services.inputs import Draft, Happened, Reason

STEPS = {
    "travel_started_at": "setting off",
    "arrived_at": "the arrival",
    "started_at": "the start of work",
    "finished_at": "the end",
}
"""The actual times, in the order in which they happen."""


class Happening(Draft):
    """When it happened and why; both may be left out."""

    occurred_at: Happened | None = Field(
        None, description="When it happened, if that was before now."
    )
    reason: Reason | None = None


class ReasonedHappening(Happening):
    """When it happened, if that was before now, and why."""

    reason: Reason


def moment(visit: Visit, said: Happening) -> datetime:
    """When it happened; without a word about it, now, but not before what was recorded last.

    (A phone whose clock is ahead by a minute must not keep the office from going on.)
    """
    if said.occurred_at is not None:
        return said.occurred_at
    recorded: list[datetime] = [at for step in STEPS if (at := getattr(visit, step)) is not None]
    return max([clock.now(), *recorded])


def refuse_disorder(visit: Visit, *, said: tuple[str, ...] = ()) -> None:
    """Raise `Invalid` when the actual times are not in their order; `said` are fields of the body."""
    known = [(step, at) for step in STEPS if (at := getattr(visit, step)) is not None]
    for (before, earlier), (after, later) in pairwise(known):
        if later < earlier:
            field = next((name for name in (after, before) if name in said), "occurred_at")
            raise invalid_field(
                field,
                f"{STEPS[after].capitalize()} ({_said(later)}) cannot come before"
                f" {STEPS[before]} ({_said(earlier)}). Correct one of the two.",
                code="out_of_order",
            )


def _said(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
