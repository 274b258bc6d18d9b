"""Tables answer what the plain search answers, seat for seat."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.geo import Point
from app.scheduling.distances import Estimated, Known, OneByOne, joined, nodes, spot
from app.scheduling.model import Place, Weights
from app.scheduling.slots import search
from app.scheduling.table_days import changed, table, tables
from app.scheduling.table_lines import by_timeline
from app.scheduling.table_search import search_tables
from app.scheduling.tables import as_lane, together
from app.scheduling.travel import NOWHERE, UNKNOWN_SECONDS
from tests.support.deep import times
from tests.support.slot_boards import a_question, days_of_people, some_drives

APP = Path(__file__).resolve().parents[2] / "app"
seeds = st.integers(0, 2**40)


@settings(max_examples=times(15, deep=1000), deadline=None, database=None)
@given(seeds)
def test_tables_find_what_the_plain_search_finds(seed: int) -> None:
    pick = Random(seed)
    drives = some_drives(pick)
    boards = days_of_people(pick, drives)
    lanes = [as_lane(one, drives) for one in boards]
    days = sorted({one.resource.day for one in lanes})
    whole = table(boards, drives)
    parts = tables([[one for one in boards if one.resource.day == day] for day in days], drives)
    lined = by_timeline(lanes, drives)
    for _ in range(3):
        asked = a_question(pick, boards, drives)
        weights = Weights(travel=pick.choice((1000, 1700)))
        rest = {"cells": asked.cells, "placed": asked.placed}
        plain = search(asked.task, lanes, asked.windows, weights, **rest)
        for one in (whole, lined, together(parts or [whole])):
            assert search_tables(one, asked.task, asked.windows, weights, **rest) == plain


@settings(max_examples=times(12, deep=1000), deadline=None, database=None)
@given(seeds, st.sampled_from((0.001, 0.3, 5, 90)))
def test_drives_are_the_same_all_at_once(seed: int, spread: float) -> None:
    """To the second, around the corner and around the earth; what a map service told comes first."""
    pick = Random(seed)

    def somewhere(key: int) -> Place:
        north, east = pick.uniform(-spread, spread), pick.uniform(-2 * spread, 2 * spread)
        return Place(str(key), NOWHERE if pick.random() < 0.05 else Point(north, east))

    places = [somewhere(n) for n in range(60)]
    many = joined((nodes(places[:20]), nodes(places[10:]), nodes(places[:20])))
    of = {one.key: spot(one.point) for one in places}
    for new in (places[15], Place("same spot", places[15].point), somewhere(99)):
        here = spot(new.point)
        told = {
            (*of["3"], *here): 77,
            (*here, *of["12"]): 88,
            (*of["4"], *of["5"]): 99,
            (*here, *here): 5,
        }
        for drives in (Estimated(), Known(told, Estimated()), OneByOne(Known(told, Estimated()))):
            to, onward = drives.around(new, many)
            assert to.tolist() == [drives(one, new) for one in many.places]
            assert onward.tolist() == [drives(new, one) for one in many.places]
            some = np.array([pick.randrange(90) for _ in range(30)] * 2)
            again = drives.around(new, many, some)
            assert (again[0] == to[some]).all()
            assert (again[1] == onward[some]).all()
            pairs = some[:30] % 60, some[15:45] % 60
            expected = [drives(places[a], places[b]) for a, b in zip(*pairs, strict=True)]
            assert drives.between(nodes(places), *pairs).tolist() == expected
    assert Known(told, Estimated())(places[4], places[5]) in (99, UNKNOWN_SECONDS)


@settings(max_examples=times(12, deep=1000), deadline=None, database=None)
@given(seeds)
def test_a_changed_board_makes_its_own_rows_alone(seed: int) -> None:
    """A table that was changed again and again finds what one made anew finds."""
    pick = Random(seed)
    drives = some_drives(pick)
    boards = days_of_people(pick, drives, days=1)
    old = table(boards, drives)
    now = {one.resource.id: one for one in boards}
    for _ in range(pick.choice((1, 2, 10))):
        other = {one.resource.technician: one for one in days_of_people(pick, drives, days=1)}
        new = {
            key: replace(one, standing=other[one.resource.technician].standing)
            for key, one in now.items()
            if one.resource.technician in other and pick.random() < 0.5
        }
        old = changed(old, new)
        now |= new
    asked = a_question(pick, boards, drives, days=1)
    lanes = [as_lane(one, drives) for one in now.values()]
    found = search_tables(old, asked.task, asked.windows, Weights(), cells=asked.cells)
    assert found == search(asked.task, lanes, asked.windows, Weights(), cells=asked.cells)


def test_numpy_is_paid_for_by_whoever_plans() -> None:
    """0.2 s and 20 MB: loaded when it is first asked for something, by one module alone."""
    eager = re.compile(r"^\s*(?:from|import) numpy\b", re.MULTILINE)
    found = [one.name for one in APP.rglob("*.py") if eager.search(one.read_text())]
    assert found == ["arrays.py"]
    asked = "import sys, app.scheduling.table_search as it; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", f"{asked}; it.t.np.zeros(1)"], cwd=APP.parent, check=True)
