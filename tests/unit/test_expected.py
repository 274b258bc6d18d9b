"""When the stops of a day will really be, and what is about to go wrong."""

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from app.core.geo import Point
from app.scheduling import alerts, expected
from app.scheduling.alerts import AlertCode
from app.scheduling.expected import Due
from app.scheduling.model import HOUR, MINUTE, Break, Busy, Interval, Place, Resource

NINE = 9 * HOUR
HOME, ELM, OAK, ASH = (Place(name, Point(0.0, 0.0)) for name in ("home", "elm", "oak", "ash"))


def drive(start: Place, goal: Place) -> int:
    """A quarter of an hour between any two places."""
    return 0 if start.key == goal.key else 15 * MINUTE


def somebody(**more: Any) -> Resource:
    shift = Interval(8 * HOUR, 17 * HOUR)
    return Resource("tess:1", "tess", date(1970, 1, 1), HOME, HOME, shift, **more)


FIRST = Due("first", ELM, NINE, NINE + HOUR)
SECOND = Due("second", OAK, NINE + 90 * MINUTE, NINE + 150 * MINUTE)
THIRD = Due("third", ASH, 13 * HOUR, 14 * HOUR, promised=Interval(13 * HOUR, 14 * HOUR))
DAY = (FIRST, SECOND, THIRD)


def starts(who: Resource, dues: tuple[Due, ...], now: int) -> list[int]:
    return [one.start for one in expected.of_day(who, dues, drive, now)[0]]


def raised(who: Resource, dues: tuple[Due, ...], now: int, **more: Any) -> set[tuple[str, str]]:
    stops, _ = expected.of_day(who, dues, drive, now)
    return {(one.code.value, one.visit) for one in alerts.of_day(dues, stops, now, **more)}


def test_a_day_to_come_is_as_it_was_planned() -> None:
    stops, totals = expected.of_day(somebody(), DAY, drive, 0)
    assert [(one.leave_at, one.arrive, one.start, one.end) for one in stops] == [
        (due.start - 15 * MINUTE, due.start, due.start, due.end) for due in DAY
    ]
    assert (totals.drive, totals.work, totals.overtime) == (HOUR, 3 * HOUR, 0)
    assert totals.idle == 9 * HOUR - 4 * HOUR
    assert totals.home_at == 14 * HOUR + 15 * MINUTE


def test_who_has_not_left_leaves_now_and_holds_up_the_next() -> None:
    now = NINE + 30 * MINUTE
    assert starts(somebody(), DAY, now) == [now + 15 * MINUTE, now + 90 * MINUTE, 13 * HOUR]


def test_what_takes_longer_is_made_up_for_by_waiting() -> None:
    on_site = replace(FIRST, set_off=NINE - 900, arrived=NINE, began=NINE)
    extended = replace(on_site, expected_end=NINE + 100 * MINUTE)
    found = starts(somebody(), (extended, SECOND, THIRD), NINE + 20 * MINUTE)
    assert found == [NINE, NINE + 115 * MINUTE, 13 * HOUR]
    over = starts(somebody(), (extended, SECOND, THIRD), NINE + 3 * HOUR)
    assert over[1] == NINE + 3 * HOUR + 15 * MINUTE


def test_what_has_happened_stands() -> None:
    done = replace(FIRST, set_off=NINE, arrived=NINE + 300, began=NINE + 600, ended=NINE + 3000)
    stops, _ = expected.of_day(somebody(), (done, SECOND), drive, NINE + HOUR)
    one = stops[0]
    assert (one.leave_at, one.arrive, one.start, one.end) == (
        NINE,
        NINE + 300,
        NINE + 600,
        NINE + 3000,
    )
    assert stops[1].leave_at == SECOND.start - 15 * MINUTE


def test_who_is_on_the_way_comes_when_their_position_says() -> None:
    way = replace(THIRD, set_off=12 * HOUR, arrives=13 * HOUR + 20 * MINUTE)
    [one], _ = expected.of_day(somebody(), (way,), drive, 12 * HOUR + 30 * MINUTE)
    assert (one.arrive, one.start) == (13 * HOUR + 20 * MINUTE, 13 * HOUR + 20 * MINUTE)
    early = replace(way, arrives=12 * HOUR + 40 * MINUTE)
    [one], _ = expected.of_day(somebody(), (early,), drive, 12 * HOUR + 30 * MINUTE)
    assert (one.arrive, one.start) == (12 * HOUR + 40 * MINUTE, 13 * HOUR)


def test_the_break_is_taken_where_it_delays_nobody_or_at_the_last_chance() -> None:
    pause = Break(30 * MINUTE, 11 * HOUR, 12 * HOUR)
    assert starts(somebody(pause=pause), DAY, 0) == [one.start for one in DAY]
    tight = replace(THIRD, start=SECOND.end + 15 * MINUTE, end=SECOND.end + 75 * MINUTE)
    late = replace(pause, latest=SECOND.end)
    found = starts(somebody(pause=late), (FIRST, SECOND, tight), 0)
    assert found[2] == SECOND.end + 45 * MINUTE
    taken = starts(somebody(pause=late, break_taken=True), (FIRST, SECOND, tight), 0)
    assert taken[2] == tight.start


def test_nobody_drives_or_works_through_a_meeting() -> None:
    meeting = Busy(NINE + 10 * MINUTE, NINE + HOUR, "Safety")
    now = NINE
    [one], _ = expected.of_day(somebody(busy=(meeting,)), (FIRST,), drive, now)
    assert (one.leave_at, one.start) == (NINE + HOUR, NINE + 75 * MINUTE)


def test_each_alert_comes_in_its_minute_and_goes_when_it_is_cured() -> None:
    who = somebody()
    leaves = FIRST.start - 15 * MINUTE
    late = leaves + alerts.LEAVE
    assert raised(who, DAY, late - 1) == set()
    assert raised(who, DAY, late) == {("late_to_leave", "first")}
    assert raised(who, DAY, NINE - 5 * MINUTE) >= {("late_to_arrive", "first")}
    gone = replace(FIRST, set_off=late)
    assert raised(who, (gone, SECOND, THIRD), late) == set()

    there = replace(FIRST, set_off=leaves, arrived=NINE, began=NINE)
    over = FIRST.end + alerts.OVERRUN
    assert raised(who, (there, SECOND, THIRD), over - 1) == set()
    assert ("overrunning", "first") in raised(who, (there, SECOND, THIRD), over)
    said = replace(there, expected_end=over + HOUR)
    found = raised(who, (said, SECOND, THIRD), over)
    assert found == {("late_to_arrive", "second")}
    at_risk = replace(said, expected_end=14 * HOUR)
    assert ("window_at_risk", "third") in raised(who, (at_risk, SECOND, THIRD), over)
    [alert] = [
        one
        for one in alerts.of_day(
            (said, SECOND), expected.of_day(who, (said, SECOND), drive, over)[0], over
        )
        if one.code is AlertCode.late_to_arrive
    ]
    assert alert.cause == "first"


def test_a_promise_wants_to_be_confirmed_a_day_before() -> None:
    who, asked = somebody(), frozenset({"third"})
    due = (replace(THIRD, start=40 * HOUR, end=41 * HOUR, promised=None),)
    assert raised(who, due, 16 * HOUR - 1, unconfirmed=asked) == set()
    assert raised(who, due, 16 * HOUR, unconfirmed=asked) == {("not_confirmed", "third")}
    assert alerts.next_look(who, due, drive, 0, unconfirmed=asked) == 16 * HOUR


def test_the_next_look_is_when_the_next_alert_comes() -> None:
    random = Random(7)
    for _ in range(60):
        dues, at = [], 8 * HOUR
        for n in range(random.randint(1, 5)):
            at += random.randint(5, 60) * MINUTE
            length = random.randint(10, 120) * MINUTE
            promised = Interval(at, at + HOUR) if random.random() < 0.5 else None
            dues.append(Due(str(n), (ELM, OAK, ASH)[n % 3], at, at + length, promised))
            at += length
        if random.random() < 0.5:
            dues[0] = replace(dues[0], set_off=dues[0].start - 900, arrived=dues[0].start)
        who, now, day = somebody(), random.randint(7, 13) * HOUR, tuple(dues)
        look = alerts.next_look(who, day, drive, now)
        before = raised(who, day, now)
        if look is None:
            assert raised(who, day, now + 12 * HOUR) <= before
        else:
            assert raised(who, day, look - 1) <= before
            assert raised(who, day, look) - before
