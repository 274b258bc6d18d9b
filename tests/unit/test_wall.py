"""Wall times in zones that jump, repeat, move by half an hour or skip a whole day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import wall

FROM, UNTIL = (datetime.fromisoformat(day) for day in ("2000-01-01", "2037-12-31"))
ZONES = (
    "America/Chicago",
    "America/Phoenix",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
)


@pytest.mark.parametrize(
    ("zone", "skipped", "before", "after"),
    [
        ("America/Chicago", "2026-03-08T02:30", "2026-03-08T01:59", "2026-03-08T03:00"),
        ("America/Chicago", "2026-03-08T02:00", "2026-03-08T01:59", "2026-03-08T03:00"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:59", "2026-03-29T03:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-04T01:59", "2026-10-04T02:30"),
        ("America/Santiago", "2026-09-06T00:15", "2026-09-05T23:59", "2026-09-06T01:00"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-29T23:59", "2011-12-31T00:00"),
    ],
)
def test_a_skipped_time_names_its_neighbours(
    zone: str, skipped: str, before: str, after: str
) -> None:
    for fold in (0, 1):
        with pytest.raises(wall.Skipped) as refused:
            wall.instant(datetime.fromisoformat(skipped), zone, fold=fold)
        assert refused.value.before == datetime.fromisoformat(before)
        assert refused.value.after == datetime.fromisoformat(after)
        assert f"nearest times are {before} and {after}" in str(refused.value)


@pytest.mark.parametrize(
    ("zone", "twice", "first", "second"),
    [
        ("America/Chicago", "2026-11-01T01:30", "2026-11-01T06:30", "2026-11-01T07:30"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30", "2026-10-25T01:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45", "2026-04-04T15:15"),
    ],
)
def test_a_repeated_time_is_the_first_unless_the_second_is_asked_for(
    zone: str, twice: str, first: str, second: str
) -> None:
    clock = datetime.fromisoformat(twice)
    assert wall.comes_twice(clock, zone)
    assert wall.instant(clock, zone) == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert wall.instant(clock, zone, fold=1) == datetime.fromisoformat(second).replace(tzinfo=UTC)
    assert wall.written(wall.instant(clock, zone), zone) != wall.written(
        wall.instant(clock, zone, fold=1), zone
    )


def test_an_ordinary_time_comes_once() -> None:
    noon = datetime.fromisoformat("2026-07-24T12:00")
    assert not wall.comes_twice(noon, "America/Chicago")
    assert wall.instant(noon, "America/Chicago") == datetime(2026, 7, 24, 17, tzinfo=UTC)
    assert wall.instant(noon, "America/Chicago", fold=1) == datetime(2026, 7, 24, 17, tzinfo=UTC)


@given(at=st.datetimes(FROM, UNTIL), zone=st.sampled_from(ZONES))
def test_an_instant_shown_on_the_wall_is_found_again(at: datetime, zone: str) -> None:
    moment = at.replace(tzinfo=UTC, second=0, microsecond=0)
    local = moment.astimezone(ZoneInfo(zone))
    found = wall.instant(local.replace(tzinfo=None, fold=0), zone, fold=local.fold)
    assert found == moment


def test_days_and_windows_are_said_as_people_there_would() -> None:
    eight = datetime(2026, 11, 23, 14, tzinfo=UTC)
    ten = datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert wall.spoken(eight, ten, "America/Chicago") == "Mon 23 Nov, 08:00–10:00"
    assert wall.spoken(eight, ten + timedelta(days=1), "America/Chicago") == (
        "Mon 23 Nov, 08:00 – Tue 24 Nov, 10:00"
    )
    assert wall.written(eight, "America/Chicago") == "2026-11-23T08:00-06:00"
    assert wall.day(datetime(2026, 11, 23, 3, tzinfo=UTC), "America/Chicago") == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("languages", "day", "hours", "hour"),
    [
        ("", "Mon 23 Nov", "08:00–13:30", "08:00"),
        ("*", "Mon 23 Nov", "08:00–13:30", "08:00"),
        ("no such language", "Mon 23 Nov", "08:00–13:30", "08:00"),
        ("en-GB,en;q=0.9", "Mon 23 Nov", "08:00–13:30", "08:00"),
        ("en-US,en;q=0.9,de;q=0.8", "Mon, Nov 23", "8:00 AM – 1:30 PM", "8:00 AM"),
        ("en_US", "Mon, Nov 23", "8:00 AM – 1:30 PM", "8:00 AM"),
        ("en-AU", "Mon, 23 Nov", "8:00 am – 1:30 pm", "8:00 am"),
        ("de-DE,de;q=0.9,en-US;q=0.8", "Mon 23 Nov", "08:00–13:30", "08:00"),
        ("ko-KR", "Mon, Nov 23", "8:00 AM – 1:30 PM", "8:00 AM"),
    ],
)
def test_days_and_hours_are_said_as_whoever_reads_them_writes_them(
    languages: str, day: str, hours: str, hour: str
) -> None:
    eight = datetime(2026, 11, 23, 14, tzinfo=UTC)
    until = datetime(2026, 11, 23, 19, 30, 59, tzinfo=UTC)
    with wall.read_by(languages):
        assert wall.spoken(eight, until, "America/Chicago") == f"{day}, {hours}"
        assert wall.spoken_at(eight, "America/Chicago") == f"{day}, {hour}"
        assert wall.spoken_hour(eight, "America/Chicago") == hour
    assert wall.spoken_day(date(2026, 11, 23)) == "Mon 23 Nov"


def test_windows_over_noon_and_midnight_name_both_halves_of_the_day() -> None:
    spans = [(time(8), time(10)), (time(22), time(2)), (time(12), time(0)), (time(8), time(8))]
    with wall.read_by("en-US"):
        said = [wall.spoken_hours(*span) for span in spans]
    assert said == ["8:00 – 10:00 AM", "10:00 PM – 2:00 AM", "12:00 PM – 12:00 AM", "8:00 AM"]
    assert [wall.spoken_hours(*span) for span in spans[:3]] == [
        "08:00–10:00",
        "22:00–02:00",
        "12:00–00:00",
    ]
