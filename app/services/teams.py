"""Teams: people who work together. Whoever leads one belongs to it.

With the record scope `team` people see the work of their team: the visits of its technicians, and
what these visits are about.
"""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from app.core.errors import Conflict
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.branches import Branch, Team
from app.models.members import Member
from app.models.technicians import Technician
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Draft, Name, Patch
from app.services.usage import count_of


class TeamDraft(Draft):
    """A new team."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    name: Name
    branch_id: UUID | None = None
    leader_id: UUID | None = Field(None, description="The member who leads it.")


class TeamPatch(Patch):
    """Changes to a team."""

    name: Name = ""
    branch_id: UUID | None = None
    leader_id: UUID | None = None


class TeamQuery(ListQuery):
    """Filters and sorts of the list of teams."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Team.created_at, "name": Team.name}
    DEFAULT_SORT: ClassVar[str] = "name"
    FILTERS: ClassVar[Fields | None] = filterable(
        Team.id, Team.created_at, Team.updated_at, Team.name, Team.branch_id, Team.leader_id
    )

    branch_id: Annotated[UUID | None, Filter(Team.branch_id)] = None


async def create(ctx: Ctx, draft: TeamDraft) -> Team:
    """Add a team. Raises `NotFound` for a branch or member that is not there, `Conflict` for a name
    that another team has, `Forbidden` for a leader from whoever does not see everything."""
    if draft.leader_id is not None:
        ctx.refuse_placing()
    await _check(ctx, draft.branch_id, draft.leader_id)
    team = await ctx.add(Team(**draft.model_dump(exclude_none=True)))
    await emit(ctx, Fact.team_created, team, name=team.name)
    return team


async def change(ctx: Ctx, team: Team, patch: TeamPatch) -> Team:
    """Change what the patch names. Raises as `create`."""
    given = patch.given()
    if given.get("leader_id", team.leader_id) != team.leader_id:
        ctx.refuse_placing()
    await _check(ctx, given.get("branch_id"), given.get("leader_id"))
    for name, value in given.items():
        setattr(team, name, value)
    if fields := changed(team):
        await emit(ctx, Fact.team_changed, team, name=team.name, fields=", ".join(fields))
    return team


async def _check(ctx: Ctx, branch_id: UUID | None, leader_id: UUID | None) -> None:
    if branch_id is not None:
        await ctx.get(Branch, branch_id, pointer="/branch_id")
    if leader_id is not None:
        await ctx.get(Member, leader_id, pointer="/leader_id")


async def delete(ctx: Ctx, team: Team) -> None:
    """Delete a team for good. Raises `Conflict` while people belong to it."""
    number = 0
    for model in (Member, Technician):
        counted = select(func.count()).select_from(model).where(model.team_id == team.id)
        number += (await ctx.session.execute(counted)).scalar_one()
    if number:
        raise Conflict(
            f"{count_of(number, 'person belongs', 'people belong')} to {team.name}, deleted ones"
            " included. Give them another team first.",
            code="in_use",
        )
    await emit(ctx, Fact.team_deleted, team, name=team.name)
    await ctx.session.delete(team)
