"""What goes out comes in again: the export of each kind of list is read as it is, and changes nothing."""

from collections.abc import AsyncIterator

import pytest_asyncio

from app.core.tables import Format
from tests.support.deep import DEEP
from tests.support.imports import counts, errors, imported, reading
from tests.support.people import Company, Person
from tests.support.server import Server
from tests.support.sheets import lines

NASTY = (
    "=1+1", "+Ann", "-Bob", "@sum", "'=kept", "O'Neil", "\uff1dx", "\uff0bx", "\uff0dx", "\uff20x",
    "<r><t>x</t></r>", "_x0041_", "007", "1e5", "TRUE", "-12.50", "+1 202 555 0142", "50%",
)  # fmt: skip
LISTS = {
    "customers": "Customer ID,Name,Phone,Email,Notes,Tags\n"
    'C-1,Ann Lee,+1 202 555 0142,ann@example.com,Pays late,"vip; ""HVAC, old; 5"""" pipe"""\n'
    "C-2,Bo Ek,(202) 555-0143,,-12.50,\n",
    "sites": "Site ID,Customer ID,Street,City,State,ZIP,Access Notes\n"
    "S-1,C-1,12 Main St,Topeka,KS,66604,=2 dogs\nS-2,C-2,14 Main St,Topeka,KS,66604,\n",
    "contacts": "Contact ID,Customer ID,Name,Email,Mobile\n"
    "P-1,C-1,Cy Orr,cy@example.com,+12025550144\n",
    "equipment": "Equipment ID,Site ID,Customer ID,Type,Make,Serial,Installed On\n"
    "E-1,S-1,C-1,Septic tank,Infiltrator,007,2019-05-04\n",
    "technicians": "Technician ID,Name,Phone\nT-1,Dee Fox,+12025550145\n",
    "work_orders": "Job #,Customer ID,Site ID,Summary,Status,Completed At,PO Number\n"
    "J-1,C-1,S-1,Pumped the tank,completed,2025-03-04,=PO\n",
    "invoices": "Invoice #,Customer ID,Balance,Total,Invoice Date,Due Date\n"
    "I-1,C-1,120.50,189.00,2025-03-05,2025-04-04\n",
}
"""Kind → a list of another system; those that others belong to come first."""


@pytest_asyncio.fixture(scope="module", autouse=True)
async def worker(server: Server) -> AsyncIterator[None]:
    """A worker, woken by commits, while this module's tests run."""
    async with reading(server):
        yield


async def exported(person: Person, kind: str, shape: Format) -> bytes:
    path = f"/api/v2/{kind.replace('_', '-')}"
    reply = await person.get(path, headers={"Accept": shape.media_type})
    assert reply.status_code == 200, reply.text
    return reply.content


async def test_each_export_is_an_import_that_changes_nothing(acme: Company) -> None:
    olga = await acme.person("owner")
    for kind, content in LISTS.items():
        first = await imported(olga, content, kind=kind, key="external_id")
        made = len(content.splitlines()) - 1
        assert counts(first) == (made, made, 0, 0, 0), (kind, await errors(olga, first["id"]))
    [ann] = (await olga.got("/api/v2/customers", external_key="C-1"))["data"]
    assert sorted(one["name"] for one in ann["tags"]) == ['HVAC, old; 5" pipe', "vip"]
    for kind in LISTS:
        for shape in Format if DEEP or kind == "customers" else (Format.csv,):
            await _same(olga, kind, shape)


async def _same(olga: Person, kind: str, shape: Format) -> None:
    content = await exported(olga, kind, shape)
    rows = len(LISTS[kind].splitlines()) - 1
    again = await imported(olga, content, name=f"back.{shape}", kind=kind, key="external_id")
    assert counts(again) == (rows, 0, 0, rows, 0), (
        kind,
        shape,
        again["failure"],
        await errors(olga, again["id"]),
    )


async def test_texts_that_look_like_formulas_come_back_to_the_letter(rival: Company) -> None:
    """I4: names and notes that a spreadsheet would compute, in CSV and in XLSX."""
    rob = await rival.person("owner")
    for n, text in enumerate(NASTY):
        body = {"name": text, "notes": f"{text}\n{text}", "phone": f"+120255501{n:02}"}
        await rob.made("/api/v2/customers", {**body, "external_key": f"N-{n}"})
    for shape in Format:
        content = await exported(rob, "customers", shape)
        again = await imported(
            rob, content, name=f"back.{shape}", kind="customers", key="external_id"
        )
        assert counts(again) == (len(NASTY), 0, 0, len(NASTY), 0), await errors(rob, again["id"])
    written = {row["name"] for row in lines(await exported(rob, "customers", Format.csv))}
    assert not {one for one in written if one[:1] in ("=", "+", "@", "\uff1d", "\uff0b")}
