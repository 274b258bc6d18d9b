"""Employee records: what is kept about people, and pay that few see (rows B8, B4)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.core import clock
from app.services import attachments
from tests.support.journal import numbered, relaying
from tests.support.people import Company, Person
from tests.support.server import Server
from tests.support.work import some_work

EMPLOYEES = "/api/v2/employees"
ATTACHMENTS = "/api/v2/attachments"
EXPIRING = "/api/v2/expiring-documents"
SEEN = {"If-Match": '"v1"'}


async def test_pay_is_absent_for_who_may_not_see_it(acme: Company) -> None:
    owner, mara = await acme.person("owner"), await acme.person("manager", "mara")
    theo = await acme.person("technician", "theo")
    body = {
        "member_id": str(theo.user_id),
        "department": "Field",
        "title": "Lead",
        "pay_rate": 4242,
    }
    made = await owner.made(EMPLOYEES, {**body, "hired_on": "2026-01-05"})
    assert (made["pay_rate"], made["member"]["name"]) == (4242, "Theo")
    path = f"{EMPLOYEES}/{made['id']}"
    changed = await mara.patched(path, 1, {"title": "Senior lead"})
    assert "pay_rate" not in changed
    await owner.patched(path, 2, {"pay_rate": 4343})
    changes = [one["sentence"] for one in (await mara.got(f"{path}/timeline"))["data"]]
    assert "pay" not in " ".join(changes)
    assert "as an employee was changed (other details)" in changes[0]
    table = await mara.get(f"{EMPLOYEES}?department=None", headers={"Accept": "text/csv"})
    assert (table.status_code, len(table.text.splitlines())) == (200, 1)
    assert "title" in table.text
    assert "pay" not in table.text
    for way in (path, EMPLOYEES, f"{path}/history", f"{path}/timeline"):
        reply = await mara.get(way)
        assert reply.status_code == 200
        assert "4242" not in reply.text
        assert "4343" not in reply.text
    history = await owner.got(f"{path}/history")
    assert history["data"][0]["changes"] == {"pay_rate": [4242, 4343]}
    blind = await mara.patch(path, json={"pay_rate": 1}, headers={"If-Match": '"v3"'})
    assert (blind.status_code, blind.json()["permission"]) == (403, "employees:pay")
    stale = await mara.patch(path, json={"title": "x"}, headers={"If-Match": '"v1"'})
    assert (stale.status_code, "pay_rate" in stale.json()["current"]) == (412, False)


async def test_records_are_kept_of_each_member_once(acme: Company) -> None:
    owner, dana = await acme.person("owner"), await acme.person("dispatcher")
    tom = await acme.person("technician", "tom")
    body = {"member_id": str(tom.user_id), "employment": "contractor"}
    made = await owner.made(EMPLOYEES, body)
    assert UUID(made["member"]["id"]) == tom.user_id
    twice = await owner.post(EMPLOYEES, json=body)
    assert (twice.status_code, twice.json()["errors"][0]["pointer"]) == (409, "/member_id")
    assert (await dana.get(EMPLOYEES)).status_code == 403
    found = (await owner.got(EMPLOYEES, employment="contractor"))["data"]
    assert [one["id"] for one in found] == [made["id"]]
    backwards = {"hired_on": "2026-05-01", "left_on": date(2026, 4, 1).isoformat()}
    path = f"{EMPLOYEES}/{made['id']}"
    early = await owner.patch(path, json=backwards, headers={"If-Match": '"v1"'})
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (422, "/left_on")
    assert (await owner.delete(path)).status_code == 204
    told = (await owner.got(f"/api/v2/memberships/{tom.user_id}/timeline"))["data"]
    assert told[0]["sentence"] == "The record about Tom as an employee was deleted."


async def test_the_journal_says_of_nothing_what_the_role_does_not_read(
    acme: Company, server: Server
) -> None:
    owner, dana = await acme.person("owner"), await acme.person("dispatcher")
    jo = await acme.person("technician", "jo")
    body = {"member_id": str(jo.user_id), "title": "Groundskeeper"}
    made = await owner.made(EMPLOYEES, body)
    await owner.patched(f"{EMPLOYEES}/{made['id']}", 1, {"title": "Greenkeeper"})
    async with relaying(server.database):
        await numbered(server.database, acme.id)
    for person, sees in ((owner, True), (dana, False)):
        entries, since = [], 0
        while page := (await person.got("/api/v2/journal", since=since, limit=200))["data"]:
            entries, since = [*entries, *page], page[-1]["seq"]
        about = [one for one in entries if one["entity_id"] == made["id"]]
        assert [one["action"] for one in about if one["is_fact"]] == [
            "employee.created", "employee.changed",
        ]  # fmt: skip
        assert ("Greenkeeper" in str(about)) is sees
        assert any(one["changes"] or one["sentence"] for one in about) is sees
        entry = await person.got(f"/api/v2/journal/{about[-1]['id']}")
        assert bool(entry["changes"]) is sees
    role = {"name": "Narrow", "level": 5, "record_scope": "team", "permissions": ["journal:read"]}
    await owner.made("/api/v2/roles", role)
    ned = await acme.person("Narrow", "ned")
    for path in ("/api/v2/journal", f"/api/v2/journal/{about[0]['id']}"):
        reply = await ned.get(path)
        assert (reply.status_code, reply.json()["code"]) == (403, "scope_too_narrow")


async def test_documents_are_kept_with_the_day_they_expire_on(acme: Company) -> None:
    owner, dana = await acme.person("owner"), await acme.person("dispatcher", "doris")
    kept = await owner.made(EMPLOYEES, {"member_id": str(dana.user_id)})
    site_of = await some_work(acme, dana)
    today = clock.now().date()

    async def document(entity: str, id: Any, days: int, **more: Any) -> Any:
        name = f"{entity} {days}.txt"
        sent = await owner.post(
            "/api/v2/files", files={"file": (name, name.encode(), "text/plain")}
        )
        body = {"file_id": sent.json()["id"], "entity": entity, "entity_id": id, **more}
        last = (today + timedelta(days=days)).isoformat()
        return await owner.made(ATTACHMENTS, {**body, "kind": "document", "expires_on": last})

    licence = await document("employee", kept["id"], 30)
    assert (licence["customer_visible"], licence["expires_on"]) == (
        False,
        (today + timedelta(days=30)).isoformat(),
    )
    permit = await document("site", site_of.site["id"], 10)
    await document("employee", kept["id"], 90)
    soon = (await owner.got(EXPIRING, within_days=60))["data"]
    assert [one["id"] for one in soon] == [permit["id"], licence["id"]]
    assert [one["id"] for one in (await dana.got(EXPIRING))["data"]] == [permit["id"]]
    hidden = await dana.get(ATTACHMENTS, params={"entity": "employee", "entity_id": kept["id"]})
    assert (hidden.status_code, hidden.json()["permission"]) == (403, "employees:read")
    shown = await owner.patch(
        f"{ATTACHMENTS}/{licence['id']}", json={"customer_visible": True}, headers=SEEN
    )
    assert (shown.status_code, shown.json()["errors"][0]["pointer"]) == (422, "/customer_visible")
    renewed = {"expires_on": (today + timedelta(days=800)).isoformat()}
    await owner.patched(f"{ATTACHMENTS}/{licence['id']}", 1, renewed)
    assert [one["id"] for one in (await owner.got(EXPIRING))["data"]] == [permit["id"]]
    assert (await owner.delete(f"{EMPLOYEES}/{kept['id']}")).status_code == 204
    assert (await owner.get(f"{ATTACHMENTS}/{licence['id']}")).status_code == 404


async def kept_file(person: Person, name: str) -> str:
    content = {"file": (name, name.encode(), "text/plain")}
    sent = await person.post("/api/v2/files", files=content)
    return str(sent.json()["id"])


async def on(person: Person, file: str, entity: str, id: Any, **more: Any) -> Any:
    body = {"file_id": file, "entity": entity, "entity_id": id, "kind": "document"}
    return await person.made(ATTACHMENTS, {**body, **more})


async def test_with_the_record_go_its_files_that_are_on_no_other(
    acme: Company, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, dana = await acme.person("owner"), await acme.person("dispatcher", "delia")
    kept = await owner.made(EMPLOYEES, {"member_id": str(dana.user_id)})
    customer = await owner.made("/api/v2/customers", {"name": "Verity Plumb"})
    monkeypatch.setattr(attachments, "MOST", 2)
    alone = [await kept_file(owner, f"passport {n}.txt") for n in range(5)]
    for file in alone:
        attached = await on(owner, file, "employee", kept["id"])
    shared, off = await kept_file(owner, "terms.txt"), await kept_file(owner, "taken off.txt")
    await on(owner, shared, "employee", kept["id"])
    await on(owner, shared, "customer", customer["id"])
    taken_off = await on(owner, off, "employee", kept["id"])
    assert (await owner.delete(f"{ATTACHMENTS}/{taken_off['id']}")).status_code == 204
    assert (await owner.delete(f"{EMPLOYEES}/{kept['id']}")).status_code == 204
    assert (await owner.get(f"{ATTACHMENTS}/{attached['id']}")).status_code == 404
    for file in (*alone, off):
        for path in (f"/api/v2/files/{file}", f"/api/v2/files/{file}/content"):
            assert (await owner.get(path)).status_code == 404  # not even for who sent it
    assert (await owner.get(f"/api/v2/files/{shared}")).status_code == 200
    connection = await asyncpg.connect(server.database.admin)
    gone = await connection.fetchval(
        "select count(*) from files where id = any($1::uuid[]) and deleted_at is not null",
        [*alone, off],
    )
    await connection.close()
    assert gone == 6  # what `files.sweeping.purge` removes when their days are over


async def test_the_expiring_documents_are_those_one_may_read_page_by_page(acme: Company) -> None:
    owner = await acme.person("owner")
    today = clock.now().date()
    there = await owner.made("/api/v2/customers", {"name": "Wanda Stone"})
    gone = await owner.made("/api/v2/customers", {"name": "Gone Away"})
    note = await owner.made(
        "/api/v2/notes", {"entity": "customer", "entity_id": gone["id"], "body": "Their permit"}
    )

    async def lasting(days: int, entity: str, id: Any) -> str:
        file = await kept_file(owner, f"{entity} {days} {id}.txt")
        last = (today + timedelta(days=days)).isoformat()
        return str((await on(owner, file, entity, id, expires_on=last))["id"])

    unseen = [await lasting(2, "customer", gone["id"]), await lasting(3, "note", note["id"])]
    asked = {"within_days": 20, "kind": "document"}
    before = [one["id"] for one in (await owner.got(EXPIRING, **asked))["data"]]
    assert set(unseen) <= set(before)
    assert (await owner.delete(f"/api/v2/customers/{gone['id']}")).status_code == 204
    old = [await lasting(-900 + n, "customer", there["id"]) for n in range(5)]
    tomorrow = await lasting(1, "customer", there["id"])
    found: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = await owner.got(EXPIRING, **asked, entity="customer", limit=2, **more)
        found += [one["id"] for one in page["data"]]
        if page["next_cursor"] is None:
            break
        more = {"cursor": page["next_cursor"]}
    assert found == [*old, tomorrow]
    for id in unseen:
        assert (await owner.get(f"{ATTACHMENTS}/{id}")).status_code == 404
    here = {**asked, "entity": "customer"}
    assert [one["id"] for one in (await owner.got(EXPIRING, **here, expired=False))["data"]] == [
        tomorrow
    ]
    assert [one["id"] for one in (await owner.got(EXPIRING, **here, expired=True))["data"]] == old
    every = await owner.got(EXPIRING, **asked)
    assert not set(unseen) & {one["id"] for one in every["data"]}
    table = await owner.get(EXPIRING, params=here, headers={"Accept": "text/csv"})
    assert (table.status_code, len(table.text.splitlines())) == (200, 7)
    assert (await owner.get(EXPIRING, params={"total": "true"})).status_code == 422
