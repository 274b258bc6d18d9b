"""A list of customers through the door people use: what is good is in, what is not is named."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from app.cli import main
from app.services.context import Ctx
from app.services.imports import reading as machine
from app.services.imports.taking import Taker
from tests.support.imports import ROOT, TOUR, counts, errors, finished, imported, reading, send
from tests.support.people import Company, Person, found_company
from tests.support.server import Server

ONE = "Customer ID,Name,Email,Phone,Address,City,State,ZIP\nA-1,Ann Lee,ann@example.com,(202) 555-0142,12 Main St,Topeka,KS,66604\n"


@pytest_asyncio.fixture(scope="module", autouse=True)
async def worker(server: Server) -> AsyncIterator[None]:
    """A worker, woken by commits, while this module's tests run."""
    async with reading(server):
        yield


@pytest_asyncio.fixture
async def dana(acme: Company) -> Person:
    """A dispatcher."""
    return await acme.person("dispatcher")


async def test_194_of_200_are_in_and_six_are_named(acme: Company, dana: Person) -> None:
    found = await imported(dana, TOUR, key="external_id")
    assert found["status"] == "completed"
    assert counts(found) == (200, 194, 0, 0, 6)
    named = await errors(dana, found["id"], severity="error")
    assert [(one["column"], one["code"]) for one in named] == [
        ("Full Name", "missing"),
        ("Email", "value_error"),
        ("Zip", "unknown_postal_code"),
        ("Full Name", "invalid_encoding"),
        ("Customer ID", "key_twice"),
        ("Street Address", "unclosed_quote"),
    ]
    assert [one["line"] - one["row"] for one in named] == [1] * 6
    assert all(one["reason"].endswith(".") for one in named)
    everybody = await dana.got("/api/v2/customers", limit=1, include_total=True)
    sites = await dana.got("/api/v2/sites", limit=1, include_total=True)
    assert (everybody["total"], sites["total"]) == (194, 194)

    elena = (await dana.got("/api/v2/customers", external_key="C-0001"))["data"][0]
    assert (elena["name"], elena["phone"]) == ("Elena Nolan", "+17855550101")
    assert elena["billing_city"] == "Topeka"
    site = (await dana.got("/api/v2/sites", customer_id=elena["id"]))["data"][0]
    assert (site["time_zone"], site["placed_by"]) == ("America/Chicago", "postal_code")
    story = (await dana.got(f"/api/v2/customers/{elena['id']}/timeline"))["data"]
    assert {(one["actor"]["name"], one["source"]) for one in story} == {("Dispatcher", "import")}

    again = await imported(dana, TOUR, key="external_id")
    assert counts(again) == (200, 0, 0, 194, 6)


async def test_a_second_import_changes_what_differs(dana: Person) -> None:
    await imported(dana, ONE)
    moved = ONE.replace("12 Main St", "12 Main Street").replace("(202) 555-0142", "2025550143")
    found = await imported(dana, moved)
    assert counts(found) == (1, 0, 1, 0, 0)
    ann = (await dana.got("/api/v2/customers", external_key="A-1"))["data"][0]
    assert ann["phone"] == "+12025550143"
    sites = (await dana.got("/api/v2/sites", customer_id=ann["id"]))["data"]
    assert [one["street"] for one in sites] == ["12 Main Street"]

    another = ONE.replace("12 Main St", "980 Elm St").replace("(202) 555-0142", "")
    assert counts(await imported(dana, another)) == (1, 0, 1, 0, 0)
    sites = (await dana.got("/api/v2/sites", customer_id=ann["id"], sort="created_at"))["data"]
    assert [one["street"] for one in sites] == ["12 Main Street", "980 Elm St"]
    ann = (await dana.got("/api/v2/customers", external_key="A-1"))["data"][0]
    assert ann["phone"] == "+12025550143"


async def test_a_dry_run_tells_all_and_changes_nothing(acme: Company, dana: Person) -> None:
    before = await dana.got("/api/v2/customers", limit=1, include_total=True)
    admin = await asyncpg.connect(acme.server.database.admin)
    rows = "select count(*) from search_documents where org_id = $1"
    documents = await admin.fetchval(rows, acme.id)
    text = "Name,Email,ZIP,Street\nNew One,new@example.com,66604,1 First St\nNew One,new@example.com,,\n,x,,\n"
    found = await imported(dana, text, dry_run="true")
    assert counts(found) == (3, 2, 0, 0, 1)
    issues = await errors(dana, found["id"])
    assert [(one["row"], one["severity"], one["code"]) for one in issues] == [
        (2, "duplicate", "likely_duplicate"),
        (3, "error", "missing"),
        (3, "error", "value_error"),
    ]
    assert "in row 1 of this file" in issues[0]["reason"]
    after = await dana.got("/api/v2/customers", limit=1, include_total=True)
    assert after["total"] == before["total"]
    assert await admin.fetchval(rows, acme.id) == documents
    await admin.close()


async def test_likely_duplicates_are_taken_and_named(dana: Person) -> None:
    kim = await dana.made(
        "/api/v2/customers",
        {"name": "Kim Sørensen", "email": "kim@example.org", "phone": "(202) 555-0199"},
    )
    await dana.made(
        "/api/v2/sites",
        {"customer_id": kim["id"], "street": "77 Lake Avenue", "postal_code": "66502"},
    )
    text = (
        "Name,Email,Phone,Street,ZIP\n"
        "Kim Sorensen,kim@example.org,,,\n"
        "Kim Soerensen,,,77 Lake Ave,66502\n"
        "Somebody Else,,(202) 555-0199,,\n"
    )
    found = await imported(dana, text, key="none")
    assert counts(found) == (3, 3, 0, 0, 0)
    issues = await errors(dana, found["id"], severity="duplicate")
    assert [one["row"] for one in issues] == [1, 2]
    assert (issues[0]["entity"], issues[0]["record_id"]) == ("customers", kim["id"])
    assert issues[0]["reason"] == "Resembles Kim Sørensen: same e-mail address, similar name."
    assert "similar address" in issues[1]["reason"]


@pytest.mark.parametrize("key", ["email", "phone"])
async def test_a_row_finds_its_customer_by_email_or_phone(dana: Person, key: str) -> None:
    value = {"email": "finder@example.com", "phone": "+12025550177"}[key]
    known = await dana.made("/api/v2/customers", {"name": f"By {key}", key: value})
    text = f"Name,{key},Notes\nBy {key},{value},Seen again\n"
    assert counts(await imported(dana, text, key=key)) == (1, 0, 1, 0, 0)
    assert (await dana.got(f"/api/v2/customers/{known['id']}"))["notes"] == "Seen again"
    await dana.made("/api/v2/customers", {"name": f"Also by {key}", key: value})
    found = await imported(dana, text, key=key)
    assert counts(found) == (1, 0, 0, 0, 1)
    assert (await errors(dana, found["id"]))[0]["code"] == "ambiguous"


async def test_a_deleted_customer_is_not_brought_back_by_a_list(dana: Person) -> None:
    gone = await dana.made("/api/v2/customers", {"name": "Gone", "external_key": "gone"})
    await dana.delete(f"/api/v2/customers/{gone['id']}")
    found = await imported(dana, "ID,Name\ngone,Gone\n")
    assert counts(found) == (1, 0, 0, 0, 1)
    assert (await errors(dana, found["id"]))[0]["reason"] == (
        "Gone has this key and was deleted. Restore the customer first."
    )


async def test_a_row_with_several_mistakes_says_them_all(acme: Company, dana: Person) -> None:
    text = (
        "First Name,Last Name,Mail,Tel,Street,Zip,Country\n"
        ",,ann@,12,1 Main St,,USA\n"
        "Luc,Tremblay,,,1 Rue Principale,H2X 1Y4,CA\n"
        "Lou,Webb,,,2 Main St,66604,United States\n"
    )
    found = await imported(dana, text)
    assert counts(found) == (3, 1, 0, 0, 2)
    issues = await errors(dana, found["id"])
    assert [(one["row"], one["column"], one["code"]) for one in issues] == [
        (1, "First Name", "missing"),
        (1, "Mail", "value_error"),
        (1, "Tel", "value_error"),
        (1, "Zip", "missing"),
        (2, "Country", "unknown_country"),
    ]
    assert issues[2]["reason"].startswith("“12” is not")
    assert issues[3]["reason"] == "The postal code is missing. A site needs one."


async def test_columns_go_where_somebody_says(dana: Person) -> None:
    text = "Ref;Firma;Ansprechpartner;Tags\nM-1;Muster Inc;Max Muster;vip\n"
    mapping = json.dumps({"Ref": "external_id", "Firma": "company", "Ansprechpartner": "name"})
    found = await imported(dana, text, mapping=mapping)
    assert found["mapping"] == {
        "Ref": "external_id", "Firma": "company", "Ansprechpartner": "name", "Tags": "tags",
    }  # fmt: skip
    firm = (await dana.got("/api/v2/customers", external_key="M-1"))["data"][0]
    assert (firm["kind"], firm["name"], firm["notes"]) == (
        "business", "Muster Inc", "Contact: Max Muster",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "form", "status", "pointer", "said"),
    [
        (b"", {}, 422, "/file", "The file is empty"),
        (b"Name,Name\nA,B\n", {}, 422, "/file", "Two columns are called"),
        (b"PK\x03\x04rest of a zip", {}, 415, None, "not a workbook"),
        (b"Street\n1 Main St\n", {}, 422, "/mapping", "names"),
        (b"Name\nAnn\n", {"mapping": "{"}, 422, "/mapping", "JSON object"),
        (b"Name\nAnn\n", {"mapping": '["Name"]'}, 422, "/mapping", "JSON object"),
        (b"Name\nAnn\n", {"mapping": '{"Nome": "name"}'}, 422, "/mapping", "no column “Nome”"),
        (b"Name\nAnn\n", {"mapping": '{"Name": "shoe_size"}'}, 422, "/mapping", "not a field"),
        (b"Name\nAnn\n", {"key": "email"}, 422, "/key", "No column is mapped to email"),
        (b"Name\nAnn\n", {"kind": "shoes"}, 422, "/kind", ""),
        (b"Name\nAnn\n", {"key": "shoe_size"}, 422, "/key", "found by one of: external_id, email"),
        (b"Name\nAnn\n", {"encoding": "ebcdic"}, 422, "/encoding", ""),
        (b"Name\nAnn\n", {"separator": "!"}, 422, "/separator", ""),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_at_once(
    dana: Person, content: bytes, form: dict[str, str], status: int, pointer: str | None, said: str
) -> None:
    before = await dana.got("/api/v2/imports", limit=1, include_total=True)
    reply = await send(dana, content, **form)
    problem = reply.json()
    assert reply.status_code == status, reply.text
    assert said in problem["detail"]
    assert [one["pointer"] for one in problem["errors"]] == ([pointer] if pointer else [])
    after = await dana.got("/api/v2/imports", limit=1, include_total=True)
    assert after["total"] == before["total"]


async def test_reading_goes_on_where_a_crash_stopped_it(
    acme: Company, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of three batches fails once, after its rows are written and before its commit."""
    take, failed = machine._take, asyncio.Event()

    async def take_and_fail(ctx: Ctx, import_id: UUID, batch: machine.Batch, taker: Taker) -> bool:
        going_on = await take(ctx, import_id, batch, taker)
        if batch.last == 400 and not failed.is_set():
            failed.set()
            raise ConnectionResetError
        return going_on

    monkeypatch.setattr(machine, "_take", take_and_fail)
    rows = [f"R-{n},Resumed {n},r{n}@example.com" for n in range(1, 501)]
    rows[450] = "R-1,Resumed again,again@example.com"
    found = await imported(dana, "ID,Name,Email\n" + "\n".join(rows))
    assert failed.is_set()
    assert counts(found) == (500, 499, 0, 0, 1)
    twice = (await errors(dana, found["id"], severity="error"))[0]
    assert (twice["row"], twice["code"]) == (451, "key_twice")
    admin = await asyncpg.connect(acme.server.database.admin)
    written = await admin.fetchval(
        "select count(*) from customers where org_id = $1 and name like 'Resumed %'", acme.id
    )
    assert written == 499
    await admin.close()


async def test_two_imports_of_the_same_list_at_once_double_nobody(
    acme: Company, dana: Person
) -> None:
    text = "ID,Name\n" + "\n".join(f"T-{n},Twin {n}" for n in range(60))
    found = await asyncio.gather(imported(dana, text), imported(dana, text))
    taken = [counts(one) for one in found]
    assert sum(one[1] for one in taken) == 60
    assert all(one[1] + one[3] + one[4] == 60 for one in taken)


async def test_the_same_upload_twice_is_read_once(dana: Person) -> None:
    """Its boundary differs each time; what it says does not."""
    headers = {"Idempotency-Key": "monday's list"}
    replies = [
        await dana.post(
            "/api/v2/imports",
            data={"kind": "customers"},
            files={"file": ("list.csv", ONE.encode())},
            headers=headers,
        )
        for _ in range(2)
    ]
    assert [reply.status_code for reply in replies] == [202, 202]
    assert replies[0].content == replies[1].content
    other = await dana.post(
        "/api/v2/imports",
        data={"kind": "customers"},
        files={"file": ("list.csv", ONE.encode() + b"\n,x,,,,,,\n")},
        headers=headers,
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    await finished(dana, replies[0].json()["id"])


async def test_imports_are_for_those_who_may(acme: Company, rival: Company, dana: Person) -> None:
    found = await imported(dana, "Name\nMine\n")
    tim, rob = await acme.person("technician"), await rival.person("owner")
    assert (await send(tim, "Name\nAnn\n")).status_code == 403
    assert (await tim.get(f"/api/v2/imports/{found['id']}")).status_code == 403
    assert (await rob.get(f"/api/v2/imports/{found['id']}")).status_code == 404
    assert (await rob.get(f"/api/v2/imports/{found['id']}/errors")).status_code == 404
    assert (await rob.got("/api/v2/imports"))["data"] == []


async def test_the_command_line_reads_the_same_list(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    company = await found_company(server, "shell")
    monkeypatch.setenv("DATABASE_URL", server.database.app)
    monkeypatch.setenv("DATABASE_OWNER_URL", server.database.owner)
    monkeypatch.setenv("DATABASE_RELAY_URL", server.database.relay)
    command = ["import", str(ROOT / "docs" / "tour-customers.csv"), "--org", "shell"]

    assert await asyncio.to_thread(main, [*command, "--dry-run"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-1].endswith(
        "194 new, 0 changed, 0 unchanged, 6 refused (a dry run: nothing was written)"
    )
    assert await asyncio.to_thread(main, command) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "200 rows read: 194 new, 0 changed, 0 unchanged, 6 refused"
    assert sum(line.startswith("row ") for line in said) == 6
    assert await asyncio.to_thread(main, command) == 1
    assert "194 unchanged, 6 refused" in capsys.readouterr().out

    owner = await company.person("owner")
    customer = (await owner.got("/api/v2/customers", external_key="C-0001"))["data"][0]
    told = (await owner.got(f"/api/v2/customers/{customer['id']}/timeline"))["data"][0]
    assert (told["actor"], told["source"]) == (None, "import")

    assert await asyncio.to_thread(main, [*command[:2], "--org", "nobody"]) == 1
    assert "There is no organisation called “nobody”." in capsys.readouterr().err
    await company.close()
