"""What an import never does: put money on somebody else's account, go past what its sender may see or
do, or keep others waiting.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from app.services.imports import reading as machine
from tests.support.imports import (
    IMPORTS,
    asked,
    counts,
    errors,
    finished,
    imported,
    reading,
    send,
)
from tests.support.people import Company, Person
from tests.support.queries import counted
from tests.support.server import Server


@pytest_asyncio.fixture(scope="module", autouse=True)
async def worker(server: Server) -> AsyncIterator[None]:
    async with reading(server):
        yield


@pytest_asyncio.fixture
async def olga(acme: Company) -> Person:
    return await acme.person("owner")


async def test_nobody_is_billed_for_a_namesake(olga: Person) -> None:
    await imported(
        olga, "ID,Name,Email,Phone\nnm-1,Nan Mott,nan1@example.com,(202) 555-0170\n,No Mark,,\n"
    )
    found = await imported(
        olga,
        "Invoice #,Customer ID,Customer Name,Customer Email,Customer Phone,Balance\n"
        "NM1,nm-2,Nan Mott,nan2@example.com,,10\n"
        "NM2,,Nan Mott,nan2@example.com,,10\n"
        "NM3,,Nan Mott,,(202) 555-0171,10\n"
        "NM4,nm-2,No Mark,,,10\n"
        "NM5,nm-2,Nan Mott,nan1@example.com,,10\n"
        "NM6,nm-1,Nan Mott,nan2@example.com,,10\n"
        "NM7,,Nan Mott,nan1@example.com,(202) 555-0171,10\n"
        "NM8,,No Mark,no@example.com,,10\n",
        kind="invoices",
    )
    assert counts(found) == (8, 3, 0, 0, 5)
    named = await errors(olga, found["id"])
    assert [(one["row"], one["column"], one["code"]) for one in named] == [
        (1, "Customer ID", "no_customer"),
        (2, "Customer Email", "no_customer"),
        (3, "Customer Phone", "no_customer"),
        (4, "Customer ID", "no_customer"),
        (5, "Customer ID", "no_customer"),
    ]
    assert named[0]["reason"] == (
        "No customer has the key “nm-2”, and Nan Mott has the key “nm-1” here. Import the customers"
        " first; if Nan Mott is meant, leave the key out."
    )
    owed = [await olga.got("/api/v2/invoices", external_key=f"NM{n}") for n in range(1, 9)]
    assert [len(one["data"]) for one in owed] == [0, 0, 0, 0, 0, 1, 1, 1]


async def test_no_work_is_put_at_a_site_of_another_key(olga: Person) -> None:
    await imported(olga, "ID,Name\nst-1,Sid Tate\n")
    await imported(
        olga,
        "Location ID,Customer ID,Name,Street,ZIP\n"
        "st-a,st-1,Barn,41 Kirk Rd,66604\n,st-1,Shed,43 Kirk Rd,66604\n",
        kind="sites",
        key="none",
    )
    found = await imported(
        olga,
        "Equipment ID,Type,Customer ID,Site ID,Site Name,Street,ZIP\n"
        "sq-1,Pump,st-1,st-z,,41 Kirk Rd,66604\n"
        "sq-2,Pump,st-1,st-z,Barn,,\n"
        "sq-3,Pump,st-1,st-z,,43 Kirk Rd,66604\n"
        "sq-4,Pump,st-1,st-a,,,\n",
        kind="equipment",
    )
    assert counts(found) == (4, 2, 0, 0, 2)
    named = await errors(olga, found["id"])
    assert [(one["row"], one["column"], one["code"]) for one in named] == [
        (1, "Site ID", "no_site"),
        (2, "Site ID", "no_site"),
    ]


async def _narrow(acme: Company, olga: Person, name: str, *permissions: str) -> Person:
    """Somebody who may do this and sees their own work only."""
    role = {"name": name, "level": 5, "record_scope": "own", "permissions": permissions}
    await olga.made("/api/v2/roles", role)
    return await acme.person(name)


async def test_an_undo_goes_no_further_than_one_sees_and_may(acme: Company, olga: Person) -> None:
    people = await imported(olga, "ID,Name\nws-1,Wes Sim\n")
    owed = await imported(
        olga, "Invoice #,Customer ID,Balance\nWS1,ws-1,100\n", kind="invoices"
    )  # fmt: skip
    nell = await _narrow(
        acme, olga, "list-keeper", "customers:import", "customers:read", "customers:write",
        "sites:read", "sites:write", "invoices:write", "invoices:issue", "invoices:read",
    )  # fmt: skip
    refused = await nell.post(f"{IMPORTS}/{owed['id']}/undo")
    assert (refused.status_code, refused.json()["permission"]) == (403, "invoices:void")
    await asked(olga, owed["id"], "undo")

    wes = (await olga.got("/api/v2/customers", external_key="ws-1"))["data"][0]
    assert (await nell.get(f"/api/v2/customers/{wes['id']}")).status_code == 404
    assert (await nell.post(f"{IMPORTS}/{people['id']}/undo")).status_code == 202
    undone = await finished(olga, people["id"])
    assert (undone["changes_undone"], undone["changes_kept"]) == (0, 1)
    kept = (await olga.got(f"{IMPORTS}/{people['id']}/changes", undone="kept"))["data"]
    assert [(one["name"], one["code"]) for one in kept] == [(None, "not_yours")]
    assert (await olga.get(f"/api/v2/customers/{wes['id']}")).status_code == 200
    assert (await nell.get(f"{IMPORTS}/{people['id']}/changes")).status_code == 403


async def test_a_key_that_one_does_not_see_is_not_blamed_on_the_moment(
    acme: Company, olga: Person
) -> None:
    await imported(olga, "ID,Name\nhid-1,Hidden Hal\n")
    kay = await _narrow(
        acme, olga, "key-sender", "customers:import", "customers:read", "customers:write",
        "sites:read", "sites:write",
    )  # fmt: skip
    found = await imported(kay, "ID,Name\nhid-1,Kay's Hal\nhid-2,New\n")
    assert counts(found) == (2, 1, 0, 0, 1)
    [issue] = await errors(kay, found["id"])
    assert (issue["row"], issue["column"], issue["code"]) == (1, "ID", "not_yours")
    assert issue["reason"] == (
        "A customer that your role does not see has this key. Have somebody send the row whose role"
        " sees everything, or leave its key out."
    )


async def test_rows_are_shown_to_whoever_may_see_such_records(acme: Company, olga: Person) -> None:
    people = await imported(olga, "ID,Name\nwr-1,Wim Roe\n")
    owed = await imported(
        olga, "Invoice #,Customer ID,Balance\nWR1,wr-1,100\n", kind="invoices"
    )  # fmt: skip
    role = {
        "name": "list-sender", "level": 5, "record_scope": "all",
        "permissions": ["customers:import", "customers:read", "sites:read"],
    }  # fmt: skip
    await olga.made("/api/v2/roles", role)
    sam = await acme.person("list-sender")
    for path in ("", "/rows", "/errors", "/refused", "/changes"):
        refused = await sam.get(f"{IMPORTS}/{owed['id']}{path}")
        assert (refused.status_code, refused.json()["permission"]) == (403, "invoices:read"), path
        assert (await sam.get(f"{IMPORTS}/{people['id']}{path}")).status_code == 200, path
    assert (await sam.post(f"{IMPORTS}/{owed['id']}/cancel")).status_code == 403
    kinds = {one["kind"] for one in (await sam.got(IMPORTS, limit=200))["data"]}
    assert "customers" in kinds
    assert "invoices" not in kinds


async def test_one_organisations_files_keep_no_other_waiting(
    acme: Company, rival: Company, olga: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    rob = await rival.person("owner")
    go, batches = asyncio.Event(), machine._batches

    async def slowly(*rows: Any, **options: Any) -> AsyncIterator[Any]:
        async for batch in batches(*rows, **options):
            if len(batch.meanings) == 3:  # stands for a large file
                await go.wait()
            yield batch

    monkeypatch.setattr(machine, "_batches", slowly)
    sent = [
        await send(olga, "ID,Name\n" + "".join(f"sl-{k}-{n},Slow {k} {n}\n" for n in range(3)))
        for k in range(10)
    ]
    async with asyncio.timeout(15):
        assert counts(await imported(rob, "ID,Name\nqu-1,Quick\n")) == (1, 1, 0, 0, 0)
    ids = {one.json()["id"] for one in sent}
    listed = (await olga.got(IMPORTS, limit=200))["data"]
    states = [one["status"] for one in listed if one["id"] in ids]
    assert sorted(states) == ["queued"] * 8 + ["running"] * 2
    for one in ids - {found["id"] for found in listed if found["status"] == "running"}:
        await olga.post(f"{IMPORTS}/{one}/cancel")
    go.set()
    ended = [(await finished(olga, one))["status"] for one in ids]
    assert sorted(ended) == ["canceled"] * 8 + ["completed"] * 2


async def test_gate_codes_stay_with_whom_they_are_for(acme: Company, olga: Person) -> None:
    text = "ID,Name,Street,ZIP,Gate Code\ngc-1,Gus Cole,8 Gate St,66604,4711#\n,,9 Gate St,66604,4712#\n"
    found = await imported(olga, text)
    assert (found["mapping"]["Gate Code"], counts(found)) == ("gate_code", (2, 1, 0, 0, 1))
    gus = (await olga.got("/api/v2/customers", external_key="gc-1"))["data"][0]
    site = (await olga.got("/api/v2/sites", customer_id=gus["id"]))["data"][0]
    assert (site["access_notes"], site["gate_code"]) == (None, "4711#")
    shown = await olga.get(f"{IMPORTS}/{found['id']}/rows")
    assert "8 Gate St" in shown.text
    assert "4711#" not in shown.text
    assert "4712#" not in shown.text
    assert "4712#" in (await olga.get(f"{IMPORTS}/{found['id']}/refused")).text

    role = {
        "name": "gate-less", "level": 5, "record_scope": "all",
        "permissions": [
            "customers:import", "customers:read", "customers:write", "sites:read", "sites:write",
        ],
    }  # fmt: skip
    await olga.made("/api/v2/roles", role)
    gil = await acme.person("gate-less")
    refused = await gil.get(f"{IMPORTS}/{found['id']}/refused")
    assert (refused.status_code, refused.json()["permission"]) == (403, "sites:access-codes")
    again = await imported(gil, text.replace("gc-1", "gc-2"))
    assert counts(again) == (2, 0, 0, 0, 2)
    assert "sites:access-codes" in (await errors(gil, again["id"]))[0]["reason"]
    sites = "Location ID,Customer ID,Street,ZIP,Gate Code\ngs-1,gc-1,10 Gate St,66604,4713#\n"
    listed = await imported(olga, sites, kind="sites")
    assert "4713" not in (await olga.get(f"{IMPORTS}/{listed['id']}/rows")).text
    gate = (await olga.got("/api/v2/sites", external_key="gs-1"))["data"][0]
    assert gate["gate_code"] == "4713#"


async def test_an_undo_takes_off_the_skills_that_a_list_gave(olga: Person) -> None:
    welding = await olga.made("/api/v2/skills", {"name": "Walls welding"})
    pumping = await olga.made("/api/v2/skills", {"name": "Walls pumping"})
    draft = {"name": "Tia", "external_key": "sk-1", "skills": [{"skill_id": pumping["id"]}]}
    tia = await olga.made("/api/v2/technicians", draft)
    text = "Technician ID,Name,Skills\nsk-1,Tia Moll,Walls welding\n"
    found = await imported(olga, text, kind="technicians")
    assert (counts(found), found["changes"]) == ((1, 0, 1, 0, 0), 2)
    now = await olga.got(f"/api/v2/technicians/{tia['id']}")
    assert {one["skill"]["id"] for one in now["skills"]} == {welding["id"], pumping["id"]}
    undone = await asked(olga, found["id"], "undo")
    assert (undone["changes_undone"], undone["changes_kept"]) == (2, 0)
    now = await olga.got(f"/api/v2/technicians/{tia['id']}")
    assert (now["name"], [one["skill"]["id"] for one in now["skills"]]) == ("Tia", [pumping["id"]])


async def test_finished_work_of_another_truckroll_is_still_to_be_billed(olga: Person) -> None:
    await imported(olga, "ID,Name,Street,ZIP\nob-1,Obi Ray,1 Bill St,66604\n")
    rows = [("ob-a", "completed"), ("ob-b", "approved"), ("ob-c", "closed"), ("ob-d", "ready")]
    text = "id,version,created_at,updated_at,external_key,customer_external_id,summary,status\n"
    text += "".join(f"x,1,x,x,{key},ob-1,Pumped,{status}\n" for key, status in rows)
    found = await imported(olga, text, kind="work_orders")
    assert counts(found) == (4, 4, 0, 0, 0)
    orders = [
        (await olga.got("/api/v2/work-orders", external_key=key))["data"][0] for key, _ in rows
    ]
    assert [one["status"] for one in orders] == ["completed", "completed", "closed", "ready"]
    assert counts(await imported(olga, text, kind="work_orders")) == (4, 0, 0, 4, 0)


async def test_numbers_are_taken_together_when_all_else_is_settled(
    olga: Person, server: Server
) -> None:
    await imported(olga, "ID,Name,Street,ZIP\nnu-1,Nub Fox,1 Number St,66604\n")
    text = "Job #,Customer ID,Job Title,Job Status\n" + "".join(
        f"nu-{n},nu-1,Fix {n},{'Archived' if n % 2 else 'Open'}\n" for n in range(60)
    )
    with counted(server) as queries:
        found = await imported(olga, text, kind="work_orders")
    assert counts(found) == (60, 60, 0, 0, 0)
    taken = [one for one in queries if one.startswith("UPDATE counters")]
    assert len(taken) == 4  # in each of two batches once for what is over and once for what is open
    page = (await olga.got("/api/v2/work-orders", limit=200))["data"]
    ours = {one["external_key"]: one for one in page if (one["external_key"] or "")[:3] == "nu-"}
    numbers = sorted(int(one["number"].split("-")[-1]) for one in ours.values())
    assert numbers == list(range(numbers[0], numbers[0] + 60))
    assert {one["status"] for one in ours.values()} == {"closed", "ready"}
    story = await olga.got(f"/api/v2/work-orders/{ours['nu-0']['id']}/timeline")
    assert ours["nu-0"]["number"] in story["data"][0]["sentence"]
