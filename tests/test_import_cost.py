"""What reading and taking back a list costs: statements by the batch, not by the row."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest_asyncio
from sqlalchemy import event

from tests.support.imports import asked, counts, imported, reading
from tests.support.people import Company
from tests.support.server import Server

OF_RECORDS = (
    "customers", "sites", "site_parties", "work_orders", "ledger_entries", "invoices", "notes",
    "journal", "import_changes", "import_rows", "territories", "site_lookups",
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", autouse=True)
async def worker(server: Server) -> AsyncIterator[None]:
    """A worker while this module's tests run."""
    async with reading(server):
        yield


@contextmanager
def counting(server: Server) -> Iterator[Counter[str]]:
    """Statements about records, by their beginning; looking how far it is does not count."""
    seen: Counter[str] = Counter()
    engine = server.state.sessions.engine.sync_engine

    def count(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if any(f" {table} " in f" {statement.replace('.', ' ')} " for table in OF_RECORDS):
            seen[statement[:300]] += 1

    event.listen(engine, "before_cursor_execute", count)
    yield seen
    event.remove(engine, "before_cursor_execute", count)


def people(prefix: str, number: int, name: str) -> str:
    rows = [
        f"{prefix}-{n},{name} {n},{n} {prefix} St,66604,{prefix}{n}@example.com"
        for n in range(number)
    ]
    return "\n".join(["Customer ID,Name,Address,ZIP,Email", *rows])


async def test_a_longer_batch_asks_no_more(acme: Company, server: Server) -> None:
    """20 rows and 180: as many statements to read them, and to take them back."""
    dana = await acme.person("dispatcher")
    await imported(dana, people("warm", 3, "Warm"))
    costs: dict[int, tuple[int, int]] = {}
    for number in (20, 180):
        with counting(server) as reading_in:
            done = await imported(dana, people(f"cost{number}", number, "Costly"))
        assert counts(done)[:2] == (number, number)
        with counting(server) as taking_back:
            undone = await asked(dana, done["id"], "undo")
        assert (undone["changes_undone"], undone["changes_kept"]) == (2 * number, 0)
        costs[number] = (reading_in.total(), taking_back.total())
    assert costs[20] == costs[180], costs
    assert max(costs[180]) < 40, costs
