"""Jobs and trips: a piece of work and each visit to it, with all their moments decided.

They are decided whole, also what lies ahead; the chronicle leaves out what has not come yet.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo.catalogue import Kind
from app.demo.clients import Client, Place

MINUTE = timedelta(minutes=1)


class End(StrEnum):
    """How a trip ends."""

    completed = "completed"
    incomplete = "incomplete"
    no_access = "no_access"


@dataclass(frozen=True)
class Local:
    """Moments as the clocks of one place show them."""

    zone: str

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """The moment of a wall time by day, when no clock is ever changed."""
        there = datetime.combine(day, time(hour, minute), ZoneInfo(self.zone))
        return there.astimezone(ZoneInfo("UTC"))

    def day(self, moment: datetime) -> date:
        """The calendar day of a moment."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def hour(self, moment: datetime) -> int:
        """The hour of a moment, 0 to 23."""
        return moment.astimezone(ZoneInfo(self.zone)).hour


@dataclass(eq=False)
class Hand:
    """A technician at work: what they can and when they are taken."""

    id: UUID
    name: str
    member_id: UUID | None
    skills: dict[str, int]
    valid_until: dict[str, date]
    taken: dict[date, list[tuple[datetime, datetime]]] = field(
        default_factory=lambda: defaultdict(list), repr=False
    )

    def can(self, kind: Kind, day: date) -> bool:
        """Whether they may do such work alone on that day."""
        return all(
            self.skills.get(name, 0) >= level and self.valid_until.get(name, day) >= day
            for name, level in kind.needs
        )

    def free(self, day: date, start: datetime, end: datetime) -> bool:
        """Whether the time is theirs, with the way there and back."""
        return all(end + WAY <= begins or ends + WAY <= start for begins, ends in self.taken[day])

    def take(self, day: date, start: datetime, end: datetime) -> None:
        """Let the time be taken."""
        self.taken[day].append((start, end))

    def minutes(self, day: date) -> int:
        """How much of the day is taken."""
        return sum((end - start) // MINUTE for start, end in self.taken[day])


WAY = timedelta(minutes=30)
"""Between the end of one trip and the start of the next."""


@dataclass(eq=False, slots=True)
class Trip:
    """A visit: promised, planned, and as it really went."""

    arranged: datetime
    minutes: int
    window: tuple[datetime, datetime]
    hand: Hand | None = None
    """Nobody: promised, and on nobody's board."""
    start: datetime | None = None
    booked: datetime | None = None
    dispatched: datetime | None = None
    set_off: datetime | None = None
    """None: nobody ever set off, and nothing after it happened."""
    arrived: datetime | None = None
    started: datetime | None = None
    finished: datetime | None = None
    end: End = End.completed
    reason: str | None = None

    def stay(self) -> None:
        """Nobody sets off."""
        self.set_off = self.arrived = self.started = self.finished = None


@dataclass(eq=False, slots=True)
class Payment:
    """Money that comes in: which part of the invoice, in hundredths, and how."""

    at: datetime
    share: int
    method: str
    reference: str | None


@dataclass(eq=False, slots=True)
class Bill:
    """An invoice, drafted and issued; voided, or paid, or neither."""

    drafted: datetime
    issued: datetime
    payments: list[Payment] = field(default_factory=list)
    voided: datetime | None = None
    reason: str | None = None
    number: str = ""


@dataclass(eq=False, slots=True)
class Job:
    """A work order from the call to the last payment."""

    client: Client
    place: Place
    kind: Kind
    called: datetime
    summary: str
    trips: list[Trip] = field(default_factory=list)
    canceled: datetime | None = None
    held: datetime | None = None
    reason: str | None = None
    """Why it was cancelled or held."""
    note: str | None = None
    approved: datetime | None = None
    bills: list[Bill] = field(default_factory=list)
    closed: datetime | None = None
    number: str = ""
    purchase_order: str | None = None
