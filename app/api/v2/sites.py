"""`/api/v2/sites`: where the work is done, and the site's parties."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.last_visits import LastVisitOut
from app.api.lists import Pages
from app.api.outputs import Beside, Instant, Out, PageOut, Record, only
from app.api.problems import answers
from app.api.tags import TagsOnRecord
from app.api.v2.stories import tell
from app.core.places import Precision
from app.models.permissions import Permission
from app.models.sites import PartyRole, PlacedBy, Severity, Site, Weekday
from app.services import access_codes, last_visits, sites, tagging
from app.services.context import Ctx
from app.services.sites import SHOWN, NewParty, SiteDraft, SitePatch, SiteQuery

router = APIRouter(
    prefix="/api/v2/sites", tags=["sites"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.sites_read)]
Writer = Annotated[Ctx, allowed(Permission.sites_write)]

SHOWN_WHOLE = (*SHOWN, tagging.shown(Site))


class PartyCustomerOut(Out):
    id: UUID
    name: str


class PartyOut(Out):
    """Who has to do with the site, in which role, from when until when."""

    id: UUID
    customer: PartyCustomerOut
    role: PartyRole
    starts_on: date | None
    ends_on: date | None


class AccessSpanOut(Out):
    """A stretch of a weekday in which the site may be entered, by the clock at the site."""

    weekday: Weekday
    opens: str
    closes: str


class HazardOut(Out):
    """Something to beware of there."""

    text: str
    severity: Severity


class SiteOut(Record):
    """A site: where the work is done."""

    name: str | None
    address: str
    street: str
    unit: str | None
    city: str
    region: str
    postal_code: str
    country: str
    latitude: float | None
    longitude: float | None
    placed_by: PlacedBy | None
    precision: Precision | None = Field(description="How well the place is known.")
    time_zone: str
    access_notes: str | None
    gate_code: Annotated[str | None, only(Permission.sites_access_codes)] = None
    external_key: str | None
    access_hours: list[AccessSpanOut]
    hazards: list[HazardOut]
    territory_id: UUID | None
    territory_pinned: bool
    parties: list[PartyOut]
    tags: TagsOnRecord
    last_visit: LastVisitOut | None = Field(
        description="Of the visits that you may see, the one completed last."
    )
    deleted_at: Instant | None


class AccessCodesOut(Out):
    """How one gets in."""

    gate_code: str | None = Field(
        description="Shown to those who always see it or work there today."
    )
    access_notes: str | None


async def _out(ctx: Ctx, rows: Sequence[Site]) -> list[SiteOut]:
    last = await last_visits.at_sites(ctx, [site.id for site in rows])
    return [
        SiteOut.model_validate(
            Beside(
                site,
                precision=site.known_precision,
                last_visit=last.get(site.id),
                tags=tagging.on(site),
            )
        )
        for site in rows
    ]


@shows(Site)
async def show(ctx: Ctx, site_id: UUID) -> SiteOut:
    """The site as this caller sees it."""
    return (await _out(ctx, [await ctx.get(Site, site_id, fresh=True, options=SHOWN_WHOLE)]))[0]


@router.get("", operation_id="list_sites", summary="List sites", responses=answers(400, 422))
async def list_sites(
    ctx: Reader, query: Annotated[SiteQuery, Query()], page: Pages
) -> PageOut[SiteOut]:
    """Sites you may see, filtered and sorted."""
    found = await page(Site, query, options=SHOWN_WHOLE)
    return PageOut(
        data=await _out(ctx, found.data), next_cursor=found.next_cursor, total=found.total
    )


@router.post(
    "",
    operation_id="create_site",
    summary="Add a site",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def create_site(ctx: Writer, draft: SiteDraft) -> SiteOut:
    """Add a site of a customer. It is placed and given its time zone by its postal code."""
    return await show(ctx, (await sites.create(ctx, draft)).id)


@router.get("/{id}", operation_id="get_site", summary="Get a site", responses=answers(404, 422))
async def get_site(ctx: Reader, id: UUID) -> SiteOut:
    """One site with its parties, past ones too."""
    return await show(ctx, id)


@router.get(
    "/{id}/access-codes",
    operation_id="get_site_access_codes",
    summary="How one gets into a site",
    responses=answers(404, 422),
)
async def get_access_codes(ctx: Reader, id: UUID) -> AccessCodesOut:
    """The codes of a site, for whose role shows them and for technicians who work there today."""
    return AccessCodesOut.model_validate(await access_codes.codes_of(ctx, id))


@router.patch(
    "/{id}",
    operation_id="change_site",
    summary="Change a site",
    responses=answers(400, 404, 409, 412, 422, 428),
)
async def change_site(ctx: Writer, id: UUID, patch: SitePatch, seen: SeenVersion) -> SiteOut:
    """Change the fields you send. With a new postal code, what the old one told follows it; a pin
    stays where it was set until you send another position or null."""
    site = await ctx.get(Site, id, at=seen, options=SHOWN)
    await sites.change(ctx, site, patch)
    return await show(ctx, id)


@router.delete(
    "/{id}",
    operation_id="delete_site",
    summary="Delete a site",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def delete_site(ctx: Writer, id: UUID) -> Response:
    """Take a site out of sight; `restore` brings it back."""
    await sites.delete(ctx, await ctx.get(Site, id, lock=True))
    return Response(status_code=204)


@router.post(
    "/{id}/restore",
    operation_id="restore_site",
    summary="Restore a deleted site",
    responses=answers(404, 409, 422),
)
async def restore_site(ctx: Writer, id: UUID) -> SiteOut:
    """Bring a deleted site back."""
    site = await ctx.get(Site, id, lock=True, deleted=True, options=SHOWN)
    await sites.restore(ctx, site)
    return await show(ctx, id)


@router.post(
    "/{id}/parties",
    operation_id="add_site_party",
    summary="Give a site a further party",
    status_code=201,
    responses=answers(400, 404, 409, 422),
)
async def add_party(ctx: Writer, id: UUID, draft: NewParty) -> SiteOut:
    """Say that a customer now is owner, tenant or manager of the site."""
    site = await ctx.get(Site, id, lock=True, options=SHOWN)
    await sites.add_party(ctx, site, draft)
    return await show(ctx, id)


@router.delete(
    "/{id}/parties/{party_id}",
    operation_id="end_site_party",
    summary="End a party of a site",
    status_code=204,
    responses=answers(404, 409, 422),
)
async def end_party(ctx: Writer, id: UUID, party_id: UUID) -> Response:
    """From today on this customer has nothing to do with the site in this role any more."""
    await sites.end_party(ctx, await ctx.get(Site, id, lock=True, options=SHOWN), party_id)
    return Response(status_code=204)


tell(router, Site, Permission.sites_read)
