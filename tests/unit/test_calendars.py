"""Invitations, read by two libraries that know nothing of each other (G6)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
import vobject

from app.documents.calendars import Appointment, cancellation, invitation
from tests.support.deep import DEEP, times

ZONES = (
    "America/Chicago",
    "Europe/Paris",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
)
CHANGES = {
    "2027-03-14T08:00": "America/Chicago",
    "2027-11-07T07:00": "America/Chicago",
    "2027-03-28T01:00": "Europe/Paris",
    "2027-10-31T01:00": "Europe/Paris",
    "2027-04-03T15:00": "Australia/Lord_Howe",
    "2027-10-02T15:30": "Australia/Lord_Howe",
    "2027-04-04T03:00": "America/Santiago",
    "2027-09-05T04:00": "America/Santiago",
    "2028-02-29T12:00": "Asia/Kathmandu",
}
"""Hours in which clocks change, by UTC; and a leap day, in a zone without changes."""
LENGTH = timedelta(hours=2)


def moments(zone: str) -> Iterator[datetime]:
    """Around its changes by half hours; around every change by minutes when there is time."""
    step, wide = timedelta(minutes=times(30, deep=5)), timedelta(minutes=times(60, deep=180))
    for at, where in CHANGES.items():
        if where == zone or DEEP:
            change = datetime.fromisoformat(at).replace(tzinfo=UTC)
            yield from (change - wide + n * step for n in range(2 * wide // step + 1))


def appointment(zone: str, start: datetime) -> Appointment:
    return Appointment(
        uid="visit-1@example.com",
        sequence=3,
        start=start,
        end=start + LENGTH,
        zone=zone,
        summary="Summit; Septic, “Drain”: pump\nthe tank",
        location="12 Main St, Unit 4",
        description="We arrive. " * 20,
        organizer="Summit, Inc.",
        organizer_email="office@example.com",
        attendee="ann@example.com",
        written_at=datetime(2027, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("zone", ZONES)
def test_both_read_the_same_instants_in_whatever_hour(zone: str) -> None:
    for start in moments(zone):
        content = invitation(appointment(zone, start))
        meant = [start.timestamp(), (start + LENGTH).timestamp()]
        one = icalendar.Calendar.from_ical(content).walk("VEVENT")[0]
        other = vobject.readOne(content.decode()).vevent  # by the rules within the file
        assert [one[edge].dt.timestamp() for edge in ("dtstart", "dtend")] == meant, start
        read: list[Any] = [other.dtstart.value, other.dtend.value]
        assert [at.timestamp() for at in read] == meant, start


@pytest.mark.parametrize("zone", ZONES)
def test_both_find_them_valid_and_read_the_same_words(zone: str) -> None:
    said = appointment(zone, datetime(2027, 3, 14, 8, tzinfo=UTC))
    for write, method in ((invitation, "REQUEST"), (cancellation, "CANCEL")):
        content = write(said)
        assert all(len(line) <= 75 for line in content.split(b"\r\n"))
        calendar = vobject.readOne(content.decode())
        assert calendar.validate(raiseException=True)
        one, other = icalendar.Calendar.from_ical(content).walk("VEVENT")[0], calendar.vevent
        assert not one.errors
        assert calendar.method.value == method
        for name in ("summary", "location", "description", "uid", "organizer", "attendee"):
            assert str(one[name]) == getattr(other, name).value
        assert str(one["summary"]) == said.summary
        assert str(one["sequence"]) == other.sequence.value == "3"
