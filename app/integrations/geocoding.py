"""Asking a provider where an address is, through geopy.

Whatever goes wrong is `NotNow`: no answer in time, an answer that is none, a limit, a key that is not
taken. The address is all that leaves this house: no name, no telephone number.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from geopy.adapters import URLLibAdapter
from geopy.exc import GeocoderRateLimited, GeopyError
from geopy.geocoders import GoogleV3, Nominatim

from app.core.places import Address, Found, NotNow, Precision

TIMEOUT = 5
"""Seconds that a provider may be silent, and"""
LONGEST = 10
"""that the whole answer may take."""
DEGREE = Decimal("0.000001")

ROOFTOP = {"building", "house", "place", "amenity", "shop", "office"}
STREET = {"road", "highway"}
GOOGLE = {
    "ROOFTOP": Precision.rooftop,
    "RANGE_INTERPOLATED": Precision.street,
    "GEOMETRIC_CENTER": Precision.street,
}


def _of_nominatim(raw: dict[str, Any]) -> Precision:
    kind = raw.get("addresstype") or raw.get("class")
    if kind in ROOFTOP:
        return Precision.rooftop
    if kind in STREET:
        return Precision.street
    return Precision.postal_code if kind == "postcode" else Precision.town


def _of_google(raw: dict[str, Any]) -> Precision:
    if "postal_code" in raw.get("types", ()):
        return Precision.postal_code
    return GOOGLE.get(raw.get("geometry", {}).get("location_type", ""), Precision.town)


@dataclass(frozen=True)
class Provider:
    """How one of them is spoken to."""

    make: Callable[..., Any]
    query: Callable[[Address], Any]
    precision: Callable[[dict[str, Any]], Precision]
    needs_key: bool


def _parts(address: Address) -> dict[str, str]:
    return {
        "street": address.street,
        "city": address.city,
        "state": address.region,
        "postalcode": address.postal_code,
        "country": address.country,
    }


def _line(address: Address) -> str:
    town = f"{address.city}, {address.region} {address.postal_code}"
    return f"{address.street}, {town}, {address.country}"


PROVIDERS = {
    "nominatim": Provider(Nominatim, _parts, _of_nominatim, needs_key=False),
    "google": Provider(GoogleV3, _line, _of_google, needs_key=True),
}


class Geocoder:
    """One provider, by name; `url` is another server that speaks as they do."""

    def __init__(
        self, name: str, *, key: str | None = None, url: str | None = None, a_minute: int = 60
    ) -> None:
        """Raises ValueError with a sentence for settings that cannot work."""
        if name not in PROVIDERS:
            raise ValueError(f"GEOCODER must be one of: none, {', '.join(PROVIDERS)}.")
        self._provider = PROVIDERS[name]
        if self._provider.needs_key and not key:
            raise ValueError(f"GEOCODER={name} needs a key: set GEOCODER_KEY.")
        options: dict[str, Any] = {
            "timeout": TIMEOUT,
            "user_agent": "truckroll",
            "adapter_factory": URLLibAdapter,  # asks once; when to ask again is the job's to say
        }
        if url is not None:
            at = urlsplit(url)
            if at.scheme not in ("http", "https") or not at.netloc:
                raise ValueError("GEOCODER_URL must read https://host, with a port if need be.")
            options |= {"scheme": at.scheme, "domain": at.netloc + at.path.rstrip("/")}
        if self._provider.needs_key:
            options["api_key"] = key
        self._client = self._provider.make(**options)
        self.name = name
        self.a_minute = a_minute

    async def find(self, address: Address) -> Found | None:
        """Where it is; None when they do not know it. Raises `NotNow`."""
        try:
            async with asyncio.timeout(LONGEST):
                found = await asyncio.to_thread(
                    self._client.geocode, self._provider.query(address), timeout=TIMEOUT
                )
        except GeocoderRateLimited as error:
            after = timedelta(seconds=error.retry_after) if error.retry_after else None
            raise NotNow(f"{self.name} was asked too often.", after=after) from error
        except (GeopyError, TimeoutError, ValueError, KeyError, TypeError) as error:
            raise NotNow(f"{self.name} did not answer: {type(error).__name__}.") from error
        if found is None:
            return None
        return Found(
            Decimal(str(found.latitude)).quantize(DEGREE),
            Decimal(str(found.longitude)).quantize(DEGREE),
            self._provider.precision(found.raw),
        )
