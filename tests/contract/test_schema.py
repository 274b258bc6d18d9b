"""What the OpenAPI document promises is what the server does (check D1, acceptance point 6).

Every operation succeeds at least once, on a record in a state that allows it, and then, one in five
of them, meets requests that schemathesis makes from the document: right ones and wrong ones, about
our records and about none. No answer is a 500, has a status, a type, a header or a shape that is not in the
document, or is a success that the document forbids. `make test-deep` makes fifty requests of each
operation from each of three seeds.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from tests.support.coming_in import WITH_SECOND_FACTOR, give_second_factor
from tests.support.deep import DEEP, some, times
from tests.support.people import Person
from tests.support.promised import promised
from tests.support.routes import Route, routes
from tests.support.states import ENDS_SESSION, HERE, fresh
from tests.support.world import Call, World

OPERATIONS = [route for route in routes() if route.operation is not None]
TRIED = {route.name for route in some(OPERATIONS, 5)}
"""Those that also meet generated requests."""
EXAMPLES = times(1, deep=50)
SEEDS = range(times(1, deep=3))

load_all_checks()
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
    ]
)


@pytest.mark.parametrize("route", OPERATIONS, ids=lambda route: route.name)
async def test_it_does_what_is_promised(route: Route, world: World) -> None:
    operation = promised()[route.name]
    who = await _somebody(route, world)
    call = await fresh(world, route)
    reply = await call.send(who)
    assert reply.status_code == route.success, (
        f"{route.id} answers {reply.status_code} {reply.text}. Say in {HERE} what leads to where it"
        " succeeds."
    )
    await reply.request.aread()
    _as_sent(operation, call).validate_response(reply, checks=CHECKED)

    # deep, they are about a record as the first one found it; else about what the first one left
    known = await fresh(world, route) if DEEP else call
    for seed in SEEDS if route.name in TRIED else ():
        await asyncio.to_thread(_try, operation, known, who, seed)


async def _somebody(route: Route, world: World) -> Person:
    """The owner, or another one where what is tried signs its asker out."""
    if route.id in ENDS_SESSION:
        return await world.company.person("owner", world.text("Away"))
    if route.id in WITH_SECOND_FACTOR:
        twice = await world.company.person("owner", world.text("Twice"))
        await give_second_factor(world, twice.user_id)
        return twice
    return world.owner


def _as_sent(operation: Any, call: Call) -> Any:
    return operation.Case(
        path_parameters=call.path,
        query=call.query,
        headers=call.headers,
        body=call.body if call.body is not None else schemathesis.core.NOT_SET,
    )


def _try(operation: Any, known: Call, who: Person, seed: int) -> None:
    """Send generated requests; the first answer that breaks a promise fails."""
    session = requests.Session()
    session.headers["Authorization"] = who.headers["Authorization"]
    session.headers["Accept-Encoding"] = "identity"

    @hypothesis.seed(seed)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=st.one_of(*_requests(operation, known)))
    def send(case: Any) -> None:
        reply = case.call(base_url=str(who.base_url), session=session)
        case.validate_response(reply, checks=CHECKED)

    with session:
        send()


def _requests(operation: Any, known: Call) -> Iterator[st.SearchStrategy[Any]]:
    """Right and wrong ones, about the record we know and about any."""
    ours: dict[str, Any] = {"path_parameters": known.path} if known.path else {}
    if "If-Match" in known.headers:
        ours["headers"] = {"if-match": known.headers["If-Match"]}  # as the document spells it
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        yield operation.as_strategy(mode, **ours)
        if ours:
            yield operation.as_strategy(mode)
