"""Planning: which work falls on which day, who does it and when, and how it really goes.

Nobody is in two places at once, nobody does what they have no skill for, and whoever is promised a
window is called on in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from app.demo.catalogue import EMERGENCY, KINDS, Kind
from app.demo.clients import Client, Place
from app.demo.jobs import MINUTE, End, Hand, Job, Local, Trip

FIRST_HOUR, LAST_HOUR = 8, 17
GRID = timedelta(minutes=15)
WINDOW = timedelta(hours=2)
ONCE = ("pump_out", "inspection", "field", "heater")
"""Work that a site needs once in `LONG` days at most."""
LONG = 500
PAUSE = {"grease": 26}
"""Days until the same work at the same site; others need nine."""
MOST_LEAD = 9
REASONS_TO_CANCEL = (
    "The customer fixed it", "Customer found somebody sooner", "Called in twice",
    "Customer wants to wait until spring", "House sale fell through",
)  # fmt: skip
REASONS_TO_RETURN = (
    "Part had to be ordered", "Ground too wet to dig", "Needs a second person and the jetter",
    "Clean-out is under concrete; customer will expose it", "Water could not be shut off",
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What a new job has to be."""

    hands: list[Hand]
    """Who may do it."""
    start: datetime | None = None
    """Exactly then; or between `earliest` and `latest`."""
    earliest: datetime | None = None
    latest: datetime | None = None
    beforehand: bool = True
    """The customer called on a day before; otherwise some call in the morning for the same day."""
    longest: int = 600
    only: str | None = None
    """One kind of work."""
    newcomers: bool = True

    def takes(self, kind: Kind) -> bool:
        """Whether it may be such work."""
        if kind.key == EMERGENCY and self.beforehand:
            return self.only == EMERGENCY
        return self.only in (None, kind.key)


class Planner:
    """Makes the jobs of one company. Its clients are known from the first day, or call as they come."""

    def __init__(
        self,
        random: Random,
        local: Local,
        hands: list[Hand],
        known: list[Client],
        callers: list[Client],
        first_day: date,
    ):
        self.random = random
        self.local = local
        self.hands = hands
        self.callers = callers
        self.first_day = first_day
        self.last_call: date | None = None
        """The day on which customers called for what lies ahead at the latest."""
        self.jobs: list[Job] = []
        self.returning: list[tuple[date, Job]] = []
        self.last: dict[tuple[str, int], date] = {}
        self.open_to: dict[str, list[tuple[Client, Place]]] = {
            kind.key: [pair for client in known for pair in _suited(kind, client)] for kind in KINDS
        }

    def day(self, day: date, number: int, hands: Iterable[Hand]) -> None:
        """A day of the past: returns first, then so many new jobs."""
        on_duty = list(hands)
        self.go_again(day, on_duty)
        for _ in range(number):
            job = self.invent(day, Wish(on_duty, beforehand=False))
            if job is not None:
                self._turn_out(job, day)

    def go_again(self, day: date, hands: list[Hand]) -> None:
        """Trips that are due because an earlier one ended before the work was done."""
        for due, job in [one for one in self.returning if one[0] <= day]:
            if self._return(job, day, hands):
                self.returning.remove((due, job))

    def invent(self, day: date, wish: Wish) -> Job | None:
        """A new job with a trip on `day`, or None when that cannot be."""
        for _ in range(16):
            wanted = self._wanted(day, wish)
            if wanted is None:
                continue
            kind, client, place = wanted
            slot = self._slot(day, kind, wish)
            if slot is None:
                continue
            hand, start = slot
            job = self._job(kind, client, place, day, start, beforehand=wish.beforehand)
            job.trips.append(self.trip(job.called, kind, hand, day, start))
            return job
        return None

    def promise(self, day: date, window: tuple[datetime, datetime]) -> Job:
        """A new job that was promised for `day`, and that nobody is to do yet."""
        wanted = None
        while wanted is None:
            wanted = self._wanted(day, Wish([], longest=90))
        kind, client, place = wanted
        job = self._job(kind, client, place, day, window[0], beforehand=True)
        arranged = job.called + self.random.randint(60, 180) * MINUTE / 60
        job.trips.append(Trip(arranged=arranged, minutes=kind.minutes, window=window))
        return job

    def _wanted(self, day: date, wish: Wish) -> tuple[Kind, Client, Place] | None:
        """Somebody new in one case of six, otherwise somebody known, with what they need."""
        kinds = [kind for kind in KINDS if kind.minutes <= wish.longest and wish.takes(kind)]
        if wish.newcomers and self.callers and self.random.randrange(6) == 0:
            client = self.callers[0]
            found = [(kind, place) for kind in kinds for _, place in _suited(kind, client)]
            if not found:
                return None
            kind, place = self.random.choice(found)
            return kind, client, place
        [kind] = self.random.choices(kinds, [kind.often for kind in kinds])
        candidates = self.open_to[kind.key]
        for _ in range(min(8, len(candidates))):
            client, place = self.random.choice(candidates)
            if self._may(kind, client, place, day):
                return kind, client, place
        return None

    def _may(self, kind: Kind, client: Client, place: Place, day: date) -> bool:
        if client.since is not None and self.local.day(client.since) >= day:
            return False
        own = self.last.get((kind.key, id(place)))
        anything = self.last.get(("", id(place)))
        if own is not None and abs(day - own).days < (
            LONG if kind.key in ONCE else PAUSE.get(kind.key, 9)
        ):
            return False
        return anything is None or abs(day - anything).days > 2

    def _slot(self, day: date, kind: Kind, wish: Wish) -> tuple[Hand, datetime] | None:
        able = [hand for hand in wish.hands if hand.can(kind, day)]
        self.random.shuffle(able)
        for hand in sorted(able, key=lambda one: one.minutes(day)):
            start = self._first_free(hand, day, kind.minutes, wish)
            if start is not None:
                return hand, start
        return None

    def _first_free(self, hand: Hand, day: date, minutes: int, wish: Wish) -> datetime | None:
        """The first start on that day, on the quarter of an hour, that leaves time for the way."""
        start = self.local.at(day, FIRST_HOUR) + GRID * self.random.choice((0, 0, 1, 2))
        closing = wish.latest or self.local.at(day, LAST_HOUR)
        if wish.earliest is not None:
            start = max(start, wish.earliest)
        if wish.start is not None:
            start, closing = wish.start, wish.start + minutes * MINUTE
        while start + minutes * MINUTE <= closing:
            if hand.free(day, start, start + minutes * MINUTE):
                return start
            start += GRID
        return None

    def _job(
        self,
        kind: Kind,
        client: Client,
        place: Place,
        day: date,
        start: datetime,
        *,
        beforehand: bool,
    ) -> Job:
        called = self._called(kind, day, start, beforehand=beforehand)
        if client.since is None:
            self._get_to_know(client, called)
        elif called < client.since:
            called = client.since + self.random.randint(20, 50) * MINUTE
        self.last[kind.key, id(place)] = self.last["", id(place)] = day
        chance = self.random.randrange(100)
        job = Job(
            client,
            place,
            kind,
            called,
            summary=self.random.choice(kind.calls),
            note=self.random.choice(kind.found) if chance < 55 else None,
            purchase_order=f"PO {2000 + self.random.randrange(7000)}"
            if client.segment in ("manager", "school") and chance < 70
            else None,
        )
        self.jobs.append(job)
        return job

    def _get_to_know(self, client: Client, called: datetime) -> None:
        client.since = called - (2 + len(client.places)) * MINUTE
        self.callers.remove(client)
        for kind in KINDS:
            self.open_to[kind.key] += _suited(kind, client)

    def _called(self, kind: Kind, day: date, start: datetime, *, beforehand: bool) -> datetime:
        if kind.key == EMERGENCY:
            return start - self.random.randint(50, 70) * MINUTE + self._seconds()
        opens = self.local.at(day, 7, 20)
        if not beforehand and self.random.randrange(100) < 16:
            spare = (start - timedelta(minutes=80) - opens) // MINUTE
            if spare > 0:
                return opens + self.random.randrange(spare) * MINUTE + self._seconds()
        most = max(1, min(MOST_LEAD, (day - self.first_day).days - 2))
        lead = min(most, self.random.choice((1, 1, 1, 2, 2, 3, 4, 6, 9)))
        called = day - timedelta(days=lead)
        office = self.local.at(min(called, self.last_call or called), 8)
        return office + self.random.randrange(8 * 60 + 20) * MINUTE + self._seconds()

    def _seconds(self) -> timedelta:
        return timedelta(seconds=self.random.randrange(60))

    def trip(self, called: datetime, kind: Kind, hand: Hand, day: date, start: datetime) -> Trip:
        """A trip that goes as trips go; the time is taken of the technician."""
        end = start + kind.minutes * MINUTE
        hand.take(day, start, end)
        arranged = called + self.random.randint(60, 180) * MINUTE / 60
        booked = arranged + self.random.randint(40, 600) * MINUTE / 60
        arrived = start + self.random.randint(-6 * 60, 8 * 60) * MINUTE / 60
        started = arrived + self.random.randint(90, 360) * MINUTE / 60
        took = kind.minutes * self.random.randint(78, 104) * MINUTE / 100
        return Trip(
            arranged=arranged,
            minutes=kind.minutes,
            window=self.window(start),
            hand=hand,
            start=start,
            booked=booked,
            dispatched=max(booked + MINUTE, self._dispatched(day, start)),
            set_off=arrived - self.random.randint(10 * 60, 20 * 60) * MINUTE / 60,
            arrived=arrived,
            started=started,
            finished=min(started + took, end + MINUTE).replace(microsecond=0),
        )

    def window(self, start: datetime) -> tuple[datetime, datetime]:
        """Two hours on the hour, in which the start lies."""
        hour = self.local.hour(start) - self.random.choice((0, 0, 1))
        opens = self.local.at(self.local.day(start), max(FIRST_HOUR, hour))
        return opens, opens + WINDOW

    def _dispatched(self, day: date, start: datetime) -> datetime:
        if self.local.hour(start) < 11:
            return self.local.at(day, 7) + self.random.randint(60, 1500) * MINUTE / 60
        return start - self.random.randint(75 * 60, 110 * 60) * MINUTE / 60

    def _turn_out(self, job: Job, day: date) -> None:
        """Most jobs are done at once; some are cancelled, some need somebody to come again."""
        [trip] = job.trips
        chance = self.random.randrange(100)
        assert trip.booked is not None
        assert trip.dispatched is not None
        if chance < 6 and trip.dispatched - trip.booked > timedelta(hours=3):
            self.cancel(job, trip.booked + (trip.dispatched - trip.booked) // 2)
        elif chance < 10 and job.kind.key not in ("grease", "backflow"):
            self.break_off(job)
            self.returning.append((day + timedelta(days=self.random.randint(2, 4)), job))

    def cancel(self, job: Job, at: datetime) -> None:
        """The customer calls it off before anybody is told to go."""
        [trip] = job.trips
        job.canceled, job.reason = at, self.random.choice(REASONS_TO_CANCEL)
        job.note = trip.dispatched = None
        trip.stay()

    def break_off(self, job: Job) -> None:
        """The last trip ends before the work is done."""
        trip = job.trips[-1]
        trip.end, trip.reason = End.incomplete, self.random.choice(REASONS_TO_RETURN)

    def _return(self, job: Job, day: date, hands: list[Hand]) -> bool:
        slot = self._slot(day, job.kind, Wish(hands))
        finished = job.trips[-1].finished
        assert finished is not None
        if slot is None:
            return False
        asked = finished + self.random.randint(10, 40) * MINUTE
        job.trips.append(self.trip(asked, job.kind, slot[0], day, slot[1]))
        return True


def _suited(kind: Kind, client: Client) -> list[tuple[Client, Place]]:
    """The places of a client where such work may be needed."""
    if kind.key == "grease":
        return [(client, place) for place in client.places if client.segment == "restaurant"]
    if not (kind.businesses if client.is_business else kind.people):
        return []
    if kind.key == "backflow" and client.segment == "farm":
        return []
    return [(client, place) for place in client.places if place.rural or not kind.rural]
