"""Saved views through the door people use."""

import csv
import io
import json
from typing import Any

import asyncpg

from tests.support.people import Company, Person
from tests.support.server import Server

VIEWS = "/api/v2/saved-views"
FORMER = {"field": "stage", "op": "eq", "value": "former"}


async def names(person: Person, view: str, **more: Any) -> list[str]:
    page = await person.got("/api/v2/customers", view=view, **more)
    return [one["name"] for one in page["data"]]


async def test_a_view_is_saved_used_changed_and_brought_back(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    for name, stage in (("Ann", "former"), ("Bob", "active"), ("Cleo", "former")):
        await dana.made("/api/v2/customers", {"name": name, "stage": stage})
    columns = ["name", "stage", "id"]
    body = {"list": "customers", "name": "Left us", "filter": FORMER, "sort": "-name"}
    view = await dana.made(VIEWS, {**body, "columns": columns})
    assert (view["shared"], view["owner_id"]) == ("private", str(dana.user_id))

    assert await names(dana, view["id"]) == ["Cleo", "Ann"]
    assert await names(dana, view["id"], sort="name") == ["Ann", "Cleo"]
    also = json.dumps({"field": "name", "op": "contains", "value": "an"})
    assert await names(dana, view["id"], filter=also) == ["Ann"]
    table = await dana.get(
        "/api/v2/customers", params={"view": view["id"]}, headers={"Accept": "text/csv"}
    )
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert rows[0] == columns
    assert [row[:2] for row in rows[1:]] == [["Cleo", "former"], ["Ann", "former"]]

    page = await dana.got("/api/v2/customers", view=view["id"], limit=1)
    await dana.patched(f"{VIEWS}/{view['id']}", 1, {"sort": "name"})
    assert await names(dana, view["id"]) == ["Ann", "Cleo"]
    stale = await dana.get(
        "/api/v2/customers",
        params={"view": view["id"], "limit": 1, "cursor": page["next_cursor"]},
    )
    assert (stale.status_code, stale.json()["code"]) == (400, "bad_cursor")

    assert (await dana.delete(f"{VIEWS}/{view['id']}")).status_code == 204
    gone = await dana.get("/api/v2/customers", params={"view": view["id"]})
    assert (gone.status_code, gone.json()["errors"][0]["pointer"]) == (404, "?view")
    await dana.made(f"{VIEWS}/{view['id']}/restore")
    again = await dana.post(VIEWS, json=body)
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")


async def test_a_view_is_checked_against_its_list(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    for wrong, pointer in (
        ({"list": "ledgers"}, "/list"),
        ({"filter": {"and": [FORMER, {"field": "shoe", "op": "eq", "value": 1}]}}, "/filter/and/1/field"),
        ({"sort": "shoe"}, "/sort"),
        ({"columns": ["name", "shoe"]}, "/columns/1"),
        ({"shared": "role"}, "/role_id"),
    ):  # fmt: skip
        reply = await dana.post(VIEWS, json={"list": "customers", "name": "x", **wrong})
        assert reply.status_code == 422, reply.text
        assert reply.json()["errors"][0]["pointer"] == pointer
    theo = await acme.person("technician")
    mistyped = await dana.post(VIEWS, json={"list": "costumers", "name": "x"})
    assert mistyped.json()["detail"] == (
        "There is no list “costumers”. A list is called as its address is: “customers”."
    )
    reply = await theo.post(VIEWS, json={"list": "invoices", "name": "x"})
    assert (reply.status_code, reply.json()["permission"]) == (403, "invoices:read")


async def test_nobody_sees_or_changes_anothers_private_view(acme: Company) -> None:
    dana, max_ = await acme.person("dispatcher"), await acme.person("manager")
    view = await dana.made(VIEWS, {"list": "customers", "name": "Mine", "filter": FORMER})
    one = f"{VIEWS}/{view['id']}"
    assert (await max_.get(one)).status_code == 404
    assert (await max_.patch(one, json={"name": "His"})).status_code == 404
    assert (await max_.delete(one)).status_code == 404
    assert (await max_.get("/api/v2/customers", params={"view": view["id"]})).status_code == 404
    assert view["id"] not in {v["id"] for v in (await max_.got(VIEWS))["data"]}

    await dana.patched(one, 1, {"shared": "everyone"})
    assert (await max_.got(one))["name"] == "Mine"
    refused = await max_.patch(one, json={"name": "His"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")


async def test_a_view_is_shared_with_a_role(acme: Company) -> None:
    olga, dana = await acme.person("owner"), await acme.person("dispatcher")
    theo = await acme.person("technician")
    roles = {one["name"]: one["id"] for one in (await olga.got("/api/v2/roles"))["data"]}
    view = await olga.made(
        VIEWS,
        {"list": "visits", "name": "Field", "shared": "role", "role_id": roles["technician"]},
    )
    assert (await theo.got(f"{VIEWS}/{view['id']}"))["name"] == "Field"
    assert (await dana.get(f"{VIEWS}/{view['id']}")).status_code == 404
    body = {"list": "visits", "name": "Ours", "shared": "everyone"}
    refused = await theo.post(VIEWS, json=body)
    assert (refused.status_code, refused.json()["permission"]) == (403, "saved-views:share")


async def test_a_view_that_has_outlived_its_list_says_so(acme: Company, server: Server) -> None:
    dana = await acme.person("dispatcher")
    view = await dana.made(VIEWS, {"list": "customers", "name": "Old", "filter": FORMER})
    connection = await asyncpg.connect(server.database.admin)
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(
            """update saved_views set filter = '{"field": "fax", "op": "is_null"}' where id = $1""",
            view["id"],
        )
    await connection.close()
    reply = await dana.get("/api/v2/customers", params={"view": view["id"]})
    assert (reply.status_code, reply.json()["code"]) == (422, "view_outdated")
    assert "“Old” names what this list does not have" in reply.json()["detail"]
    assert "fax" in reply.json()["detail"]
    other = await dana.get("/api/v2/sites", params={"view": view["id"]})
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "other_list")
