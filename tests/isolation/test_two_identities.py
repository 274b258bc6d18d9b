"""Two identities, resource by resource: whatever is sent about the victim's records by a stranger, by
nobody or with a made-up token, nothing of the victim is shown or changed (check A3).

Requests are made from the document by schemathesis, with the victim's ids in path and query. In
`make test-deep` each resource is tried for a minute.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import asyncpg
import hypothesis
import pytest
import requests
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.isolation.walls import without_row_level_security, without_the_criterion
from tests.support.deep import times
from tests.support.fingerprints import fingerprint
from tests.support.promised import promised
from tests.support.routes import Route, routes
from tests.support.states import ENDS_SESSION
from tests.support.world import World, route_of

EXAMPLES = times(6, deep=200)
SECONDS = times(0, deep=60)
GROUPS: dict[str, list[Route]] = {}
for _route in routes():
    if _route.operation and _route.allow and _route.id not in ENDS_SESSION:
        GROUPS.setdefault(_route.operation["tags"][0], []).append(_route)


@pytest.mark.parametrize("group", GROUPS)
async def test_nothing_of_the_victim_is_shown_or_changed(
    group: str, ours: World, victim: World, admin: asyncpg.Connection
) -> None:
    await (
        ours.owner.again()
    )  # a session ends within the hour, and all groups together take half of one
    before = await fingerprint(admin, victim.company.id)
    calls = [(route, victim.call(route)) for route in GROUPS[group]]
    cases = st.one_of(*(one for route, call in calls for one in _requests(route, call)))
    until, seed, tried = time.monotonic() + SECONDS, 0, 0
    while tried == 0 or time.monotonic() < until:
        tried += await asyncio.to_thread(_try, cases, seed, ours, victim)
        seed += 1
    assert tried > 0
    assert (await ours.owner.get("/api/v2/me")).status_code == 200  # it was a stranger who asked
    assert await fingerprint(admin, victim.company.id) == before


async def test_without_walls_it_would_be_seen(
    ours: World, victim: World, admin: asyncpg.Connection
) -> None:
    await ours.owner.again()
    reading = route_of("get_customer")
    cases = st.one_of(*_requests(reading, victim.call(reading)))
    async with without_the_criterion(admin), without_row_level_security(admin):
        with pytest.raises(AssertionError, match="a stranger"):
            await asyncio.to_thread(_try, cases, 0, ours, victim)


def _requests(route: Route, call: Any) -> Iterator[st.SearchStrategy[Any]]:
    """Right ones and wrong ones, all about the victim's records."""
    theirs: dict[str, Any] = {}
    if call.path:
        theirs["path_parameters"] = {name: str(value) for name, value in call.path.items()}
    if call.query:
        theirs["query"] = call.query
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        yield promised()[route.name].as_strategy(mode, **theirs)


def _try(cases: st.SearchStrategy[Any], seed: int, ours: World, victim: World) -> int:
    """Send what schemathesis makes, as three who must not see; the first who does fails."""
    url = str(victim.owner.base_url)
    tried = 0
    identities = {
        "a stranger": ours.owner.headers["Authorization"],
        "nobody": None,
        "a made-up token": "Bearer tr_at_" + "0" * 40,
    }

    @hypothesis.seed(seed)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=cases)
    def send(case: Any) -> None:
        nonlocal tried
        tried += 1
        asked = " ".join(str(value) for value in (case.path_parameters or {}).values())
        for who, token in identities.items():
            with requests.Session() as session:
                session.headers["Accept-Encoding"] = "identity"
                if token is not None:
                    session.headers["Authorization"] = token
                reply = case.call(base_url=url, session=session)
            text = reply.content.decode(errors="replace")
            what = (who, case.operation.label, reply.status_code, text[:500])
            assert reply.status_code < 500, what
            if who != "a stranger" or asked:
                assert reply.status_code >= 400, what
            assert _shown(text, asked, victim) == [], what

    send()
    return tried


def _shown(text: str, asked: str, victim: World) -> list[str]:
    """What of the victim's stands in a reply, besides the ids it was asked for."""
    for one in asked.split():
        text = text.replace(one, "")
    ids = [one for made in victim.ids.values() for one in made if isinstance(one, str)]
    return [one for one in (victim.mark, victim.company.slug, *ids) if len(one) > 3 and one in text]
