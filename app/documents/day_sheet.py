"""A technician's day on paper: everything that is printed, already decided, and `render` to typeset it.

Times are what a clock on the technician's wall shows. What somebody must not see never comes here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from app.documents.invoice import LETTER, clean, said
from app.documents.pdf import compile_pdf
from app.documents.words import DAY_SHEET

Kind = Literal["work", "on_call", "break", "holiday", "time_off"]
Span = tuple[datetime, datetime]
IN_MILES = frozenset({"US", "GB", "LR", "MM"})
METRES_PER_MILE = 1609.344
MOST_STEPS = 12
"""Of a checklist; the telephone has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the day, and what it is; `name` of a holiday or absence."""

    kind: Kind
    span: Span
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floating:
    """A break that begins somewhere between two times."""

    minutes: int
    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """On the way to what comes next. `metres` is None where a place is not on the map."""

    minutes: int
    metres: int | None
    measured: bool
    """A map service said so; else it is our estimate."""
    leave: datetime | None = None
    short: int = 0
    """Minutes that the plan leaves too few for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A visit, as whoever drives there needs it."""

    span: Span
    number: str
    job: str
    summary: str
    customer: str
    address: str
    drive: Drive | None = None
    there: datetime | None = None
    """What the clock at the site shows at the start, where it is another one."""
    window: Span | None = None
    confirmed: bool = False
    status: str | None = None
    priority: str | None = None
    site: str | None = None
    phones: tuple[str, ...] = ()
    access_notes: str | None = None
    gate_code: str | None = None
    open: str | None = None
    hazards: tuple[str, ...] = ()
    crew: tuple[str, ...] = ()
    vehicles: tuple[str, ...] = ()
    description: str | None = None
    instructions: str | None = None
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """An event: a meeting, a training, a vehicle's service."""

    span: Span
    title: str | None
    """None: who prints this may know only when it is."""
    place: str | None = None
    description: str | None = None
    drive: Drive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySheet:
    """One technician's day."""

    technician: str
    day: date
    company: str
    locale: str
    currency: str
    country: str
    printed: datetime
    known: bool = True
    """Whether any shift says anything about the day."""
    stretches: tuple[Stretch, ...] = ()
    floating: tuple[Floating, ...] = ()
    base: str | None = None
    """Where the day begins and ends, in words."""
    notes: tuple[str, ...] = ()
    """What whoever works that day should know."""
    entries: tuple[Stop | Gathering, ...] = ()
    home: Drive | None = None


def render(sheets: Sequence[DaySheet]) -> bytes:
    """The sheets as one PDF, each beginning on a page of its own. Call it from a thread or a job."""
    data = {"sheets": [_Page(one).data() for one in sheets]}
    return compile_pdf("day_sheet.typ", data, dated=sheets[0].day)


class _Page:
    """Turns a day into the words of its template, in its own locale."""

    def __init__(self, sheet: DaySheet) -> None:
        self.sheet = sheet
        locale = Locale.parse(sheet.locale.replace("-", "_"))
        self.language = locale.language if locale.language in DAY_SHEET else "en"
        # a time in a language that we have no words in would be half a sentence
        self.locale = locale if locale.language == self.language else Locale.parse("en_US")
        self.words = DAY_SHEET[self.language]
        self.paper = "us-letter" if sheet.currency == "USD" or locale.territory in LETTER else "a4"

    def data(self) -> dict[str, object]:
        sheet, words = self.sheet, self.words
        numbers = iter(range(1, len(sheet.entries) + 1))
        return {
            "paper": self.paper,
            "language": self.language,
            "words": words,
            "title": words["title"],
            "technician": clean(sheet.technician),
            "company": clean(sheet.company),
            "day": format_date(sheet.day, "full", locale=self.locale),
            "printed": words["printed"].format(
                time=f"{format_date(sheet.printed, 'medium', locale=self.locale)},"
                f" {self.time(sheet.printed)}"
            ),
            "hours": self.hours(),
            "sums": self.sums(),
            "begins": words["begins"].format(place=clean(sheet.base))
            if sheet.base and sheet.entries
            else None,
            "notes": [clean(one) for one in sheet.notes],
            "entries": [
                self.stop(one, next(numbers)) if isinstance(one, Stop) else self.gathering(one)
                for one in sheet.entries
            ],
            "home": self.drive(sheet.home),
        }

    def hours(self) -> list[list[str]]:
        """The shift, its breaks, and what takes from it."""
        sheet, words = self.sheet, self.words
        if not sheet.known:
            return [["", words["unknown"]]]
        rows = [
            [words[one.kind], " · ".join(filter(None, [self.span(one.span), clean(one.name)]))]
            for one in sheet.stretches
        ]
        rows += [
            [
                words["break"],
                words["floating"].format(
                    minutes=one.minutes,
                    earliest=self.time(one.earliest),
                    latest=self.time(one.latest),
                ),
            ]
            for one in sheet.floating
        ]
        return rows or [["", words["off"]]]

    def sums(self) -> list[str]:
        stops = [one for one in self.sheet.entries if isinstance(one, Stop)]
        if not stops:
            return []
        count = len(stops)
        visits = (
            self.words["visits_one"] if count == 1 else self.words["visits"].format(count=count)
        )
        work = sum(((one.span[1] - one.span[0]) for one in stops), timedelta())
        found = [visits, self.words["working"].format(time=self.length(work))]
        drives = [one.drive for one in self.sheet.entries] + [self.sheet.home]
        minutes = sum(one.minutes for one in drives if one is not None and one.metres is not None)
        if minutes:
            time = self.length(timedelta(minutes=minutes))
            found.append(self.words["driving"].format(time=time))
        return found

    def stop(self, stop: Stop, place: int) -> dict[str, object]:
        words = self.words
        steps = [clean(one) for one in stop.steps[:MOST_STEPS]]
        if len(stop.steps) > MOST_STEPS:
            rest = len(stop.steps) - MOST_STEPS
            steps.append(words["more_steps"].format(count=rest))
        window = None
        if stop.window:
            start, end = (self.time(at) for at in stop.window)
            window = words["arrive"].format(start=start, end=end)
            if stop.confirmed:
                window = f"{window}, {words['confirmed']}"
        facts = [
            (words["beware"], "\n".join(clean(one) for one in stop.hazards)),
            (words["call"], " · ".join(clean(one) for one in stop.phones)),
            (words["access"], said(stop.access_notes)),
            (words["code"], said(stop.gate_code)),
            (words["open"], said(stop.open)),
            (words["instructions"], said(stop.instructions)),
        ]
        return {
            "kind": "stop",
            "place": str(place),
            "span": self.span(stop.span),
            "there": words["there"].format(time=self.time(stop.there)) if stop.there else None,
            "window": window,
            "marks": [
                mark
                for mark in (
                    words.get(f"priority_{stop.priority}"),
                    words.get(f"status_{stop.status}"),
                )
                if mark
            ],
            "customer": clean(stop.customer),
            "site": said(stop.site),
            "address": clean(stop.address),
            "job": " · ".join(filter(None, [clean(stop.number), clean(stop.job)])),
            "summary": clean(stop.summary),
            "description": said(stop.description),
            "facts": [[label, value] for label, value in facts if value],
            "steps": steps,
            "people": [
                words[word].format(names=", ".join(clean(name) for name in names))
                for word, names in (("with", stop.crew), ("bring", stop.vehicles))
                if names
            ],
            "drive": self.drive(stop.drive),
            "over": stop.status in ("completed", "incomplete", "no_access", "no_show"),
        }

    def gathering(self, event: Gathering) -> dict[str, object]:
        return {
            "kind": "event",
            "span": self.span(event.span),
            "title": said(event.title) or self.words["busy"],
            "place": said(event.place),
            "description": said(event.description),
            "drive": self.drive(event.drive),
        }

    def drive(self, drive: Drive | None) -> dict[str, object] | None:
        if drive is None:
            return None
        words = self.words
        leave = words["leave"].format(time=self.time(drive.leave)) if drive.leave else None
        if drive.metres is None:
            return {"leave": None, "how": words["no_place"], "short": None}
        if not drive.metres:
            return {"leave": None, "how": words["same_place"], "short": None}
        time = self.length(timedelta(minutes=drive.minutes))
        how = words["drive"].format(time=time, distance=self.distance(drive.metres))
        source = words["provider" if drive.measured else "estimate"]
        short = words["short"].format(minutes=drive.short) if drive.short else None
        return {"leave": leave, "how": f"{how} ({source})", "short": short}

    def distance(self, metres: int) -> str:
        unit, length = ("mi", METRES_PER_MILE) if self.sheet.country in IN_MILES else ("km", 1000.0)
        digits = "0.0" if metres < 10 * length else "0"
        return f"{format_decimal(metres / length, digits, locale=self.locale)} {unit}"

    def length(self, time: timedelta) -> str:
        hours, minutes = divmod(round(time / timedelta(minutes=1)), 60)
        word = "minutes" if not hours else "hours" if minutes else "whole_hours"
        return self.words[word].format(hours=hours, minutes=minutes)

    def span(self, span: Span) -> str:
        """“8:00 AM – 9:30 AM”; a plain dash where the times are short."""
        start, end = (self.time(at) for at in span)
        return f"{start}–{end}"

    def time(self, at: datetime) -> str:
        # the narrow space of CLDR is no line break and has no shape in every font
        return format_time(at, "short", locale=self.locale).replace("\u202f", "\u00a0")
