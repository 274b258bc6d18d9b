"""Sites through the door people use: placed and zoned offline, with parties that come and go."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.field import booked_with
from tests.support.people import Company, Person
from tests.support.queries import counted
from tests.support.work import some_work

SITES = "/api/v2/sites"


async def a_customer(person: Person, name: str = "Ann Lee") -> str:
    made = await person.made("/api/v2/customers", {"name": name})
    return str(made["id"])


async def a_site(person: Person, customer_id: str | None = None, **more: Any) -> Any:
    owner = customer_id or await a_customer(person)
    body = {"customer_id": owner, "street": "12 Main St", "postal_code": "85001"}
    return await person.made(SITES, body | more)


def pointers(reply: Any) -> list[str]:
    return [error["pointer"] for error in reply.json()["errors"]]


async def test_a_site_is_added_changed_deleted_and_brought_back(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann = await a_customer(dana)
    site = await a_site(dana, ann, unit="B", access_notes="Gate on the left.")
    assert site["address"] == "12 Main St, B, Phoenix, AZ 85001"
    assert (site["time_zone"], site["placed_by"]) == ("America/Phoenix", "postal_code")
    assert (site["latitude"], site["longitude"]) == (33.4484, -112.074)
    assert [(p["customer"], p["role"], p["ends_on"]) for p in site["parties"]] == [
        ({"id": ann, "name": "Ann Lee"}, "owner", None)
    ]
    path = f"{SITES}/{site['id']}"

    changed = await dana.patched(path, 1, {"name": "The shop", "unit": None})
    assert (changed["version"], changed["name"], changed["unit"]) == (2, "The shop", None)
    stale = await dana.patch(path, json={"name": "x"}, headers={"If-Match": '"v1"'})
    assert stale.status_code == 412
    assert stale.json()["current"] == await dana.got(path)
    assert (await dana.patch(path, json={"name": "x"})).status_code == 428

    assert (await dana.delete(path)).status_code == 204
    assert (await dana.get(path)).status_code == 404
    restored = await dana.made(f"{path}/restore")
    assert restored["deleted_at"] is None
    again = await dana.post(f"{path}/restore")
    assert (again.status_code, again.json()["code"]) == (409, "not_deleted")

    story = await dana.got(f"{path}/timeline")
    assert [one["sentence"] for one in story["data"]] == [
        "Site 12 Main St, Phoenix, AZ 85001 was restored.",
        "Site 12 Main St, Phoenix, AZ 85001 was deleted.",
        "Site 12 Main St, Phoenix, AZ 85001 was changed (name, unit).",
        "Site 12 Main St, B, Phoenix, AZ 85001 was added.",
    ]
    history = await dana.got(f"{path}/history")
    assert history["data"][2]["changes"] == {"name": [None, "The shop"], "unit": ["B", None]}
    of_ann = await dana.got(f"/api/v2/customers/{ann}/timeline")
    assert of_ann["data"][0]["fact"] == "site.created"


@pytest.mark.parametrize(
    ("code", "city", "region", "zone"),
    [
        ("85001", "Phoenix", "AZ", "America/Phoenix"),
        ("83801", "Athol", "ID", "America/Los_Angeles"),
        ("2139", "Cambridge", "MA", "America/New_York"),
        ("62701-1234", "Springfield", "IL", "America/Chicago"),
    ],
)
async def test_the_postal_code_tells_city_region_and_zone(
    acme: Company, code: str, city: str, region: str, zone: str
) -> None:
    dana = await acme.person("dispatcher")
    site = await a_site(dana, postal_code=code)
    assert (site["city"], site["region"], site["time_zone"]) == (city, region, zone)
    assert site["placed_by"] == "postal_code"


async def test_an_impossible_postal_code_is_refused(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann = await a_customer(dana)
    body = {"customer_id": ann, "street": "1 Nowhere", "postal_code": "99999"}
    reply = await dana.post(SITES, json=body)
    assert (reply.status_code, pointers(reply)) == (422, ["/postal_code"])
    assert "“99999” is not a US postal code" in reply.json()["detail"]

    site = await a_site(dana, ann)
    path = f"{SITES}/{site['id']}"
    reply = await dana.patch(path, json={"postal_code": "K1A 0B1"}, headers={"If-Match": '"v1"'})
    assert (reply.status_code, pointers(reply)) == (422, ["/postal_code"])
    assert await dana.got(path) == site


async def test_what_the_postal_code_does_not_tell_is_asked_for(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann = await a_customer(dana)
    military = {"customer_id": ann, "street": "Unit 100", "postal_code": "09001"}
    reply = await dana.post(SITES, json=military)
    assert (reply.status_code, pointers(reply)) == (422, ["/time_zone"])
    site = await dana.made(SITES, military | {"time_zone": "Europe/Berlin"})
    assert (site["latitude"], site["placed_by"]) == (None, None)

    abroad = {"customer_id": ann, "street": "1 King St", "postal_code": "M5H 1A1", "country": "CA"}
    reply = await dana.post(SITES, json=abroad)
    assert (reply.status_code, pointers(reply)) == (422, ["/city", "/region", "/time_zone"])
    told = {"city": "Toronto", "region": "Ontario", "time_zone": "America/Toronto"}
    site = await dana.made(SITES, abroad | told)
    assert (site["postal_code"], site["placed_by"]) == ("M5H 1A1", None)


async def test_what_the_postal_code_told_follows_it_and_what_a_person_said_stays(
    acme: Company,
) -> None:
    dana = await acme.person("dispatcher")
    site = await a_site(dana, time_zone="America/Denver")
    moved = await dana.patched(f"{SITES}/{site['id']}", 1, {"postal_code": "62701"})
    assert (moved["city"], moved["region"]) == ("Springfield", "IL")
    assert (moved["time_zone"], moved["latitude"]) == ("America/Denver", 39.8)
    told = await dana.patched(f"{SITES}/{site['id']}", 2, {"time_zone": None})
    assert told["time_zone"] == "America/Chicago"


async def test_a_pin_is_never_overwritten(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    site = await a_site(dana, latitude=33.45, longitude=-112.0740001)
    path = f"{SITES}/{site['id']}"
    pinned = (33.45, -112.074, "pin")
    assert (site["latitude"], site["longitude"], site["placed_by"]) == pinned
    moved = await dana.patched(path, 1, {"postal_code": "62701"})
    assert (moved["latitude"], moved["longitude"], moved["placed_by"]) == pinned
    half = await dana.patch(path, json={"latitude": 40}, headers={"If-Match": '"v2"'})
    assert (half.status_code, pointers(half)) == (422, ["/longitude"])
    freed = await dana.patched(path, 2, {"latitude": None, "longitude": None})
    assert (freed["latitude"], freed["placed_by"]) == (39.8, "postal_code")
    again = await dana.patched(path, 3, {"latitude": 1.5, "longitude": 2})
    assert (again["latitude"], again["longitude"], again["placed_by"]) == (1.5, 2, "pin")


async def test_the_house_is_sold_and_the_site_stays(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann, bob = await a_customer(dana), await a_customer(dana, "Bob Ray")
    site = await a_site(dana, ann)
    path = f"{SITES}/{site['id']}"
    sold = await dana.post(f"{path}/parties", json={"customer_id": bob, "starts_on": "2020-05-01"})
    assert sold.status_code == 201, sold.text
    assert sold.json()["version"] == 2
    assert sold.headers["etag"] == '"v2"'
    twice = await dana.post(f"{path}/parties", json={"customer_id": bob})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_exists")

    of_ann, of_bob = site["parties"][0]["id"], sold.json()["parties"][1]["id"]
    assert (await dana.delete(f"{path}/parties/{of_ann}")).status_code == 204
    ended = await dana.delete(f"{path}/parties/{of_ann}")
    assert (ended.status_code, ended.json()["code"]) == (409, "already_ended")
    now = await dana.got(path)
    assert now["version"] == 3
    assert [(p["customer"]["name"], p["ends_on"] is None) for p in now["parties"]] == [
        ("Ann Lee", False), ("Bob Ray", True),
    ]  # fmt: skip
    assert (await dana.got(SITES, customer_id=ann))["data"] == []
    assert [s["id"] for s in (await dana.got(SITES, customer_id=bob))["data"]] == [site["id"]]

    story = await dana.got(f"{path}/timeline")
    assert [one["sentence"] for one in story["data"]][:2] == [
        "Ann Lee is no longer owner of 12 Main St, Phoenix, AZ 85001.",
        "Bob Ray became owner of 12 Main St, Phoenix, AZ 85001.",
    ]
    other = await a_site(dana, ann)
    foreign = await dana.delete(f"{SITES}/{other['id']}/parties/{of_bob}")
    assert foreign.status_code == 404


async def test_a_party_that_has_not_begun_is_taken_out(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann, bob = await a_customer(dana), await a_customer(dana, "Bob Ray")
    parties = [
        {"customer_id": ann, "role": "owner"},
        {"customer_id": bob, "role": "tenant", "starts_on": "2150-01-01"},
    ]
    body = {"parties": parties, "street": "3 Elm St", "postal_code": "85001"}
    site = await dana.made(SITES, body)
    path = f"{SITES}/{site['id']}"
    coming = site["parties"][1]
    assert (coming["role"], coming["starts_on"]) == ("tenant", "2150-01-01")
    assert (await dana.delete(f"{path}/parties/{coming['id']}")).status_code == 204
    assert [p["customer"]["id"] for p in (await dana.got(path))["parties"]] == [ann]


async def test_a_site_needs_a_party_and_each_only_once(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann = await a_customer(dana)
    place = {"street": "12 Main St", "postal_code": "85001"}
    nobody = await dana.post(SITES, json=place)
    assert nobody.status_code == 422
    assert "Say whose site it is" in nobody.text
    both = await dana.post(
        SITES, json=place | {"customer_id": ann, "parties": [{"customer_id": ann}]}
    )
    assert both.status_code == 422
    twice = {"parties": [{"customer_id": ann}, {"customer_id": ann}]}
    reply = await dana.post(SITES, json=place | twice)
    assert (reply.status_code, pointers(reply)) == (422, ["/parties/1"])


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"street": " "}, "/street"),
        ({"country": "XX"}, "/country"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"latitude": 91, "longitude": 0}, "/latitude"),
        ({"longitude": 5}, "/latitude"),
        ({"name": "x" * 201}, "/name"),
        ({"org_id": str(uuid4())}, "/org_id"),
        ({"version": 7}, "/version"),
        ({"placed_by": "pin"}, "/placed_by"),
    ],
)
async def test_what_is_wrong_is_named(acme: Company, wrong: dict[str, Any], pointer: str) -> None:
    dana = await acme.person("dispatcher")
    body = {"customer_id": await a_customer(dana), "street": "12 Main St", "postal_code": "85001"}
    reply = await dana.post(SITES, json=body | wrong)
    assert (reply.status_code, pointers(reply)) == (422, [pointer])


async def test_a_strangers_ids_are_like_ids_of_nothing(acme: Company, rival: Company) -> None:
    dana, rob = await acme.person("dispatcher"), await rival.person("owner")
    ann = await a_customer(dana)
    site = await a_site(dana, ann)
    party = site["parties"][0]["id"]
    own = await a_site(rob)
    place = {"street": "1 Oak St", "postal_code": "85001"}
    attempts = [
        ("GET", f"{SITES}/{{site}}", None),
        ("PATCH", f"{SITES}/{{site}}", {"name": "x"}),
        ("DELETE", f"{SITES}/{{site}}", None),
        ("POST", f"{SITES}/{{site}}/restore", None),
        ("GET", f"{SITES}/{{site}}/timeline", None),
        ("GET", f"{SITES}/{{site}}/history", None),
        ("POST", f"{SITES}/{{site}}/parties", {"customer_id": own["parties"][0]["customer"]["id"]}),
        ("DELETE", f"{SITES}/{{site}}/parties/{{party}}", None),
        ("DELETE", f"{SITES}/{own['id']}/parties/{{party}}", None),
        ("POST", SITES, place | {"customer_id": "{customer}"}),
        ("POST", SITES, place | {"parties": [{"customer_id": "{customer}"}]}),
        ("POST", f"{SITES}/{own['id']}/parties", {"customer_id": "{customer}"}),
    ]

    async def answers_to(ids: dict[str, str]) -> list[Any]:
        told = []
        for method, path, body in attempts:
            filled = body and _filled(body, ids)
            reply = await rob.request(
                method, path.format(**ids), json=filled, headers={"If-Match": '"v1"'}
            )
            problem = reply.json()
            told.append((reply.status_code, problem["detail"], problem["errors"]))
        return told

    strange = await answers_to({"site": site["id"], "party": party, "customer": ann})
    random = await answers_to(
        {"site": str(uuid4()), "party": str(uuid4()), "customer": str(uuid4())}
    )
    assert strange == random
    assert {status for status, _, _ in strange} == {404}
    assert strange[9][2][0]["pointer"] == "/customer_id"
    assert strange[10][2][0]["pointer"] == "/parties/0/customer_id"
    assert (await rob.got(SITES, customer_id=ann))["data"] == []
    assert await dana.got(f"{SITES}/{site['id']}") == site


def _filled(value: Any, ids: dict[str, str]) -> Any:
    match value:
        case dict():
            return {key: _filled(inner, ids) for key, inner in value.items()}
        case list():
            return [_filled(inner, ids) for inner in value]
        case str():
            return value.format(**ids)
    return value


async def test_a_site_with_open_work_is_not_deleted(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    order = await work.order()
    path = f"{SITES}/{work.site['id']}"
    reply = await dana.delete(path)
    assert (reply.status_code, reply.json()["code"]) == (409, "in_use")
    assert "has 1 open work order. Close or cancel them first." in reply.json()["detail"]
    await dana.made(f"/api/v2/work-orders/{order['id']}/cancel", {"reason": "They moved away."})
    assert (await dana.delete(path)).status_code == 204


async def test_a_technician_sees_the_sites_of_own_work(acme: Company) -> None:
    dana, tina = await acme.person("dispatcher"), await acme.person("technician")
    mine, other = await some_work(acme, dana), await some_work(acme, dana)
    await booked_with(acme, await mine.order(), tina)
    assert [site["id"] for site in (await tina.got(SITES))["data"]] == [mine.site["id"]]
    assert (await tina.get(f"{SITES}/{mine.site['id']}")).status_code == 200
    for path in (f"{SITES}/{other.site['id']}", f"{SITES}/{other.site['id']}/timeline"):
        assert (await tina.get(path)).status_code == 404


async def test_the_list_filters_and_asks_as_much_for_one_row_as_for_twenty(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    few, many = await a_customer(dana), await a_customer(dana)
    await a_site(dana, few, postal_code="02139")
    for n in range(20):
        await a_site(dana, many, street=f"{n} Elm St", postal_code="02139")
    with counted(acme.server) as one:
        page = await dana.got(SITES, customer_id=few)
        assert len(page["data"]) == 1
    with counted(acme.server) as twenty:
        page = await dana.got(SITES, customer_id=many)
        assert len(page["data"]) == 20
    assert len(one) == len(twenty)
    by_code = await dana.got(SITES, postal_code="02139", region="ma", include_total=True, limit=5)
    assert (len(by_code["data"]), by_code["total"] >= 21) == (5, True)
    assert (await dana.get(SITES, params={"city": "Phoenix"})).status_code == 422
    seconds = await dana.get(SITES, params={"created_from": "0.5"})
    assert (seconds.status_code, pointers(seconds)) == (422, ["?created_from"])
