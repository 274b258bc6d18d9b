"""Times as a caller sends them: an instant with its offset, or what the site's wall clock shows.

`start` or `start_local`, never both. A wall time that the clocks skip is refused with its nearest
neighbours; one that comes twice is the first, or the second with `fold: 1`.
"""

import re
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.core import clock, wall
from app.core.errors import FieldError, Invalid, invalid_field
from app.services.inputs import FIRST, LAST, Draft, Moment

WALL = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=7)
PAST, AHEAD = timedelta(days=366), timedelta(days=731)


def _on_a_clock(text: str) -> str:
    if not re.fullmatch(WALL, text, re.ASCII):
        raise ValueError("Send a wall time such as 2026-11-23T08:00, without an offset.")
    try:
        shown = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("There is no such day or hour.") from error
    if not FIRST.year <= shown.year < LAST.year:
        raise ValueError("The time must lie between 1970 and 2200.")
    return text


WallTime = Annotated[
    str,
    Field(max_length=16, pattern=WALL, examples=["2026-11-23T08:00"]),
    AfterValidator(_on_a_clock),
]
"""What the wall clock at the site shows."""
Fold = Annotated[
    Literal[0, 1],
    Field(description="1: the second coming of a wall time that the clocks repeat."),
]


class Window(Draft):
    """A window of arrival: two instants, or two wall times at the site."""

    window_start: Moment | None = None
    window_end: Moment | None = None
    window_start_local: WallTime | None = None
    window_end_local: WallTime | None = None
    fold: Fold = 0

    def between(self, zone: str) -> tuple[datetime, datetime] | None:
        """The window, or None when nothing was said. Raises `Invalid` for half a window, one that
        is turned round, longer than 7 days, or far from today."""
        start = resolve("window_start", self.window_start, self.window_start_local, self.fold, zone)
        end = resolve("window_end", self.window_end, self.window_end_local, self.fold, zone)
        if start is None and end is None:
            return None
        if start is None or end is None:
            missing = "window_start" if start is None else "window_end"
            raise invalid_field(missing, "A window has a start and an end.", code="missing")
        refuse_span(start, end, "window_start", "window_end")
        return start, end


def resolve(
    name: str, at: datetime | None, local: str | None, fold: int, zone: str
) -> datetime | None:
    """The instant that was meant by `name` or `name_local`, or None for neither."""
    if at is not None and local is not None:
        raise invalid_field(
            f"{name}_local", f"Send {name} or {name}_local, not both.", code="twice"
        )
    if local is None:
        return at
    try:
        return wall.instant(datetime.fromisoformat(local), zone, fold=fold)
    except wall.Skipped as skipped:
        raise Invalid(
            str(skipped),
            code="skipped_time",
            errors=[FieldError(f"/{name}_local", "skipped_time", str(skipped))],
            nearest=[one.isoformat(timespec="minutes") for one in (skipped.before, skipped.after)],
        ) from skipped


def refuse_span(start: datetime, end: datetime, start_field: str, end_field: str) -> None:
    """Raise `Invalid` for a stretch of time nobody can mean."""
    if end <= start:
        raise invalid_field(end_field, "The end must come after the start.", code="turned_round")
    if not SHORTEST <= end - start <= LONGEST:
        raise invalid_field(end_field, "It must be 5 minutes to 7 days long.", code="out_of_bounds")
    if not clock.now() - PAST <= start <= clock.now() + AHEAD:
        raise invalid_field(
            start_field,
            "The start must lie within the last year or the next two.",
            code="out_of_bounds",
        )
