"""Following technicians in tests: people who are at work now, and what their devices tell."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from app.core import clock
from tests.support.field import technician
from tests.support.people import Company, Person

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {
    "name": "Day and night",
    "valid_from": "2026-01-05",
    "spans": [
        {"weekday": day, "start": start, "end": end}
        for day in WEEK
        for start, end in (("00:00", "12:00"), ("12:00", "00:00"))
    ],
}
"""A shift in which one is always at work."""
PHOENIX = (33.4484, -112.0740)


async def at_work(company: Company, name: str, *, who: Person | None = None) -> str:
    """A technician who is always in their shift; the id."""
    made = await technician(company, name, who=who)
    owner = await company.person("owner")
    await owner.made("/api/v2/shifts", {"technician_id": made, **ALWAYS})
    return made


def ping(at: datetime, latitude: float, longitude: float, **more: Any) -> dict[str, Any]:
    """One position, 8 m precise unless said otherwise."""
    return {
        "at": at.isoformat(), "latitude": latitude, "longitude": longitude, "accuracy_m": 8, **more
    }  # fmt: skip


async def told(person: Person, who: str, pings: Sequence[dict[str, Any]]) -> Any:
    """What became of a batch."""
    return await person.made(f"/api/v2/technicians/{who}/positions", {"pings": list(pings)})


def ago(minutes: float) -> datetime:
    """So many minutes before now."""
    return clock.now() - timedelta(minutes=minutes)
