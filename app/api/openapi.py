"""What the OpenAPI document says beyond what FastAPI derives from the routes.

A route names the refusals of its own verb; what the edge and the middleware may answer on any route
of its kind is written here, so that no route has to repeat it.
"""

from collections.abc import Sequence
from typing import Any

from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from app.api import bounds, tables
from app.api.edge import MAX_KEY, Edge, find_allow
from app.api.problems import STATUSES, Problem, answers
from app.api.terms import PATHS, QUERIES, TAGS
from app.core.tables import Format

ABOUT = """
The internal API of Truckroll's own clients. Sign in with `POST /api/v2/auth/login`, then send
`Authorization: Bearer …`. Lists are keyset pages (`data`, `next_cursor`); changes to records that
people share take `If-Match`; every POST takes `Idempotency-Key`; every error is a problem document.
"""

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Your own name for this request. Sent again, it is answered again and done once;"
    " after your rights have changed, with 409 `reply_withheld` instead of what it showed then.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_KEY,
        "pattern": "^[!-~]([ -~]*[!-~])?$",
    },
}
RATE_LIMITS = {
    "RateLimit-Policy": "The limits this request was charged to: `q` requests in `w` seconds.",
    "RateLimit": "What is left of each: `r` requests, all of them again in `t` seconds.",
}
RETRY_AFTER = "In how many seconds to try again."
SERVERS = [
    {
        "url": "/",
        "description": "The installation that serves this document, in production or local.",
        "x-internal": True,  # for our own clients
    }
]
SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]


def describe(schema: dict[str, Any], routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """Complete the document in place and return it."""
    schema["info"]["description"] = ABOUT.strip()
    schema["servers"] = SERVERS
    schema["tags"] = [{"name": name, "description": said} for name, said in sorted(TAGS.items())]
    components = schema.setdefault("components", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = problem.pop("$defs", {})
    components.setdefault("schemas", {}).update({"Problem": problem, **definitions})
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "tr_access"},
    }
    components["headers"] = {
        name: {"description": said, "schema": {"type": "string", "maxLength": 1000}}
        for name, said in RATE_LIMITS.items()
    }
    components["headers"]["Retry-After"] = {
        "description": RETRY_AFTER,
        "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 86_400},
    }
    for found in iter_route_contexts(routes):
        route = found.original_route
        for method in found.methods or ():
            operation = schema["paths"].get(found.path, {}).get(method.lower())
            if operation is not None and isinstance(route, APIRoute):
                _complete(operation, method, route)
    _share_refusals(schema)
    bounds.complete(schema)
    return schema


def _complete(operation: dict[str, Any], method: str, route: APIRoute) -> None:
    """What any route of this kind may be sent and may answer."""
    statuses = {400, 500}  # an address that is not UTF-8; a bug
    operation["security"] = []
    if isinstance(route, Edge):
        statuses |= {429, 503}
        if find_allow(route.dependant) is not None:
            operation["security"] = SIGNED_IN
            statuses |= {401, 403}
            if method == "POST" and route.keeps_replies:
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
                statuses |= {409, 422}
    for parameter in operation.get("parameters", ()):
        parameter.setdefault("description", _about(parameter))
        statuses |= {422}
    if "requestBody" in operation:
        statuses |= {413, 415, 422}
    responses = operation["responses"]
    if tables.row_of(route.response_model, route.dependant) is not None:
        for one in Format:
            responses["200"]["content"][one.media_type] = {}
        statuses |= {404}  # a saved view that one does not see
    responses.update({str(status): answer for status, answer in answers(*statuses).items()})
    operation["responses"] = dict(sorted(responses.items()))
    if isinstance(route, Edge):
        for status, answer in operation["responses"].items():
            answer.setdefault("headers", {}).update(_headers(status))


def _headers(status: str) -> dict[str, Any]:
    """What a rate-limited route says in its headers."""
    names = [*RATE_LIMITS, *(("Retry-After",) if status in {"429", "503"} else ())]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _share_refusals(schema: dict[str, Any]) -> None:
    """Write each refusal that many routes give alike once."""
    usual = {
        str(status): {**answer, "headers": _headers(str(status))}
        for status, answer in answers(*STATUSES).items()
    }
    schema["components"]["responses"] = {f"Refused{code}": said for code, said in usual.items()}
    for path in schema["paths"].values():
        for operation in path.values():
            for code, answer in operation["responses"].items():
                if answer == usual.get(code):
                    operation["responses"][code] = {"$ref": f"#/components/responses/Refused{code}"}


def _about(parameter: dict[str, Any]) -> str:
    """What a parameter means that says nothing of itself: most are the filters of lists."""
    name, schema = parameter["name"], parameter["schema"]
    if parameter["in"] == "path":
        return PATHS.get(name, f"The id of the {name.removesuffix('_id').replace('_', ' ')}.")
    if name in QUERIES:
        return QUERIES[name]
    if name.endswith("_from"):
        return f"Only what has this `{name.removesuffix('_from')}` or a later one."
    if name.endswith("_before"):
        return f"Only what has an earlier `{name.removesuffix('_before')}` than this."
    if {"type": "boolean"} in schema.get("anyOf", ()):
        return f"`true`: only what is `{name}`; `false`: only what is not."
    return f"Only what has this `{name}`."
