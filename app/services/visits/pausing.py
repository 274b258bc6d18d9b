"""The pause that is open while a visit is paused."""

from datetime import datetime

from app.core.errors import invalid_field
from app.models.visits import Visit


def end_pause(visit: Visit, at: datetime) -> None:
    """End the open pause, if there is one. Raises `Invalid` when it began after `at`."""
    for pause in visit.pauses:
        if pause.ended_at is None:
            if at < pause.started_at:
                raise invalid_field(
                    "occurred_at", "The pause had not begun then.", code="out_of_order"
                )
            pause.ended_at = at
