"""What an import never does: put money on somebody else's account, go past what its sender may see or
do, or keep others waiting.
"""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.support.imports import counts, errors, imported, reading
from tests.support.people import Company, Person
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
