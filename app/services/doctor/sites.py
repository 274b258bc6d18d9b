"""Sites that nobody finds, or that lie at the wrong clock; territories that claim nothing."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Text, all_, exists, func, literal, select, true, tuple_

from app.core import zones
from app.core.geo import COUNTRIES, place_of
from app.core.model import SoftDeleted
from app.core.places import Precision
from app.models.branches import Branch, Territory
from app.models.lookups import SiteLookup
from app.models.organisations import OrganisationSettings
from app.models.permissions import Permission as P
from app.models.sites import PlacedBy, Site
from app.models.technicians import Technician
from app.services.doctor.findings import (
    LOOKED_AT,
    Asked,
    Finding,
    Fix,
    Found,
    Look,
    Named,
    Request,
    Severity,
    detector,
    first_of,
    version,
)

HALF_A_YEAR = timedelta(days=182)
VAGUE = (Precision.postal_code, Precision.town)


def _sites(*more: Any) -> Asked:
    return (
        select(
            Site.id,
            Site.name,
            Site.street,
            Site.city,
            Site.region,
            Site.postal_code,
            Site.version,
            *more,
        )
        .where(Site.deleted_at.is_(None))
        .order_by(Site.created_at, Site.id)
    )


def _where(row: Any) -> str:
    """The address, as one would say it, without anything that only some may see."""
    return f"{row.street}, {row.city}"


def _site(row: Any) -> Named:
    return Named("site", row.id, row.name or _where(row))


@detector(
    Severity.warning,
    "A site has no coordinates, so nobody knows how long the drive takes.",
    P.sites_read,
)
async def site_without_coordinates(look: Look) -> Found:
    """Sites that are not on the map."""
    return await look.each(
        _sites().where(Site.latitude.is_(None)),
        lambda row: Finding(
            f"The site {_where(row)} is not on the map.",
            (_site(row),),
            Fix("Set its pin on the map, or correct its address."),
        ),
    )


@detector(
    Severity.info,
    "A site is placed only by its postal code or town: drives to it are guesses.",
    P.sites_read,
)
async def site_placed_vaguely(look: Look) -> Found:
    """Sites whose pin stands in the middle of an area."""
    return await look.each(
        _sites().where(Site.latitude.is_not(None), Site.known_precision.in_(VAGUE)),
        lambda row: Finding(
            f"The site {_where(row)} is placed only by its postal code, {row.postal_code}.",
            (_site(row),),
            Fix("Set its pin on the map."),
        ),
    )


@detector(
    Severity.warning,
    "The address of a site was asked for again and again, and nobody answered.",
    P.sites_read,
)
async def site_lookup_given_up(look: Look) -> Found:
    """Sites that the map service was asked about until it was given up."""
    return await look.each(
        _sites(SiteLookup.failure)
        .join(SiteLookup, (SiteLookup.org_id == Site.org_id) & (SiteLookup.site_id == Site.id))
        .where(
            SiteLookup.due_at.is_(None),
            SiteLookup.failure.is_not(None),
            Site.placed_by.is_distinct_from(PlacedBy.pin),
        ),
        lambda row: Finding(
            f"Nobody could be asked where the site {_where(row)} is: {row.failure}",
            (_site(row),),
            Fix("Set its pin on the map, or save its address again: then it is asked for anew."),
        ),
    )


@detector(
    Severity.warning,
    "A site lies in no territory although there are territories.",
    P.sites_read,
    P.organisation_read,
)
async def site_without_territory(look: Look) -> Found:
    """Sites that nobody looks after."""
    return await look.each(
        _sites().where(
            Site.territory_id.is_(None),
            exists(select(Territory.id).where(Territory.org_id == Site.org_id).correlate(Site)),
        ),
        lambda row: Finding(
            f"The site {_where(row)}, {row.region} {row.postal_code}, lies in no territory.",
            (_site(row),),
            Fix(
                "Let a territory claim its postal code or region, or put the site into one by hand."
            ),
        ),
    )


@detector(
    Severity.warning,
    "The time zone of a site is not that of its postal code.",
    P.sites_read,
)
async def site_in_another_zone(look: Look) -> Found:
    """Sites whose day would begin at another hour than it does."""
    pairs = await look.rows(
        select(Site.country, Site.postal_code, Site.time_zone)
        .where(Site.deleted_at.is_(None), Site.country.in_(COUNTRIES))
        .group_by(Site.country, Site.postal_code, Site.time_zone)
        .order_by(Site.country, Site.postal_code, Site.time_zone)
    )
    wrong = await asyncio.to_thread(_wrong, [tuple(one) for one in pairs], look.now)
    if not wrong:
        return look.some((), of=pairs)

    def say(row: Any) -> Finding:
        zone = wrong[row.country, row.postal_code, row.time_zone]
        return Finding(
            f"The site {_where(row)} is kept by the clock of {row.time_zone}, and {row.postal_code}"
            f" lies in {zone}.",
            (_site(row),),
            Fix(
                f"Set its time zone to {zone}, or correct its postal code.",
                Request(
                    "PATCH",
                    f"/api/v2/sites/{row.id}",
                    P.sites_write,
                    {"time_zone": zone},
                    version(row.version),
                ),
            ),
        )

    found = await look.each(
        _sites(Site.country, Site.time_zone).where(
            tuple_(Site.country, Site.postal_code, Site.time_zone).in_(list(wrong))
        ),
        say,
    )
    return replace(found, whole=len(pairs) <= LOOKED_AT)


def _wrong(pairs: list[Any], now: datetime) -> dict[tuple[str, str, str], str]:
    """Where the postal code says another clock, now or in half a year; which one."""
    found = {}
    for country, postal_code, zone in pairs:
        place = place_of(postal_code, country)
        if place is None or place.time_zone is None or zone not in zones.names():
            continue
        both = ZoneInfo(zone), ZoneInfo(place.time_zone)
        for at in (now, now + HALF_A_YEAR):
            here, there = (at.astimezone(one).utcoffset() for one in both)
            if here != there:
                found[country, postal_code, zone] = place.time_zone
    return found


CLOCKS: tuple[tuple[type[Any], str, str, P], ...] = (
    (OrganisationSettings, "organisation", "/api/v2/organisation", P.organisation_write),
    (Branch, "branch", "/api/v2/branches/{}", P.organisation_write),
    (Technician, "technician", "/api/v2/technicians/{}", P.technicians_write),
    (Site, "site", "/api/v2/sites/{}", P.sites_write),
)
"""What is kept by a clock, where it is changed, and with which permission."""


@detector(
    Severity.error,
    "A time zone is not an IANA name, so that no clock can be read by it.",
    P.sites_read,
    P.technicians_read,
    P.organisation_read,
)
async def zone_unknown(look: Look) -> Found:
    """Zones of sites, technicians, branches and the organisation that nobody knows."""
    known = literal(sorted(zones.names()), ARRAY(Text))
    own = (await look.ctx.organisation()).time_zone
    right = own if own in zones.names() else None
    findings: list[Finding] = []
    whole = True
    for model, kind, path, permission in CLOCKS:
        alive = model.deleted_at.is_(None) if issubclass(model, SoftDeleted) else true()
        rows = await look.rows(
            select(model.id, model.name, model.version, model.time_zone)
            .where(alive, model.time_zone != all_(known))
            .order_by(model.created_at, model.id)
        )
        whole = whole and len(rows) <= LOOKED_AT
        for row in rows:
            name = row.name or kind
            mend = Request(
                "PATCH", path.format(row.id), permission, {"time_zone": right}, version(row.version)
            )
            findings.append(
                Finding(
                    f"The time zone of the {kind} “{name}” is “{row.time_zone}”, which is none.",
                    (Named(kind, row.id, name),),
                    Fix(
                        f"Set {right or 'an IANA name such as America/Chicago'}.",
                        mend if right else None,
                    ),
                )
            )
    return replace(look.some(findings), whole=whole)


@detector(
    Severity.warning,
    "A territory claims no postal code and no region, and no site lies in it.",
    P.organisation_read,
    P.sites_read,
)
async def territory_without_sites(look: Look) -> Found:
    """Territories that are only names."""
    return await look.each(
        select(Territory.id, Territory.name)
        .where(
            func.cardinality(Territory.postal_codes) == 0,
            func.cardinality(Territory.regions) == 0,
            ~exists(
                select(Site.id)
                .where(Site.org_id == Territory.org_id, Site.territory_id == Territory.id)
                .correlate(Territory)
            ),
        )
        .order_by(Territory.name, Territory.id),
        lambda row: Finding(
            f"Territory “{row.name}” claims nothing, and no site lies in it.",
            (Named("territory", row.id, row.name),),
            Fix(
                "Let it claim postal codes or regions, or delete it.",
                Request("DELETE", f"/api/v2/territories/{row.id}", P.organisation_write),
            ),
        ),
    )


@detector(
    Severity.error,
    "Two territories claim the same postal code, so that a site may lie in either.",
    P.organisation_read,
)
async def territories_claim_the_same(look: Look) -> Found:
    """Codes that two territories of one country claim."""
    rows = await look.rows(
        select(Territory.id, Territory.name, Territory.country, Territory.postal_codes).order_by(
            Territory.name, Territory.id
        )
    )
    claims: dict[tuple[str, str], list[Named]] = {}
    for row in rows:
        for code in row.postal_codes:
            claims.setdefault((row.country, code), []).append(Named("territory", row.id, row.name))
    return look.some(
        (
            Finding(
                f"Postal code {code} is claimed by {first_of(f'“{one.name}”' for one in claimed)}.",
                tuple(claimed),
                Fix("Take it out of all but one."),
            )
            for (_, code), claimed in sorted(claims.items(), key=lambda one: one[0])
            if len(claimed) > 1
        ),
        of=rows,
    )
