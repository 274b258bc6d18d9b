"""Every route of the application, beside what the OpenAPI document promises of it.

The suites that prove something of all routes walk this, so a new route is covered the day it exists.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from app.api.deps import Allow, _required_version
from app.api.edge import find_allow
from app.config import Environment, Settings
from app.core.crypto import Signer
from app.core.db import Sessions, make_engine
from app.main import create_app
from app.process import State

READS = {"GET", "HEAD"}


@dataclass(frozen=True)
class Route:
    """One path and method: what serves it and what is promised of it."""

    method: str
    path: str
    allow: Allow | None
    wants_version: bool
    """Whether it answers 428 without `If-Match`."""
    operation: dict[str, Any] | None
    """None: it is not in the document (pages, and the document itself)."""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def id(self) -> str:
        """Its `operationId`, or its name where it has none."""
        return str((self.operation or {}).get("operationId", self.name))

    @property
    def parameters(self) -> list[dict[str, Any]]:
        return list((self.operation or {}).get("parameters", []))

    def takes(self, parameter: str) -> bool:
        """Whether it has this parameter, wherever that is sent."""
        return any(one["name"].lower() == parameter.lower() for one in self.parameters)

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of its JSON body."""
        content = (self.operation or {}).get("requestBody", {}).get("content", {})
        schema: dict[str, Any] | None = content.get("application/json", {}).get("schema")
        return schema

    @property
    def uploads(self) -> bool:
        """Whether its body is a form with a file."""
        content = (self.operation or {}).get("requestBody", {}).get("content", {})
        return "multipart/form-data" in content

    @property
    def success(self) -> int:
        """The status of success that is promised."""
        return min(int(code) for code in (self.operation or {})["responses"] if code[0] == "2")

    @property
    def answers(self) -> set[int]:
        return {int(code) for code in (self.operation or {}).get("responses", {})}


@cache
def application() -> FastAPI:
    """The application without a database: enough to look at."""
    engine = make_engine("postgresql://nobody@127.0.0.1/none")
    settings = Settings(environment=Environment.test)
    return create_app(State(settings, engine, Sessions(engine), Signer("", "cursor")))


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    return application().openapi()


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema`, or what its `$ref` points at."""
    if "$ref" in schema:
        found: dict[str, Any] = document()["components"]["schemas"][schema["$ref"].split("/")[-1]]
        return found
    return schema


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Without references, and without the null of something optional."""
    schema = resolved(schema)
    options = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return plain(options[0]) if options else schema


@cache
def routes() -> tuple[Route, ...]:
    """All of them, in the order of the table."""
    return tuple(_walk(application()))


def endpoint_of(route: Route) -> Callable[..., Any]:
    """The handler of a route."""
    for found in iter_route_contexts(application().routes):
        if found.path == route.path and route.method in (found.methods or set()):
            assert found.endpoint is not None
            return found.endpoint
    raise LookupError(route.name)


def _walk(app: FastAPI) -> Iterator[Route]:
    paths = document()["paths"]
    for found in iter_route_contexts(app.routes):
        served = found.original_route
        inside = served.dependant if isinstance(served, APIRoute) else Dependant()
        versioned = any(one.call is _required_version for one in inside.dependencies)
        for method in sorted((found.methods or set()) - {"HEAD", "OPTIONS"}):
            path = str(found.path)
            yield Route(
                method, path, find_allow(inside), versioned, paths.get(path, {}).get(method.lower())
            )
