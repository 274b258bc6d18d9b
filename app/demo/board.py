"""Today's board and the days ahead, at whatever hour they are looked at.

One visit is late (nobody set off), at one nobody could get in, three are promised and nobody is to
do them, one work order is on hold. Before the crew is out, at night, the late one and the one
without access are emergency calls of the night, outside the shift.
"""

from datetime import date, datetime, timedelta
from random import Random

from app.demo.catalogue import EMERGENCY, KINDS
from app.demo.companies import Company
from app.demo.jobs import MINUTE, End, Hand, Job, Local
from app.demo.planning import FIRST_HOUR, GRID, WINDOW, Planner, Wish

NO_ACCESS = "Gate locked, nobody answered"
ON_HOLD = "Waiting for the county's permit to extend the field"
AHEAD = 5
"""Days that are planned already."""


class Board:
    """Fills the present day and the next ones."""

    def __init__(
        self, random: Random, local: Local, planner: Planner, company: Company, now: datetime
    ):
        self.random = random
        self.local = local
        self.planner = planner
        self.hands = planner.hands
        self.company = company
        self.now = now
        self.today = local.day(now)
        self.free_from: dict[str, datetime] = {}

    def fill(self) -> None:
        """Everything that is not history."""
        self.planner.last_call = self.today - timedelta(days=1)
        if self.company.troubles:
            self._hold()
            behind, shut_out = self.random.sample(self._on_call(), 2)
            self._come_late(behind)
            self._find_nobody(shut_out)
            self._promise()
        self.planner.go_again(self.today, self.hands)
        for hand in self.hands:
            self._fill_day_of(hand)
        for ahead in range(1, AHEAD + 1):
            day = self.today + timedelta(days=ahead)
            self.planner.go_again(day, self.hands)
            for _ in range(max(1, len(self.hands) // 2 - ahead // 2)):
                self.planner.invent(day, Wish(self.hands))

    def _on_call(self) -> list[Hand]:
        """Who may be called at night. The first technician's day is left as it should be."""
        [emergency] = [kind for kind in KINDS if kind.key == EMERGENCY]
        return [hand for hand in self.hands[1:] if hand.can(emergency, self.today)]

    def _fill_day_of(self, hand: Hand) -> None:
        """Two to five visits over the day; whoever is late has time again in a while."""
        goal = self.random.randint(2, 5)
        for attempt in range(60):
            visits = [end for start, end in hand.taken[self.today] if start >= self._at(FIRST_HOUR)]
            if len(visits) >= (goal if attempt < 9 else 2):
                return
            earliest = self.free_from.get(hand.name, self._at(FIRST_HOUR))
            if visits and attempt < 9:
                pause = self.random.randint(2, 13 - 2 * goal) * GRID
                earliest = max(earliest, self._quarter(max(visits)) + pause + GRID)
            longest = 240 if attempt < 3 else 120 if attempt < 6 else 90
            self.planner.invent(self.today, Wish([hand], earliest=earliest, longest=longest))

    def _come_late(self, hand: Hand) -> None:
        """Planned, promised, dispatched, and nobody has set off although the time has come."""
        opening = self.local.at(self.today, FIRST_HOUR)
        if self.now < opening + 20 * MINUTE:
            job = self._call_at_night(hand, called=40)
        else:
            start = opening
            if self.now >= opening + 135 * MINUTE:  # late enough for a window to have passed
                start = self._quarter(min(self.now, self._at(17)) - 135 * MINUTE)
            job = self._certainly(Wish([hand], start=start, longest=90))
            opens = self.local.at(self.today, self.local.hour(start))
            job.trips[0].window = (opens, opens + WINDOW)
            self._fill_before(hand, start)
            self.free_from[hand.name] = self._quarter(self.now + 45 * MINUTE)
        job.trips[0].stay()

    def _fill_before(self, hand: Hand, start: datetime) -> None:
        self.planner.invent(self.today, Wish([hand], latest=start - 30 * MINUTE, longest=120))

    def _find_nobody(self, hand: Hand) -> None:
        """Somebody went, and nobody opened."""
        opening = self.local.at(self.today, FIRST_HOUR)
        if self.now < opening + 50 * MINUTE:
            job = self._call_at_night(hand, called=75)
            [trip] = job.trips
            trip.set_off, trip.arrived = self.now - 55 * MINUTE, self.now - 28 * MINUTE
            trip.finished = self.now - 3 * MINUTE
        else:
            job = self._certainly(Wish([hand], start=opening, longest=90))
            [trip] = job.trips
            trip.set_off, trip.arrived = opening - 16 * MINUTE, opening + 4 * MINUTE
            trip.finished = opening + 31 * MINUTE
        trip.started, trip.end, trip.reason = None, End.no_access, NO_ACCESS
        job.note = None

    def _call_at_night(self, hand: Hand, *, called: int) -> Job:
        """An emergency of this night, called in so many minutes ago."""
        midnight = self.local.at(self.today, 0)
        start = max(midnight, self._quarter(self.now - (called // 2) * MINUTE))
        job = self._certainly(Wish([hand], start=start, only=EMERGENCY, newcomers=False))
        [trip] = job.trips
        job.called = self.now - called * MINUTE
        trip.arranged, trip.booked = job.called + MINUTE, job.called + 3 * MINUTE
        trip.dispatched = job.called + 4 * MINUTE
        trip.window = (start, start + WINDOW)
        return job

    def _promise(self) -> None:
        """Windows of today that are still to come, as long as there are any."""
        hours = [hour for hour in (8, 10, 13, 15) if self._at(hour) > self.now] or [15]
        for place in range(3):
            opens = self._at(hours[-1 - place % len(hours)])
            self.planner.promise(self.today, (opens, opens + WINDOW))

    def _hold(self) -> None:
        day = self.today - timedelta(days=4)
        job = None
        while job is None:
            job = self._perhaps(Wish(self.hands, only="field"), day)
            day -= timedelta(days=job is None)
        self.planner.break_off(job)
        job.trips[-1].reason = "County permit needed before digging on"
        job.held = self.local.at(day + timedelta(days=1), 9, 12)
        job.reason = ON_HOLD

    def _certainly(self, wish: Wish) -> Job:
        job = self._perhaps(wish, self.today)
        if job is None:
            raise RuntimeError(f"The demo finds nobody for {wish}.")
        return job

    def _perhaps(self, wish: Wish, day: date) -> Job | None:
        """A job if there is any way."""
        made = (self.planner.invent(day, wish) for _ in range(100))
        return next((job for job in made if job is not None), None)

    def _at(self, hour: int) -> datetime:
        return self.local.at(self.today, hour)

    def _quarter(self, moment: datetime) -> datetime:
        """The quarter of an hour before."""
        return moment - (moment - self._at(0)) % GRID
