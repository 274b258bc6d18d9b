"""How long what the OpenAPI document describes can be, where a format, a choice or a page says it.

What is *taken* is bounded where it is declared, and the server holds to it; this module never gives a
text, list or number that somebody may send a bound of its own, so that a forgotten one is seen
(`tests/rules/test_openapi.py`). What is *answered* was taken before or written by us: it is no larger
than the largest that is taken, and the document says so once, here. The contract tests hold answers
to it.
"""

from collections.abc import Iterator
from typing import Any

from app.core.listing import MOST

Schema = dict[str, Any]

LENGTHS = {"uuid": 36, "date": 10, "date-time": 40, "time": 20}
"""Characters of the formats whose values have a length of their own."""
LONGEST_TEXT = 10_000
"""The longest text that is taken, and so the longest that is answered."""
MOST_ITEMS = 10_000
"""The longest list inside a record: what one bulk action is told of at once."""
EXACT = 2**53 - 1
"""The largest integer that every reader of JSON holds exactly; all of ours are smaller."""
INT32 = 2**31
LOW, HIGH = {"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}


def complete(document: Schema) -> None:
    """Write the bounds into the document, in place."""
    schemas = document["components"]["schemas"]
    operations = [one for path in document["paths"].values() for one in path.values()]
    for operation in operations:
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _said(parameter["schema"])
    taken = [
        *(one["schema"] for each in operations for one in each.get("parameters", ())),
        *(one["schema"] for each in operations for one in _contents(each.get("requestBody", {}))),
    ]
    named = _reached(taken, schemas)
    for schema in (*taken, *(schemas[name] for name in named)):
        for one in _inside(schema):
            _measure(one)
    answered = [
        *(one["schema"] for each in operations for answer in each["responses"].values()
          for one in _contents(answer) if "schema" in one),
        *(schema for name, schema in schemas.items() if name not in named),
    ]  # fmt: skip
    for schema in answered:
        page = "next_cursor" in schema.get("properties", ())
        if page:
            schema["properties"]["data"].setdefault("maxItems", MOST)
        for one in _inside(schema):
            _limit(one)
            _measure(one)


def _contents(said: Schema) -> list[Schema]:
    return list(said.get("content", {}).values())


def _said(schema: Schema) -> Schema:
    """A parameter is sent or not; there is no null in an address or a header."""
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(options) != 1:
        return schema
    return {**options[0], **{key: value for key, value in schema.items() if key != "anyOf"}}


def _inside(schema: Schema) -> Iterator[Schema]:
    """The schema and all that are written inside it, references unfollowed."""
    yield schema
    parts = [schema.get("items"), schema.get("additionalProperties")]
    for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
        parts += schema.get(word, ())
    for one in (*parts, *schema.get("properties", {}).values()):
        if isinstance(one, dict):
            yield from _inside(one)


def _reached(start: list[Schema], schemas: Schema) -> set[str]:
    """The names of all schemas that these lead to."""
    found: set[str] = set()
    todo = list(start)
    while todo:
        for one in _inside(todo.pop()):
            name = str(one.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                todo.append(schemas[name])
    return found


def _measure(schema: Schema) -> None:
    """What follows from what the schema says already."""
    match schema.get("type"):
        case "string":
            if schema.get("format") in LENGTHS:
                schema.setdefault("maxLength", LENGTHS[schema["format"]])
        case "integer":
            if "enum" in schema:
                schema.update(minimum=min(schema["enum"]), maximum=max(schema["enum"]))
            low = next((schema[word] for word in LOW if word in schema), -EXACT)
            high = next((schema[word] for word in HIGH if word in schema), EXACT)
            schema["format"] = "int32" if low >= -INT32 and high < INT32 else "int64"
        case "array":
            kinds = schema.get("prefixItems", ())
            if kinds and all(one == kinds[0] for one in kinds):
                schema["items"] = schema.pop("prefixItems")[0]


def _limit(schema: Schema) -> None:
    """What is answered, where nothing nearer says how large it is."""
    match schema.get("type"):
        case "string":
            if not {"enum", "const"} & schema.keys() and schema.get("format") not in LENGTHS:
                schema.setdefault("maxLength", LONGEST_TEXT)
        case "integer":
            if "enum" not in schema:
                if not LOW & schema.keys():
                    schema["minimum"] = -EXACT
                if not HIGH & schema.keys():
                    schema["maximum"] = EXACT
        case "array":
            schema.setdefault("maxItems", MOST_ITEMS)
