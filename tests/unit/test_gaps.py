"""Free time between booked times: every offer is free, and no gap that fits is left out."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.services.visits.gaps import gaps

EIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return EIGHT + timedelta(minutes=minutes)


def test_the_first_place_of_each_gap_is_offered() -> None:
    busy = [(at(0), at(60)), (at(90), at(120)), (at(240), at(300))]
    assert list(gaps(busy, at(0), at(400), timedelta(minutes=60))) == [
        (at(120), at(180)), (at(300), at(360)),
    ]  # fmt: skip


def test_an_empty_day_is_one_gap_and_a_full_one_none() -> None:
    assert list(gaps([], at(0), at(60), timedelta(minutes=60))) == [(at(0), at(60))]
    assert list(gaps([(at(-30), at(90))], at(0), at(60), timedelta(minutes=5))) == []
    assert list(gaps([(at(500), at(600))], at(0), at(60), timedelta(minutes=60))) == [
        (at(0), at(60))
    ]


SPANS = st.lists(st.tuples(st.integers(-60, 600), st.integers(1, 120)), max_size=12)


@given(spans=SPANS, length=st.integers(5, 180))
def test_offers_are_free_and_whatever_else_is_free_lies_in_an_offered_gap(
    spans: list[tuple[int, int]], length: int
) -> None:
    busy = sorted((start, start + minutes) for start, minutes in spans)
    offers = list(
        gaps([(at(a), at(b)) for a, b in busy], at(0), at(600), timedelta(minutes=length))
    )
    starts = [round((start - EIGHT) / timedelta(minutes=1)) for start, _ in offers]

    def free(start: int) -> bool:
        return all(start + length <= a or b <= start for a, b in busy)

    assert all(free(start) and 0 <= start <= 600 - length for start in starts)
    # the earliest minute of every stretch in which the length fits is what is offered
    possible = [minute for minute in range(600 - length + 1) if free(minute)]
    assert starts == [one for one in possible if one - 1 not in possible]
