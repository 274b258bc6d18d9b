"""Tables answer what the plain search answers, seat for seat."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.geo import Point
from app.scheduling.distances import Estimated, Known, joined, nodes
from app.scheduling.model import Place, Weights
from app.scheduling.slots import search
from app.scheduling.table_search import search_tables
from app.scheduling.tables import as_lane, table, together
from app.scheduling.travel import estimate
from tests.support.boards import a_question, days_of_people, some_drives
from tests.support.deep import times

seeds = st.integers(0, 2**40)


@settings(max_examples=times(40, deep=3000), deadline=None, database=None)
@given(seeds)
def test_tables_find_what_the_plain_search_finds(seed: int) -> None:
    pick = Random(seed)
    drives = some_drives(pick)
    boards = days_of_people(pick, drives)
    lanes = [as_lane(one, drives) for one in boards]
    days = sorted({one.resource.day for one in lanes})
    whole = table(lanes, drives)
    parts = [table([one for one in lanes if one.resource.day == day], drives) for day in days]
    for _ in range(3):
        asked = a_question(pick, boards, drives)
        weights = Weights(travel=pick.choice((1000, 1700)))
        rest = {"cells": asked.cells, "placed": asked.placed}
        plain = search(asked.task, lanes, asked.windows, weights, **rest)
        assert search_tables(whole, asked.task, asked.windows, weights, **rest) == plain
        if parts:
            found = search_tables(together(parts), asked.task, asked.windows, weights, **rest)
            assert found == plain


@settings(max_examples=times(30, deep=1000), deadline=None, database=None)
@given(seeds, st.sampled_from((0.001, 0.3, 5, 90)))
def test_drives_are_the_same_all_at_once(seed: int, spread: float) -> None:
    """To the second, around the corner and around the earth; what a map service told comes first."""
    pick = Random(seed)

    def somewhere(key: int) -> Place:
        north, east = pick.uniform(-spread, spread), pick.uniform(-2 * spread, 2 * spread)
        return Place(str(key), Point(north, east))

    places = [somewhere(n) for n in range(60)]
    many = joined((nodes(places[:20]), nodes(places[10:]), nodes(places[:20])))
    for new in (places[15], Place("same spot", places[15].point), somewhere(99)):
        to, onward = Estimated().around(new, many)
        expected = [
            0 if one.key == new.key else estimate(one.point, new.point).seconds
            for one in many.places
        ]
        assert to.tolist() == onward.tolist() == expected
        told = {("3", new.key): 77, (new.key, "12"): 88, ("4", "5"): 99, (new.key, new.key): 5}
        known = Known(told, Estimated())
        to, onward = known.around(new, many)
        assert to.tolist() == [known(one, new) for one in many.places]
        assert onward.tolist() == [known(new, one) for one in many.places]
        assert new.key in ("3", "15") or (to[3], onward[12]) == (77, 88)
