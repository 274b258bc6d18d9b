"""A long page costs as many statements as a page of one, on every list (twenty rows, deep)."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.deep import times
from tests.support.queries import counted
from tests.support.routes import READS, Route, routes
from tests.support.world import World, creations, number_the_journal

ROWS = times(3, deep=20)
LISTS = [r for r in routes() if r.allow and r.method in READS and r.takes("limit")]
MADE = {route.path for route in creations().values()}


@pytest_asyncio.fixture(scope="module")
async def crowded(ours: World) -> AsyncIterator[World]:
    """Many of everything that can be made."""
    for operation in creations():
        for _ in range(ROWS):
            await ours.make(operation)
    await number_the_journal(ours.company.server)
    yield ours


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.name)
async def test_the_length_of_a_page_costs_no_queries(route: Route, crowded: World) -> None:
    call = crowded.call(route)
    counts, lengths = [], []
    for limit in (1, ROWS):
        call.query["limit"] = limit
        with counted(crowded.company.server) as queries:
            reply = await call.send(crowded.owner)
        assert reply.status_code == 200, reply.text
        counts.append(len(queries))
        lengths.append(len(reply.json()["data"]))
    assert counts[0] == counts[1]
    assert lengths[1] == (ROWS if route.path in MADE else lengths[1])
