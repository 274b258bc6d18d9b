"""`POST …/deactivate` on technicians and memberships: somebody stops, their visits go into the tray."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body

from app.api.outputs import Instant, Out
from app.models.visits import Visit
from app.services.deactivation import Deactivated, Departure

Told = Annotated[Departure, Body(default_factory=Departure)]
"""The reason; the body may be left out."""


class HandedOverOut(Out):
    """A visit that needs somebody else now. Its promise stands."""

    id: UUID
    work_order_id: UUID
    work_order_number: str
    promised_start: Instant | None
    promised_end: Instant | None


class DeactivatedOut(Out):
    """Who stopped, and which visits went back into the tray."""

    member_id: UUID | None
    technician_id: UUID | None
    handed_over: list[HandedOverOut]


def _visit(visit: Visit) -> dict[str, Any]:
    return {
        "id": visit.id,
        "work_order_id": visit.work_order_id,
        "work_order_number": visit.work_order.number,
        "promised_start": visit.promised_start,
        "promised_end": visit.promised_end,
    }


def out(done: Deactivated) -> DeactivatedOut:
    """What was done, as it is answered."""
    technician = done.technician
    member_id = done.seat.member.id if done.seat else technician.member_id if technician else None
    return DeactivatedOut.model_validate(
        {
            "member_id": member_id,
            "technician_id": technician.id if technician else None,
            "handed_over": [_visit(visit) for visit in done.visits],
        }
    )
