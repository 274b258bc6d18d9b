"""Branches, territories and teams: where sites lie, and what a branch does its own way (row A3)."""

from typing import Any

from tests.support.field import technician
from tests.support.people import Company, Person
from tests.support.work import some_work

BRANCHES, TERRITORIES, SITES = "/api/v2/branches", "/api/v2/territories", "/api/v2/sites"


async def _site(dana: Person, postal_code: str, **more: Any) -> Any:
    customer = await dana.made("/api/v2/customers", {"name": "Somebody"})
    body = {"street": "1 Main St", "postal_code": postal_code, "customer_id": customer["id"]}
    return await dana.made(SITES, body | more)


async def test_a_site_lies_where_its_postal_code_says(acme: Company) -> None:
    owner, dana = await acme.person("owner"), await acme.person("dispatcher")
    before = await _site(dana, "66044")
    assert (before["territory_id"], before["territory_pinned"]) == (None, False)
    kansas = await owner.made(TERRITORIES, {"name": "Kansas", "regions": ["ks"]})
    assert kansas["regions"] == ["KS"]
    path = f"{SITES}/{before['id']}"
    now = await dana.got(path)
    assert (now["territory_id"], now["version"]) == (kansas["id"], 2)

    town = await owner.made(TERRITORIES, {"name": "Lawrence", "postal_codes": ["660", "66044"]})
    assert (await dana.got(path))["territory_id"] == town["id"]
    wide = await owner.made(TERRITORIES, {"name": "Wide", "postal_codes": ["66"]})
    assert (await dana.got(path))["version"] == 3, "a longer code fits better, so nothing moved"
    assert (await _site(dana, "66502"))["territory_id"] == wide["id"]

    moved = await dana.patched(path, 3, {"postal_code": "67202"})
    assert moved["territory_id"] == kansas["id"]
    twice = await owner.post(TERRITORIES, json={"name": "Twice", "postal_codes": ["660"]})
    assert (twice.status_code, twice.json()["code"]) == (409, "claimed")
    assert twice.json()["detail"].startswith("Lawrence claims 660 already.")


async def test_a_site_stays_where_a_person_put_it(acme: Company) -> None:
    owner, dana = await acme.person("owner"), await acme.person("dispatcher")
    near = await owner.made(TERRITORIES, {"name": "Near", "postal_codes": ["850"]})
    far = await owner.made(TERRITORIES, {"name": "Far", "postal_codes": ["857"]})
    site = await _site(dana, "85001")
    assert site["territory_id"] == near["id"]
    path = f"{SITES}/{site['id']}"
    pinned = await dana.patched(path, 1, {"territory_id": far["id"]})
    assert (pinned["territory_id"], pinned["territory_pinned"]) == (far["id"], True)
    moved = await dana.patched(path, 2, {"postal_code": "85002"})
    assert moved["territory_id"] == far["id"]
    kept = await owner.delete(f"{TERRITORIES}/{far['id']}")
    assert (kept.status_code, kept.json()["code"]) == (409, "in_use")

    loose = await dana.patched(path, moved["version"], {"territory_id": None})
    assert (loose["territory_id"], loose["territory_pinned"]) == (near["id"], False)
    assert (await owner.delete(f"{TERRITORIES}/{far['id']}")).status_code == 204
    assert (await owner.delete(f"{TERRITORIES}/{near['id']}")).status_code == 204
    assert (await dana.got(path))["territory_id"] is None
    listed = await dana.got(SITES, territory_id=near["id"])
    assert listed["data"] == []


async def test_a_branch_numbers_taxes_and_keeps_time_its_own_way(acme: Company) -> None:
    owner, dana = await acme.person("owner"), await acme.person("dispatcher")
    own = {"work_order_prefix": "N-WO-", "invoice_prefix": "N-", "tax_rate": "0.05"}
    branch = await owner.made(BRANCHES, {"name": "North", "time_zone": "America/Denver", **own})
    await owner.made(
        TERRITORIES, {"name": "Vail", "postal_codes": ["816"], "branch_id": branch["id"]}
    )
    team = await owner.made("/api/v2/teams", {"name": "Alps", "branch_id": branch["id"]})
    made = await owner.made("/api/v2/technicians", {"name": "Ted", "team_id": team["id"]})
    assert made["time_zone"] == "America/Denver"
    await technician(acme, "Elsewhere")

    site = await _site(dana, "81657")
    work = await some_work(acme, dana)
    elsewhere = await work.order()
    order = await work.order(site_id=site["id"])
    assert order["number"].startswith("N-WO-")
    assert int(order["number"][5:]) == int(elsewhere["number"][3:]) + 1
    path = f"/api/v2/work-orders/{order['id']}/invoices"
    lines = {"lines": [{"description": "Pumping", "unit_price": "100"}]}
    draft = await owner.made(path, lines)
    assert draft["tax"] == 500
    issued = await owner.made(f"/api/v2/invoices/{draft['id']}/issue")
    assert issued["number"].startswith("N-")
    used = await owner.delete(f"{BRANCHES}/{branch['id']}")
    assert (used.status_code, used.json()["code"]) == (409, "in_use")
    assert used.json()["detail"] == (
        "1 territory and 1 team belong to North. Give them to another branch first."
    )
