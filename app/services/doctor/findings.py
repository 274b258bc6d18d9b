"""What a detector is, and what it says: a sentence that names the record, and the way out.

A detector reads sets, in a query or a few however many records there are, and says nothing of what
somebody with these rights may not see: it names the permissions that its sentences take.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row, Select, func

from app.core import clock, wall, zones
from app.models.permissions import Permission
from app.services.context import Ctx

Asked: TypeAlias = Select[*tuple[Any, ...]]
LOOKED_AT = 10_000
"""Rows that a detector weighs one by one; where there are more, it says so."""


class Severity(StrEnum):
    """How bad it is, the worst first."""

    error = "error"
    """Work cannot be booked, or somebody will stand before a closed door."""
    warning = "warning"
    """Something is wrong, or will be."""
    info = "info"
    """Something could be better."""


@dataclass(frozen=True)
class Named:
    """A record that something is wrong with."""

    kind: str
    id: UUID
    name: str
    day: date | None = None
    """Of the board on which it stands, where it stands on one."""
    work_order_id: UUID | None = None
    """Of a visit."""


@dataclass(frozen=True)
class Request:
    """One request that mends it, ready to be sent."""

    method: str
    path: str
    permission: Permission
    """What whoever sends it needs."""
    body: dict[str, Any] | None = None
    if_match: str | None = None
    """The header `If-Match`, where the record's version guards it."""


@dataclass(frozen=True)
class Fix:
    """The way out, in words; and as one request where one does it."""

    words: str
    request: Request | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong."""

    says: str
    records: tuple[Named, ...]
    fix: Fix


@dataclass(frozen=True)
class Found:
    """What one detector has found: the first findings, and how many there are."""

    findings: Sequence[Finding] = ()
    total: int = 0
    whole: bool = True
    """False: only the first `LOOKED_AT` rows were weighed."""


@dataclass(frozen=True)
class Look:
    """One look at one organisation."""

    ctx: Ctx
    most: int
    """Findings of each detector that are shown."""
    zone: str
    """The organisation's, or UTC where clocks do not know it."""
    now: datetime = field(default_factory=clock.now)

    def day(self, at: datetime) -> date:
        """The day on whose board an instant stands: the organisation's."""
        return wall.day(at, self.zone)

    def today(self) -> date:
        """The day it is for the organisation."""
        return self.day(self.now)

    async def rows(self, statement: Asked) -> Sequence[Row[*tuple[Any, ...]]]:
        """What a detector weighs by itself: at most `LOOKED_AT` and one, which tells of more."""
        return (await self.ctx.session.execute(statement.limit(LOOKED_AT + 1))).all()

    async def each(self, statement: Asked, say: Callable[[Any], Finding]) -> Found:
        """A finding for each row; the database counts the rest."""
        counted = statement.add_columns(func.count().over().label("in_all")).limit(self.most)
        rows = (await self.ctx.session.execute(counted)).all()
        return Found([say(row) for row in rows], rows[0].in_all if rows else 0)

    def some(self, findings: Iterable[Finding], *, of: Sequence[Any] = ()) -> Found:
        """These, of so many rows that were weighed."""
        all_of_them = list(findings)
        return Found(all_of_them[: self.most], len(all_of_them), len(of) <= LOOKED_AT)


Detect: TypeAlias = Callable[[Look], Awaitable[Found]]


@dataclass(frozen=True)
class Detector:
    """One question that is asked of an organisation."""

    code: str
    severity: Severity
    means: str
    """What is wrong where it finds something, in a sentence."""
    needs: frozenset[Permission]
    """What one must be allowed to see for its sentences."""
    detect: Detect


DETECTORS: dict[str, Detector] = {}
"""By code, in the order in which they are told."""


def detector(severity: Severity, means: str, *needs: Permission) -> Callable[[Detect], Detect]:
    """Make a function a detector, under its own name. That is all a new one takes."""

    def register(detect: Detect) -> Detect:
        code = getattr(detect, "__name__", "")
        assert code not in DETECTORS, code
        DETECTORS[code] = Detector(code, severity, means, frozenset(needs), detect)
        return detect

    return register


def version(number: int) -> str:
    """The header `If-Match` of a version."""
    return f'"v{number}"'


def zone_or_utc(zone: str) -> str:
    """A zone that clocks know: sentences about a record whose zone is wrong need one, too."""
    return zone if zone in zones.names() else "UTC"


def spoken(start: datetime, end: datetime, zone: str) -> str:
    """“Mon 23 Nov, 08:00–10:00”."""
    return wall.spoken(start, end, zone_or_utc(zone))


def hours_and_minutes(minutes: int) -> str:
    """“1 h 30 min”."""
    hours, rest = divmod(minutes, 60)
    return " ".join(
        [*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])]
    )


def first_of(texts: Iterable[str], most: int = 3) -> str:
    """“A, B, C and 4 more”."""
    said = list(texts)
    more = len(said) - most
    return ", ".join(said[:most]) + (f" and {more} more" if more > 0 else "")
