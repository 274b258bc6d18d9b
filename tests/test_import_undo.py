"""Taking a list back: what it put aside comes back too, it can be stopped, and it says what it does."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
import pytest_asyncio

from app.core import clock
from app.services import imports
from app.services.context import Ctx
from app.services.facts import sentence
from app.services.imports import reverting, sweeping
from app.tasks.schedules import in_each
from tests.support.imports import IMPORTS, asked, counts, errors, imported, reading
from tests.support.people import Company, Person
from tests.support.server import Server


@pytest_asyncio.fixture(scope="module", autouse=True)
async def worker(server: Server) -> AsyncIterator[None]:
    """A worker while this module's tests run."""
    async with reading(server):
        yield


@pytest_asyncio.fixture
async def dana(acme: Company) -> Person:
    """A dispatcher."""
    return await acme.person("dispatcher")


async def linked(person: Person, key: str) -> list[tuple[Any, ...]]:
    """What a contact is for their customers."""
    [one] = (await person.got("/api/v2/contacts", external_key=key))["data"]
    whole = await person.got(f"/api/v2/contacts/{one['id']}")
    return [(sorted(link["roles"]), link["is_primary"]) for link in whole["customers"]]


async def test_what_contacts_were_for_their_customers_comes_back(dana: Person) -> None:
    await imported(dana, "ID,Name\nun-1,Unger\nun-2,Ulm\n")
    head = "Contact ID,Customer ID,Name,Role,Primary\n"
    rows = "uc-1,un-1,Una,tenant,yes\nuc-2,un-1,Uli,billing,no\nuc-3,un-2,Uwe,tenant,yes\n"
    await imported(dana, head + rows, kind="contacts")
    before = {key: await linked(dana, key) for key in ("uc-1", "uc-2", "uc-3")}
    assert before["uc-1"] == [(["tenant"], True)]
    more = "uc-2,un-1,Uli,owner,yes\nuc-4,un-2,Udo,owner,yes\n"
    changed = await imported(dana, head + more, kind="contacts")
    assert counts(changed) == (2, 1, 1, 0, 0), await errors(dana, changed["id"])
    assert await linked(dana, "uc-2") == [(["owner"], True)]
    assert await linked(dana, "uc-1") == [(["tenant"], False)]
    assert await linked(dana, "uc-3") == [(["tenant"], False)]
    undone = await asked(dana, changed["id"], "undo")
    assert (undone["changes_undone"], undone["changes_kept"]) == (undone["changes"], 0)
    assert {key: await linked(dana, key) for key in before} == before
    assert (await dana.got("/api/v2/contacts", external_key="uc-4"))["data"] == []


async def test_a_site_that_a_list_moved_goes_back_without_a_pin(dana: Person) -> None:
    head = "Site ID,Customer ID,Street,City,State,ZIP\n"
    await imported(dana, "ID,Name\nmv-1,Mover\n")
    await imported(dana, f"{head}ms-1,mv-1,1 Main St,,,66604\n", kind="sites")
    [before] = (await dana.got("/api/v2/sites", external_key="ms-1"))["data"]
    moved = await imported(dana, f"{head}ms-1,mv-1,1 Main St,,,85004\n", kind="sites")
    assert counts(moved)[2] == 1
    await asked(dana, moved["id"], "undo")
    [after] = (await dana.got("/api/v2/sites", external_key="ms-1"))["data"]
    where = ("postal_code", "city", "latitude", "longitude", "placed_by", "precision")
    assert [after[name] for name in where] == [before[name] for name in where]


async def test_an_undo_is_stopped_and_goes_on(
    dana: Person, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reverting, "PAGE", 10)
    page, pages = reverting._page, list[int]()

    async def page_one(ctx: Ctx, import_id: UUID) -> bool:
        pages.append(len(pages))
        if len(pages) == 2:
            running = await dana.post(f"{IMPORTS}/{import_id}/undo")
            assert running.json()["detail"] == "This import is being undone already."
            reply = await dana.post(f"{IMPORTS}/{import_id}/cancel")
            assert (reply.status_code, reply.json()["cancel_asked"]) == (200, True)
        return await page(ctx, import_id)

    monkeypatch.setattr(reverting, "_page", page_one)
    rows = "".join(f"half-{n},H {n}\n" for n in range(25))
    found = await imported(dana, f"ID,Name\n{rows}")
    stopped = await asked(dana, found["id"], "undo")
    assert (stopped["status"], stopped["changes_undone"]) == ("canceled", 10)
    assert (stopped["cancel_asked"], stopped["failure"]) == (False, None)
    admin = await asyncpg.connect(server.database.admin)
    told = await admin.fetchval(
        "select changes from journal where entity_id = $1 and action = 'import.undo_stopped'",
        found["id"],
    )
    await admin.close()
    assert sentence("import.undo_stopped", orjson.loads(told)) == (
        "Undoing the import of list.csv was stopped: 10 changes taken back, 15 still as they were"
        " imported."
    )
    reply = await dana.post(f"{IMPORTS}/{found['id']}/run")
    assert (reply.status_code, reply.json()["code"]) == (409, "half_undone")
    undone = await asked(dana, found["id"], "undo")
    assert (undone["status"], undone["changes_undone"]) == ("undone", 25)
    reply = await dana.post(f"{IMPORTS}/{found['id']}/undo")
    assert reply.json()["detail"] == "This import is undone already."
    reply = await dana.post(f"{IMPORTS}/{found['id']}/cancel")
    assert reply.json()["detail"] == "This import is undone; there is nothing left to stop."


async def test_what_is_half_swept_is_not_undone_by_half(
    dana: Person, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep that died after its first batch has said already that nothing can be undone."""
    found = await imported(dana, "ID,Name\n" + "".join(f"sw-{n},S {n}\n" for n in range(20)))
    monkeypatch.setattr(sweeping, "MOST", 8)
    later = clock.now() + timedelta(days=31)

    async def left() -> int:
        admin = await asyncpg.connect(server.database.admin)
        rows = "select count(*) from import_changes where import_id = $1"
        number: int = await admin.fetchval(rows, found["id"])
        await admin.close()
        return number

    with clock.set_to(later):
        while await left() == 20:
            await in_each(server.state.sessions, "sweep", imports.sweep)
    assert 0 < await left() < 20
    reply = await dana.post(f"{IMPORTS}/{found['id']}/undo")
    assert (reply.status_code, reply.json()["code"]) == (409, "file_gone")
    assert reply.json()["detail"] == (
        "What it did is kept for 30 days, and cannot be undone any more."
    )
    monkeypatch.undo()
    with clock.set_to(later):
        await in_each(server.state.sessions, "sweep", imports.sweep)
    assert await left() == 0
