"""What stands in the way of a booking, and who may overrule it.

An obstacle is refused with its own code and sentence; whoever has the permission for it may overrule
it by that code, with a reason that the fact keeps. An overlap is no such obstacle: nobody overrules
it (`bookings`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field, field_validator

from app.core.errors import Conflict
from app.models.customers import Customer
from app.models.permissions import Permission
from app.models.sites import Site
from app.services.context import Ctx
from app.services.inputs import Draft, Reason
from app.services.visits.access import closed_for


class Overrulable(StrEnum):
    """What a person may overrule, with the permission for it and a reason."""

    skill_missing = "skill_missing"
    do_not_service = "do_not_service"
    credit_hold = "credit_hold"
    outside_access_hours = "outside_access_hours"


NEEDED: Mapping[Overrulable, Permission] = {
    Overrulable.skill_missing: Permission.dispatch_override,
    Overrulable.do_not_service: Permission.dispatch_override,
    Overrulable.credit_hold: Permission.credit_override,
    Overrulable.outside_access_hours: Permission.dispatch_override,
}


class Override(Draft):
    """What is overruled, and why. An overlap can never be."""

    codes: list[Overrulable] = Field(min_length=1, max_length=10)
    reason: Reason

    @field_validator("codes", mode="before")
    @classmethod
    def _no_overlap(cls, codes: Any) -> Any:
        if isinstance(codes, list) and "double_booking" in codes:
            raise ValueError("A double booking can never be overruled. Choose another time.")
        return codes


@dataclass(frozen=True)
class Obstacle:
    """Why this should not be booked."""

    code: Overrulable
    detail: str
    """What a dispatcher is told, and what they can do."""
    although: str
    """How the fact says it once it is overruled: “although …”."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    recorded: Mapping[str, Any] = field(default_factory=dict)
    """What the fact carries besides."""


def of_customer(customer: Customer) -> list[Obstacle]:
    """What the customer's banners put in the way."""
    found = []
    if customer.service_stopped_at is not None:
        found.append(
            Obstacle(
                Overrulable.do_not_service,
                f"{customer.name} is not to be served: {customer.service_stop_reason}. Resume service"
                " first, or have it overruled with a reason.",
                f"{customer.name} is not to be served",
                {"reason": customer.service_stop_reason, "since": customer.service_stopped_at},
            )
        )
    if customer.credit_held_at is not None:
        found.append(
            Obstacle(
                Overrulable.credit_hold,
                f"{customer.name} is on credit hold: {customer.credit_hold_reason}. Release the"
                " credit first, or have it overruled with a reason.",
                f"{customer.name} is on credit hold",
                {"reason": customer.credit_hold_reason, "since": customer.credit_held_at},
            )
        )
    return found


def of_site(site: Site, start: datetime, end: datetime) -> list[Obstacle]:
    """Whether the site can be entered from `start` to `end`, give or take a quarter of an hour."""
    open_hours = closed_for(site, start, end)
    if open_hours is None:
        return []
    return [
        Obstacle(
            Overrulable.outside_access_hours,
            f"{site.address} can be entered {open_hours}, and this visit does not fit into that."
            " Choose another time, or have it overruled with a reason.",
            f"the site can be entered {open_hours}",
            {"access_hours": site.access_hours},
        )
    ]


def let_pass(ctx: Ctx, obstacles: Iterable[Obstacle], override: Override | None) -> list[Obstacle]:
    """The obstacles that are overruled.

    Raises `Conflict` with the code of the first that is not, `Forbidden` when the person may not
    overrule what they named.
    """
    overruled = []
    for one in obstacles:
        needed = NEEDED[one.code]
        if override is None or one.code not in override.codes:
            raise Conflict(
                one.detail,
                code=one.code.value,
                permission_to_overrule=needed.value,
                **one.extra,
            )
        ctx.require(needed)
        overruled.append(one)
    return overruled


def spoken(override: Override | None, overruled: Sequence[Obstacle]) -> dict[str, Any]:
    """What the fact says and carries about what was overruled."""
    if override is None or not overruled:
        return {"although": "", "overruled": []}
    said = " and ".join(one.although for one in overruled)
    data: dict[str, Any] = {
        "although": f", although {said}: “{override.reason}”",
        "overruled": [one.code.value for one in overruled],
        "overruled_because": override.reason,
    }
    for one in overruled:
        data |= one.recorded
    return data
