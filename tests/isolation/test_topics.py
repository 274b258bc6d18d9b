"""One is refused a topic exactly where one is refused the record: every kind of topic, by roles that lack
one permission each, by scopes, and by the roles everybody has."""

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from app.api.v2.stories import READ_WITH
from app.models.permissions import SYSTEM_ROLES, Permission, RecordScope
from app.services.context import called
from app.services.facts import entity_of
from tests.support.database import Database
from tests.support.deep import some
from tests.support.live import listening, living
from tests.support.queries import counted
from tests.support.routes import routes
from tests.support.server import Server
from tests.support.world import World, resource_of, route_of

DECIDES = r"(?i)\A\s*select (notes|files|attachments|visits|customers|sites|work_orders|invoices)\."
REFUSED = {200: None, 403: "forbidden", 404: "not_found"}
BESIDE = {
    "board:2026-11-23": "/api/v2/visits",
    "gps": "/api/v2/technicians/positions",
    "work_orders": "/api/v2/work-orders",
}
"""Topics that are no record, and what is read when they stir."""
NEEDED = {*READ_WITH.values(), Permission.visits_read, Permission.positions_read}
FULL = {"permissions": sorted(Permission), "record_scope": "all"}
ROLES: dict[str, dict[str, object]] = {
    **{
        f"all but {one}": FULL | {"permissions": sorted(set(Permission) - {one})}
        for one in Permission
    },
    **{f"all within {one}": FULL | {"record_scope": one} for one in RecordScope},
    "nothing at all": FULL | {"permissions": [Permission.search_read]},
}


@pytest_asyncio.fixture(scope="module")
async def live(database: Database) -> AsyncIterator[Server]:
    """A process with a hub."""
    async with living(database) as running:
        yield running


@pytest.fixture(scope="module")
def places(ours: World) -> dict[str, str]:
    """Where the record of each topic is read."""
    found = dict(BESIDE)
    known = {route.id for route in routes()}
    for model in READ_WITH:
        story = f"get_{called(model).replace(' ', '_')}_timeline"
        if story not in known:
            continue
        route = route_of(story)
        path = route.path.removesuffix("/timeline")
        id = ours.id(resource_of(route, "id") if "{id}" in path else "organisation")
        found[f"{entity_of(model)}:{id}"] = path.format(id=id)
    item = ours.id("checklist_item")  # stands in its work order
    found[f"checklist_item:{item}"] = f"/api/v2/work-orders/{ours.id('work_order')}"
    return found


def test_every_kind_has_its_place(live: Server, places: dict[str, str]) -> None:
    assert {name.partition(":")[0] for name in places} - {"board", "gps", "work_orders"} == set(
        live.state.hub.kinds
    )


@pytest.mark.parametrize("role", some([*ROLES, *SYSTEM_ROLES], 12, start=2))
async def test_a_topic_is_refused_where_its_record_is(
    ours: World, live: Server, places: dict[str, str], role: str
) -> None:
    if role in ROLES:
        await ours.owner.made("/api/v2/roles", {"name": role, "level": 5, **ROLES[role]})
    person = await ours.company.person(role, f"topics {role.replace(':', ' ')}")
    reads = {topic: (await person.get(path)).status_code for topic, path in places.items()}
    async with listening(person, *places, url=live.url) as hears:
        answer = await hears.one("subscribed")
    refused = {one["topic"]: one["code"] for one in answer["refused"]}
    assert {topic: refused.get(topic) for topic in places} == {
        topic: REFUSED[status] for topic, status in reads.items()
    }
    assert set(answer["topics"]) == places.keys() - refused.keys()
    assert (role.removeprefix("all but ") in NEEDED) <= bool(refused), "it lacks what one needs"


async def test_forty_topics_are_asked_about_like_one(ours: World, live: Server) -> None:
    """Notes, files and what else hangs on anything: each kind of record in so many questions, by whoever
    sees least at once."""
    role = {"name": "all of their territory", "level": 5, **FULL, "record_scope": "territory"}
    await ours.owner.made("/api/v2/roles", role)
    person = await ours.company.person(str(role["name"]))
    note, file, attachment = (ours.id(one) for one in ("note", "file", "attachment"))
    few = [f"note:{note}", f"file:{file}", f"attachment:{attachment}", f"visit:{uuid4()}"]
    many = [*few, *(f"{one.partition(':')[0]}:{uuid4()}" for one in few for _ in range(10))]
    asked = []
    for topics in (few, many):
        async with listening(person, "me", url=live.url) as hears:
            with counted(live) as queries:
                await hears.say("subscribe", topics=topics)
                await hears.until(lambda hears=hears: len(hears.all("subscribed")) == 2)  # type: ignore[misc]
                asked.append([one for one in queries if re.search(DECIDES, one)])
        assert {one["code"] for one in hears.all("subscribed")[1]["refused"]} == {"not_found"}
    assert len(asked[0]) == len(asked[1]) > 3
