"""Which keys an answer may have for whom: the table that is checked in, and what an answer holds.

`docs/response-keys.csv` has a row for each key of each shape that signed-in people are answered with,
and a column for each system role: a key that is not in the table, or not for the role, may not be
there (check A10). It is written with `docs/permissions.csv` (`make policy`), so that a new key, and who
sees it, shows in a review.
"""

import csv
import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from app.models.permissions import SYSTEM_ROLES
from app.models.sensitive import sensitive, sensitive_models, sensitive_within
from tests.support.routes import Route, document, routes

TABLE = Path(__file__).resolve().parents[2] / "docs" / "response-keys.csv"
ROLES = tuple(SYSTEM_ROLES)
NEEDS = re.compile(r"Absent without the permission ([a-z:-]+)\.")
REF = "#/components/schemas/"
Schema = dict[str, Any]


def answer_of(route: Route) -> Schema:
    """The schema of what the operation answers as JSON; empty when it answers none."""
    replies = (route.operation or {}).get("responses", {})
    good = next((replies[code] for code in sorted(replies) if code.startswith("2")), {})
    schema: Schema = good.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def shape(name: str) -> Schema:
    found: Schema = document()["components"]["schemas"][name]
    return found


def _refs(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].removeprefix(REF)
        for inner in schema.values():
            yield from _refs(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _refs(inner)


def shapes_in(schema: Schema) -> set[str]:
    """Every shape within an answer, those within shapes too."""
    found: set[str] = set()
    ahead = list(_refs(schema))
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += _refs(shape(name))
    return found


def _sees(role: str, needed: str | None) -> bool:
    return needed is None or needed in SYSTEM_ROLES[role][2]


def written() -> str:
    """The table as the routes and the roles have it today."""
    readers: dict[str, set[str]] = {}
    for route in routes():
        if route.operation and route.allow:
            may = {role for role in ROLES if _sees(role, route.allow.permission)}
            for name in shapes_in(answer_of(route)):
                readers.setdefault(name, set()).update(may)
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["shape", "key", *ROLES])
    for name in sorted(readers):
        for key, schema in sorted(shape(name).get("properties", {}).items()):
            told = NEEDS.search(schema.get("description", ""))
            needed = told.group(1) if told else None
            may = {role for role in readers[name] if _sees(role, needed)}
            rows.writerow([name, key, *("yes" if role in may else "no" for role in ROLES)])
    return out.getvalue()


@cache
def allowed() -> frozenset[tuple[str, str, str]]:
    """The checked-in table, as shape, key and role."""
    with TABLE.open(newline="") as file:
        return frozenset(
            (row["shape"], row["key"], role)
            for row in csv.DictReader(file)
            for role in ROLES
            if row[role] == "yes"
        )


def keys_in(value: Any, schema: Schema) -> Iterator[tuple[str, str]]:
    """Each key that an answer holds, with the shape that it stands in. Of what has no shape (the
    columns of an entry of the history), those that are sensitive anywhere, with the shape “”."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REF)
        properties = shape(name).get("properties")
        if isinstance(value, dict) and properties is not None:
            for key, inner in value.items():
                yield name, key
                yield from keys_in(inner, properties.get(key, {}))
            return
        schema = shape(name)
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        yield from keys_in(value, _meant(value, options))
    elif isinstance(value, list):
        for one in value:
            yield from keys_in(one, schema.get("items", {}))
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in SENSITIVE:
                yield "", key
            yield from keys_in(inner, {})


def _meant(value: Any, options: list[Schema]) -> Schema:
    """The option that this is an answer of: for a record the one that knows most of its keys."""
    if not isinstance(value, dict):
        wanted = "array" if isinstance(value, list) else None
        return next((one for one in options if one.get("type") == wanted), {})

    def known(option: Schema) -> int:
        name = option.get("$ref", "").removeprefix(REF)
        return len(value.keys() & shape(name).get("properties", {}).keys()) if name else 0

    return max(options, key=known)


SENSITIVE = {
    name: need
    for model in sensitive_models()
    for said in (sensitive(model), *sensitive_within(model).values())
    for name, need in said.items()
}
"""Columns, and keys within columns of JSON, that only some see, and what they need."""


def refused(value: Any, schema: Schema, role: str) -> set[tuple[str, str]]:
    """Keys of an answer that this role may not be given."""
    return {
        (name, key)
        for name, key in keys_in(value, schema)
        if not ((name, key, role) in allowed() if name else _sees(role, SENSITIVE[key]))
    }
