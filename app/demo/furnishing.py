"""What stands at the customers' sites: tanks and their pumps beyond the sewer, water heaters and the like in town.

Chance decides it after everything else, and takes nothing from anybody else's chance.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from app.demo.chronicle import Chronicle
from app.demo.clients import Client, Place
from app.models.equipment import Equipment
from app.services.facts import Fact

TANKS = (
    ("Hancor", "1,000 gal concrete"),
    ("Norwesco", "1,000 gal poly"),
    ("Jensen", "1,250 gal concrete"),
    ("Infiltrator", "IM-1060"),
    ("Jensen", "1,500 gal concrete"),
)
TANK_AT = (
    "Behind the house",
    "North of the drive",
    "Under the lawn by the deck",
    "East of the barn",
)
PUMPS = (("Liberty", "LE51A"), ("Zoeller", "M98"), ("Goulds", "PE51"))
IN_TOWN = (
    ("Water heater", "Rheem", "XE50T06", "Basement"),
    ("Water heater", "A. O. Smith", "GPVL-50", "Utility room"),
    ("Sump pump", "Zoeller", "M53", "Basement, by the stairs"),
    ("Backflow preventer", "Watts", "LF009", "Meter pit"),
)
PUMPED, HEATED = 28, 45
"""Of a hundred sites: tanks with a pump of their own, and houses in town where something is known."""
KNOWN = ("pump_out", "inspection")
"""Kinds of work that are about the tank."""


class Furnishing:
    """Writes down what stands at each site, soon after the site itself."""

    def __init__(self, told: Chronicle, random: Random, by: UUID):
        self.told = told
        self.random = random
        self.by = by

    def furnish(self, clients: Iterable[Client]) -> None:
        """All sites of customers that have arrived."""
        for client in clients:
            if client.since is not None:
                # between the last of the sites and the first call about them
                at = client.since + timedelta(seconds=40 * len(client.places))
                for place in client.places:
                    at += timedelta(seconds=20)
                    self._furnish(place, at)

    def _furnish(self, place: Place, at: datetime) -> None:
        if place.rural:
            make, model = self.random.choice(TANKS)
            place.tank = self._add(
                place, at, "Septic tank", make, model, self.random.choice(TANK_AT), years=32
            )
            if self.random.randrange(100) < PUMPED:
                make, model = self.random.choice(PUMPS)
                later = at + timedelta(seconds=10)
                self._add(
                    place,
                    later,
                    "Effluent pump",
                    make,
                    model,
                    "Pump chamber",
                    years=9,
                    of=place.tank,
                )
        elif self.random.randrange(100) < HEATED:
            kind, make, model, where = self.random.choice(IN_TOWN)
            self._add(place, at, kind, make, model, where, years=12)

    def _add(
        self,
        place: Place,
        at: datetime,
        kind: str,
        make: str,
        model: str,
        location: str,
        *,
        years: int,
        of: UUID | None = None,
    ) -> UUID:
        installed = at.date() - timedelta(days=self.random.randrange(90, 365 * years))
        row: dict[str, Any] = {
            "site_id": place.id,
            "parent_id": of,
            "type": kind,
            "make": make,
            "model": model,
            "serial": f"{self.random.randrange(36**6):06X}",
            "location": location,
            "installed_on": installed,
            "warranty_until": _years_on(installed, 5),
        }
        act = self.told.act(at, self.by)
        id = self.told.add(act, Equipment, **row)
        self.told.say(
            act,
            Fact.equipment_created,
            Equipment,
            id,
            place.id,
            name=Equipment(**row).name,
            address=place.site.address,
        )
        return id


def _years_on(day: date, years: int) -> date:
    """The same day so many years later; of a 29 February the day before."""
    return day.replace(year=day.year + years, day=min(day.day, 28))
