"""Every place in a request where an id can stand: in the path, the query, and anywhere in the body.

Found in the OpenAPI document by format, so that a new field is a new slot by itself.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.support.routes import Route, plain
from tests.support.world import ALIASES, Call, named, resource_of

NAMED_OTHERWISE = {("select_organisation", "org"): "organisation"}
"""Texts that may hold an id, though their format does not say so."""


@dataclass(frozen=True)
class Slot:
    """One place for an id, and whose id belongs there."""

    route: Route
    where: str
    """`path`, `query` or `body`."""
    place: tuple[str, ...]
    resource: str
    kind: str = "uuid"
    """`uuid`, `number` (the journal's) or `text` (an id among other names)."""
    said: str = ""
    """What stands in the field `entity` beside an `entity_id`: which kind of record it names."""

    @property
    def name(self) -> str:
        of = f" of a {self.said}" if self.said else ""
        return f"{self.route.name} {self.where} /{'/'.join(self.place)}{of}"

    @property
    def pointer(self) -> str:
        """How a problem document names it."""
        return ("?" if self.where == "query" else "/") + "/".join(self.place)

    @property
    def chosen(self) -> bool:
        """The new record's own id, which a client may choose: it points at nothing."""
        return self.where == "body" and self.place == ("id",)

    def filled(self, call: Call, value: Any) -> Call:
        """The call with `value` in this slot."""
        call = copy.deepcopy(call)
        if self.where == "path":
            call.path[self.place[0]] = value
        elif self.where == "query":
            call.query[self.place[0]] = value
            if self.said:
                call.query["entity"] = self.said
        else:
            inner = call.body
            *above, last = (int(part) if part.isdigit() else part for part in self.place)
            for part in above:
                inner = inner[part]
            inner[last] = value
            if self.said:
                inner["entity"] = self.said
        return call


def slots(route: Route) -> list[Slot]:
    """All of a route's slots."""
    return [one for slot in _slots(route) for one in _of_each_kind(slot)]


def _of_each_kind(slot: Slot) -> Iterator[Slot]:
    """An `entity_id` is a slot for each kind of record that `entity` may say beside it."""
    if slot.place[-1] != "entity_id":
        yield slot
        return
    if slot.where == "query":
        beside = next(one["schema"] for one in slot.route.parameters if one["name"] == "entity")
    else:
        assert slot.route.body is not None
        beside = plain(slot.route.body)["properties"]["entity"]
    for kind in plain(beside)["enum"]:
        yield replace(slot, resource=kind, said=kind)


def _slots(route: Route) -> list[Slot]:
    found = []
    for parameter in route.parameters:
        name, where = parameter["name"], parameter["in"]
        schema = plain(parameter["schema"])
        if where == "path":
            kind = "number" if schema.get("type") == "integer" else "uuid"
            found.append(Slot(route, "path", (name,), resource_of(route, name), kind))
        if where == "query" and schema.get("format") == "uuid":
            found.append(Slot(route, "query", (name,), _resource(name)))
    if route.body is not None:
        found += [
            Slot(route, "body", place, _resource_at(place) if place != ("id",) else "")
            for place in _ids(route.body)
        ]
    for (operation, name), resource in NAMED_OTHERWISE.items():
        if operation == route.id:
            found.append(Slot(route, "body", (name,), resource, "text"))
    return found


def _resource(name: str) -> str:
    return ALIASES.get(named(name), named(name))


def _resource_at(place: tuple[str, ...]) -> str:
    return _resource([part for part in place if not part.isdigit()][-1])


def _ids(schema: dict[str, Any], place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    schema = plain(schema)
    if schema.get("format") == "uuid":
        yield place
    for name, inner in schema.get("properties", {}).items():
        yield from _ids(inner, (*place, name))
    if "items" in schema:
        yield from _ids(schema["items"], (*place, "0"))
