"""Every place in a request where an id can stand: in the path, the query, and anywhere in the body.

Found in the OpenAPI document by format, so that a new field is a new slot by itself.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
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

    @property
    def name(self) -> str:
        return f"{self.route.name} {self.where} /{'/'.join(self.place)}"

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
        else:
            inner = call.body
            *above, last = (int(part) if part.isdigit() else part for part in self.place)
            for part in above:
                inner = inner[part]
            inner[last] = value
        return call


def slots(route: Route) -> list[Slot]:
    """All of a route's slots."""
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
