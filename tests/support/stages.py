"""Visits brought to where a test needs them, by the verbs that people use."""

from datetime import timedelta
from typing import Any

from app.core import clock
from tests.support.field import VISITS, did, technician
from tests.support.people import Company, Person

STAGES: dict[str, tuple[str, ...]] = {
    "unscheduled": (),
    "scheduled": ("schedule",),
    "dispatched": ("schedule", "dispatch"),
    "en_route": ("schedule", "en-route"),
    "on_site": ("schedule", "dispatch", "arrive"),
    "working": ("schedule", "dispatch", "arrive", "start"),
    "completed": ("schedule", "complete"),
    "no_access": ("schedule", "dispatch", "arrive", "no-access"),
    "canceled": ("cancel",),
}
"""The way to each status."""


async def visit(
    company: Company, work_order: Any, status: str, *, who: Person | None = None
) -> Any:
    """A visit of the work order in `status`, with a technician of its own (who is `who`)."""
    owner = await company.person("owner")
    made = await owner.made(VISITS, {"work_order_id": work_order["id"]})
    start, now = clock.now() + timedelta(days=1), clock.now()
    bodies: dict[str, dict[str, Any]] = {
        "schedule": {"start": start.isoformat()},
        "complete": {
            "arrived_at": (now - timedelta(hours=2)).isoformat(),
            "started_at": (now - timedelta(hours=2)).isoformat(),
            "finished_at": (now - timedelta(hours=1)).isoformat(),
        },
        "cancel": {"reason": "Not needed"},
    }
    if "schedule" in STAGES[status]:
        bodies["schedule"]["technician_ids"] = [await technician(company, who=who)]
    for verb in STAGES[status]:
        made = await did(owner, made, verb, **bodies.get(verb, {}))
    assert made["status"] == status
    return made
