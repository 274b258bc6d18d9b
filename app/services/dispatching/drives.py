"""How long the planner's drives take: as a map service said where it was asked before, else our estimate.

Nobody is asked here; whoever shows a leg does that (`tracking.roads.times`), and the next look knows it.
A drive to or from a place that nobody put on the map takes `UNKNOWN_SECONDS`, and says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select, tuple_

from app.core.roads import Band
from app.core.tools import roads_of
from app.models.travel_times import SCALE, TravelTime
from app.scheduling.model import Place
from app.scheduling.travel import NOWHERE, STOP_SECONDS, Source, Travel, estimate
from app.services.context import Ctx

MOST = 20_000
"""Answers of a map service that are kept for one organisation, and so at most read."""
TYPICAL = (Band.any, Band.midday, Band.morning, Band.afternoon, Band.weekend, Band.night)
"""Whose time counts where a service tells the hours apart: the first of these that was asked for."""
Ends = tuple[int, int, int, int]


@dataclass
class Drives:
    """The planner's `Drive`; it remembers what it was asked."""

    known: dict[Ends, Travel]
    _asked: dict[tuple[str, str], Travel] = field(default_factory=dict)

    def __call__(self, start: Place, goal: Place) -> int:
        """Seconds."""
        return self.leg(start, goal).seconds

    def leg(self, start: Place, goal: Place) -> Travel:
        """The drive, and where it is known from."""
        if start.key == goal.key:
            return Travel(0, 0, Source.estimate)
        pair = (start.key, goal.key)
        if pair not in self._asked:
            guess = estimate(start.point, goal.point)
            self._asked[pair] = self.known.get(ends(start, goal), guess) if self.known else guess
        return self._asked[pair]


def ends(start: Place, goal: Place) -> Ends:
    """What a drive is remembered under, but for its hours; zeros of a place that is nowhere."""
    if NOWHERE in (start.point, goal.point):
        return (0, 0, 0, 0)
    here = tuple(round(one * SCALE) for one in start.point)
    there = tuple(round(one * SCALE) for one in goal.point)
    return (here[0], here[1], there[0], there[1])


async def between(ctx: Ctx, places: Iterable[Place]) -> Drives:
    """The drives among these places."""
    roads = roads_of(ctx.session)
    if roads is None:
        return Drives({})
    points = {
        tuple(round(degrees * SCALE) for degrees in one.point)
        for one in places
        if one.point != NOWHERE
    }
    rows = await ctx.session.execute(
        select(
            TravelTime.start_latitude_e5,
            TravelTime.start_longitude_e5,
            TravelTime.goal_latitude_e5,
            TravelTime.goal_longitude_e5,
            TravelTime.band,
            TravelTime.seconds,
            TravelTime.metres,
        )
        .where(
            TravelTime.provider == roads.name,
            TravelTime.seconds.is_not(None),
            TravelTime.metres.is_not(None),
            tuple_(TravelTime.start_latitude_e5, TravelTime.start_longitude_e5).in_(points),
            tuple_(TravelTime.goal_latitude_e5, TravelTime.goal_longitude_e5).in_(points),
        )
        .limit(MOST)
    )
    found: dict[Ends, tuple[int, Travel]] = {}
    for a, b, c, d, band, seconds, metres in rows:
        assert seconds is not None
        assert metres is not None
        rank = TYPICAL.index(Band(band))
        if (a, b, c, d) not in found or rank < found[a, b, c, d][0]:
            known = Travel(seconds + STOP_SECONDS, metres, Source.provider)
            found[a, b, c, d] = (rank, known)
    return Drives({key: known for key, (_, known) in found.items()})
