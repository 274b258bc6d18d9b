"""What a drop would do, before anybody lets go: nothing is written.

What is always true: it is the drop itself, made and taken back in one transaction, and the lanes are those
of the board before and after it. So what is said here is what will be said when it is done, unless somebody
else is quicker.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import Field, field_validator

from app.core.errors import Conflict, Refusal
from app.models.visits import Visit
from app.services.board import picture
from app.services.board.asking import BoardQuery, PatchQuery, local_day
from app.services.context import Ctx
from app.services.inputs import Draft, Moment
from app.services.visits import crew, planning
from app.services.visits.planning import LARGEST_CREW, Plan
from app.services.visits.taking import WHOLE

MINUTE = timedelta(minutes=1)
FIGURES = ("drive_minutes", "work_minutes", "idle_minutes", "overtime_minutes")


class Drop(Draft):
    """A visit, held over somebody's lane."""

    visit_id: UUID
    technician_ids: list[UUID] = Field(min_length=1, max_length=LARGEST_CREW)
    start: Moment
    end: Moment | None = Field(None, description="Silence: as long as the visit takes.")

    @field_validator("technician_ids")
    @classmethod
    def _once_each(cls, ids: list[UUID]) -> list[UUID]:
        if len(set(ids)) != len(ids):
            raise ValueError("Name each of them once.")
        return ids


@dataclass(frozen=True, slots=True)
class Consequence:
    """What would come of it."""

    refusal: Refusal | None
    """Why it would be refused."""
    warnings: list[dict[str, str]]
    stops: list[dict[str, Any]]
    """The visit's own, one for each who comes."""
    lanes: list[dict[str, Any]]
    """Each lane that changes, with its totals before and after."""
    moves: list[dict[str, Any]]
    """Whoever else is expected at another time."""


async def of_drop(ctx: Ctx, drop: Drop) -> Consequence:
    """What the drop would do. Raises `NotFound`, `Invalid`; what else it would be refused for is said in
    `refusal`."""
    visit = await ctx.get(Visit, drop.visit_id, options=WHOLE, pointer="/visit_id")
    day = await local_day(ctx, drop.start)
    # also the lanes that it leaves
    lanes = dict.fromkeys(
        [*drop.technician_ids, *(one.technician_id for one in crew.standing(visit))]
    )
    asked = PatchQuery(**BoardQuery(date=day).model_dump(), ids=[visit.id], lanes=list(lanes))
    before = await picture.patch(ctx, asked)
    plan = Plan(technician_ids=drop.technician_ids, start=drop.start, end=drop.end)
    held = await ctx.session.begin_nested()
    refusal: Refusal | None = None
    after, warnings = before, list(visit.warnings)
    try:
        await planning.schedule(ctx, visit, plan)
        await ctx.session.flush()
        warnings = list(visit.warnings)
        after = await picture.patch(ctx, asked, supposed=True)
    except Conflict as error:
        refusal = error
    finally:
        await held.rollback()
    return Consequence(
        refusal,
        [] if refusal else warnings,
        [] if refusal else _stops(after, str(drop.visit_id)),
        _lanes(before, after),
        _moves(before, after, str(drop.visit_id)),
    )


def _day(lane: dict[str, Any]) -> dict[str, Any]:
    [day] = lane["days"]
    found: dict[str, Any] = day
    return found


def _stops(board: dict[str, Any], visit: str) -> list[dict[str, Any]]:
    return [
        {"technician_id": lane["id"], **stop}
        for lane in board["lanes"]
        for stop in _day(lane)["stops"]
        if stop["visit_id"] == visit
    ]


def _lanes(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    was = {lane["id"]: _day(lane)["totals"] for lane in before["lanes"]}
    found = []
    for lane in after["lanes"]:
        then, now = was.get(lane["id"]), _day(lane)["totals"]
        if then is None or now is None:
            continue  # of a day that one does not see whole, nothing is told
        found.append(
            {
                "technician_id": lane["id"],
                "name": lane["name"],
                "totals": now,
                "more": {name: now[name] - then[name] for name in FIGURES},
            }
        )
    return found


def _moves(before: dict[str, Any], after: dict[str, Any], visit: str) -> list[dict[str, Any]]:
    """Who else is expected earlier or later by it, by a minute at least."""
    was = {
        (lane["id"], stop["visit_id"]): stop["arrive"]
        for lane in before["lanes"]
        for stop in _day(lane)["stops"]
    }
    found = []
    for lane in after["lanes"]:
        day = _day(lane)
        late = {one["visit_id"] for one in day["alerts"] if one["code"] == "window_at_risk"}
        for stop in day["stops"]:
            then: datetime | None = was.get((lane["id"], stop["visit_id"]))
            id = stop["visit_id"]
            if id in (None, visit) or then is None or abs(stop["arrive"] - then) < MINUTE:
                continue
            found.append(
                {
                    "visit_id": id,
                    "technician_id": lane["id"],
                    "was": then,
                    "arrive": stop["arrive"],
                    "minutes": round((stop["arrive"] - then) / MINUTE),
                    "late": id in late,
                }
            )
    return found
