"""A list is put right before anything of it is taken: its columns are said, its rows mended or left out."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from tests.support.imports import IMPORTS, asked, counts, errors, finished, reading, send
from tests.support.people import Company, Person, found_company
from tests.support.server import Server

LIST = (
    "Ref,Who,Mail,Gate Code,ZIP,Street\n"
    "M-1,Mend One,one@mend.example,,66604,1 First St\n"
    "M-2,,two@mend.example,,66604,2 First St\n"
    "M-3,Mend Three,three at mend,77,66604,3 First St\n"
    "M-1,Mend Four,four@mend.example,,66604,4 First St\n"
    "M-5,Mend Five,five@mend.example,,00000,5 First St\n"
)
MAPPING = {
    "Ref": "external_id",
    "Who": "name",
    "Mail": "email",
    "Gate Code": None,
    "ZIP": "postal_code",
    "Street": "street",
}


@pytest_asyncio.fixture(scope="module", autouse=True)
async def worker(server: Server) -> AsyncIterator[None]:
    """A worker, woken by commits, while this module's tests run."""
    async with reading(server):
        yield


@pytest_asyncio.fixture
async def dana(acme: Company) -> Person:
    """An administrator: who may see codes."""
    return await acme.person("admin")


async def tried(person: Person, content: str = LIST, **checked: Any) -> dict[str, Any]:
    """A list that waited for its mapping and was then tried."""
    sent = await send(person, content, wait="true")
    assert (sent.status_code, sent.json()["status"]) == (202, "waiting"), sent.text
    mapping = {one: MAPPING[one] for one in sent.json()["headings"]}
    return await check(person, sent.json()["id"], mapping=mapping, **checked)


async def check(person: Person, import_id: str, **body: Any) -> dict[str, Any]:
    """The import once it was looked at again."""
    reply = await person.post(f"{IMPORTS}/{import_id}/check", json=body)
    assert reply.status_code == 202, reply.text
    return await finished(person, import_id)


async def to_mend(person: Person, import_id: str, **query: Any) -> dict[int, dict[str, Any]]:
    """The rows that are worth a look, by number."""
    page = await person.got(f"{IMPORTS}/{import_id}/mending", **query)
    return {one["row"]: one for one in page["data"]}


async def mended(person: Person, import_id: str, row: dict[str, Any], **patch: Any) -> Any:
    """The row as it stands after that."""
    path = f"{IMPORTS}/{import_id}/rows/{row['id']}"
    return await person.patched(path, row["version"], patch)


async def test_columns_are_said_rows_mended_and_left_out_then_all_is_taken(dana: Person) -> None:
    sent = (await send(dana, LIST, wait="true")).json()
    assert (sent["status"], sent["dry_run"], sent["rows_read"]) == ("waiting", True, 0)
    known = await dana.got(f"{IMPORTS}/{sent['id']}/columns")
    who = next(one for one in known["columns"] if one["heading"] == "Who")
    assert (who["field"], who["samples"]) == (None, ["Mend One", "Mend Three", "Mend Four"])
    assert "name" in known["wants"][0]["fields"]
    assert {"name": "email", "fields": ["email"]} in known["keys"]
    refused = await dana.post(f"{IMPORTS}/{sent['id']}/check", json={})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/mapping")
    assert (await dana.post(f"{IMPORTS}/{sent['id']}/run")).json()["code"] == "nothing_to_run"

    found = await check(dana, sent["id"], mapping=MAPPING)
    assert (found["key"], counts(found)) == ("external_id", (5, 1, 0, 0, 4))
    rows = await to_mend(dana, sent["id"], why="refused")
    assert {row: one["problems"][0]["column"] for row, one in rows.items()} == {
        2: "Who",
        3: "Mail",
        4: "Ref",
        5: "ZIP",
    }
    assert rows[3]["cells"]["Mail"] == "three at mend"

    two = await mended(dana, sent["id"], rows[2], cells={"Who": "Mend Two"})
    assert (two["mended"], two["unchecked"], two["cells"]["Ref"]) == (True, True, "M-2")
    await mended(dana, sent["id"], rows[3], cells={"Mail": "three@mend.example"})
    await mended(dana, sent["id"], rows[5], left_out=True)
    found = await check(dana, sent["id"], rows="changed")
    assert (counts(found), found["rows_left_out"]) == ((5, 3, 0, 0, 1), 1)
    assert [one["row"] for one in await errors(dana, sent["id"])] == [4]

    # the first of two that share a key is left out: the other one is right now, though nobody touched it
    [first] = (await dana.got(f"{IMPORTS}/{sent['id']}/rows", did="created", limit=1))["data"]
    path = f"{IMPORTS}/{sent['id']}/rows/{first['id']}"
    assert (await dana.patched(path, first["version"], {"left_out": True}))["unchecked"] is True
    found = await check(dana, sent["id"], rows="changed")
    assert (counts(found), found["rows_left_out"]) == ((5, 3, 0, 0, 0), 2)
    whole = await check(dana, sent["id"])
    assert (counts(whole), whole["rows_left_out"]) == (counts(found), 2)

    taken = await asked(dana, sent["id"], "run")
    assert (counts(taken), taken["rows_left_out"]) == ((5, 3, 0, 0, 0), 2)
    names = await dana.got("/api/v2/customers", limit=50, sort="name")
    assert [one["name"] for one in names["data"] if one["name"].startswith("Mend ")] == [
        "Mend Four",
        "Mend Three",
        "Mend Two",
    ]


async def test_a_row_is_changed_by_one_at_a_time_and_not_once_the_list_is_taken(
    dana: Person,
) -> None:
    found = await tried(dana)
    rows = await to_mend(dana, found["id"])
    path = f"{IMPORTS}/{found['id']}/rows/{rows[2]['id']}"
    assert (await dana.patch(path, json={"left_out": True})).status_code == 428
    await dana.patched(path, rows[2]["version"], {"cells": {"Who": "Mend Two"}})
    late = await dana.patch(
        path, json={"cells": {"Who": "Other"}}, headers={"If-Match": f'"v{rows[2]["version"]}"'}
    )
    assert (late.status_code, late.json()["current"]["cells"]["Who"]) == (412, "Mend Two")
    version = late.json()["current"]["version"]
    strange = await dana.patch(
        path, json={"cells": {"Nowhere": "x"}}, headers={"If-Match": f'"v{version}"'}
    )
    assert strange.json()["errors"][0]["pointer"] == "/cells"

    again = await tried(dana)
    other = f"{IMPORTS}/{again['id']}/rows/{rows[2]['id']}"
    seen = {"If-Match": f'"v{version}"'}
    assert (await dana.patch(other, json={"left_out": True}, headers=seen)).status_code == 404

    await asked(dana, found["id"], "run")
    for reply in (
        await dana.patch(path, json={"left_out": True}, headers=seen),
        await dana.post(f"{IMPORTS}/{found['id']}/check", json={}),
    ):
        assert (reply.status_code, reply.json()["code"]) == (409, "was_run")


async def test_what_is_still_wrong_in_a_mended_trial_is_downloaded(dana: Person) -> None:
    found = await tried(dana)
    rows = await to_mend(dana, found["id"], why="refused")
    await mended(dana, found["id"], rows[2], cells={"Who": "Mend Two"}, left_out=False)
    await mended(dana, found["id"], rows[3], cells={"Mail": "still wrong"})
    await check(dana, found["id"])
    rest = (await dana.get(f"{IMPORTS}/{found['id']}/refused")).text
    assert "still wrong" in rest
    assert "Mend Two" not in rest
    changed = await to_mend(dana, found["id"], why="changed")
    assert sorted(changed) == [2, 3]
    assert changed[2]["problems"] == []


async def test_rows_and_codes_of_a_trial_are_shown_to_whom_they_are_for(
    acme: Company, dana: Person
) -> None:
    found = await tried(dana)
    [row, *_] = (await to_mend(dana, found["id"], why="refused")).values()
    await check(dana, found["id"], mapping=MAPPING | {"Gate Code": "gate_code"})
    path = f"{IMPORTS}/{found['id']}"
    stranger = await (await found_company(acme.server, "elsewhere")).person("owner")
    seen = {"If-Match": f'"v{row["version"]}"'}
    for reply in (
        await stranger.get(f"{path}/columns"),
        await stranger.get(f"{path}/mending"),
        await stranger.post(f"{path}/check", json={}),
        await stranger.patch(f"{path}/rows/{row['id']}", json={"left_out": True}, headers=seen),
    ):
        assert reply.status_code == 404, reply.text

    rights = ["customers:import", "customers:read", "customers:write", "sites:read", "sites:write"]
    role = {"name": "code-less", "level": 5, "record_scope": "all", "permissions": rights}
    owner = await acme.person("owner")
    await owner.made("/api/v2/roles", role)
    cole = await acme.person("code-less")
    samples = {
        person: {one["heading"]: one["samples"] for one in known["columns"]}
        for person, known in (
            ("dana", await dana.got(f"{path}/columns")),
            ("cole", await cole.got(f"{path}/columns")),
        )
    }
    assert (samples["dana"]["Gate Code"], samples["cole"]["Gate Code"]) == (["77"], [])
    assert samples["cole"]["Who"] == samples["dana"]["Who"]
    for reply in (
        await cole.get(f"{path}/mending"),
        await cole.patch(f"{path}/rows/{row['id']}", json={"left_out": True}, headers=seen),
    ):
        assert reply.json()["permission"] == "sites:access-codes"


async def test_a_code_stays_one_however_its_column_is_read(acme: Company, dana: Person) -> None:
    found = await tried(dana)  # its gate codes are left out
    path = f"{IMPORTS}/{found['id']}"
    [row, *_] = (await to_mend(dana, found["id"], why="refused")).values()
    assert (await dana.get(f"{path}/refused")).text.count("77") == 1
    rights = ["customers:import", "customers:read", "customers:write", "sites:read", "sites:write"]
    owner = await acme.person("owner")
    for name, scope in (("sees all, no codes", "all"), ("sees own, no codes", "own")):
        role = {"name": name, "level": 5, "record_scope": scope, "permissions": rights}
        await owner.made("/api/v2/roles", role)
    cara = await acme.person("sees all, no codes")
    otto = await acme.person("sees own, no codes")
    mapping = MAPPING | {"Gate Code": "access_notes"}
    seen = {"If-Match": f'"v{row["version"]}"'}
    for reply in (
        await cara.post(f"{path}/check", json={"mapping": mapping}),
        await cara.get(f"{path}/mending"),
        await cara.get(f"{path}/refused"),
        await cara.get(f"{path}/rows/{row['id']}"),
        await cara.patch(f"{path}/rows/{row['id']}", json={"left_out": True}, headers=seen),
    ):
        assert (reply.status_code, reply.json().get("permission")) == (403, "sites:access-codes")
    for reply in (
        await otto.post(f"{path}/check", json={"mapping": mapping}),
        await otto.post(f"{path}/run"),
    ):
        assert (reply.status_code, reply.json()["code"]) == (403, "not_yours")

    # who runs somebody else's list has not sent it
    ran = await asked(cara, found["id"], "run")
    reply = await cara.get(f"{IMPORTS}/{ran['id']}/refused")
    assert (reply.status_code, reply.json().get("permission")) == (403, "sites:access-codes")
    # whoever sent it knows the codes: it is put right with them left out
    own = await tried(cara)
    assert await to_mend(cara, own["id"], why="refused")


async def test_a_list_is_taken_once_however_many_press_the_button(dana: Person) -> None:
    found = await tried(dana, "Who,Street,ZIP\nMend Once,1 Once St,66604\n", key="none")
    path = f"{IMPORTS}/{found['id']}/run"
    replies = await asyncio.gather(dana.post(path), dana.post(path), dana.post(path))
    assert sorted(one.status_code for one in replies) == [202, 409, 409]
    assert {one.json()["code"] for one in replies if one.status_code == 409} == {"was_run"}
    [made] = [one.json()["id"] for one in replies if one.status_code == 202]
    await finished(dana, made)
    names = (await dana.got("/api/v2/customers", limit=200))["data"]
    assert [one["name"] for one in names].count("Mend Once") == 1
    await asked(dana, made, "undo")
    assert counts(await asked(dana, found["id"], "run")) == (1, 1, 0, 0, 0)
