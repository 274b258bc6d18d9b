"""Branches: parts of the organisation that number, tax and keep time in their own way.

What a branch leaves open is as the organisation has it. A branch is found by the site where the work
is: the site lies in a territory, the territory belongs to a branch.
"""

from collections.abc import Collection
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from app.core.errors import Conflict
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.arrival_windows import ArrivalWindowSet
from app.models.branches import Branch, Team, Territory
from app.models.sites import Site
from app.models.work_orders import WorkOrder
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Draft, Name, Patch, Prefix, TaxRate, Zone
from app.services.organisation import WorkingHours
from app.services.usage import count_of


class BranchDraft(Draft):
    """A new branch; what you leave out is as the organisation has it."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    name: Name
    time_zone: Zone | None = None
    work_order_prefix: Prefix | None = None
    invoice_prefix: Prefix | None = None
    tax_rate: TaxRate | None = None
    working_hours: WorkingHours | None = None


class BranchPatch(Patch):
    """Changes to a branch; null is as the organisation has it."""

    name: Name = ""
    time_zone: Zone | None = None
    work_order_prefix: Prefix | None = None
    invoice_prefix: Prefix | None = None
    tax_rate: TaxRate | None = None
    working_hours: WorkingHours | None = None


class BranchQuery(ListQuery):
    """Filters and sorts of the list of branches."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Branch.created_at, "name": Branch.name}
    DEFAULT_SORT: ClassVar[str] = "name"
    FILTERS: ClassVar[Fields | None] = filterable(
        Branch.id, Branch.created_at, Branch.updated_at, Branch.name, Branch.time_zone
    )

    name: Annotated[Name | None, Filter(Branch.name)] = None


async def create(ctx: Ctx, draft: BranchDraft) -> Branch:
    """Add a branch. Raises `Conflict` for a name or id that another branch has."""
    given = draft.model_dump(exclude_none=True, exclude={"working_hours"})
    branch = await ctx.add(Branch(**given, working_hours=draft.working_hours))
    await emit(ctx, Fact.branch_created, branch, name=branch.name)
    return branch


async def change(ctx: Ctx, branch: Branch, patch: BranchPatch) -> Branch:
    """Change what the patch names, for what is numbered and taxed from now on. Raises as `create`."""
    for name, value in patch.given().items():
        setattr(branch, name, value)
    if fields := changed(branch):
        said = ", ".join(fields)
        await emit(ctx, Fact.branch_changed, branch, name=branch.name, fields=said)
    return branch


async def delete(ctx: Ctx, branch: Branch) -> None:
    """Delete a branch for good. Raises `Conflict` while territories, teams or arrival windows belong to
    it."""
    territories = await _of(ctx, Territory, branch)
    teams = await _of(ctx, Team, branch)
    windows = await _of(ctx, ArrivalWindowSet, branch)
    if territories or teams or windows:
        there = [
            count_of(territories, "territory", "territories") if territories else "",
            count_of(teams, "team", "teams") if teams else "",
            count_of(windows, "set of", "sets of") + " arrival windows" if windows else "",
        ]
        *before, last = [one for one in there if one]
        said = f"{', '.join(before)} and {last}" if before else last
        one = territories + teams + windows == 1
        raise Conflict(
            f"{said} {'belongs' if one else 'belong'} to {branch.name}."
            f" Give {'it' if one else 'them'} to another branch first.",
            code="in_use",
        )
    await emit(ctx, Fact.branch_deleted, branch, name=branch.name)
    await ctx.session.delete(branch)


async def _of(
    ctx: Ctx, model: type[Territory] | type[Team] | type[ArrivalWindowSet], branch: Branch
) -> int:
    counted = select(func.count()).select_from(model).where(model.branch_id == branch.id)
    return (await ctx.session.execute(counted)).scalar_one()


async def branch_at(ctx: Ctx, site_id: UUID) -> Branch | None:
    """The branch in whose territory a site lies."""
    return (
        await ctx.session.execute(
            select(Branch)
            .join(
                Territory, (Territory.org_id == Branch.org_id) & (Territory.branch_id == Branch.id)
            )
            .join(Site, (Site.org_id == Territory.org_id) & (Site.territory_id == Territory.id))
            .where(Site.id == site_id)
        )
    ).scalar_one_or_none()


async def branches_at(ctx: Ctx, site_ids: Collection[UUID]) -> dict[UUID, Branch]:
    """The branches in whose territories these sites lie, by site."""
    rows = await ctx.session.execute(
        select(Site.id, Branch)
        .join(Territory, (Territory.org_id == Site.org_id) & (Territory.id == Site.territory_id))
        .join(Branch, (Branch.org_id == Territory.org_id) & (Branch.id == Territory.branch_id))
        .where(Site.id.in_(site_ids))
    )
    return {row[0]: row[1] for row in rows}


async def branch_of_work(ctx: Ctx, work_order_id: UUID | None) -> Branch | None:
    """The branch where a work order is done."""
    site_id = await ctx.session.scalar(
        select(WorkOrder.site_id).where(WorkOrder.id == work_order_id)
    )
    return await branch_at(ctx, site_id) if site_id is not None else None
