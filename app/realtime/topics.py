"""Topics: what a client may ask to be told about.

`board:<date>` is a day of the board in the organisation's time zone, `<kind>:<id>` a record (such as
`work_order:…` or `technician:…`) with all that stands in its timeline, `work_orders` whichever work
order or visit one sees, `me` the caller's own person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.core.model import TenantModel
from app.models.permissions import Permission
from app.realtime.sources import SOURCES
from app.services.facts import entity_of

Kinds = Mapping[str, tuple[type[TenantModel], Permission]]
"""The journal's word for a kind of record → its model, and what one needs to read it."""
LONGEST = 100
EVERY: Mapping[str, tuple[str, ...]] = {"work_orders": ("work_order", "visit")}
"""Topics of whole lists → the kinds of record whose changes they tell of; the first one's permission is
what they need."""


def kinds_of(reading: Mapping[type[TenantModel], Permission]) -> Kinds:
    """The kinds by name."""
    return {entity_of(model): (model, needed) for model, needed in reading.items()}


@dataclass(frozen=True)
class Topic:
    """One topic, read."""

    name: str
    day: date | None = None
    entity: str = ""
    id: UUID | None = None
    source: str = ""
    every: tuple[str, ...] = ()
    """Kinds of record of which all are meant."""


def read(name: str, kinds: Kinds) -> Topic | None:
    """The topic of this name, or None when there is none."""
    if len(name) > LONGEST:
        return None
    kind, _, which = name.partition(":")
    if name == "me":
        return Topic(name)
    if name in EVERY:
        return Topic(name, every=EVERY[name])
    if any(name == source.kind for source in SOURCES):
        return Topic(name, source=name)
    try:
        if kind == "board":
            day = date.fromisoformat(which)
            return Topic(name, day=day) if which == day.isoformat() else None
        if kind in kinds:
            id = UUID(which)
            return Topic(name, entity=kind, id=id) if which == str(id) else None
    except ValueError:
        return None
    return None
