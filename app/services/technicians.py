"""Technicians: the verbs of the people who roll.

A technician is a resource that can be booked, and may be linked to the member who signs in. Deleting
is soft and refused while open visits are theirs; `active: false` only keeps new work away.
"""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from app.core import clock
from app.core.errors import Conflict
from app.core.filters import Fields, filterable, through
from app.core.ids import new_id
from app.core.listing import Column, Filter, ListQuery
from app.models.assignments import Assignment, AssignmentStatus
from app.models.branches import Branch, Team
from app.models.members import Member
from app.models.skills import TechnicianSkill
from app.models.technicians import Resource, ResourceKind, Technician
from app.models.time_off import TimeOff, TimeOffStatus
from app.models.visits import TERMINAL, Visit
from app.services import skills
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import (
    Draft,
    Latitude,
    Longitude,
    Name,
    Patch,
    Phone,
    ShortText,
    Zone,
    degrees,
    refuse_half_a_position,
)
from app.services.skills import HeldSkill
from app.services.usage import count_of
from app.services.visits import bookings

Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$", max_length=7), AfterValidator(str.lower)]
"""Of the lane on the board, such as `#3b82f6`."""
Held = Annotated[list[HeldSkill], Field(max_length=skills.MOST)]

SHOWN = (selectinload(Technician.skills).joinedload(TechnicianSkill.skill),)
"""What an output of a technician needs loaded."""

BASE = ("base_latitude", "base_longitude")
PLACING = ("member_id", "team_id")
"""Whose work it is, and which team's: what the record scopes `own` and `team` go by."""


class TechnicianDraft(Draft):
    """A new technician. The time zone is the team's branch's, or the organisation's, unless given."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    member_id: UUID | None = None
    name: Name
    phone: Phone | None = None
    color: Color | None = None
    time_zone: Zone | None = None
    active: bool = True
    external_key: ShortText | None = None
    team_id: UUID | None = None
    base_name: ShortText | None = None
    base_latitude: Latitude | None = Field(
        None, description="Where their day begins and ends; silence: where the organisation's does."
    )
    base_longitude: Longitude | None = None
    skills: Held = Field([])


class TechnicianPatch(Patch):
    """Changes to a technician; `skills` is replaced as a whole."""

    member_id: UUID | None = None
    name: Name = ""
    phone: Phone | None = None
    color: Color = ""
    time_zone: Zone | None = Field("", description="Null: their branch's, or the organisation's.")
    active: bool = True
    external_key: ShortText | None = None
    team_id: UUID | None = None
    base_name: ShortText | None = None
    base_latitude: Latitude | None = None
    base_longitude: Longitude | None = None
    skills: Held = Field([])


class TechnicianQuery(ListQuery):
    """Filters and sorts of the list of technicians."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Technician.created_at,
        "name": Technician.sort_name,
    }
    FILTERS: ClassVar[Fields | None] = filterable(
        Technician.id,
        Technician.created_at,
        Technician.updated_at,
        Technician.member_id,
        Technician.team_id,
        Technician.base_name,
        Technician.base_latitude,
        Technician.base_longitude,
        Technician.name,
        Technician.phone,
        Technician.color,
        Technician.time_zone,
        Technician.active,
        Technician.external_key,
        Technician.deleted_at,
        many={
            "skills": through(Technician, TechnicianSkill.technician_id, TechnicianSkill.skill_id)
        },
    )

    active: Annotated[bool | None, Filter(Technician.active)] = None
    member_id: Annotated[UUID | None, Filter(Technician.member_id)] = None
    team_id: Annotated[UUID | None, Filter(Technician.team_id)] = None
    external_key: Annotated[ShortText | None, Filter(Technician.external_key)] = None
    skill_id: UUID | None = Field(None, description="Technicians who have this skill.")

    def conditions(self) -> list[ColumnElement[bool]]:
        found = super().conditions()
        if self.skill_id is not None:
            held = select(TechnicianSkill.id).where(
                TechnicianSkill.org_id == Technician.org_id,
                TechnicianSkill.technician_id == Technician.id,
                TechnicianSkill.skill_id == self.skill_id,
            )
            found.append(held.correlate(Technician).exists())
        return found


async def create(ctx: Ctx, draft: TechnicianDraft) -> Technician:
    """Add a technician, and the resource they are.

    Raises `NotFound` for a member or skill that is not there, `Conflict` for a member who is
    another technician, `Forbidden` for a member or team from whoever does not see everything.
    """
    if draft.member_id is not None or draft.team_id is not None:
        ctx.refuse_placing()
    given = draft.model_dump(exclude_none=True, exclude={"skills"})
    given.setdefault("id", new_id())
    team = await _team(ctx, draft.team_id)
    if "time_zone" not in given:
        given["time_zone"] = await _zone(ctx, team)
    if draft.member_id is not None:
        await ctx.get(Member, draft.member_id, pointer="/member_id")
    technician = Technician(skills=[], **_based(given))
    _refuse_half_a_base(technician)
    await skills.replace(ctx, technician.skills, TechnicianSkill, draft.skills)
    await ctx.add(Resource(id=technician.id, kind=ResourceKind.technician))
    await ctx.add(technician)
    await emit(ctx, Fact.technician_created, technician, name=technician.name)
    return technician


def _based(given: dict[str, Any]) -> dict[str, Any]:
    return {name: degrees(value) if name in BASE else value for name, value in given.items()}


def _refuse_half_a_base(technician: Technician) -> None:
    refuse_half_a_position(technician.base_latitude, technician.base_longitude, BASE)


async def _team(ctx: Ctx, team_id: UUID | None) -> Team | None:
    return await ctx.get(Team, team_id, pointer="/team_id") if team_id is not None else None


async def _zone(ctx: Ctx, team: Team | None) -> str:
    """The branch's time zone, or the organisation's."""
    if team is not None and team.branch_id is not None:
        branch = await ctx.get(Branch, team.branch_id)
        if branch.time_zone is not None:
            return branch.time_zone
    return (await ctx.organisation()).time_zone


async def change(ctx: Ctx, technician: Technician, patch: TechnicianPatch) -> Technician:
    """Change what the patch names; `technician` has their skills loaded. Raises as `create` does,
    and `Conflict` for another time zone while time off is ahead of them."""
    given = patch.given()
    if any(name in given and given[name] != getattr(technician, name) for name in PLACING):
        ctx.refuse_placing()
    if given.get("time_zone", "") is None:
        team = await _team(ctx, given.get("team_id", technician.team_id))
        given["time_zone"] = await _zone(ctx, team)
    if given.get("time_zone", technician.time_zone) != technician.time_zone:
        await _refuse_time_off_ahead(ctx, technician)
    if (member_id := given.get("member_id")) is not None:
        await ctx.get(Member, member_id, pointer="/member_id")
    await _team(ctx, given.get("team_id"))
    if given.pop("skills", None) is not None and await skills.replace(
        ctx, technician.skills, TechnicianSkill, patch.skills
    ):
        technician.touch()
    for name, value in _based(given).items():
        setattr(technician, name, value)
    _refuse_half_a_base(technician)
    if fields := skills.named(changed(technician)):
        await emit(
            ctx,
            Fact.technician_changed,
            technician,
            name=technician.name,
            fields=", ".join(fields),
        )
    return technician


async def _refuse_time_off_ahead(ctx: Ctx, technician: Technician) -> None:
    """Time off is days on the technician's clock: on another clock they are other hours."""
    await bookings.lock(ctx, [technician.id])  # whoever is approving some has finished now
    counted = (
        select(func.count())
        .select_from(TimeOff)
        .where(
            TimeOff.technician_id == technician.id,
            TimeOff.status.in_((TimeOffStatus.requested, TimeOffStatus.approved)),
            TimeOff.ends_at > clock.now(),
        )
    )
    if number := (await ctx.session.execute(counted)).scalar_one():
        raise Conflict(
            f"{technician.name} has {count_of(number, 'absence', 'absences')} ahead, by the clock of"
            f" {technician.time_zone}. Cancel it, change the time zone, and enter it anew.",
            code="time_off_ahead",
        )


async def delete(ctx: Ctx, technician: Technician) -> None:
    """Take a technician out of sight. Raises `Conflict` while open visits are theirs."""
    await bookings.lock(ctx, [technician.id])  # whoever is booking them has finished now
    counted = (
        select(func.count())
        .select_from(Assignment)
        .join(Visit, (Visit.org_id == Assignment.org_id) & (Visit.id == Assignment.visit_id))
        .where(
            Assignment.technician_id == technician.id,
            Assignment.status.in_((AssignmentStatus.offered, AssignmentStatus.accepted)),
            Visit.status.not_in(TERMINAL),
            Visit.deleted_at.is_(None),
        )
    )
    if number := (await ctx.session.execute(counted)).scalar_one():
        raise Conflict(
            f"{technician.name} has {count_of(number, 'open visit', 'open visits')}."
            " Give them to somebody else first.",
            code="in_use",
        )
    technician.deleted_at = clock.now()
    await emit(ctx, Fact.technician_deleted, technician, name=technician.name)


async def restore(ctx: Ctx, technician: Technician) -> Technician:
    """Bring a deleted technician back. Raises `Conflict` when they are not deleted."""
    if technician.deleted_at is None:
        raise Conflict("This technician is not deleted.", code="not_deleted")
    technician.deleted_at = None
    await emit(ctx, Fact.technician_restored, technician, name=technician.name)
    return technician
