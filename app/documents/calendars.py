"""Invitations for a customer's calendar (RFC 5545, RFC 5546): one event, in the site's own time.

The UID names the appointment for ever; SEQUENCE grows with each new time, so that a calendar moves
what it holds instead of keeping both. A cancellation takes it out again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

A_YEAR = timedelta(days=366)
SOME_DAYS = timedelta(days=7)
"""Before the appointment: whoever reads the file must find the offset from which clocks change there."""


@dataclass(frozen=True)
class Appointment:
    """What an invitation says."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    zone: str
    summary: str
    location: str
    description: str
    organizer: str
    """The company's name; `organizer_email` is where answers go."""
    organizer_email: str
    attendee: str
    written_at: datetime


def invitation(said: Appointment) -> bytes:
    """The `.ics` that puts the appointment into a calendar, or moves it there."""
    return _written(said, "REQUEST", "CONFIRMED")


def cancellation(said: Appointment) -> bytes:
    """The `.ics` that takes it out again."""
    return _written(said, "CANCEL", "CANCELLED")


def _written(said: Appointment, method: str, status: str) -> bytes:
    start, end = (at.astimezone(ZoneInfo(said.zone)) for at in (said.start, said.end))
    if start.fold or end.fold:
        # a wall time that comes twice means its first coming there (RFC 5545, 3.3.5)
        start, end = said.start.astimezone(UTC), said.end.astimezone(UTC)
    event = Event()
    event.add("uid", said.uid)
    event.add("sequence", said.sequence)
    event.add("dtstamp", said.written_at)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", said.summary)
    event.add("location", said.location)
    event.add("description", said.description)
    event.add("status", status)
    event.add("organizer", _address(said.organizer_email, said.organizer))
    event.add("attendee", _address(said.attendee))
    calendar = Calendar()
    calendar.add("prodid", "-//Truckroll//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    calendar.add_missing_timezones(
        first_date=said.start.date() - SOME_DAYS, last_date=said.end.date() + A_YEAR
    )
    return bytes(calendar.to_ical())


def _address(email: str, name: str | None = None) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    if name is not None:
        address.params["CN"] = vText(name)
    return address
