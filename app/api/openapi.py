"""What the OpenAPI document says beyond what FastAPI derives from the routes.

A route names the refusals of its own verb; what the edge and the middleware may answer on any route
of its kind is written here, so that no route has to repeat it.
"""

from collections.abc import Sequence
from typing import Any

from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from app.api import tables
from app.api.edge import MAX_KEY, Edge, find_allow
from app.api.problems import Problem, answers
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
BINARY = {"type": "string", "format": "binary"}
SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]


def describe(schema: dict[str, Any], routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """Complete the document in place and return it."""
    schema["info"]["description"] = ABOUT.strip()
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
    for found in iter_route_contexts(routes):
        route = found.original_route
        for method in found.methods or ():
            operation = schema["paths"].get(found.path, {}).get(method.lower())
            if operation is not None and isinstance(route, APIRoute):
                _complete(operation, method, route)
    return schema


def _complete(operation: dict[str, Any], method: str, route: APIRoute) -> None:
    """What any route of this kind may be sent and may answer."""
    statuses = set()
    if isinstance(route, Edge):
        statuses |= {429, 500, 503}
        if find_allow(route.dependant) is not None:
            operation["security"] = SIGNED_IN
            statuses |= {401, 403}
            if method == "POST" and route.keeps_replies:
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
                statuses |= {409, 422}
    if operation.get("parameters"):
        statuses |= {400, 422}
    if "requestBody" in operation:
        statuses |= {400, 413, 415, 422}
    responses = operation["responses"]
    if tables.row_of(route.response_model, route.dependant) is not None:
        for one in Format:
            shown = {"type": "string"} if one is Format.csv else BINARY
            responses["200"]["content"][one.media_type] = {"schema": shown}
        statuses |= {404}  # a saved view that one does not see
    responses.update({str(status): answer for status, answer in answers(*statuses).items()})
    operation["responses"] = dict(sorted(responses.items()))
