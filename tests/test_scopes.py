"""How far a role sees: own work, the team's, the territories', everything (rows A3, B2).

For each scope the same records are there in get, list, search and timeline.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from app.services import stories
from tests.support.field import VISITS, did, technician
from tests.support.people import Company, Person
from tests.support.queries import counted

RIGHTS = [
    "customers:read", "sites:read", "work-orders:read", "visits:read", "notes:read",
    "technicians:read", "search:read", "invoices:read", "files:read", "equipment:read",
]  # fmt: skip
SCOPES = ("own", "team", "territory", "all")
COLLECTIONS = ("customers", "sites", "work-orders", "visits", "invoices")
SEARCHED = {"customers": "customer", "sites": "site", "work-orders": "work_order"}


@dataclass
class Land:
    """Four jobs: of one technician, of a colleague in the team, in the territory, and elsewhere."""

    company: Company
    jobs: dict[str, dict[str, str]]
    """Job → collection → id."""
    people: dict[str, Person]


async def _job(company: Company, where: str, zip_code: str, *crew: str) -> dict[str, str]:
    dana, owner = await company.person("dispatcher"), await company.person("owner")
    job_type = await owner.made(
        "/api/v2/job-types",
        {"name": f"Type {where}", "unit_price": "90", "trade": "septic", "duration_minutes": 60},
    )
    customer = await dana.made("/api/v2/customers", {"name": f"Landmark {where}"})
    site = await dana.made(
        "/api/v2/sites",
        {"street": f"1 Landmark {where}", "postal_code": zip_code, "customer_id": customer["id"]},
    )
    order = await dana.made(
        "/api/v2/work-orders",
        {
            "customer_id": customer["id"],
            "site_id": site["id"],
            "job_type_id": job_type["id"],
            "summary": f"Landmark {where}",
        },
    )
    visit = await dana.made(VISITS, {"work_order_id": order["id"]})
    if crew:
        start = "2027-03-01T16:00:00Z"
        visit = await did(dana, visit, "schedule", technician_ids=list(crew), start=start)
    note = {"entity": "visit", "entity_id": visit["id"], "body": f"Landmark note {where}"}
    await dana.made("/api/v2/notes", note)
    invoice = await owner.made(f"/api/v2/work-orders/{order['id']}/invoices", {})
    return {
        "customers": customer["id"],
        "sites": site["id"],
        "work-orders": order["id"],
        "visits": visit["id"],
        "invoices": invoice["id"],
    }


@pytest_asyncio.fixture(scope="module")
async def land(acme: Company) -> AsyncIterator[Land]:
    owner = await acme.person("owner")
    branch = await owner.made("/api/v2/branches", {"name": "Arizona"})
    await owner.made(
        "/api/v2/territories",
        {"name": "Phoenix", "branch_id": branch["id"], "postal_codes": ["850"]},
    )
    tucson = await owner.made("/api/v2/territories", {"name": "Tucson", "postal_codes": ["857"]})
    team = await owner.made("/api/v2/teams", {"name": "Red", "branch_id": branch["id"]})
    people = {}
    for scope in SCOPES:
        role = {"name": f"R {scope}", "level": 5, "record_scope": scope, "permissions": RIGHTS}
        await owner.made("/api/v2/roles", role)
        people[scope] = await acme.person(f"R {scope}", f"{scope} person")
    own = await technician(acme, "Own", who=people["own"])
    mate, lone = await technician(acme, "Mate"), await technician(acme, "Lone")
    for one in (own, mate):
        await owner.patched(f"/api/v2/technicians/{one}", 1, {"team_id": team["id"]})
    for scope, placed in {
        "team": {"team_id": team["id"]},
        "territory": {"team_id": team["id"], "territory_ids": [tucson["id"]]},
    }.items():
        path = f"/api/v2/memberships/{people[scope].user_id}"
        assert (await owner.patch(path, json=placed)).status_code == 200
        await people[scope].again()
    jobs = {
        "own": await _job(acme, "own", "85001", own),
        "team": await _job(acme, "team", "85001", mate),
        "territory": await _job(acme, "territory", "85701"),
        "all": await _job(acme, "all", "85001", lone),
    }
    yield Land(acme, jobs, people)


@pytest.mark.parametrize("scope", SCOPES)
async def test_get_list_search_and_timeline_agree(land: Land, scope: str) -> None:
    person, reach = land.people[scope], SCOPES[: SCOPES.index(scope) + 1]
    for collection in COLLECTIONS:
        wanted = {land.jobs[job][collection] for job in reach}
        every = {job[collection] for job in land.jobs.values()}
        listed = (await person.got(f"/api/v2/{collection}", limit=200))["data"]
        assert {one["id"] for one in listed} & every == wanted, collection
        answered = {
            "get": [f"/api/v2/{collection}/{id}" for id in sorted(every)],
            "timeline": [f"/api/v2/{collection}/{id}/timeline" for id in sorted(every)],
        }
        for way, paths in answered.items():
            seen = {path.split("/")[4] for path in paths if await _there(person, path)}
            assert seen == wanted, (collection, way)
    for collection, entity in SEARCHED.items():
        hits = (await person.got("/api/v2/search", q="landmark", types=entity, limit=200))["data"]
        assert {hit["id"] for hit in hits} == {land.jobs[job][collection] for job in reach}


async def _there(person: Person, path: str) -> bool:
    reply = await person.get(path)
    assert reply.status_code in (200, 404), reply.text
    return reply.status_code == 200


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_timeline_asks_nothing_that_takes_the_database_long_to_plan(
    land: Land, scope: str
) -> None:
    """Each subquery is planned anew each time: hundreds of them take seconds on an empty table, too."""
    path = f"/api/v2/visits/{land.jobs['own']['visits']}/timeline"
    with counted(land.company.server) as asked:
        assert (await land.people[scope].got(path))["data"]
    assert max(one.upper().count("SELECT") for one in asked) < 60
    assert len(asked) < 25


async def test_a_file_is_found_by_what_it_hangs_on_and_nothing_else_is_asked(land: Land) -> None:
    dana, visit = await land.company.person("dispatcher"), land.jobs["own"]["visits"]
    file = (await dana.post("/api/v2/files", files={"file": ("a.txt", b"Hello")})).json()
    hangs = {"entity": "visit", "entity_id": visit}
    made = await dana.made("/api/v2/attachments", {**hangs, "file_id": file["id"]})
    other = await dana.made(
        "/api/v2/attachments",
        {**hangs, "entity_id": land.jobs["all"]["visits"], "file_id": file["id"]},
    )
    for person in land.people.values():
        with counted(land.company.server) as asked:
            await person.got(f"/api/v2/files/{file['id']}")
            await person.got(f"/api/v2/attachments/{made['id']}")
            listed = await person.got("/api/v2/attachments", **hangs)
        assert [one["id"] for one in listed["data"]] == [made["id"]]
        assert max(one.upper().count("SELECT") for one in asked) < 15
        theirs = (await person.get(f"/api/v2/attachments/{other['id']}")).status_code
        assert theirs == (200 if person is land.people["all"] else 404)
    await dana.delete(f"/api/v2/attachments/{made['id']}")
    gone = [
        (await one.get(f"/api/v2/files/{file['id']}")).status_code for one in land.people.values()
    ]
    assert gone == [404, 404, 404, 200]


async def test_a_timeline_is_whole_where_much_of_it_is_of_others(
    land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories, "ROUND", 3)
    dana, ids = await land.company.person("dispatcher"), land.jobs["own"]
    job_type = (await dana.got(f"/api/v2/work-orders/{ids['work-orders']}"))["job_type"]["id"]
    for number in range(3):
        order = {
            "customer_id": ids["customers"], "site_id": ids["sites"], "job_type_id": job_type,
            "summary": f"Another's {number}",
        }  # fmt: skip
        made = await dana.made("/api/v2/work-orders", order)
        await dana.made(VISITS, {"work_order_id": made["id"]})
    path = f"/api/v2/sites/{ids['sites']}/timeline"
    own = land.people["own"]
    whole = (await own.got(path, limit=200))["data"]
    assert {one["entity"] for one in whole} >= {"site", "visit", "work_order"}
    assert len(whole) < len((await dana.got(path, limit=200))["data"])
    page = await own.got(path, limit=1)
    paged = page["data"]
    while page["next_before"]:
        page = await own.got(path, limit=1, before=page["next_before"])
        paged += page["data"]
    assert paged == whole


@pytest.mark.parametrize("scope", SCOPES)
async def test_notes_are_seen_with_what_they_hang_on(land: Land, scope: str) -> None:
    person, reach = land.people[scope], SCOPES[: SCOPES.index(scope) + 1]
    for job, ids in land.jobs.items():
        path = f"/api/v2/notes?entity=visit&entity_id={ids['visits']}"
        reply = await person.get(path)
        bodies = [one["body"] for one in reply.json().get("data", [])]
        assert bodies == ([f"Landmark note {job}"] if job in reach else []), job


async def test_a_customer_without_a_site_yet_is_seen_by_whoever_may_give_it_one(land: Land) -> None:
    dana = await land.company.person("dispatcher")
    fresh = await dana.made("/api/v2/customers", {"name": "Fresh"})
    path = f"/api/v2/customers/{fresh['id']}"
    seen = {scope: (await one.get(path)).status_code for scope, one in land.people.items()}
    assert seen == {"own": 404, "team": 404, "territory": 200, "all": 200}
    site = {"street": "9 Far St", "postal_code": "85001", "customer_id": fresh["id"]}
    await dana.made("/api/v2/sites", site)
    assert (await land.people["territory"].get(path)).status_code == 404


async def test_whoever_leads_a_team_sees_its_work(land: Land) -> None:
    owner = await land.company.person("owner")
    lena = await land.company.person("R team", "lena")
    path = f"{VISITS}/{land.jobs['team']['visits']}"
    assert (await lena.get(path)).status_code == 404
    red = (await owner.got("/api/v2/teams"))["data"][0]
    await owner.patched(
        f"/api/v2/teams/{red['id']}", red["version"], {"leader_id": str(lena.user_id)}
    )
    assert (await lena.get(path)).status_code == 200


async def test_who_does_not_see_everything_says_of_nobody_where_they_belong(land: Land) -> None:
    owner = await land.company.person("owner")
    keeper = {
        "name": "Keeper", "level": 60, "record_scope": "territory",
        "permissions": [*RIGHTS, "members:read", "members:write"],
    }  # fmt: skip
    await owner.made("/api/v2/roles", keeper)
    kim = await land.company.person("Keeper", "kim")
    body: dict[str, Any] = {"territory_ids": []}
    for whom in (kim, land.people["own"]):
        reply = await kim.patch(f"/api/v2/memberships/{whom.user_id}", json=body)
        assert (reply.status_code, reply.json()["code"]) == (403, "above_own_role")


@pytest.mark.parametrize("scope", ["own", "team", "territory"])
async def test_nobody_widens_their_own_scope_by_who_belongs_where(land: Land, scope: str) -> None:
    """Whose technician somebody is, a team's leader and a territory's claims decide it as much."""
    owner = await land.company.person("owner")
    name = f"Placer {scope}"
    rights = [*RIGHTS, "technicians:write", "organisation:read", "organisation:write"]
    role = {"name": name, "level": 60, "record_scope": scope, "permissions": rights}
    await owner.made("/api/v2/roles", role)
    pia = await land.company.person(name, f"pia {scope}")
    lone = (await owner.got("/api/v2/technicians", sort="name"))["data"]
    lone = next(one for one in lone if one["name"] == "Lone")
    team = (await owner.got("/api/v2/teams"))["data"][0]
    lands = (await owner.got("/api/v2/territories"))["data"][0]
    me = str(pia.user_id)
    asked = [
        ("post", "/api/v2/technicians", {"name": "Mine", "member_id": me}, None),
        ("post", "/api/v2/technicians", {"name": "Mine", "team_id": team["id"]}, None),
        ("patch", f"/api/v2/technicians/{lone['id']}", {"team_id": team["id"]}, lone),
        ("patch", f"/api/v2/technicians/{lone['id']}", {"member_id": me}, lone),
        ("post", "/api/v2/teams", {"name": f"Mine {scope}", "leader_id": me}, None),
        ("patch", f"/api/v2/teams/{team['id']}", {"leader_id": me}, team),
        ("post", "/api/v2/territories", {"name": f"Mine {scope}", "regions": ["NV"]}, None),
        ("patch", f"/api/v2/territories/{lands['id']}", {"regions": ["NV"]}, lands),
        ("delete", f"/api/v2/territories/{lands['id']}", None, None),
    ]
    for method, path, body, seen in asked:
        headers = {"If-Match": f'"v{seen["version"]}"'} if seen else {}
        more = {"json": body} if body is not None else {}
        reply = await pia.request(method, path, headers=headers, **more)
        assert (reply.status_code, reply.json()["code"]) == (403, "above_own_role"), (path, body)
    renamed = await pia.patched(
        f"/api/v2/technicians/{lone['id']}", lone["version"], {"color": "#3b82f6"}
    )
    assert (renamed["member_id"], renamed["team_id"]) == (None, None)


@pytest.mark.parametrize("scope", ["team", "territory"])
async def test_only_its_author_or_who_sees_everything_changes_a_note(
    land: Land, scope: str
) -> None:
    owner, dana = await land.company.person("owner"), await land.company.person("dispatcher")
    name = f"Writer {scope}"
    rights = [*RIGHTS, "notes:write"]
    role = {"name": name, "level": 5, "record_scope": scope, "permissions": rights}
    await owner.made("/api/v2/roles", role)
    wes = await land.company.person(name, f"wes {scope}")
    red = (await owner.got("/api/v2/teams"))["data"][0]
    placed = await owner.patch(f"/api/v2/memberships/{wes.user_id}", json={"team_id": red["id"]})
    assert placed.status_code == 200
    await wes.again()
    on = {"entity": "visit", "entity_id": land.jobs["team"]["visits"]}
    theirs = await dana.made("/api/v2/notes", {**on, "body": "Dana's"})
    path = f"/api/v2/notes/{theirs['id']}"
    refused = await wes.patch(path, json={"body": "x"}, headers={"If-Match": '"v1"'})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_author")
    assert (await wes.delete(path)).status_code == 403
    mine = await wes.made("/api/v2/notes", {**on, "body": "Wes's"})
    assert (await wes.delete(f"/api/v2/notes/{mine['id']}")).status_code == 204
    assert (await dana.delete(path)).status_code == 204
