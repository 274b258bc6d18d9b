"""When a site may be entered, by its own clock: midnight, and nights on which clocks change."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models.sites import Site
from app.services.visits.access import closed_for


def site(*spans: tuple[str, str, str], zone: str = "America/Chicago") -> Site:
    hours = [{"weekday": day, "opens": opens, "closes": closes} for day, opens, closes in spans]
    return Site(street="1 Oak", city="Ames", region="IA", postal_code="50010", time_zone=zone,
                access_hours=hours)  # fmt: skip


def test_a_presence_over_midnight_fits_two_spans_that_touch() -> None:
    night = site(("fri", "22:00", "24:00"), ("sat", "00:00", "04:00"))
    start = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)  # Friday, 23:00 in Chicago
    assert closed_for(night, start, start + timedelta(hours=3)) is None
    assert closed_for(night, start, start + timedelta(hours=6)) is not None


def test_without_hours_one_may_always_enter() -> None:
    start = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
    assert closed_for(site(), start, start + timedelta(days=3)) is None


@pytest.mark.parametrize(("minutes", "fits"), [(0, True), (15, True), (16, False)])
def test_a_quarter_of_an_hour_is_let_pass(minutes: int, fits: bool) -> None:
    closes = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)  # Monday, 17:00 in Chicago
    day = site(("mon", "08:00", "17:00"))
    end = closes + timedelta(minutes=minutes)
    assert (closed_for(day, end - timedelta(hours=1), end) is None) is fits


def test_an_opening_that_the_clocks_skip_moves_forward() -> None:
    spring = site(("sun", "02:30", "06:00"))
    at_three = datetime(2027, 3, 14, 8, 0, tzinfo=UTC)  # 03:00 CDT, the first minute after the jump
    assert closed_for(spring, at_three, at_three + timedelta(hours=1)) is None
    before = at_three - timedelta(minutes=16)
    assert closed_for(spring, before, at_three) is not None
