"""Files of any kind and size: how they are read, tried, stopped, mended and taken back."""

import asyncio
import csv
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
import xlsxwriter

from app.core import clock
from app.core.objects import Key
from app.services import imports
from app.services.context import Ctx
from app.services.files import sweeping
from app.services.imports import mending, reverting
from app.services.imports import reading as machine
from app.services.imports.taking import Taker
from app.tasks.schedules import in_each
from tests.support.imports import IMPORTS, asked, counts, errors, finished, imported, reading, send
from tests.support.people import Company, Person
from tests.support.server import Server

HEADINGS = ("Customer ID", "Name", "Email", "Address", "ZIP")


@pytest_asyncio.fixture(scope="module", autouse=True)
async def worker(server: Server) -> AsyncIterator[None]:
    """A worker while this module's tests run."""
    async with reading(server):
        yield


@pytest_asyncio.fixture
async def dana(acme: Company) -> Person:
    """A dispatcher."""
    return await acme.person("dispatcher")


def workbook(*sheets: tuple[str, list[list[Any]]], **options: Any) -> bytes:
    """A workbook as somebody's spreadsheet program saves it."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd", **options})
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    book.close()
    return out.getvalue()


async def names(person: Person, prefix: str) -> list[str]:
    """The customers of one story, by key."""
    page = await person.got("/api/v2/customers", limit=200, sort="created_at")
    return [one["name"] for one in page["data"] if (one["external_key"] or "").startswith(prefix)]


async def test_a_workbook_is_read_as_people_typed_it(dana: Person) -> None:
    rows = [
        [],
        ["Customer ID", "Name", "Phone", "Address", "ZIP", "Notes"],
        [7001, "Walt Book", 2025550171, "1 Main St", 66604, datetime(2024, 5, 1, tzinfo=UTC)],
        [],
        [7002, "Wanda Book", "(202) 555-0172", "2 Main St", 66604.0, 0.1],
    ]
    content = workbook(("Empty", []), ("People", rows), remove_timezone=True)
    found = await imported(dana, content, name="people.xlsx")
    assert (found["format"], found["sheet"], found["encoding"]) == ("xlsx", "People", None)
    assert counts(found) == (2, 2, 0, 0, 0)
    walt = (await dana.got("/api/v2/customers", external_key="7001"))["data"][0]
    assert (walt["phone"], walt["notes"]) == ("+12025550171", "2024-05-01")
    wanda = (await dana.got("/api/v2/customers", external_key="7002"))["data"][0]
    assert (wanda["billing_postal_code"], wanda["notes"]) == ("66604", "0.1")
    preview = (await dana.got(f"{IMPORTS}/{found['id']}/rows"))["data"]
    assert [(one["row"], one["line"], one["did"]) for one in preview] == [
        (1, 3, "created"),
        (2, 5, "created"),
    ]
    reply = await send(dana, content, sheet="Nobody")
    assert reply.json()["detail"] == "There is no sheet “Nobody”. There are: “Empty”, “People”."


@pytest.mark.parametrize(
    ("encoding", "mark", "separator", "said"),
    [
        ("cp1252", b"", ";", ("windows-1252", "semicolon")),
        ("utf-8", b"\xef\xbb\xbf", ",", ("utf-8", "comma")),
        ("utf-8", b"", "\t", ("utf-8", "tab")),
        ("utf-16-le", b"\xff\xfe", "\t", ("utf-16-le", "tab")),
        ("utf-16-be", b"", "|", ("utf-16-be", "pipe")),
    ],
)
async def test_encoding_and_separator_are_found(
    dana: Person, encoding: str, mark: bytes, separator: str, said: tuple[str, str]
) -> None:
    key = f"enc-{encoding}-{separator!r}"
    cells = [["Customer ID", "Name", "Notes"], [key, "Zoë Müller", "5 € – “ja”; nein"]]
    text = "\r\n".join(separator.join(f'"{cell}"' for cell in row) for row in cells)
    found = await imported(dana, mark + text.encode(encoding))
    assert (found["encoding"], found["separator"]) == said
    zoe = (await dana.got("/api/v2/customers", external_key=key))["data"][0]
    assert (zoe["name"], zoe["notes"]) == ("Zoë Müller", "5 € – “ja”; nein")


async def test_who_knows_better_says_so(dana: Person) -> None:
    content = "Customer ID;Name\nsay-1;Zoë".encode()
    found = await imported(
        dana,
        content,
        encoding="windows-1252",
        separator="comma",
        mapping='{"Customer ID;Name": "name"}',
    )
    assert (found["encoding"], found["separator"]) == ("windows-1252", "comma")
    page = await dana.got("/api/v2/customers", limit=1, sort="-created_at")
    assert page["data"][0]["name"] == "say-1;ZoÃ«"


def _bomb() -> bytes:
    """A workbook whose directory says that it unpacks to four gigabytes."""
    packed = bytearray(_other("xl/workbook.xml", "xl/worksheets/sheet1.xml"))
    entry = packed.rindex(b"PK\x01\x02")
    packed[entry + 24 : entry + 28] = b"\xff\xff\xff\xf0"
    return bytes(packed)


def _other(name: str, *more: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for one in (name, *more):
            packed.writestr(one, "<x/>")
    return out.getvalue()


def _far_corner() -> bytes:
    """Two cells, as far apart as a sheet goes: a reader that makes a table of it takes half a
    terabyte."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "Name")
    sheet.write(1_048_575, 16_383, "boo")
    book.close()
    return out.getvalue()


HOSTILE = {
    "a bomb": (_bomb, "unpacks to more"),
    "a far corner": (_far_corner, "columns; we read at most|takes more memory"),
    "a zip": (lambda: _other("a.txt"), "not a workbook"),
    "macros": (lambda: _other("xl/workbook.xml", "xl/vbaProject.bin"), "macros"),
    "OpenDocument": (lambda: _other("content.xml"), "OpenDocument"),
    "a damaged workbook": (lambda: _other("xl/workbook.xml"), "damaged"),
    "a cut workbook": (lambda: workbook(("A", [["Name"], ["Ann"]]))[:-40], "not a workbook"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "XLS"),
    "a web page": (lambda: b"<html><table><tr><td>Name</td></tr></table>", "web page"),
    "a PDF": (lambda: b"%PDF-1.7\nName\nAnn\n", "PDF"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no table"),
    "NULs": (lambda: b"\0" * 5000, "no table|empty|readable"),
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_what_is_no_table_is_refused_in_words(dana: Person, what: str) -> None:
    make, said = HOSTILE[what]
    before = await dana.got(IMPORTS, limit=1, include_total=True)
    reply = await send(dana, make(), name="list.xlsx")
    assert reply.status_code in (415, 422), reply.text
    assert any(one in reply.json()["detail"] for one in said.split("|")), reply.text
    after = await dana.got(IMPORTS, limit=1, include_total=True)
    assert after["total"] == before["total"]


async def test_a_list_is_tried_looked_at_and_then_run(acme: Company, dana: Person) -> None:
    known = await dana.made("/api/v2/customers", {"name": "Old Name", "external_key": "try-1"})
    text = "ID,Name\ntry-1,New Name\ntry-2,Second\ntry-3,\n"
    tried = await imported(dana, text, dry_run="true")
    assert counts(tried) == (3, 1, 1, 0, 1)
    rows = (await dana.got(f"{IMPORTS}/{tried['id']}/rows"))["data"]
    assert [(one["did"], one["record_id"]) for one in rows] == [
        ("updated", known["id"]),
        ("created", None),
        ("refused", None),
    ]
    assert rows[0]["says"]["name"] == "New Name"
    only = (await dana.got(f"{IMPORTS}/{tried['id']}/rows", did="refused"))["data"]
    assert [one["row"] for one in only] == [3]
    assert await names(dana, "try-") == ["Old Name"]
    reply = await dana.post(f"{IMPORTS}/{tried['id']}/undo")
    assert (reply.status_code, reply.json()["code"]) == (409, "dry_run")

    real = await asked(dana, tried["id"], "run")
    assert (real["file_of_id"], real["dry_run"], real["mapping"]) == (
        tried["id"], False, tried["mapping"],
    )  # fmt: skip
    assert counts(real) == (3, 1, 1, 0, 1)
    assert await names(dana, "try-") == ["New Name", "Second"]
    reply = await dana.post(f"{IMPORTS}/{real['id']}/run")
    assert (reply.status_code, reply.json()["code"]) == (409, "nothing_to_run")


async def test_refused_rows_are_downloaded_mended_and_sent_again(dana: Person) -> None:
    text = (
        "Customer ID;Name;Email;Notes\n"
        "mend-1;Right;right@example.com;fine\n"
        "mend-2;;wrong;=1+1\n"
        'mend-3;"Two; words";also wrong;-\n'
        "mend-4;Too few\n"
    )
    found = await imported(dana, text)
    assert counts(found) == (4, 1, 0, 0, 3)
    reply = await dana.get(f"{IMPORTS}/{found['id']}/refused")
    assert reply.headers["content-type"].startswith("text/csv")
    assert "attachment" in reply.headers["content-disposition"]
    lines = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig")), delimiter=";"))
    assert lines[0] == ["Customer ID", "Name", "Email", "Notes", "Import row", "Import problem"]
    assert lines[1][:5] == ["mend-2", "", "wrong", "'=1+1", "2"]
    assert "Name: The name is missing" in lines[1][5]
    assert "Email: " in lines[1][5]
    assert lines[2][:5] == ["mend-3", "Two; words", "also wrong", "'-", "3"]
    assert lines[3][:5] == ["mend-4", "Too few", "", "", "4"]

    lines[1][1:3] = ["Mended", "mended@example.com"]
    lines[2][2] = lines[3][2] = "x@example.com"
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(lines)
    again = await imported(dana, out.getvalue())
    assert counts(again) == (3, 3, 0, 0, 0), await errors(dana, again["id"])
    assert again["mapping"]["Import problem"] is None
    mended = (await dana.got("/api/v2/customers", external_key="mend-2"))["data"][0]
    assert (mended["name"], mended["notes"]) == ("Mended", "=1+1")


async def test_a_file_of_refused_rows_has_them_all(
    dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "PAGE", 7)
    found = await imported(dana, "ID,Name\n" + "".join(f"all-{n},\n" for n in range(1, 31)))
    reply = await dana.get(f"{IMPORTS}/{found['id']}/refused")
    told = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert [one["Import row"] for one in told] == [str(n) for n in range(1, 31)]


async def test_a_mapping_is_kept_for_the_next_file_with_these_headings(
    acme: Company, rival: Company, dana: Person
) -> None:
    mapping = '{"Schlüssel": "external_id", "Wer": "name", "Name": null}'
    first = await imported(dana, "Schlüssel,Wer,Name\nkeep-1,Ada,x\n", mapping=mapping)
    assert first["mapped_by"] == "given"
    again = await imported(dana, "Name,Wer,Schlüssel\ny,Ben,keep-2\n")
    assert (again["mapped_by"], again["key"]) == ("remembered", "external_id")
    assert again["mapping"] == first["mapping"]
    assert await names(dana, "keep-") == ["Ada", "Ben"]
    rob = await rival.person("dispatcher")
    theirs = await imported(rob, "Schlüssel,Wer,Name\nkeep-1,Ada,x\n")
    assert (theirs["mapped_by"], theirs["mapping"]["Name"]) == ("guessed", "name")
    anew = await imported(dana, "Schlüssel,Wer,Name\nkeep-3,Ada,Cleo\n", mapping="{}")
    assert (anew["mapped_by"], anew["mapping"]["Name"]) == ("guessed", "name")


async def test_an_import_is_stopped_goes_on_and_is_undone(
    acme: Company, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after its first batch of 20; then it goes on, somebody works with it, and it is undone."""
    monkeypatch.setattr(machine, "BATCH", 20)
    monkeypatch.setattr(reverting, "PAGE", 7)
    known = await dana.made("/api/v2/customers", {"name": "Before", "external_key": "stop-1"})
    take, batches = machine._take, list[int]()

    async def take_one(ctx: Ctx, import_id: UUID, batch: machine.Batch, taker: Taker) -> bool:
        batches.append(batch.last)
        if batches == [20, 40]:
            reply = await dana.post(f"{IMPORTS}/{import_id}/cancel")
            assert (reply.status_code, reply.json()["cancel_asked"]) == (200, True)
        return await take(ctx, import_id, batch, taker)

    monkeypatch.setattr(machine, "_take", take_one)
    rows = [f"stop-{n},Number {n},{n} Main St,66604" for n in range(1, 51)]
    found = await imported(dana, "ID,Name,Street,ZIP\n" + "\n".join(rows))
    assert (found["status"], found["rows_read"], found["rows_total"]) == ("canceled", 20, 50)
    assert len(await names(dana, "stop-")) == 20

    found = await asked(dana, found["id"], "run")
    assert (found["status"], *counts(found)) == ("completed", 50, 49, 1, 0, 0)
    assert found["changes"] == 1 + 1 + 49 * 2
    reply = await dana.post(f"{IMPORTS}/{found['id']}/cancel")
    assert (reply.status_code, reply.json()["code"]) == (409, "ended")
    assert reply.json()["detail"] == "This import is completed; there is nothing left to stop."

    touched = (await dana.got("/api/v2/customers", external_key="stop-7"))["data"][0]
    path = f"/api/v2/customers/{touched['id']}"
    await dana.patched(path, touched["version"], {"notes": "a friend"})
    undone = await asked(dana, found["id"], "undo")
    assert undone["status"] == "undone"
    assert undone["changes_undone"] + undone["changes_kept"] == undone["changes"]
    kept = (await dana.got(f"{IMPORTS}/{found['id']}/changes", undone="kept"))["data"]
    assert [(one["row"], one["code"]) for one in kept] == [(7, "touched"), (7, "row_kept")]
    assert len((await dana.got("/api/v2/sites", customer_id=touched["id"]))["data"]) == 1
    assert "Customer Number 7 has been changed since" in str([one["reason"] for one in kept])
    assert sorted(await names(dana, "stop-")) == ["Before", "Number 7"]
    assert (await dana.got(f"/api/v2/customers/{known['id']}"))["name"] == "Before"
    reply = await dana.post(f"{IMPORTS}/{found['id']}/undo")
    assert (reply.status_code, reply.json()["code"]) == (409, "undone")
    again = await imported(dana, "ID,Name,Street,ZIP\n" + "\n".join(rows))
    assert counts(again) == (50, 48, 1, 1, 0), await errors(dana, again["id"])


async def test_what_is_in_use_by_now_is_kept(acme: Company) -> None:
    """A note, a person to call, a job that was called off, a furnace: each keeps what it is on."""
    dana = await acme.person("manager")
    found = await imported(
        dana,
        "ID,Name,Street,ZIP\nused-1,Noted,,\nused-2,Called,,\nused-3,Worked,3 Elm St,66604\n"
        "used-4,Heated,4 Elm St,66604\nused-5,Idle,5 Elm St,66604\n",
    )
    page = await dana.got("/api/v2/customers", limit=200)
    of = {one["name"]: one["id"] for one in page["data"]}
    site = {
        name: (await dana.got("/api/v2/sites", customer_id=of[name]))["data"][0]["id"]
        for name in ("Worked", "Heated")
    }
    note = {"entity": "customer", "entity_id": of["Noted"], "body": "Rings twice."}
    await dana.made("/api/v2/notes", note)
    kit = {"name": "Kit", "customers": [{"customer_id": of["Called"]}]}
    await dana.made("/api/v2/contacts", kit)
    kind = await dana.made(
        "/api/v2/job-types", {"name": "Look at it", "trade": "hvac", "duration_minutes": 30}
    )
    order = {"customer_id": of["Worked"], "site_id": site["Worked"], "job_type_id": kind["id"]}
    work = await dana.made("/api/v2/work-orders", {**order, "summary": "Smell"})
    await dana.made(f"/api/v2/work-orders/{work['id']}/cancel", {"reason": "It went away."})
    await dana.made("/api/v2/equipment", {"site_id": site["Heated"], "type": "Furnace"})

    undone = await asked(dana, found["id"], "undo")
    assert (undone["status"], undone["changes_undone"], undone["changes_kept"]) == ("undone", 2, 6)
    kept = (await dana.got(f"{IMPORTS}/{found['id']}/changes", undone="kept"))["data"]
    assert {one["row"]: one["reason"] for one in kept if one["code"] == "used"} == {
        1: "Customer Noted is used by a note by now, so it stays.",
        2: "Customer Called is used by a contact by now, so it stays.",
        3: "Site 3 Elm St, Topeka, KS 66604 is used by a work order by now, so it stays.",
        4: "Site 4 Elm St, Topeka, KS 66604 is used by a piece of equipment by now, so it stays.",
    }
    assert sorted(await names(dana, "used-")) == ["Called", "Heated", "Noted", "Worked"]


async def test_who_loses_the_right_in_the_middle_goes_no_further(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "BATCH", 5)
    owner, mia = await acme.person("owner"), await acme.person("manager", "mia")
    take = machine._take

    async def demoted(ctx: Ctx, import_id: UUID, batch: machine.Batch, taker: Taker) -> bool:
        if batch.last == 10:
            page = await owner.got("/api/v2/memberships", limit=200)
            [hers] = [one for one in page["data"] if one["email"] == mia.email]
            path = f"/api/v2/memberships/{hers['id']}"
            await owner.patched(path, hers["version"], {"role": "viewer"})
        return await take(ctx, import_id, batch, taker)

    monkeypatch.setattr(machine, "_take", demoted)
    rows = "\n".join(f"less-{n},Number {n}" for n in range(1, 21))
    reply = await send(mia, f"ID,Name\n{rows}\n")
    ended = await finished(owner, reply.json()["id"])
    assert (ended["status"], ended["rows_read"], ended["rows_created"]) == ("failed", 10, 10)
    assert "customers:import" in ended["failure"]


async def test_undoing_goes_on_where_a_crash_stopped_it(
    dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reverting, "PAGE", 10)
    page, failed = reverting._page, asyncio.Event()

    async def page_and_fail(*arguments: Any) -> bool:
        left = await page(*arguments)
        if left and not failed.is_set():
            failed.set()
            raise ConnectionResetError
        return left

    monkeypatch.setattr(reverting, "_page", page_and_fail)
    found = await imported(dana, "ID,Name\n" + "".join(f"back-{n},B {n}\n" for n in range(25)))
    undone = await asked(dana, found["id"], "undo")
    assert failed.is_set()
    assert (undone["changes_undone"], undone["changes_kept"]) == (25, 0)
    assert await names(dana, "back-") == []


async def test_an_import_that_was_given_up_says_what_to_do(
    acme: Company, dana: Person, server: Server
) -> None:
    tried = await imported(dana, "ID,Name\ngone-1,Gone\n", dry_run="true")
    objects = server.state.sessions.tools
    assert objects is not None
    await objects.objects.remove([Key(acme.id, UUID(tried["id"]), "rows")])
    real = await asked(dana, tried["id"], "run")
    assert real["status"] == "failed"
    assert real["failure"] == "The file is not kept any more. Send it again. No row was taken."


async def test_files_that_have_had_their_time_are_let_go(
    acme: Company, dana: Person, server: Server
) -> None:
    found = await imported(dana, "ID,Name\nold-1,Old\nold-2,\n")
    with clock.set_to(clock.now() + timedelta(days=31)):
        await in_each(server.state.sessions, "sweep", imports.sweep)
    admin = await asyncpg.connect(server.database.admin)
    rows = "select count(*) from import_rows where import_id = $1"
    assert await admin.fetchval(rows, found["id"]) == 0
    await admin.close()
    for verb in ("run", "undo"):
        reply = await dana.post(f"{IMPORTS}/{found['id']}/{verb}")
        assert reply.status_code == 409, reply.text
    assert (await dana.get(f"{IMPORTS}/{found['id']}/refused")).status_code == 409
    assert [one["row"] for one in await errors(dana, found["id"])] == [2]


async def test_the_sweeper_of_files_knows_imports(
    acme: Company, dana: Person, server: Server
) -> None:
    found = await imported(dana, "ID,Name\nobj-1,O\n", dry_run="true")
    with clock.set_to(clock.now() + timedelta(hours=2)):
        await in_each(server.state.sessions, "sweep", sweeping.remove_orphans)
    assert counts(await asked(dana, found["id"], "run")) == (1, 1, 0, 0, 0)
