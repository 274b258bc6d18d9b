"""A hot read answers what its route answers, byte for byte, to everybody (`rulings.md` 5).

The same question is asked in two writings: one that the short way takes, and one that it leaves to
the route. Statements of the ORM tell which way was gone.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.field import a_job, did, technician
from tests.support.people import Person
from tests.support.queries import counted
from tests.support.world import World

SCOPES = ("own", "team", "territory", "all")
MOST = 2
"""Records, and pages of a list, that are compared."""
ROLES = ("owner", "dispatcher", "accountant", "viewer", "technician", *SCOPES)
COLLECTIONS = ("customers", "work-orders", "visits")
OVERRIDE = {"codes": ["skill_missing"], "reason": "Nobody else is free"}
GATE = [
    {"before": before, "need": need, "at_least": number}
    for before in ("visit.complete", "work_order.complete", "work_order.approve")
    for need, number in (
        ("every_step", 1), ("notes", 1), ("notes", 3), ("photos", 1), ("signatures", 2),
        ("attachments", 4),
    )
]  # fmt: skip


@pytest_asyncio.fixture(scope="module")
async def full(ours: World) -> AsyncIterator[World]:
    """A world in which every field that is shown of these records holds something somewhere."""
    company, owner = ours.company, ours.owner
    rights = (await owner.got("/api/v2/roles", limit=200))["data"]
    everything = next(one for one in rights if one["name"] == "dispatcher")["permissions"]
    for scope in SCOPES:
        held = [one for one in everything if one not in ("contacts:read", "equipment:read")]
        role = {"name": f"R {scope}", "level": 5, "record_scope": scope, "permissions": held}
        await owner.made("/api/v2/roles", role)
        await company.person(f"R {scope}", scope)
    for role in ROLES[1:5]:
        await company.person(role)
    company.people["owner"] = owner
    settings = await owner.got("/api/v2/organisation")
    await owner.patched("/api/v2/organisation", settings["version"], {"gate": GATE})
    own = await technician(company, "Own Ä", who=company.people["own"])
    order = await ours.make("create_work_order")
    visit = await owner.made("/api/v2/visits", {"work_order_id": order})
    start = "2027-03-01T16:00:00.25Z"
    await did(owner, visit, "schedule", technician_ids=[own], start=start, override=OVERRIDE)
    customer = ours.id("customer")
    for verb in ("hold-credit", "stop-service"):
        await owner.made(f"/api/v2/customers/{customer}/{verb}", {"reason": "Owes “us” \\ 3 ½"})
    yield ours
    # others live in this world after us, and work for this customer
    for verb in ("release-credit", "resume-service"):
        await owner.made(f"/api/v2/customers/{customer}/{verb}", {"reason": "It is settled"})
    now = await owner.got("/api/v2/organisation")
    await owner.patched("/api/v2/organisation", now["version"], {"gate": settings["gate"]})


async def both(person: Person, world: World, hot: str, plain: str = "") -> Any:
    """The two answers, once it is sure that each went its way. Who would rather have a table is always
    left to the route, which answers JSON where there is none."""
    plain, headers = (plain, {}) if plain else (hot, {"Accept": "text/csv"})
    with counted(world.company.server) as queries:
        short = await person.get(hot)
    assert queries == [], hot
    with counted(world.company.server) as queries:
        route = await person.get(plain, headers=headers)
    assert queries != [], plain
    return short, route


def same(short: Any, route: Any) -> None:
    """Equal to the byte, and in whatever else is said of it."""
    assert short.status_code == route.status_code == 200
    assert short.content == route.content
    told = ("content-type", "etag", "cache-control", "content-length", "vary")
    assert {"ratelimit", "x-request-id"} <= short.headers.keys()
    for name in told:
        assert short.headers.get(name) == route.headers.get(name), name


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_one_record_is_the_same_both_ways(full: World, collection: str, role: str) -> None:
    person, path = full.company.people[role], f"/api/v2/{collection}"
    seen = (await person.got(path, limit=200))["data"]
    for id in [one["id"] for one in seen][:MOST]:
        same(*await both(person, full, f"{path}/{id}"))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_pages_are_the_same_both_ways(full: World, collection: str, role: str) -> None:
    person, path = full.company.people[role], f"/api/v2/{collection}"
    await person.get(path)
    for asked in ("limit=1", "limit=100&deleted=true&sort=created_at"):
        for _ in range(MOST):
            hot, plain = f"{path}?{asked}", f"{path}?{asked}&include_total=false"
            short, route = await both(person, full, hot, plain)
            same(short, route)
            following = short.json()["next_cursor"]
            if following is None:
                break
            asked = f"{asked.partition('&cursor')[0]}&cursor={following}"


FILTERS = {
    "customers": (
        "stage=active", "kind=business", "on_credit_hold=true", "do_not_service=false", "sort=name",
        "sort=-name&limit=2", "created_from=2020-01-01T00:00:00Z", "phone=%2B12015550123",
    ),
    "work-orders": (
        "status=ready", "open=true", "open=false&priority=normal", "created_before=2020-01-01T00:00:00Z",
        "number=nothing",
    ),
    "visits": (
        "status=scheduled", "unassigned=true", "unassigned=false",
        "planned_from=2027-03-01T00:00:00Z&planned_before=2027-04-01T00:00:00Z",
    ),
}  # fmt: skip


@pytest.mark.parametrize("role", ["dispatcher", "territory"])
@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_filters_and_sorts_mean_the_same_both_ways(
    full: World, collection: str, role: str
) -> None:
    person, path = full.company.people[role], f"/api/v2/{collection}"
    for asked in FILTERS[collection]:
        hot, plain = f"{path}?{asked}", f"{path}?{asked}&include_total=false"
        same(*await both(person, full, hot, plain))


async def test_rows_without_what_is_sorted_by_are_left_to_the_route(full: World) -> None:
    dispatcher, path = full.company.people["dispatcher"], "/api/v2/visits"
    await (await a_job(full.company)).visit()
    for sort in ("planned_start", "-planned_start"):
        asked = f"{path}?sort={sort}&limit=1"
        same(*await both(dispatcher, full, asked, f"{asked}&include_total=false"))
    everything = (await dispatcher.got(path, limit=200))["data"]
    whole = (await dispatcher.got(path, limit=200, sort="planned_start"))["data"]
    assert {one["id"] for one in whole} == {one["id"] for one in everything}
    assert whole[0]["planned_start"] is not None
    assert whole[-1]["planned_start"] is None


@pytest.mark.parametrize("role", ROLES)
async def test_search_finds_the_same_both_ways(full: World, role: str) -> None:
    person = full.company.people[role]
    for asked in ("q=oursqx", "q=oursqx+name&limit=3", "q=oursqx&types=customer&types=site"):
        reply = await person.get(f"/api/v2/search?{asked}")
        if reply.status_code == 200 and reply.json()["data"]:
            same(*await both(person, full, f"/api/v2/search?{asked}"))
