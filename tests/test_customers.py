"""Customers through the door people use."""

import asyncio

from tests.support.money import a_work_order, drafted
from tests.support.people import Company

CUSTOMERS = "/api/v2/customers"


async def test_a_customer_is_added_changed_deleted_and_brought_back(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    made = await dana.post(
        "/api/v2/customers", json={"name": " Ann Lee ", "phone": "(202) 555-0142"}
    )
    assert made.status_code == 201, made.text
    ann = made.json()
    assert (ann["name"], ann["phone"], ann["version"]) == ("Ann Lee", "+12025550142", 1)
    assert made.headers["etag"] == '"v1"'

    changed = await dana.patched(f"/api/v2/customers/{ann['id']}", 1, {"notes": "Two dogs."})
    assert (changed["version"], changed["notes"], changed["phone"]) == (
        2,
        "Two dogs.",
        "+12025550142",
    )

    again = await dana.patched(f"/api/v2/customers/{ann['id']}", 2, {"notes": "Two dogs."})
    assert again["version"] == 2

    stale = await dana.patch(
        f"/api/v2/customers/{ann['id']}", json={"notes": "x"}, headers={"If-Match": '"v1"'}
    )
    assert stale.status_code == 412
    assert stale.json()["current"]["notes"] == "Two dogs."
    missing = await dana.patch(f"/api/v2/customers/{ann['id']}", json={"notes": "x"})
    assert missing.status_code == 428

    assert (await dana.delete(f"/api/v2/customers/{ann['id']}")).status_code == 204
    assert (await dana.get(f"/api/v2/customers/{ann['id']}")).status_code == 404
    restored = await dana.made(f"/api/v2/customers/{ann['id']}/restore")
    assert restored["deleted_at"] is None

    story = await dana.got(f"/api/v2/customers/{ann['id']}/timeline")
    assert [one["fact"] for one in story["data"]] == [
        "customer.restored", "customer.deleted", "customer.changed", "customer.created",
    ]  # fmt: skip
    assert story["data"][2]["sentence"] == "Customer Ann Lee was changed (notes)."
    assert story["data"][0]["actor"]["name"] == "Dispatcher"
    history = await dana.got(f"/api/v2/customers/{ann['id']}/history")
    assert history["data"][2]["changes"] == {"notes": [None, "Two dogs."]}


async def test_the_same_request_twice_is_done_once(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    key = {"Idempotency-Key": "one-and-only"}
    first = await dana.post("/api/v2/customers", json={"name": "Once"}, headers=key)
    second = await dana.post("/api/v2/customers", json={"name": "Once"}, headers=key)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert second.headers["idempotent-replayed"] == "true"
    other = await dana.post("/api/v2/customers", json={"name": "Other"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_an_id_that_exists_answers_with_the_current_row(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann = await dana.made("/api/v2/customers", {"name": "First"})
    reply = await dana.post("/api/v2/customers", json={"id": ann["id"], "name": "Second"})
    assert (reply.status_code, reply.json()["code"]) == (409, "already_exists")
    assert reply.json()["current"]["name"] == "First"


async def test_a_stranger_sees_nothing(acme: Company, rival: Company) -> None:
    dana, rob = await acme.person("dispatcher"), await rival.person("owner")
    ann = await dana.made("/api/v2/customers", {"name": "Ours"})
    reply = await rob.get(f"/api/v2/customers/{ann['id']}")
    assert reply.status_code == 404
    names = [c["name"] for c in (await rob.got("/api/v2/customers"))["data"]]
    assert names == []


async def test_pages_follow_each_other(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    for n in range(7):
        await dana.made("/api/v2/customers", {"name": f"Page {n}", "source": "pages"})
    seen, cursor = [], None
    while True:
        params = {"limit": 3, "sort": "name", "include_total": "true"}
        page = await dana.got(
            "/api/v2/customers", **params, **({"cursor": cursor} if cursor else {})
        )
        seen += [c["name"] for c in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == page["total"] == len(set(seen))
    assert seen == sorted(seen, key=str.casefold)
    bad = await dana.get("/api/v2/customers", params={"cursor": "nonsense"})
    assert (bad.status_code, bad.json()["code"]) == (400, "bad_cursor")
    unknown = await dana.get("/api/v2/customers", params={"colour": "red"})
    assert unknown.status_code == 422


async def test_a_customer_stays_while_work_is_open_or_money_is_owed(acme: Company) -> None:
    dana, amy = await acme.person("dispatcher"), await acme.person("accountant")
    order = await a_work_order(acme)
    path = f"{CUSTOMERS}/{order['customer']['id']}"

    at_work = await dana.delete(path)
    assert (at_work.status_code, at_work.json()["code"]) == (409, "in_use")
    assert "1 open work order" in at_work.json()["detail"]

    invoice = f"/api/v2/invoices/{(await drafted(amy, order, '10'))['id']}"
    await dana.made(f"/api/v2/work-orders/{order['id']}/cancel", {"reason": "Moved away"})
    about_to_be_billed = await dana.delete(path)
    assert (about_to_be_billed.status_code, about_to_be_billed.json()["code"]) == (409, "in_use")
    assert "1 draft invoice." in about_to_be_billed.json()["detail"]
    await amy.made(f"{invoice}/issue")  # the trip that was made for nothing
    owing = await dana.delete(path)
    assert (owing.status_code, owing.json()["code"]) == (409, "in_use")
    assert "open balance" in owing.json()["detail"]

    await amy.made(f"{invoice}/payments", {"amount": 1000, "method": "cash"})
    assert (await dana.delete(path)).status_code == 204


async def test_a_parent_stays_while_it_has_branches(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    chain = await dana.made(CUSTOMERS, {"name": "Copper Kettle", "kind": "business"})
    branch = await dana.made(CUSTOMERS, {"name": "Copper Kettle East", "parent_id": chain["id"]})
    above, below = f"{CUSTOMERS}/{chain['id']}", f"{CUSTOMERS}/{branch['id']}"

    refused = await dana.delete(above)
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert "parent of 1 customer." in refused.json()["detail"]
    assert (await dana.delete(below)).status_code == 204
    assert (await dana.delete(above)).status_code == 204
    orphan = await dana.post(f"{below}/restore")
    assert (orphan.status_code, orphan.json()["code"]) == (409, "deleted")


async def test_two_who_become_each_others_parent_at_once_close_no_circle(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    one = await dana.made(CUSTOMERS, {"name": "One"})
    two = await dana.made(CUSTOMERS, {"name": "Two"})
    replies = await asyncio.gather(
        *(
            dana.patch(
                f"{CUSTOMERS}/{child['id']}",
                json={"parent_id": parent["id"]},
                headers={"If-Match": '"v1"'},
            )
            for child, parent in ((one, two), (two, one))
        )
    )
    assert sorted(reply.status_code for reply in replies) == [200, 422]
    refused = max(replies, key=lambda reply: reply.status_code)
    assert refused.json()["errors"][0]["code"] == "circle"
    now = await dana.got(f"{CUSTOMERS}/{one['id']}")
    itself = await dana.patch(
        f"{CUSTOMERS}/{one['id']}",
        json={"parent_id": one["id"]},
        headers={"If-Match": f'"v{now["version"]}"'},
    )
    assert itself.status_code == 422
