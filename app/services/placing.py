"""Placing a site: what its postal code tells, offline, and what a person said instead.

A machine fills in what nobody said (city, region, time zone, point), and changes it again only
while it still is what the machine filled in. A pin is a person's and stays.
"""

import asyncio
from decimal import Decimal

from app.core.errors import FieldError, Invalid, invalid_field
from app.core.geo import COUNTRIES, Place, known_by_heart, place_of
from app.core.places import Precision
from app.models.sites import PlacedBy, Site

DEGREE = Decimal("0.000001")
"""About ten centimetres, and what the column keeps."""


async def look_up(postal_code: str, country: str) -> Place | None:
    """What a postal code stands for; None for a country whose codes are not known here.

    Raises `Invalid` for a code that was never given out.
    """
    if country not in COUNTRIES:
        return None
    place = await _place_of(postal_code, country)
    if place is None:
        raise invalid_field(
            "postal_code",
            f"“{postal_code[:20]}” is not a US postal code. Write its five digits, such as 85001.",
            code="unknown_postal_code",
        )
    return place


async def find(postal_code: str, country: str) -> Place | None:
    """What is known of a postal code; None for one that was never given out or is not known here."""
    return await _place_of(postal_code, country) if country in COUNTRIES else None


async def settle(site: Site, *, moved: bool) -> None:
    """Fill in what the postal code tells and nobody said; `moved` places the site anew.

    Raises `Invalid` for an impossible postal code, and for a city, region or time zone that is
    neither said nor known from it.
    """
    place = await look_up(site.postal_code, site.country)
    if place is not None:
        site.postal_code = place.postal_code
        site.city = site.city or place.city
        site.region = site.region or place.region
        site.time_zone = site.time_zone or place.time_zone or ""
        site.region = site.region.upper() if len(site.region) == 2 else site.region
    if moved and site.placed_by != PlacedBy.pin:
        _put(site, place)
    missing = [name for name in ("city", "region", "time_zone") if not getattr(site, name)]
    if missing:
        errors = [
            FieldError(f"/{name}", "missing", "The postal code does not tell; please give it.")
            for name in missing
        ]
        raise Invalid(f"Please give: {', '.join(missing)}.", errors=errors)


async def unsettle(site: Site) -> None:
    """Empty what the present postal code filled in, before another one is settled."""
    if site.country not in COUNTRIES:
        return
    place = await _place_of(site.postal_code, site.country)
    if place is None:
        return
    for name in ("city", "region", "time_zone"):
        if getattr(site, name).casefold() == (getattr(place, name) or "").casefold():
            setattr(site, name, "")


async def _place_of(postal_code: str, country: str) -> Place | None:
    if known_by_heart():
        return place_of(postal_code, country)
    # the first look-up loads the whole list, which would hold up everybody
    return await asyncio.to_thread(place_of, postal_code, country)


def pin(site: Site, latitude: float, longitude: float) -> None:
    """Put the site where a person says it is."""
    site.latitude = Decimal(str(latitude)).quantize(DEGREE)
    site.longitude = Decimal(str(longitude)).quantize(DEGREE)
    site.placed_by, site.precision = PlacedBy.pin, Precision.exact


def _put(site: Site, place: Place | None) -> None:
    point = place.point if place else None
    site.latitude = Decimal(str(point.latitude)).quantize(DEGREE) if point else None
    site.longitude = Decimal(str(point.longitude)).quantize(DEGREE) if point else None
    site.placed_by = PlacedBy.postal_code if point else None
    site.precision = Precision.postal_code if point else None
