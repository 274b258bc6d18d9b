"""The OpenAPI document, linted by ourselves (check D2): whatever may be sent has bounds, and whatever
may be answered is said.

Bounds matter for what comes in: a text without a length or a list without an end is work that a
stranger can make us do. What we answer is ours.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.api import bounds
from app.api.terms import TAGS
from tests.support.routes import Route, document, resolved, routes

DOCUMENTED = [route for route in routes() if route.operation is not None]
every_route = pytest.mark.parametrize("route", DOCUMENTED, ids=lambda route: route.name)

FORMATS = {"uuid", "date", "date-time", "time"}
"""Formats whose values have a length of their own. A file's is counted while it is read."""
OUTSIDE = {"/", "/health", "/health/live", "/health/ready"}
"""Asked by load balancers and browsers: no limit stands before them."""
UNBOUNDED: dict[str, str] = {}
"""`operation place` that has no bound, and why."""


def unbounded(schema: dict[str, Any], place: str, seen: tuple[str, ...] = ()) -> Iterator[str]:
    """The places inside `schema` where something has no end."""
    if (name := schema.get("$ref", "")) in seen and name:
        return  # a tree; its own depth and size are counted where it is read
    seen = (*seen, name) if name else seen
    schema = {**resolved(schema), **{k: v for k, v in schema.items() if k != "$ref"}}
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from unbounded(one, place, seen)
    if "enum" in schema or "const" in schema:
        return
    match schema.get("type"):
        case "string":
            sized = schema.get("format") in FORMATS or "contentMediaType" in schema
            if not (sized or "maxLength" in schema or ends(schema.get("pattern"))):
                yield f"{place}: a text without maxLength"
        case "integer" | "number":
            low = {"minimum", "exclusiveMinimum"} & schema.keys()
            if not (low and {"maximum", "exclusiveMaximum"} & schema.keys()):
                yield f"{place}: a number without minimum and maximum"
        case "array":
            if "maxItems" not in schema:
                yield f"{place}: a list without maxItems"
            for one in (schema.get("items", {}), *schema.get("prefixItems", ())):
                yield from unbounded(one, f"{place}/0", seen)
        case "object":
            for key, one in schema.get("properties", {}).items():
                yield from unbounded(one, f"{place}/{key}", seen)
            more = schema.get("additionalProperties")
            if isinstance(more, dict):
                if not {"maxProperties", "propertyNames"} & schema.keys():
                    yield f"{place}: an object with any number of fields"
                yield from unbounded(more, f"{place}/*", seen)


def ends(pattern: str | None) -> bool:
    """Whether what matches has a length."""
    if pattern is None or not (pattern.startswith("^") and pattern.endswith("$")):
        return False
    outside_classes = re.sub(r"\\.|\[[^\]]*\]", "x", pattern)
    return re.search(r"[*+]|,\}", outside_classes) is None


def inputs(route: Route) -> Iterator[str]:
    """Where what this route takes has no end."""
    assert route.operation is not None
    for one in route.parameters:
        yield from unbounded(one["schema"], f"{one['in']} {one['name']}")
    for kind, body in route.operation.get("requestBody", {}).get("content", {}).items():
        yield from unbounded(body["schema"], kind.partition("/")[2])


@every_route
def test_what_it_takes_has_bounds(route: Route) -> None:
    found = [one for one in inputs(route) if f"{route.id} {one.partition(':')[0]}" not in UNBOUNDED]
    assert found == [], "Give it max_length, ge and le; or a line and a reason in UNBOUNDED."


@every_route
def test_it_says_that_it_may_be_refused_for_now(route: Route) -> None:
    expected = set() if route.path in OUTSIDE else {429, 500}
    expected |= {401} if route.allow is not None else set()
    assert expected - route.answers == set()


def test_every_exception_is_needed() -> None:
    found = {f"{r.id} {one.partition(':')[0]}" for r in DOCUMENTED for one in inputs(r)}
    assert set(UNBOUNDED) <= found


PLANTED = [
    {"type": "string"},
    {"type": "string", "pattern": "^[a-z]+$"},
    {"type": "integer", "minimum": 0},
    {"type": "array", "items": {"type": "boolean"}},
    {"type": "object", "properties": {"name": {"anyOf": [{"type": "string"}, {"type": "null"}]}}},
    {"type": "object", "additionalProperties": {"type": "boolean"}},
]


@pytest.mark.parametrize("schema", PLANTED, ids=str)
def test_the_rule_sees_what_it_is_for(schema: dict[str, Any]) -> None:
    assert len(list(unbounded(schema, "here"))) == 1


def test_nothing_that_is_taken_is_given_a_bound() -> None:
    """The document bounds answers by itself; what is forgotten of what is taken stays to be seen."""
    text, body = {"type": "string"}, {"$ref": "#/components/schemas/Draft"}
    sent = {"properties": {"name": text | {}, "lines": {"type": "array", "items": text | {}}}}
    made: Any = {
        "paths": {"/x": {"post": {
            "parameters": [{"in": "query", "name": "q", "schema": {"anyOf": [text | {}, {"type": "null"}]}}],
            "requestBody": {"content": {"application/json": {"schema": body}}},
            "responses": {"200": {"content": {"application/json": {"schema": {"type": "integer"}}}}},
        }}},
        "components": {"schemas": {"Draft": sent, "Out": {"properties": {"name": text | {}}}}},
    }  # fmt: skip
    bounds.complete(made)
    found = {
        name: sorted(one)
        for name, one in made["components"]["schemas"]["Draft"]["properties"].items()
    }
    assert found == {"name": ["type"], "lines": ["items", "type"]}
    assert (
        made["components"]["schemas"]["Out"]["properties"]["name"]["maxLength"]
        == bounds.LONGEST_TEXT
    )
    operation = made["paths"]["/x"]["post"]
    assert operation["parameters"][0]["schema"] == text
    answered = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert answered["maximum"] == bounds.EXACT


def test_every_chapter_is_described() -> None:
    used = {tag for route in DOCUMENTED for tag in (route.operation or {})["tags"]}
    assert used == set(TAGS), "Say in app/api/terms.py what it is about."


def test_the_document_says_which_version_it_is() -> None:
    assert document()["openapi"].startswith("3.1")
    assert document()["info"]["description"]
