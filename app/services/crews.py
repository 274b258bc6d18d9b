"""Crews: who goes out together, from when until when, and who leads.

What is planned for a crew stays with the people who were booked for it when its members change;
`GET /visit-alerts` names such visits.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy.orm import selectinload

from app.core import clock
from app.core.errors import Conflict, invalid_field
from app.core.listing import Column, Filter, ListQuery
from app.models.crews import Crew, CrewMember
from app.models.technicians import Technician
from app.models.vehicles import Vehicle
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Day, Draft, Name, Patch

SHOWN = (selectinload(Crew.members).joinedload(CrewMember.technician),)
"""What an output of a crew needs loaded."""


class Member(Draft):
    """A technician in the crew, until and including `last_day`."""

    technician_id: UUID
    first_day: Day
    last_day: Day | None = Field(None, description="Silence: until further notice.")

    @model_validator(mode="after")
    def _in_order(self) -> "Member":
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError("The last day cannot come before the first.")
        return self


Members = Annotated[list[Member], Field(max_length=100)]


class CrewDraft(Draft):
    """A new crew."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    name: Name
    lead_id: UUID | None = Field(None, description="The technician who leads; one of the members.")
    vehicle_id: UUID | None = Field(None, description="What it usually drives.")
    active: bool = True
    members: Members = Field([])


class CrewPatch(Patch):
    """Changes to a crew; `members` are replaced as a whole."""

    name: Name = ""
    lead_id: UUID | None = None
    vehicle_id: UUID | None = None
    active: bool = True
    members: Members = Field([])


class CrewQuery(ListQuery):
    """Filters and sorts of the list of crews."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Crew.created_at, "name": Crew.name}

    active: Annotated[bool | None, Filter(Crew.active)] = None


async def create(ctx: Ctx, draft: CrewDraft) -> Crew:
    """Add a crew. Raises `NotFound` for a technician or vehicle that is not there, `Invalid` for a
    lead who is no member."""
    await _check(ctx, draft.lead_id, draft.vehicle_id)
    crew = Crew(**draft.model_dump(exclude_none=True, exclude={"members"}), members=[])
    await _replace(ctx, crew, draft.members)
    _refuse_outside_lead(crew)
    await ctx.add(crew)
    await emit(ctx, Fact.crew_created, crew, about=_people(crew), name=crew.name)
    return crew


async def change(ctx: Ctx, crew: Crew, patch: CrewPatch) -> Crew:
    """Change what the patch names; `crew` has its members loaded. Raises as `create` does."""
    given = patch.given()
    await _check(ctx, given.get("lead_id"), given.get("vehicle_id"))
    if given.pop("members", None) is not None and await _replace(ctx, crew, patch.members):
        crew.touch()
    for name, value in given.items():
        setattr(crew, name, value)
    _refuse_outside_lead(crew)
    if fields := changed(crew):
        said = ", ".join("members" if one == "parts_version" else one for one in fields)
        await emit(ctx, Fact.crew_changed, crew, about=_people(crew), name=crew.name, fields=said)
    return crew


async def delete(ctx: Ctx, crew: Crew) -> None:
    """Take a crew out of sight; what is planned stays with its people."""
    crew.deleted_at = clock.now()
    await emit(ctx, Fact.crew_deleted, crew, name=crew.name)


async def restore(ctx: Ctx, crew: Crew) -> Crew:
    """Bring a deleted crew back. Raises `Conflict` when it is not deleted."""
    if crew.deleted_at is None:
        raise Conflict("This crew is not deleted.", code="not_deleted")
    crew.deleted_at = None
    await emit(ctx, Fact.crew_restored, crew, name=crew.name)
    return crew


async def _check(ctx: Ctx, lead_id: UUID | None, vehicle_id: UUID | None) -> None:
    if lead_id is not None:
        await ctx.get(Technician, lead_id, pointer="/lead_id")
    if vehicle_id is not None:
        await ctx.get(Vehicle, vehicle_id, pointer="/vehicle_id")


async def _replace(ctx: Ctx, crew: Crew, wanted: Sequence[Member]) -> bool:
    """Make the members what is wanted; whether that changed anything."""
    ids = [one.technician_id for one in wanted]
    people = await ctx.get_all(Technician, ids, pointer="/members/{}/technician_id")
    before = {(one.technician_id, one.first_day): one for one in crew.members}
    moved = False
    for technician, one in zip(people, wanted, strict=True):
        kept = before.pop((technician.id, one.first_day), None)
        if kept is None:
            crew.members.append(
                CrewMember(technician=technician, technician_id=technician.id,
                           first_day=one.first_day, last_day=one.last_day)
            )  # fmt: skip
            moved = True
        elif kept.last_day != one.last_day:
            kept.last_day = one.last_day
            moved = True
    for gone in before.values():
        crew.members.remove(gone)
    return moved or bool(before)


def _refuse_outside_lead(crew: Crew) -> None:
    if crew.lead_id is not None and crew.lead_id not in _people(crew):
        raise invalid_field("lead_id", "The lead must be one of the members.", code="unknown")


def _people(crew: Crew) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(one.technician_id for one in crew.members))
