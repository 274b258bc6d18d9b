"""The drives that a map service was asked for, as the lane table tells of them."""

from app.core.geo import Point
from app.scheduling.model import Place
from app.scheduling.travel import NOWHERE, Source, Travel
from app.services.board.table import known_legs
from app.services.dispatching.drives import Drives, ends


def test_known_drives_are_told_between_the_points_of_the_board() -> None:
    oak, elm = Place("oak", Point(33.123456, -112.000001)), Place("elm", Point(33.2, -112.1))
    next_door = Place("next door", Point(33.123458, -112.000001))  # one place to a map service
    lost, far = Place("lost", NOWHERE), Place("far", Point(40.0, -75.0))
    said = {
        ends(oak, elm): Travel(700, 9_000, Source.provider),
        ends(far, elm): Travel(9_999, 99_000, Source.provider),
    }
    here = {one.key: one for one in (oak, elm, next_door, lost)}
    points, legs = known_legs(Drives(said), here)
    numbers = {place.key: points.get(place.point) for place in here.values()}
    assert numbers["lost"] is None
    assert sorted(legs) == sorted(
        [numbers[start], numbers["elm"], 700, 9_000] for start in ("oak", "next door")
    )
    # of too many, the one stays that our estimate is farthest from
    longer = said | {ends(elm, oak): Travel(7_000, 9_000, Source.provider)}
    points, [leg] = known_legs(Drives(longer), {"oak": oak, "elm": elm}, most=1)
    assert leg == [points[elm.point], points[oak.point], 7_000, 9_000]
    assert known_legs(Drives({}), here) == ({}, [])
