"""What is asked of whoever knows where addresses are, and what they answer."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from app.core.errors import Unavailable


class Precision(StrEnum):
    """How well a place is known, the best first."""

    exact = "exact"
    """A person set the pin."""
    rooftop = "rooftop"
    street = "street"
    """The right street; the house is guessed."""
    postal_code = "postal_code"
    """The middle of the postal code's area."""
    town = "town"


@dataclass(frozen=True)
class Address:
    """As it stands on an envelope, without the name."""

    street: str
    city: str
    region: str
    postal_code: str
    country: str

    @property
    def key(self) -> str:
        """The same for the same address, however it was typed."""
        parts = (self.street, self.city, self.region, self.postal_code, self.country)
        return ", ".join(" ".join(part.casefold().replace(".", " ").split()) for part in parts)


@dataclass(frozen=True)
class Found:
    """Where an address is."""

    latitude: Decimal
    longitude: Decimal
    precision: Precision


class NotNow(Unavailable):
    """They do not answer now; `after` is when they want to be asked again, if they said so."""

    def __init__(self, detail: str, *, after: timedelta | None = None) -> None:
        super().__init__(detail)
        self.after = after


class Places(Protocol):
    """Whoever knows (`app.integrations.geocoding`)."""

    @property
    def name(self) -> str:
        """Who they are, for the cache and the allowance."""
        ...

    @property
    def a_minute(self) -> int:
        """How often they may be asked."""
        ...

    async def find(self, address: Address) -> Found | None:
        """Where it is; None when they do not know it. Raises `NotNow`."""
        ...
