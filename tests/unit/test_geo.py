"""Postal codes become places, offline, and distances become metres."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zipcodes import _zipcodes  # uncached: 140 MB that the other tests need not carry

from app.core.geo import Place, Point, haversine_m, place_of

ENTRIES = _zipcodes.list_all()
EVERY_CODE = [entry["zip_code"] for entry in ENTRIES]
ONE_CODE_BY_ZONE = {entry["timezone"]: entry["zip_code"] for entry in ENTRIES if entry["timezone"]}


def test_a_postal_code_is_a_place() -> None:
    assert place_of("62701") == Place(
        postal_code="62701",
        city="Springfield",
        region="IL",
        county="Sangamon County",
        latitude=39.8,
        longitude=-89.6495,
        time_zone="America/Chicago",
    )


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("62701-1234", "62701"),
        ("627011234", "62701"),
        (" 62701\u00a0", "62701"),
        ("02139", "02139"),
        ("2139", "02139"),
        ("2139-4301", "02139"),
        ("601", "00601"),
    ],
)
def test_what_people_and_spreadsheets_write(written: str, code: str) -> None:
    place = place_of(written)
    assert place is not None
    assert place.postal_code == code


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        "00000",
        "99999",
        "0000",
        "12",
        "123456",
        "62701-12",
        "6270l",
        "K1A 0B1",
        "６２７０１",
        "-1",
    ],
)
def test_what_was_never_a_postal_code(written: str) -> None:
    assert place_of(written) is None


def test_another_country_is_not_an_impossible_code() -> None:
    with pytest.raises(ValueError) as refusal:
        place_of("K1A 0B1", country="CA")
    assert str(refusal.value) == "Postal codes of CA are not known here."


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("10001", "America/New_York"),
        ("85001", "America/Phoenix"),
        ("79901", "America/Denver"),
        ("46601", "America/Indiana/Indianapolis"),
        ("83701", "America/Boise"),
        ("96813", "Pacific/Honolulu"),
        ("99501", "America/Anchorage"),
        ("99634", "America/Anchorage"),
        ("00901", "America/Puerto_Rico"),
        ("96910", "Pacific/Guam"),
    ],
)
def test_time_zones(code: str, zone: str) -> None:
    place = place_of(code)
    assert place is not None
    assert place.time_zone == zone


def test_military_mail_exists_and_is_nowhere_on_the_map() -> None:
    place = place_of("09001")
    assert place is not None
    assert (place.region, place.point, place.time_zone) == ("AE", None, None)


@pytest.mark.parametrize("code", ONE_CODE_BY_ZONE.values(), ids=ONE_CODE_BY_ZONE.keys())
def test_every_zone_is_one_that_the_clock_knows(code: str) -> None:
    place = place_of(code)
    assert place is not None
    assert place.time_zone is not None
    assert ZoneInfo(place.time_zone).key == place.time_zone


@given(st.sampled_from(EVERY_CODE))
def test_every_code_is_found_and_a_point_is_never_off_africa(code: str) -> None:
    place = place_of(code.lstrip("0").zfill(3))
    assert place is not None
    assert place.postal_code == code
    assert place.point is None or abs(place.point.longitude) > 60
    assert place.county != ""


def test_known_distances() -> None:
    new_york, los_angeles = Point(40.7128, -74.0060), Point(34.0522, -118.2437)
    assert haversine_m(new_york, los_angeles) == pytest.approx(3_935_752, abs=50)
    assert haversine_m(Point(0, 0), Point(0, 180)) == pytest.approx(20_015_115, abs=1)
    assert haversine_m(Point(0, 179.5), Point(0, -179.5)) == pytest.approx(111_195, abs=1)
    assert haversine_m(Point(45, 0), Point(45.00001, 0)) == pytest.approx(1.11195, abs=1e-4)


points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))


@given(points, points)
def test_distance_is_a_distance(a: Point, b: Point) -> None:
    assert haversine_m(a, a) == 0
    assert haversine_m(a, b) == pytest.approx(haversine_m(b, a), abs=1e-6)
    assert 0 <= haversine_m(a, b) <= 20_015_115
