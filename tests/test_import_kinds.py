"""Every kind of list: what its rows become, how they find their records, and what is refused by name.

The headings are those of the exports of Jobber, Housecall Pro and ServiceTitan (docs/import.md).
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import event

from app.core.db import Scope
from app.core.tables import read_table
from app.core.wake import Wake
from app.models.imports import ImportKind
from app.services.identity.acting import act_for
from app.services.imports.kinds import KINDS
from app.services.imports.mapping import map_columns
from app.services.imports.reading import BATCH
from app.services.imports.rows import Rows, read_settings
from app.services.imports.taking import Taker
from tests.support.deep import times
from tests.support.imports import asked, counts, errors, imported, send
from tests.support.jobs import working
from tests.support.people import Company, Person, found_company
from tests.support.server import Server

CUSTOMERS = (
    "J-ID,First Name,Last Name,Company Name,Main Phone,E-mail,"
    "Service Street 1,Service City,Service State,Service ZIP Code\n"
    "C-1,Ann,Lee,,(202) 555-0142,ann@example.com,12 Main St,Topeka,KS,66604\n"
    "C-2,Bo,Park,Park Plumbing LLC,(202) 555-0143,bo@example.com,980 Elm St,Topeka,KS,66604\n"
    "C-3,Ann,Lee,,(202) 555-0144,other@example.com,7 Oak Ave,Manhattan,KS,66502\n"
)


@pytest_asyncio.fixture(scope="module", autouse=True)
async def worker(server: Server) -> AsyncIterator[None]:
    """A worker, woken by commits, while this module's tests run."""
    stop, wake = asyncio.Event(), Wake(server.database.app)
    waking = asyncio.create_task(wake.run(stop))
    server.state.sessions._after_commit = wake.poke
    async with working(server.database, server.state.sessions):
        yield
    stop.set()
    await waking


@pytest_asyncio.fixture
async def acme(server: Server, request: pytest.FixtureRequest) -> AsyncIterator[Company]:
    """A company of each story's own: it would meet the sites of another's customers otherwise."""
    company = await found_company(server, "-".join(request.node.name.split("_")[1:5]))
    yield company
    await company.close()


@pytest_asyncio.fixture
async def olga(acme: Company) -> Person:
    """The owner, with the customers of the other system here already."""
    owner = await acme.person("owner")
    assert counts(await imported(owner, CUSTOMERS)) == (3, 3, 0, 0, 0)
    return owner


async def _one(person: Person, path: str, key: str) -> dict[str, Any]:
    found = await person.got(f"/api/v2/{path}", external_key=key)
    assert len(found["data"]) == 1, found
    return dict(found["data"][0])


async def _named(person: Person, found: dict[str, Any]) -> list[tuple[int, str | None, str]]:
    return [(one["row"], one["column"], one["code"]) for one in await errors(person, found["id"])]


async def test_contacts_belong_to_whom_their_row_names(olga: Person) -> None:
    text = (
        "Contact ID,Contact Name,Title,Contact Email,Mobile Number,Role,Primary,Client Name,J-ID\n"
        "K-1,Pat Quinn,Bookkeeper,pat@example.com,202-555-0150,billing,yes,Park Plumbing LLC,\n"
        "K-2,Sam Roe,,sam@example.com,,,,,C-1\n"
        "K-3,Max Foe,,,,,,Ann Lee,\n"
        "K-4,Nobody's,,,,,,Unheard Of,\n"
        "K-5,Jo Doe,,jo@,12,chief,maybe,,C-1\n"
    )
    found = await imported(olga, text, kind="contacts")
    assert counts(found) == (5, 2, 0, 0, 3)
    assert found["mapping"]["J-ID"] == "customer_external_id"
    pat = await _one(olga, "contacts", "K-1")
    assert (pat["mobile"], pat["title"]) == ("+12025550150", "Bookkeeper")
    link = pat["customers"][0]
    assert (link["roles"], link["is_primary"]) == (["billing"], True)
    assert await _named(olga, found) == [
        (3, "Client Name", "ambiguous"),
        (4, "Client Name", "no_customer"),
        (5, "Role", "value_error"),
        (5, "Primary", "value_error"),
        (5, "Contact Email", "value_error"),
        (5, "Mobile Number", "value_error"),
    ]
    said = [one["reason"] for one in await errors(olga, found["id"])]
    assert said[0].startswith("Several customers fit Ann Lee: Ann Lee (C-1), Ann Lee (C-3).")
    assert said[1] == "There is no customer Unheard Of. Import the customers first."

    assert counts(await imported(olga, text, kind="contacts")) == (5, 0, 0, 2, 3)
    moved = text.replace("pat@example.com", "pq@example.com").replace(",,C-1\nK-3", ",,C-3\nK-3")
    assert counts(await imported(olga, moved, kind="contacts")) == (5, 0, 2, 0, 3)
    sam = await _one(olga, "contacts", "K-2")
    assert len(sam["customers"]) == 2
    text = "Name,Email,Notes\nPat Quinn,pq@example.com,Seen\n"
    assert counts(await imported(olga, text, kind="contacts", key="email")) == (1, 0, 1, 0, 0)


async def test_sites_are_found_by_key_or_by_address(olga: Person) -> None:
    text = (
        "Location ID,Customer ID,Location Name,Location Street,Location City,Location State,"
        "Location ZIP,Directions\n"
        "L-1,C-2,Warehouse,55 Dock Rd,Topeka,KS,66604,Ring twice\n"
        "L-2,C-2,,12 Main Street,Topeka,KS,66604,\n"
        "L-3,,Nobody's,1 Far Rd,Topeka,KS,66604,\n"
        "L-4,C-2,,1 Gone Rd,,,00000,\n"
        "L-5,C-2,,,,,66604,\n"
    )
    found = await imported(olga, text, kind="sites")
    assert counts(found) == (5, 2, 0, 0, 3)
    site = await _one(olga, "sites", "L-1")
    assert (site["name"], site["access_notes"], site["time_zone"]) == (
        "Warehouse", "Ring twice", "America/Chicago",
    )  # fmt: skip
    assert site["parties"][0]["customer"]["name"] == "Park Plumbing LLC"
    assert await _named(olga, found) == [
        (2, None, "likely_duplicate"),
        (3, None, "no_customer"),
        (4, "Location ZIP", "unknown_postal_code"),
        (5, "Location Street", "missing"),
    ]
    assert counts(await imported(olga, text, kind="sites")) == (5, 0, 0, 2, 3)

    by_address = (
        "Client Name,Email,Service Street 1,Service ZIP Code,Role\n"
        "Ann Lee,ann@example.com,55 Dock Road,66604,tenant\n"
    )
    moved = await imported(olga, by_address, kind="sites", key="address")
    assert counts(moved) == (1, 0, 1, 0, 0)
    site = await _one(olga, "sites", "L-1")
    assert [(one["customer"]["name"], one["role"]) for one in site["parties"]] == [
        ("Park Plumbing LLC", "owner"), ("Ann Lee", "tenant"),
    ]  # fmt: skip


async def test_equipment_stands_where_its_row_says(olga: Person) -> None:
    text = (
        "Installed Equipment ID,Equipment Type,Manufacturer,Model,Serial Number,Installed On,"
        "Manufacturer Warranty End,Customer Name,Customer Phone,Location Address\n"
        "E-1,Water heater,Rheem,XE50,7781,3/15/2021,2031-03-15,Park Plumbing LLC,,\n"
        'E-2,Furnace,Trane,,F-9,"Mar 2, 2020",,Ann Lee,(202) 555-0144,'
        '"7 Oak Avenue, Manhattan, KS 66502"\n'
        "E-3,Pump,,,,2021-02-30,,Park Plumbing LLC,,\n"
        "E-4,Pump,,,,2021-03-01,2020-01-01,Park Plumbing LLC,,\n"
        "E-5,Pump,,,,,,Park Plumbing LLC,,99 Nowhere St\n"
    )
    found = await imported(olga, text, kind="equipment")
    assert counts(found) == (5, 2, 0, 0, 3)
    heater = await _one(olga, "equipment", "E-1")
    assert (heater["installed_on"], heater["warranty_until"]) == ("2021-03-15", "2031-03-15")
    oak = await olga.got(f"/api/v2/sites/{(await _one(olga, 'equipment', 'E-2'))['site_id']}")
    assert oak["street"] == "7 Oak Ave"
    assert await _named(olga, found) == [
        (3, "Installed On", "value_error"),
        (4, "Manufacturer Warranty End", "dates"),
        (5, "Location Address", "no_site"),
    ]
    moved = text.replace("Rheem,XE50", "Rheem,XE51")
    assert counts(await imported(olga, moved, kind="equipment")) == (5, 0, 1, 1, 3)
    by_serial = (
        "Type,Serial,Customer Email,Service Street\nWater heater,7781,ann@example.com,12 Main St\n"
    )
    assert counts(await imported(olga, by_serial, kind="equipment", key="serial"))[2] == 1
    heater = await olga.got(f"/api/v2/equipment/{heater['id']}")
    main = await olga.got(f"/api/v2/sites/{heater['site_id']}")
    assert main["street"] == "12 Main St"


async def test_technicians_come_with_their_skills(acme: Company, olga: Person) -> None:
    await olga.made("/api/v2/skills", {"name": "Backflow"})
    text = (
        "Employee ID,First Name,Last Name,Mobile,Active,Skills\n"
        "T-1,Tess,Hill,(202) 555-0160,yes,backflow\n"
        "T-2,Tom,Vale,,no,\n"
        "T-3,Uma,Dale,,perhaps,\n"
        "T-4,Vic,Moor,,yes,Juggling\n"
    )
    found = await imported(olga, text, kind="technicians")
    assert counts(found) == (4, 2, 0, 0, 2)
    tess, tom = await _one(olga, "technicians", "T-1"), await _one(olga, "technicians", "T-2")
    assert (tess["name"], tess["phone"], tom["active"]) == ("Tess Hill", "+12025550160", False)
    assert len(tess["skills"]) == 1
    assert await _named(olga, found) == [(3, "Active", "value_error"), (4, "Skills", "no_skill")]
    again = "Name,Phone,Skills\nTess Hill,202 555 0161,Backflow\n"
    assert counts(await imported(olga, again, kind="technicians", key="name")) == (1, 0, 1, 0, 0)
    assert counts(await imported(olga, again, kind="technicians", key="name")) == (1, 0, 0, 1, 0)
    refused = await send(await acme.person("accountant"), again, kind="technicians")
    assert refused.status_code == 403


JOBS = (
    "Job #,Job Title,Client Name,Client Email,Service Street,Service City,Service ZIP Code,"
    "Job Status,Completed On,Cancel Reason,Colour of the door\n"
    "1041,Pump tank,Park Plumbing LLC,,,,,Archived,3/9/2019 4:30 PM,,red\n"
    "1042,Replace float,Ann Lee,ann@example.com,12 Main St.,Topeka,66604,Requires invoicing,"
    "2026-01-05,,\n"
    "1043,Inspect,Ann Lee,other@example.com,,,,Cancelled,,Sold the house,\n"
    "1044,Jet drain,Ann Lee,ann@example.com,,,,Upcoming,,,\n"
    "1045,Whose,Ann Lee,,,,,Archived,2019-01-01,,\n"
    "1046,When,Park Plumbing LLC,,,,,Archived,2099-01-01,,\n"
    "1047,What,Park Plumbing LLC,,,,,Sort of,,,\n"
)


async def test_old_work_is_history_and_open_work_is_ready(acme: Company, olga: Person) -> None:
    found = await imported(olga, JOBS, kind="work_orders")
    assert counts(found) == (7, 4, 0, 0, 3)
    assert found["mapping"]["Colour of the door"] is None
    orders = {key: await _one(olga, "work-orders", key) for key in ("1041", "1042", "1043", "1044")}
    assert [one["status"] for one in orders.values()] == [
        "closed", "completed", "canceled", "ready",
    ]  # fmt: skip
    old = orders["1041"]
    assert old["completed_at"] == "2019-03-09T22:30:00.000000Z"  # half past four in Topeka's winter
    assert (old["summary"], old["allowed_transitions"]) == ("Pump tank", [])
    assert orders["1043"]["status_reason"] == "Sold the house"
    assert old["number"] != "1041"
    told = await olga.got(f"/api/v2/work-orders/{old['id']}/timeline")
    assert told["data"][0]["sentence"].endswith(
        "was taken over from before as closed (there: 1041)."
    )
    assert await _named(olga, found) == [
        (5, "Client Name", "ambiguous"),
        (6, "Completed On", "future"),
        (7, "Job Status", "value_error"),
    ]
    numbers = sorted(int(one["number"].split("-")[-1]) for one in orders.values())
    assert numbers == list(range(numbers[0], numbers[0] + 4))

    assert counts(await imported(olga, JOBS, kind="work_orders")) == (7, 0, 0, 4, 3)
    moved = JOBS.replace("Jet drain", "Jet both drains").replace("Pump tank", "Pumped")
    again = await imported(olga, moved, kind="work_orders")
    assert counts(again) == (7, 0, 1, 2, 4)
    assert (await _named(olga, again))[0] == (1, None, "work_order_ended")
    closed = JOBS.replace("Upcoming,", "Archived,2026-02-01")
    again = await imported(olga, closed, kind="work_orders")
    assert (4, "Job Status", "open_here") in await _named(olga, again)
    refused = await send(await acme.person("dispatcher"), JOBS, kind="work_orders")
    assert (refused.status_code, refused.json()["permission"]) == (403, "work-orders:approve")


INVOICES = (
    "Invoice #,Client Name,Client Email,Issued Date,Due Date,Total,Balance,Subject,Status,Job #s\n"
    '501,Park Plumbing LLC,,2026-02-03,2026-03-05,"$1,234.50",$234.05,Pump tank,Awaiting payment,1041\n'
    "502,Ann Lee,ann@example.com,03/01/2026,,80.1,80.1,,Past due,\n"
    "503,Park Plumbing LLC,,2026-02-03,,100,0.00,,Paid,\n"
    "504,Park Plumbing LLC,,2026-02-03,,100,10.005,,Awaiting payment,\n"
    "505,Ann Lee,,2026-02-03,,100,10,,Awaiting payment,\n"
    "506,Park Plumbing LLC,,2026-02-03,2026-01-01,100,10,,Awaiting payment,\n"
    "507,Park Plumbing LLC,,2026-02-03,,5,10,,Awaiting payment,\n"
)


async def test_what_is_owed_is_brought_forward_to_the_cent(acme: Company, olga: Person) -> None:
    await imported(olga, JOBS.split("\n1042")[0] + "\n", kind="work_orders")
    found = await imported(olga, INVOICES, kind="invoices")
    assert counts(found) == (7, 2, 0, 0, 5)
    first, second = [await _one(olga, "invoices", key) for key in ("501", "502")]
    assert (first["status"], first["total"], first["balance"]) == ("issued", 23405, 23405)
    assert (first["issued_on"], first["due_on"], first["tax"]) == ("2026-02-03", "2026-03-05", 0)
    assert first["overdue"]
    work = await _one(olga, "work-orders", "1041")
    assert first["work_order_id"] == work["id"]
    assert (second["balance"], second["issued_on"]) == (8010, "2026-03-01")
    line = (await olga.got(f"/api/v2/invoices/{first['id']}"))["lines"][0]
    assert line["description"] == "Balance of invoice 501"
    assert line["detail"] == "Pump tank\nStill owed of $1,234.50."
    assert (await olga.get(f"/api/v2/invoices/{first['id']}/pdf")).content.startswith(b"%PDF")
    assert await _named(olga, found) == [
        (3, "Status", "not_open"),
        (4, "Balance", "value_error"),
        (5, "Client Name", "ambiguous"),
        (6, None, "value_error"),
        (7, None, "value_error"),
    ]
    admin = await asyncpg.connect(acme.server.database.admin)
    rows = await admin.fetch(
        "select account, sum(amount)::bigint as amount from ledger_entries where org_id = $1"
        " group by account order by account",
        acme.id,
    )
    await admin.close()
    assert [tuple(row) for row in rows] == [("opening_balance", -31415), ("receivable", 31415)]

    assert counts(await imported(olga, INVOICES, kind="invoices")) == (7, 0, 0, 2, 5)
    other = INVOICES.replace("$234.05", "$200.00")
    again = await imported(olga, other, kind="invoices")
    assert (await _named(olga, again))[0] == (1, "Balance", "issued")
    payment = {"amount": 23405, "method": "check", "received_on": "2026-03-10"}
    await olga.made(f"/api/v2/invoices/{first['id']}/payments", payment)
    paid = await olga.got(f"/api/v2/invoices/{first['id']}")
    assert (paid["status"], paid["balance"]) == ("paid", 0)
    assert (
        await send(await acme.person("dispatcher"), INVOICES, kind="invoices")
    ).status_code == 403


def _customers(first: int, many: int) -> str:
    rows = (
        f"M-{n},Customer {n},c{n}@example.com,{n} Main St,66604" for n in range(first, first + many)
    )
    return "\n".join(["Customer ID,Name,Email,Street,ZIP", *rows, ""])


def _equipment(first: int, many: int) -> str:
    rows = (f"Q-{n},Pump,S-{n},M-{n}" for n in range(first, first + many))
    return "\n".join(["Equipment ID,Type,Serial,Customer ID", *rows, ""])


def _work(first: int, many: int) -> str:
    rows = (f"W-{n},Pumped {n},M-{n},Archived,2020-01-02" for n in range(first, first + many))
    return "\n".join(["Job #,Title,Customer ID,Status,Completed On", *rows, ""])


def _owed(first: int, many: int) -> str:
    rows = (f"I-{n},M-{n},2026-01-02,12.34" for n in range(first, first + many))
    return "\n".join(["Invoice #,Customer ID,Issued Date,Balance", *rows, ""])


def _more_sites(first: int, many: int) -> str:
    rows = (f"L-{n},M-{n},{n} Side St,66604" for n in range(first, first + many))
    return "\n".join(["Location ID,Customer ID,Street,ZIP", *rows, ""])


LISTS = {
    ImportKind.customers: _customers,
    ImportKind.equipment: _equipment,
    ImportKind.work_orders: _work,
    ImportKind.invoices: _owed,
    ImportKind.sites: _more_sites,
}


async def _taken(company: Company, kind: ImportKind, text: str) -> list[int]:
    """How many statements each batch of a list took; every row makes something."""
    table = read_table(text.encode())
    mapping = map_columns(KINDS[kind], table.headings)
    sessions, scope = company.server.state.sessions, Scope(company.id, source="import")
    taker = Taker(KINDS[kind], "external_id", dry_run=False)
    statements, batch = [], []
    async with sessions.open(scope) as session:
        settings = await read_settings(await act_for(session, None))
    rows = Rows(KINDS[kind], mapping, "external_id", settings)
    read = [(row.number, await rows.read(row)) for row in table]
    for start in range(0, len(read), BATCH):
        batch = read[start : start + BATCH]
        async with sessions.open(scope) as session:
            ctx = await act_for(session, None)
            queries: list[str] = []
            own = (await session.connection()).sync_connection  # the worker asks beside us
            event.listen(own, "before_cursor_execute", lambda *said, to=queries: to.append(said[2]))
            outcome = await taker.take(ctx, batch)
            await session.commit()
        assert (outcome.created, outcome.issues) == (len(batch), [])
        statements.append(len(queries))
    return statements


async def test_batches_ask_as_often_for_a_few_rows_as_for_many(acme: Company) -> None:
    many = times(BATCH, deep=4_000)
    for kind, rows_of in LISTS.items():
        await _taken(acme, kind, rows_of(900_000, 1))  # what is asked once is asked now
        few = await _taken(acme, kind, rows_of(800_000, 10))
        started = time.perf_counter()
        statements = await _taken(acme, kind, rows_of(1, many))
        took = time.perf_counter() - started
        print(
            f"{kind}: {many:,} rows, {many / took:,.0f} a second, {statements[0]} queries a batch"
        )
        assert max(statements) == few[0], kind


async def test_tags_are_made_and_put_on_and_none_is_taken_off(olga: Person) -> None:
    text = 'Customer ID,Name,Customer Tags\nC-1,Ann Lee,"VIP, dog"\nC-9,New One,vip\n'
    assert counts(await imported(olga, text)) == (2, 1, 1, 0, 0)
    ann = await _one(olga, "customers", "C-1")
    assert [tag["name"] for tag in ann["tags"]] == ["dog", "VIP"]
    assert counts(await imported(olga, text)) == (2, 0, 0, 2, 0)
    less = text.replace("VIP, dog", "dog")
    assert counts(await imported(olga, less)) == (2, 0, 0, 2, 0)
    assert len((await _one(olga, "customers", "C-1"))["tags"]) == 2


PEOPLE = (
    "Contact ID,Contact Name,Contact Email,Tags,J-ID\n"
    "K-1,Pat Quinn,pat@example.com,,C-2\n"
    "K-2,Sam Roe,sam@example.com,key holder,C-1\n"
)
WHOLE = {
    "sites": "Location ID,Customer ID,Street,ZIP\nL-1,C-1,55 Dock Rd,66604\n",
    "contacts": PEOPLE,
    "equipment": "Equipment ID,Type,Site ID\nE-1,Pump,L-1\n",
    "technicians": "Employee ID,Name\nT-1,Tess Hill\n",
    "work_orders": "Job #,Title,Customer ID,Site ID,Status\n"
    "1041,Pump tank,C-1,L-1,Archived\n1044,Jet drain,C-1,L-1,Upcoming\n",
    "invoices": "Invoice #,Customer ID,Issued Date,Balance\n501,C-1,2026-02-03,10\n",
}


async def test_lists_of_every_kind_go_back_and_come_again(olga: Person) -> None:
    first = {kind: await imported(olga, text, kind=kind) for kind, text in WHOLE.items()}
    assert sum(found["rows_created"] for found in first.values()) == 8

    for kind, found in reversed(first.items()):
        undone = await asked(olga, found["id"], "undo")
        assert (undone["status"], undone["changes_kept"]) == ("undone", 0), kind
    for path in ("sites", "contacts", "equipment", "technicians", "work-orders"):
        assert (await olga.got(f"/api/v2/{path}", external_key="L-1"))["data"] == []
    assert (await _one(olga, "invoices", "501"))["status"] == "void"
    again = {kind: await imported(olga, text, kind=kind) for kind, text in WHOLE.items()}
    assert {kind: counts(found) for kind, found in again.items()} == {
        kind: counts(found) for kind, found in first.items()
    }

    moved = PEOPLE.replace("pat@", "pq@").replace(",C-2", ",C-3").replace("com,,", "com,vip,")
    second = await imported(olga, moved, kind="contacts")
    assert counts(second) == (2, 0, 1, 1, 0)
    pat = await _one(olga, "contacts", "K-1")
    assert (pat["email"], len(pat["customers"]), len(pat["tags"])) == ("pq@example.com", 2, 1)
    assert (await asked(olga, second["id"], "undo"))["changes_kept"] == 0
    pat = await _one(olga, "contacts", "K-1")
    assert (pat["email"], len(pat["customers"]), pat["tags"]) == ("pat@example.com", 1, [])

    owed = (await olga.got("/api/v2/invoices", external_key="501", status="issued"))["data"][0]
    payment = {"amount": 100, "method": "check", "received_on": "2026-03-10"}
    await olga.made(f"/api/v2/invoices/{owed['id']}/payments", payment)
    undone = await asked(olga, again["invoices"]["id"], "undo")
    assert undone["changes_kept"] == 1
    kept = (await olga.got(f"/api/v2/imports/{undone['id']}/changes", undone="kept"))["data"][0]
    assert (kept["name"], kept["code"]) == (owed["number"], "touched")


async def test_a_customer_is_billed_where_the_list_says(olga: Person) -> None:
    text = (
        "J-ID,First Name,Last Name,Mobile Phone,Home Phone,Service Street 1,Service ZIP Code,"
        "Billing Street 1,Billing City,Lead Source,Terms,Tax Exempt\n"
        "B-1,Di,Fox,(202) 555-0170,(202) 555-0171,3 Lake Rd,66604,PO Box 9,Wichita,Referral,Net 15,yes\n"
        "B-2,Ed,Gil,,,4 Lake Rd,66604,,,,Due on receipt,\n"
        "B-3,Flo,Hay,,,,,,,,soon,\n"
    )
    found = await imported(olga, text)
    assert counts(found) == (3, 2, 0, 0, 1)
    assert await _named(olga, found) == [(3, "Terms", "value_error")]
    fox, gil = [await _one(olga, "customers", key) for key in ("B-1", "B-2")]
    assert (fox["billing_street"], fox["billing_city"]) == ("PO Box 9", "Wichita")
    assert (fox["phone"], fox["second_phone"]) == ("+12025550170", "+12025550171")
    assert (fox["source"], fox["payment_terms_days"], fox["tax_exempt"]) == ("Referral", 15, True)
    assert (gil["billing_street"], gil["payment_terms_days"]) == ("4 Lake Rd", 0)
    assert counts(await imported(olga, text)) == (3, 0, 0, 2, 1)
