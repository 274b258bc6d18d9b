"""Where sites are, as a provider knows it: asked in the background, never while somebody waits.

A site is saved with the middle of its postal code. Where a provider is set (`GEOCODER`), its address
is noted to be looked up; a job asks, within the allowance that all processes share, and moves the
site. A pin that a person set is never moved, nor a site whose address has changed meanwhile.
A site that was placed so is the same version as before: nobody has changed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.core import clock
from app.core.db import scope_of
from app.core.limits import Policy
from app.core.places import Address, Found, NotNow, Places, Precision
from app.core.tools import places_of
from app.models.jobs import Job, JobStatus
from app.models.lookups import Geocode, SiteLookup
from app.models.sites import PlacedBy, Site
from app.services import jobs
from app.services.context import Ctx
from app.services.facts import Fact, emit

JOB = "geocode"
"""The kind of job."""
TOGETHER = 20
"""Sites that a job takes at once."""
MOST_NOTED = 1000
"""Sites that are noted at once, after an import or when a provider is set for the first time."""
LEASE = timedelta(minutes=5)
"""How long a job has for what it took; then another one may."""
REMEMBERED = timedelta(days=180)
"""How old an answer may be."""
ATTEMPTS = 8
FIRST_PAUSE = timedelta(minutes=1)
"""After a failure; it doubles from there."""


def policy(places: Places) -> Policy:
    """How often all processes together may ask: evenly, never a minute's worth at once."""
    if places.a_minute < 120:
        return Policy("geocoding", 1, max(1, 60 // places.a_minute))
    return Policy("geocoding", places.a_minute // 60, 1)


@dataclass(frozen=True)
class Wanted:
    """A site that is to be looked up now."""

    lookup_id: UUID
    site_id: UUID
    address: Address


def address_of(site: Site) -> Address:
    """What is asked; the unit is not, no provider knows it."""
    return Address(site.street, site.city, site.region, site.postal_code, site.country)


async def note(ctx: Ctx, site: Site) -> None:
    """Have a new or moved site looked up after the commit, where there is a provider."""
    if places_of(ctx.session) is None or site.placed_by == PlacedBy.pin:
        return
    await ctx.together(JOB, site, lambda sites: _note(ctx, [one.id for one in sites]))


async def _note(ctx: Ctx, site_ids: Sequence[UUID]) -> None:
    now = clock.now()
    rows = [
        {"org_id": ctx.org_id, "site_id": id, "due_at": now, "attempts": 0}
        for id in dict.fromkeys(site_ids)
    ]
    statement = insert(SiteLookup).values(rows)
    await ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["org_id", "site_id"],
            set_={"due_at": now, "attempts": 0, "failure": None},
        )
    )
    if not await _is_asked(ctx):
        await jobs.ask(ctx, JOB, as_system=True)


async def _is_asked(ctx: Ctx) -> bool:
    waiting = select(Job.id).where(Job.kind == JOB, Job.status == JobStatus.queued).limit(1)
    return await ctx.session.scalar(waiting) is not None


async def go_on(ctx: Ctx) -> int:
    """What the clock does: note sites that came past the verbs, and ask again what is due."""
    if places_of(ctx.session) is None:
        return 0
    known = exists().where(SiteLookup.org_id == Site.org_id, SiteLookup.site_id == Site.id)
    unplaced = or_(Site.placed_by.is_(None), Site.placed_by == PlacedBy.postal_code)
    fresh = await ctx.session.scalars(
        select(Site.id).where(unplaced, Site.deleted_at.is_(None), ~known).limit(MOST_NOTED)
    )
    if ids := fresh.all():
        await _note(ctx, ids)
    elif await ctx.session.scalar(_due().limit(1)) is not None and not await _is_asked(ctx):
        await jobs.ask(ctx, JOB, as_system=True)
    return len(ids)


def _due() -> Select[UUID]:
    return select(SiteLookup.id).where(SiteLookup.due_at <= clock.now())


async def take(ctx: Ctx) -> list[Wanted]:
    """The next sites, for one job alone. What an answer is still remembered of is placed at once."""
    places = places_of(ctx.session)
    if places is None:
        return []
    lookups = await ctx.session.scalars(
        select(SiteLookup)
        .where(SiteLookup.due_at <= clock.now())
        .order_by(SiteLookup.due_at, SiteLookup.id)
        .limit(TOGETHER)
        .with_for_update(skip_locked=True)
    )
    by_site = {lookup.site_id: lookup for lookup in lookups}
    sites = await ctx.session.scalars(select(Site).where(Site.id.in_(by_site)))
    wanted = [Wanted(by_site[site.id].id, site.id, address_of(site)) for site in sites]
    for lookup in by_site.values():
        lookup.due_at = clock.now() + LEASE
    await ctx.session.flush()
    answers = await _remembered(ctx, places, {one.address.key for one in wanted})
    left = [one for one in wanted if one.address.key not in answers]
    for one in wanted:
        if one.address.key in answers:
            await _settle(ctx, one, answers[one.address.key])
    return left


async def _remembered(ctx: Ctx, places: Places, keys: set[str]) -> dict[str, Found | None]:
    rows = await ctx.session.scalars(
        select(Geocode).where(
            Geocode.provider == places.name,
            Geocode.address.in_(keys),
            Geocode.asked_at > clock.now() - REMEMBERED,
        )
    )
    return {row.address: _found(row) for row in rows}


def _found(row: Geocode) -> Found | None:
    if row.latitude is None or row.longitude is None or row.precision is None:
        return None
    return Found(row.latitude, row.longitude, Precision(row.precision))


async def answer(ctx: Ctx, one: Wanted, found: Found | None) -> None:
    """Remember what was answered, and place the site."""
    places = places_of(ctx.session)
    assert places is not None
    said = {
        "latitude": found.latitude if found else None,
        "longitude": found.longitude if found else None,
        "precision": found.precision if found else None,
        "asked_at": clock.now(),
    }
    key = {
        "org_id": scope_of(ctx.session).org_id,
        "provider": places.name,
        "address": one.address.key,
    }
    await ctx.session.execute(
        insert(Geocode)
        .values(**key, **said)
        .on_conflict_do_update(index_elements=["org_id", "provider", "address"], set_=said)
    )
    await _settle(ctx, one, found)


async def _settle(ctx: Ctx, one: Wanted, found: Found | None) -> None:
    site = await ctx.session.get(
        Site,
        (ctx.org_id, one.site_id),
        populate_existing=True,
        with_for_update={"key_share": True, "of": Site},
    )
    lookup = await ctx.session.get_one(SiteLookup, (ctx.org_id, one.lookup_id))
    lookup.due_at = lookup.failure = None
    if site is None or site.placed_by == PlacedBy.pin or site.deleted_at is not None:
        return
    if address_of(site) != one.address:
        lookup.due_at = clock.now()  # it moved while we asked
        return
    if found is None:
        lookup.failure = "The address is not known there."
        return
    site.latitude, site.longitude = found.latitude, found.longitude
    site.placed_by, site.precision = PlacedBy.geocoder, found.precision
    how = found.precision.value.replace("_", " ")
    await ctx.session.flush()
    await emit(ctx, Fact.site_located, site, name=site.address, precision=how)


async def put_off(ctx: Ctx, one: Wanted, error: NotNow | None) -> None:
    """It was not answered: ask later, each time twice as late, and in the end no more."""
    lookup = await ctx.session.get_one(
        SiteLookup, (ctx.org_id, one.lookup_id), populate_existing=True, with_for_update=True
    )
    if error is None:  # not its fault: another one was not answered
        lookup.due_at = clock.now() + FIRST_PAUSE
        return
    lookup.attempts += 1
    lookup.failure = error.detail
    pause = max(FIRST_PAUSE * (1 << (lookup.attempts - 1)), error.after or timedelta())
    lookup.due_at = clock.now() + pause if lookup.attempts < ATTEMPTS else None
