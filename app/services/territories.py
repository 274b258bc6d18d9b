"""Territories: where a site lies, by its address, unless a person has put it elsewhere.

The longest beginning of its postal code decides; what no code claims goes by its region. No two
territories claim the same code or region, so that there is always one answer.
"""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import ColumnElement, func, literal, or_, select, true, update
from sqlalchemy.orm import aliased

from app.core.errors import Conflict, FieldError
from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.branches import Branch, Territory, TerritoryMember
from app.models.sites import Site
from app.services.context import Ctx, changed
from app.services.facts import Fact, emit
from app.services.inputs import Country, Draft, Name, Patch
from app.services.usage import count_of


def _sorted_upper(values: list[str]) -> list[str]:
    return sorted({value.upper() for value in values})


Code = Annotated[
    str,
    Field(min_length=1, max_length=12, pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]*$", examples=["850"]),
]
"""A postal code, or what postal codes begin with."""
Codes = Annotated[list[Code], Field(max_length=2000), AfterValidator(_sorted_upper)]
Region = Annotated[str, Field(min_length=1, max_length=60, examples=["AZ"])]
Regions = Annotated[list[Region], Field(max_length=200), AfterValidator(_sorted_upper)]


class TerritoryDraft(Draft):
    """A new territory."""

    id: UUID | None = Field(None, description="Your own UUID for it, if you make them.")
    name: Name
    branch_id: UUID | None = None
    country: Country = "US"
    postal_codes: Codes = Field([], description="Whole codes, or what they begin with.")
    regions: Regions = Field([], description="For sites whose postal code nobody claims.")


class TerritoryPatch(Patch):
    """Changes to a territory; lists are replaced as a whole."""

    name: Name = ""
    branch_id: UUID | None = None
    country: Country = ""
    postal_codes: Codes = Field([])
    regions: Regions = Field([])


class TerritoryQuery(ListQuery):
    """Filters and sorts of the list of territories."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Territory.created_at,
        "name": Territory.name,
    }
    DEFAULT_SORT: ClassVar[str] = "name"
    FILTERS: ClassVar[Fields | None] = filterable(
        Territory.id,
        Territory.created_at,
        Territory.updated_at,
        Territory.name,
        Territory.branch_id,
        Territory.country,
    )

    branch_id: Annotated[UUID | None, Filter(Territory.branch_id)] = None


async def create(ctx: Ctx, draft: TerritoryDraft) -> Territory:
    """Add a territory; sites that lie in it are put there.

    Raises `NotFound` for a branch that is not there, `Conflict` for a name that is taken and for a
    code or region that another territory claims, `Forbidden` for claims by whoever does not see
    everything.
    """
    if draft.postal_codes or draft.regions:
        ctx.refuse_placing()
    if draft.branch_id is not None:
        await ctx.get(Branch, draft.branch_id, pointer="/branch_id")
    await _refuse_claimed(ctx, None, draft.country, draft.postal_codes, draft.regions)
    territory = await ctx.add(Territory(**draft.model_dump(exclude_none=True)))
    await emit(ctx, Fact.territory_created, territory, name=territory.name)
    await _settle_all(ctx)
    return territory


async def change(ctx: Ctx, territory: Territory, patch: TerritoryPatch) -> Territory:
    """Change what the patch names; sites follow, but for those that a person put somewhere. Raises
    as `create`."""
    given = patch.given()
    if given.get("branch_id") is not None:
        await ctx.get(Branch, given["branch_id"], pointer="/branch_id")
    for name, value in given.items():
        setattr(territory, name, value)
    if not (fields := changed(territory)):
        return territory
    claims = bool({"country", "postal_codes", "regions"} & set(fields))
    if claims:
        ctx.refuse_placing()
    with ctx.session.no_autoflush:
        await _refuse_claimed(
            ctx, territory.id, territory.country, territory.postal_codes, territory.regions
        )
    said = ", ".join(fields)
    await emit(ctx, Fact.territory_changed, territory, name=territory.name, fields=said)
    if claims:
        await _settle_all(ctx)
    return territory


async def delete(ctx: Ctx, territory: Territory) -> None:
    """Delete a territory for good; its sites go where their addresses say.

    Raises `Conflict` while people look after it, or have put sites into it, `Forbidden` when it
    claims something and whoever asks does not see everything.
    """
    if territory.postal_codes or territory.regions:
        ctx.refuse_placing()
    people = await _count(ctx, TerritoryMember, TerritoryMember.territory_id == territory.id)
    pinned = await _count(ctx, Site, Site.territory_id == territory.id, Site.territory_pinned)
    if people or pinned:
        raise Conflict(
            f"{count_of(people, 'person looks', 'people look')} after {territory.name} and"
            f" {count_of(pinned, 'site was', 'sites were')} put into it by hand, deleted ones"
            " included. Give them another territory first.",
            code="in_use",
        )
    await emit(ctx, Fact.territory_deleted, territory, name=territory.name)
    territory.postal_codes, territory.regions = [], []
    await ctx.session.flush()
    await _settle_all(ctx)
    await ctx.session.delete(territory)


async def place(ctx: Ctx, site: Site) -> None:
    """Put a site where its address lies, unless a person has said where it belongs."""
    if site.territory_pinned:
        return
    address = (site.country, site.postal_code, site.region)

    async def ask() -> UUID | None:
        found: UUID | None = await ctx.session.scalar(select(_fitting(*map(literal, address))))
        return found

    with ctx.session.no_autoflush:
        site.territory_id = await ctx.once(("territory", *address), ask)


async def pin(ctx: Ctx, site: Site, territory_id: UUID | None) -> None:
    """Put a site into a territory by hand; None lets its address decide again.

    Raises `NotFound` for a territory that is not there.
    """
    site.territory_pinned = territory_id is not None
    if territory_id is None:
        await place(ctx, site)
        return
    with ctx.session.no_autoflush:
        territory = await ctx.get(Territory, territory_id, pointer="/territory_id")
    site.territory_id = territory.id


def _fitting(country: Any, postal_code: Any, region: Any) -> ColumnElement[UUID | None]:
    """The territory of an address."""
    by_code, by_region = aliased(Territory), aliased(Territory)
    codes = func.unnest(by_code.postal_codes).table_valued("code", name="codes").render_derived()
    claimed = (
        select(by_code.id)
        .join(codes, true())
        .where(by_code.country == country, func.starts_with(func.upper(postal_code), codes.c.code))
        .order_by(func.length(codes.c.code).desc(), by_code.id)
        .limit(1)
    )
    regional = (
        select(by_region.id)
        .where(by_region.country == country, func.upper(region) == by_region.regions.any_())
        .order_by(by_region.id)
        .limit(1)
    )
    return func.coalesce(
        claimed.correlate(Site).scalar_subquery(), regional.correlate(Site).scalar_subquery()
    )


async def _settle_all(ctx: Ctx) -> None:
    """Put every site where it lies now; a site that stays where it was is not touched."""
    fits = _fitting(Site.country, Site.postal_code, Site.region)
    await ctx.session.execute(
        update(Site)
        .where(Site.territory_pinned.is_(False), Site.territory_id.is_distinct_from(fits))
        .values(territory_id=fits)
        .execution_options(synchronize_session=False)
    )


async def _refuse_claimed(
    ctx: Ctx, own: UUID | None, country: str, codes: list[str], regions: list[str]
) -> None:
    statement = select(Territory).where(
        Territory.country == country,
        or_(Territory.postal_codes.overlap(codes), Territory.regions.overlap(regions)),
    )
    if own is not None:
        statement = statement.where(Territory.id != own)
    other = (await ctx.session.scalars(statement.order_by(Territory.name).limit(1))).first()
    if other is None:
        return
    twice = sorted(set(other.postal_codes) & set(codes))
    field = "postal_codes" if twice else "regions"
    twice = twice or sorted(set(other.regions) & set(regions))
    detail = f"{other.name} claims {', '.join(twice[:5])} already. Take it from there first."
    raise Conflict(detail, code="claimed", errors=[FieldError(f"/{field}", "claimed", detail)])


async def _count(ctx: Ctx, model: type[Any], *where: Any) -> int:
    counted = select(func.count()).select_from(model).where(*where)
    return (await ctx.session.execute(counted)).scalar_one()
