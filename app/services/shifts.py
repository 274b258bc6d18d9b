"""Shifts: when somebody works, as patterns that hold from one day until another.

Booked visits stay where they are when a shift changes (rulings 23); `GET /visit-alerts` names those
that no longer fit.
"""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field, model_validator

from app.core.errors import invalid_field
from app.core.listing import Column, Filter, ListQuery
from app.models.crews import Crew
from app.models.shifts import Shift, ShiftKind
from app.models.technicians import Technician
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Day, Draft, Name, Patch

WallClock = Annotated[
    str,
    Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", max_length=5, examples=["08:00"]),
]
"""What a clock on the wall shows, `08:00`."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Break(Draft):
    """A break: `start` for one at a fixed time, `earliest` and `latest` for one that may begin
    anywhere between them."""

    minutes: int = Field(30, ge=5, le=240)
    start: WallClock | None = None
    earliest: WallClock | None = None
    latest: WallClock | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "Break":
        window = (self.earliest is None, self.latest is None)
        if window not in ((True, True), (False, False)) or (self.start is None) == window[0]:
            raise ValueError("Give a break its start, or its earliest and latest start.")
        return self


class Span(Draft):
    """One shift of the pattern; it ends on the next day when `end` is not after `start`."""

    week: int = Field(1, ge=1, le=52, description="Of the rotation.")
    weekday: Weekday
    start: WallClock
    end: WallClock
    breaks: list[Break] = Field([], max_length=5)


Spans = Annotated[list[Span], Field(max_length=200)]
Overtime = Annotated[int, Field(ge=0, le=720)]
Weeks = Annotated[int, Field(ge=1, le=52)]


class ShiftDraft(Draft):
    """A new pattern of a technician, or of a crew for all its members."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    technician_id: UUID | None = None
    crew_id: UUID | None = Field(None, description="Instead of technician_id: of its members.")
    name: Name
    kind: ShiftKind = ShiftKind.normal
    overrides: bool = Field(
        False, description="true: it takes the place of all others on its days; no spans: days off."
    )
    valid_from: Day
    valid_until: Day | None = Field(
        None, description="The last day; silence: until further notice."
    )
    rotation_weeks: Weeks = 1
    anchor: Day | None = Field(
        None, description="A day in the first week of the rotation; silence: `valid_from`."
    )
    spans: Spans = Field([])
    overtime_minutes: Overtime = Field(0, description="How long work may go on after it.")


class ShiftPatch(Patch):
    """Changes to a pattern; `spans` are replaced as a whole."""

    name: Name = ""
    kind: ShiftKind = ShiftKind.normal
    overrides: bool = False
    valid_from: Day = date.min
    valid_until: Day | None = None
    rotation_weeks: Weeks = 1
    anchor: Day = date.min
    spans: Spans = Field([])
    overtime_minutes: Overtime = 0


class ShiftQuery(ListQuery):
    """Filters and sorts of the list of shifts."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Shift.created_at,
        "valid_from": Shift.valid_from,
    }

    technician_id: Annotated[UUID | None, Filter(Shift.technician_id)] = None
    crew_id: Annotated[UUID | None, Filter(Shift.crew_id)] = None
    kind: Annotated[ShiftKind | None, Filter(Shift.kind)] = None
    overrides: Annotated[bool | None, Filter(Shift.overrides)] = None


async def create(ctx: Ctx, draft: ShiftDraft) -> Shift:
    """Add a pattern. Raises `NotFound` for the technician, `Invalid` for one that cannot be."""
    if draft.technician_id is not None:
        await ctx.get(Technician, draft.technician_id, pointer="/technician_id")
    if draft.crew_id is not None:
        await ctx.get(Crew, draft.crew_id, pointer="/crew_id")
    if (draft.technician_id is None) == (draft.crew_id is None):
        raise invalid_field(
            "technician_id", "Say whose shifts they are: technician_id or crew_id.", code="whose"
        )
    given = draft.model_dump(exclude_none=True, exclude={"spans"})
    shift = Shift(**{"anchor": draft.valid_from, **given}, spans=_stored(draft.spans))
    _refuse_nonsense(shift)
    whose = await _whose(ctx, shift)
    await ctx.add(shift)
    await emit(ctx, Fact.shift_created, shift, about=(whose.id,), **_said(shift, whose))
    return shift


async def change(ctx: Ctx, shift: Shift, patch: ShiftPatch) -> Shift:
    """Change what the patch names. Raises `Invalid` for what cannot be."""
    given = patch.given()
    if "spans" in given:
        given["spans"] = _stored(patch.spans)
    for name, value in given.items():
        setattr(shift, name, value)
    _refuse_nonsense(shift)
    if fields := changed(shift):
        whose = await _whose(ctx, shift)
        await emit(
            ctx,
            Fact.shift_changed,
            shift,
            about=(whose.id,),
            fields=", ".join(fields),
            **_said(shift, whose),
        )
    return shift


async def delete(ctx: Ctx, shift: Shift) -> None:
    """Delete a pattern for good, as if it had never been; to end one, set `valid_until`."""
    whose = await _whose(ctx, shift)
    await emit(ctx, Fact.shift_deleted, shift, about=(whose.id,), **_said(shift, whose))
    await ctx.session.delete(shift)


def _stored(spans: list[Span]) -> list[dict[str, Any]]:
    return [span.model_dump(exclude_none=True) for span in spans]


async def _whose(ctx: Ctx, shift: Shift) -> Technician | Crew:
    if shift.crew_id is not None:
        return await ctx.get(Crew, shift.crew_id, deleted=True)
    assert shift.technician_id is not None
    return await ctx.get(Technician, shift.technician_id, deleted=True)


def _said(shift: Shift, whose: Technician | Crew) -> dict[str, Any]:
    return {
        "name": shift.name,
        "technician": whose.name,
        "first": shift.valid_from.isoformat(),
    }


def _refuse_nonsense(shift: Shift) -> None:
    if shift.valid_until is not None and shift.valid_until < shift.valid_from:
        raise invalid_field(
            "valid_until", "The last day cannot come before the first.", code="turned_round"
        )
    for place, span in enumerate(shift.spans):
        if span["week"] > shift.rotation_weeks:
            raise invalid_field(
                f"spans/{place}/week",
                f"This is week {span['week']} of a rotation of {shift.rotation_weeks}."
                " Make the rotation longer, or name an earlier week.",
                code="out_of_bounds",
            )
