"""What is true of every route: who may call it is in its signature, and the document is complete."""

import inspect
import re

from fastapi.routing import iter_route_contexts

from tests.support.routes import READS, Route, application, document, routes

PUBLIC = {
    "GET /installation": "what is here, for whoever is not signed in yet",
    "GET /basemap.pmtiles": "a map of streets, the same for everybody",
    "GET /favicon.ico": "asked by browsers",
    "GET /static/icon.svg": "of every page",
    "GET /static/scalar.js": "of the API reference",
    "GET /api/reference": "the API reference",
    "GET /api/openapi.json": "what the reference reads",
    "GET /health": "asked by load balancers",
    "GET /health/live": "asked by load balancers",
    "GET /health/ready": "asked by load balancers",
    "GET /api/v2/exports/{id}/file": "by a signed link that expires; its person is looked at",
    "GET /dev/outbox": "outside production only: mails that were not sent",
    "GET /dev/outbox/{id}": "as /dev/outbox",
    "GET /dev/outbox/{id}/text": "as /dev/outbox",
    "GET /dev/outbox/{id}/html": "as /dev/outbox",
    "GET /dev/outbox/{id}/attachments/{number}": "as /dev/outbox",
    "POST /api/v2/auth/login": "where one signs in",
    "POST /api/v2/auth/sign-up": "where one begins",
    "POST /api/v2/auth/sign-up/confirm": "carries its own credential, the mail's token",
    "POST /api/v2/auth/password/forgot": "who has forgotten it cannot sign in",
    "POST /api/v2/auth/password/reset": "carries its own credential, the mail's token",
    "POST /api/v2/auth/email/confirm": "carries its own credential, the mail's token",
    "POST /api/v2/auth/mfa/enroll": "carries half a sign-in",
    "POST /api/v2/auth/mfa/confirm": "carries half a sign-in",
    "POST /api/v2/auth/mfa/verify": "carries half a sign-in",
    "POST /api/v2/invitations/accept": "carries its own credential, the mail's token",
    "POST /api/v2/auth/refresh": "carries its own credential, the refresh token",
}
"""Routes that anybody may call, and why."""

KEEPS_NOTHING = {
    "POST /api/v2/auth/select-org": "answers with tokens, which are shown once",
    "POST /api/v2/auth/logout": "done twice, it is done",
    "POST /api/v2/auth/step-up": "a stored fingerprint would tell two passwords apart",
    "POST /api/v2/realtime/tickets": "answers with a ticket, which is shown once",
    "POST /api/v2/me/mfa": "answers with a token, which is shown once",
    "POST /api/v2/me/mfa/recovery-codes": "answers with codes, which are shown once",
    "POST /api/v2/auth/password": "a stored fingerprint would tell two passwords apart",
}
"""POST routes that store no reply, and why."""

DOCUMENTED = [route for route in routes() if route.operation is not None]
SIGNED_IN = [route for route in DOCUMENTED if route.allow is not None]
SHARED = "work-orders|visits|quotes|invoices|customers|sites"
"""Records that several people change at once; `api.md` requires If-Match on their PATCH."""
SHARED_CHANGES = [
    route
    for route in DOCUMENTED
    if route.method == "PATCH" and re.fullmatch(rf"/api/v2/({SHARED})/{{id}}", route.path)
]


def test_every_route_says_who_may_call_it() -> None:
    open_ones = {route.name for route in routes() if route.allow is None}
    assert open_ones <= set(PUBLIC), "Give these an Allow, or a line and a reason in PUBLIC."


def test_every_api_route_is_in_the_document() -> None:
    silent = {r.name for r in routes() if r.operation is None and r.path.startswith("/api/v2")}
    assert silent == set()


def test_every_operation_is_served() -> None:
    promised = {
        f"{method.upper()} {path}" for path, item in document()["paths"].items() for method in item
    }
    assert promised == {route.name for route in DOCUMENTED}


def test_operation_ids_are_words_and_unique() -> None:
    ids = [route.id for route in DOCUMENTED]
    assert sorted(ids) == sorted(set(ids))
    assert [one for one in ids if not re.fullmatch(r"[a-z]+(_[a-z]+)*", one)] == []


def test_every_post_can_be_repeated_safely() -> None:
    cannot = {r.name for r in SIGNED_IN if r.method == "POST" and not r.takes("Idempotency-Key")}
    assert cannot <= set(KEEPS_NOTHING)


def test_shared_records_are_changed_by_whoever_saw_them() -> None:
    unseen = [route.name for route in SHARED_CHANGES if not route.wants_version]
    assert unseen == [], "api.md: If-Match is required here. Take `seen: SeenVersion`."


def test_each_has_a_summary_a_description_and_a_tag() -> None:
    for route in DOCUMENTED:
        assert route.operation is not None
        assert 3 <= len(route.operation["summary"]) <= 80, route.name
        described = len(route.operation.get("description", ""))
        assert described >= 5, f"Give the handler of {route.name} a docstring."
        assert len(route.operation["tags"]) == 1, route.name


def expected_errors(route: Route) -> set[int]:
    """What a route can answer by what it takes."""
    expected = {401, 403}
    if "{" in route.path:
        expected |= {404, 422}
    if route.parameters:
        expected |= {422}
    if route.body is not None or route.uploads:
        expected |= {400, 422}
    if route.takes("Idempotency-Key"):
        expected |= {409}  # the same key may be in flight
    if route.takes("cursor"):
        expected |= {400}
    if route.takes("If-Match"):
        expected |= {400, 412}
    if route.wants_version:
        expected |= {428}
    return expected


def test_each_names_the_errors_it_can_give() -> None:
    unnamed = {route.name: expected_errors(route) - route.answers for route in SIGNED_IN}
    assert {name: codes for name, codes in unnamed.items() if codes} == {}


def test_errors_are_problem_documents() -> None:
    shared = document()["components"]["responses"]
    for route in DOCUMENTED:
        assert route.operation is not None
        for code, said in route.operation["responses"].items():
            if int(code) >= 400:
                answer = shared[said["$ref"].split("/")[-1]] if "$ref" in said else said
                assert list(answer["content"]) == ["application/problem+json"], (route.name, code)


def test_names_are_ours() -> None:
    for route in DOCUMENTED:
        path = re.fullmatch(r"(/([a-z0-9]+(-[a-z0-9]+)*|\{[a-z_]+\}))+", route.path)
        assert path, route.name
        queried = [p["name"] for p in route.parameters if p["in"] == "query"]
        foreign = [name for name in queried if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)]
        assert foreign == [], route.name


def test_reads_have_no_body_and_nothing_has_two_successes() -> None:
    for route in DOCUMENTED:
        assert route.method not in READS or route.body is None, route.name
        assert len([code for code in route.answers if code < 300]) == 1, route.name


def test_handlers_are_documented_functions() -> None:
    bare = [
        f"{found.path} {found.name}"
        for found in iter_route_contexts(application().routes)
        if str(found.path).startswith("/api/v2") and not inspect.getdoc(found.endpoint)
    ]
    assert bare == []
