"""What the OpenAPI document says beyond what FastAPI derives: security, problems, error answers."""

from typing import Any

from app.api.problems import Problem

ABOUT = """
The internal API of Truckroll's own clients. Sign in with `POST /api/v2/auth/login`, then send
`Authorization: Bearer …`. Lists are keyset pages (`data`, `next_cursor`); changes to records that
people share take `If-Match`; every POST takes `Idempotency-Key`; every error is a problem document.
"""


def describe(schema: dict[str, Any], public: set[str]) -> dict[str, Any]:
    """Complete the document in place and return it; `public` names operations without sign-in."""
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
    for path in schema["paths"].values():
        for operation in path.values():
            if operation["operationId"] not in public:
                operation["security"] = [{"bearer": []}, {"cookie": []}]
    return schema
