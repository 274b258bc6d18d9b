"""Bad input to every route that takes any: a clear 4xx, and nothing is left behind (check D10).

The routes and their fields come from the OpenAPI document. What is wrong comes from two tables: what
no JSON document may be, and what each kind of field may not hold. `make test-deep` sends all of it.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.support.deep import some, times
from tests.support.fingerprints import everything
from tests.support.problems import faults
from tests.support.routes import READS, Route, resolved, routes
from tests.support.world import Call, World

DOCUMENTED = [route for route in routes() if route.operation]
WRITING = [route for route in DOCUMENTED if route.body is not None]
UPLOADING = [route for route in DOCUMENTED if route.uploads]
QUERIED = [
    route
    for route in DOCUMENTED
    if route.method in READS and any(one["in"] == "query" for one in route.parameters)
]
WITH_ID = [route for route in DOCUMENTED if "{" in route.path]
JSON = {"Content-Type": "application/json"}
YEAR_10000 = "10000-01-01T00:00:00Z"
EVERY = times(17, deep=1)
"""Which of the wrong values are sent: many fields are alike, so each kind of mistake is still met."""

DOCUMENTS: dict[str, tuple[bytes, set[int]]] = {
    "nothing": (b"", {422}),
    "no JSON": (b"{name:", {400}),
    "a list": (b"[]", {422}),
    "a text": (b'"text"', {422}),
    "a number": (b"1", {422}),
    "null in a list": (b"[null]", {422}),
    "invalid UTF-8": (b'{"name": "\xff\xfe"}', {400}),
    "an overlong form": (b'{"name": "\xc0\x80"}', {400}),
    "a surrogate in UTF-8": (b'{"name": "\xed\xa0\x80"}', {400}),
    "UTF-16": ('{"name": "x"}'.encode("utf-16"), {400}),
    "a byte order mark": (b'\xef\xbb\xbf{"name": "x"}', {400}),
    "NUL": (b'{"name": "a\\u0000b"}', {400}),
    "NUL in a key": (b'{"a\\u0000": 1}', {400}),
    "a raw NUL": (b'{"name": "a\x00b"}', {400}),
    "half a surrogate pair": (b'{"name": "\\ud800"}', {400}),
    "half a pair in a key": (b'{"\\udfff": 1}', {400}),
    "half a pair in a key twice": (b'{"\\udfff": 1, "\\udfff": 2}', {400}),
    "a key twice": (b'{"name": "a", "name": "b"}', {400}),
    "a key twice inside": (b'{"x": {"a": 1, "a": 2}}', {400}),
    "NaN": (b'{"name": NaN}', {400}),
    "infinity": (b'{"name": -Infinity}', {400}),
    "1e400": (b'{"name": 1e400}', {400}),
    "5,000 digits": (b'{"name": ' + b"9" * 5000 + b"}", {400}),
    "33 levels": (b'{"name": ' + b"[" * 32 + b"]" * 32 + b"}", {400}),
    "100,000 levels": (b"[" * 100_000, {400}),
    "10 MB": (b'{"name": "' + b"x" * 10_000_000 + b'"}', {413}),
    "unknown fields": (b'{"colour_of_the_van": "red", "__proto__": {}}', {422}),
}
"""What no route takes as a body, and how it may answer."""


EDGES = (("minimum", -1), ("maximum", 1))
MISSHAPEN = (
    "-5",
    "-0.01",
    "1e5",
    "NaN",
    "1,000",
    "12.",
    "12.5\n",
    "0x1F",
    "١٢",
    "1.1234567",
    "9" * 20,
)
"""What is no amount, quantity, rate, color or local time."""


def _wrong(schema: dict[str, Any]) -> Iterator[Any]:
    """Values that this field may not hold, from what its schema says."""
    schema = resolved(schema)
    options = [resolved(one) for one in schema.get("anyOf", schema.get("oneOf", [schema]))]
    types = {one.get("type") for one in options} | {"enum" for one in options if "enum" in one}
    if "null" not in types:
        yield None
    if "boolean" not in types:
        yield from () if types & {"integer", "number"} else (True,)
    if "object" not in types:
        yield {"a": 1}
    if "array" not in types:
        yield ["x"]
    for one in options:
        match one.get("type"):
            case "string":
                yield from (12, 86400, 10**30, 1.5)
                if "maxLength" in one:
                    yield "x" * (one["maxLength"] + 1)
                if one.get("minLength"):
                    yield from ("", "   ")
                yield from _wrong_format(one.get("format"))
                if "pattern" in one:
                    yield from (text for text in MISSHAPEN if not re.match(one["pattern"], text))
                if "enum" in one:
                    yield "no such word"
            case "number":
                yield from ("many", 1e300, -1e300, "NaN", "Infinity", True)
                yield from (one[edge] + step for edge, step in EDGES if edge in one)
            case "integer":
                yield from ("many", 1.5, 10**30, -(10**30), 2**63)
                yield from (one[edge] + step for edge, step in EDGES if edge in one)
            case "array":
                if "maxItems" in one:
                    yield [None] * (one["maxItems"] + 1)
                yield from ([value] for value in _wrong(one.get("items", {"type": "object"})))


def _wrong_format(name: str | None) -> Iterator[str]:
    match name:
        case "uuid":
            yield from ("nobody", "0" * 31, str(uuid4()) + "0")
        case "date-time":
            yield from (YEAR_10000, "0001-01-01T00:00:00Z", "2026-02-30T10:00:00Z", "soon", "86400",
                        "2026-11-21T10:00:00", "2026-11-21T25:00:00Z")  # fmt: skip
        case "date":
            yield from ("10000-01-01", "0001-01-01", "2026-02-30", "21.11.2026", "soon", "86400")


def _broken(schema: dict[str, Any], good: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """The good body with one field wrong, for each field and each way; and where it is."""
    schema = resolved(schema)
    options = [resolved(one) for one in schema.get("anyOf", [schema])]
    for one in options:
        for name, field in one.get("properties", {}).items():
            for value in _wrong(field):
                yield f"{place}/{name} = {str(value)[:60]!r}", {**good, name: value}
            inner = good.get(name)
            if isinstance(inner, dict):
                for where, value in _broken(field, inner, f"{place}/{name}"):
                    yield where, {**good, name: value}
            if isinstance(inner, list) and inner and isinstance(inner[0], dict):
                for where, value in _broken(_items(field), inner[0], f"{place}/{name}/0"):
                    yield where, {**good, name: [value, *inner[1:]]}


def _items(schema: dict[str, Any]) -> dict[str, Any]:
    schema = resolved(schema)
    options = [resolved(one) for one in schema.get("anyOf", [schema])]
    return next(one["items"] for one in options if "items" in one)


async def _send(world: World, call: Call, content: bytes, headers: dict[str, str]) -> Any:
    path = call.route.path.format(**call.path)
    sent = {**call.headers, "Accept-Encoding": "identity", **headers}
    return await world.owner.request(call.route.method, path, content=content, headers=sent)


def _judged(route: Route, reply: Any, allowed: set[int]) -> list[str]:
    found = faults(reply) if reply.status_code >= 400 else []
    if reply.status_code not in allowed:
        found.append(f"{reply.status_code} instead of {sorted(allowed)}: {reply.text[:200]}")
    elif reply.status_code not in route.answers:
        found.append(f"{reply.status_code} is not documented")
    return found


@pytest.mark.parametrize("route", some(WRITING, 9), ids=lambda route: route.name)
async def test_no_bad_document_is_taken(
    route: Route, world: World, admin: asyncpg.Connection
) -> None:
    before = await everything(admin)
    call = world.call(route)
    wrong = {}
    for name, (document, allowed) in DOCUMENTS.items():
        if document or _needs_a_body(route):
            reply = await _send(world, call, document, JSON)
            if found := _judged(route, reply, allowed):
                wrong[name] = found
    assert wrong == {}
    assert await everything(admin) == before


def _needs_a_body(route: Route) -> bool:
    return bool((route.operation or {})["requestBody"].get("required"))


@pytest.mark.parametrize("route", WRITING, ids=lambda route: route.name)
async def test_no_field_takes_what_it_may_not_hold(
    route: Route, world: World, admin: asyncpg.Connection
) -> None:
    before = await everything(admin)
    call = world.call(route)
    wrong = {}
    assert route.body is not None
    good = call.body if isinstance(call.body, dict) else {}
    for where, body in islice(_broken(route.body, good), 0, None, EVERY):
        reply = await _send(world, call, json.dumps(body).encode(), JSON)
        if found := _judged(route, reply, {400, 422}):
            wrong[where] = found
    assert wrong == {}
    assert await everything(admin) == before


@pytest.mark.parametrize("route", QUERIED, ids=lambda route: route.name)
async def test_no_parameter_takes_what_it_may_not_hold(route: Route, world: World) -> None:
    call = world.call(route)
    path = call.route.path.format(**call.path)
    wrong = {}
    queries = [
        (one["name"], value)
        for one in route.parameters
        if one["in"] == "query"
        for value in _wrong_in_query(one["schema"])
    ]
    for name, value in queries[::EVERY]:
        reply = await world.owner.get(path, params={name: value})
        if found := _judged(route, reply, {400, 422}):
            wrong[f"?{name}={str(value)[:60]}"] = found
    reply = await world.owner.get(f"{path}?{queries[0][0]}=%00")
    if found := _judged(route, reply, {400}):
        wrong["NUL"] = found
    assert wrong == {}


def _wrong_in_query(schema: dict[str, Any]) -> Iterator[str]:
    schema = resolved(schema)
    options = [resolved(one) for one in schema.get("anyOf", [schema])]
    for one in options:
        match one.get("type"):
            case "integer":
                yield from ("many", "1.5", str(10**30), "")
                yield str(one.get("minimum", 0) - 1)
            case "boolean":
                yield from ("perhaps", "2")
            case "string":
                if "maxLength" in one:
                    yield "x" * (one["maxLength"] + 1)
                if "enum" in one:
                    yield "no such word"
                yield from _wrong_format(one.get("format"))


@pytest.mark.parametrize("route", some(WITH_ID, start=1), ids=lambda route: route.name)
async def test_no_address_takes_what_is_no_id(
    route: Route, world: World, admin: asyncpg.Connection
) -> None:
    before = await everything(admin)
    call = world.call(route)
    good = json.dumps(call.body).encode() if call.body is not None else b""
    wrong = {}
    addresses = {"nobody": {422}, str(10**30): {422}, "%0d%0aX-Injected:%201": {422}, "%00": {400}}
    for name in call.path:
        for bad, allowed in addresses.items():
            broken = Call(route, {**call.path, name: bad}, {}, None, call.headers)
            reply = await _send(world, broken, good, JSON if good else {})
            found = [] if reply.status_code in {404, 405} else _judged(route, reply, allowed)
            if found or reply.status_code not in allowed:
                wrong[f"{name}={bad[:40]}"] = [reply.status_code, *found]
    assert wrong == {}
    assert await everything(admin) == before


def _parts(*parts: bytes, boundary: bytes = b"b") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


FILE = b'Content-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
FIELD = b'Content-Disposition: form-data; name="x"\r\n\r\n1'
MULTIPART = "multipart/form-data; boundary=b"
FORMS: dict[str, tuple[str, bytes]] = {
    "JSON": ("application/json", b"{}"),
    "text": ("text/plain", b"x"),
    "no boundary": ("multipart/form-data", _parts(FIELD)),
    "another boundary": ("multipart/form-data; boundary=c", _parts(FIELD)),
    "an empty form": (MULTIPART, b"--b--\r\n"),
    "no name": (MULTIPART, _parts(b"Content-Disposition: form-data\r\n\r\n1")),
    "no headers": (MULTIPART, _parts(b"\r\n1")),
    "cut short": (MULTIPART, b"--b\r\n" + FIELD[:20]),
    "10,000 parts": (MULTIPART, _parts(*[FIELD] * 10_000)),
    "2,000 files": (MULTIPART, _parts(*[FILE] * 2_000)),
    "NUL in a name": (MULTIPART, _parts(FILE.replace(b"a.png", b"a\x00.png") + b"x")),
    "NUL in a field": (MULTIPART, _parts(FIELD + b"\x00", FILE + b"x")),
    "a giant preamble": (MULTIPART, b"x" * 11_000_000 + _parts(FIELD)),
    "a giant header": (MULTIPART, _parts(b"X-Long: " + b"x" * 100_000 + b"\r\n" + FIELD)),
    "11 MB": (MULTIPART, _parts(FILE + b"x" * 11_000_000)),
}


@pytest.mark.parametrize("route", UPLOADING, ids=lambda route: route.name)
async def test_no_bad_form_is_taken(route: Route, world: World, admin: asyncpg.Connection) -> None:
    before = await everything(admin)
    call = world.call(route)
    wrong = {}
    for name, (kind, content) in FORMS.items():
        reply = await _send(world, call, content, {"Content-Type": kind})
        if found := _judged(route, reply, {400, 413, 415, 422}):
            wrong[name] = found
    assert wrong == {}
    assert await everything(admin) == before
