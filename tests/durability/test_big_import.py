"""Large files, read by a Truckroll as users start it, while others book and whatever kills it."""

import asyncio
import csv
import io
import json
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import psutil
import pytest
import pytest_asyncio
import xlsxwriter

from app.config import Settings
from app.core import clock
from app.core.db import Scope, Sessions, make_engine
from app.installation import opened
from app.services.identity.organisations import NewOrganisation, add_person, create_organisation
from tests.support import process
from tests.support.deep import times
from tests.support.people import PASSWORD
from tests.support.ready import ready

ROWS = times(300, deep=100_000)
WORKBOOK_ROWS = times(420, deep=200_000)
KILLED_ROWS = times(500, deep=6_000)
KILLS = times(1, deep=3)
LOOK = 0.05 if ROWS < 10_000 else 0.5
"""Seconds between two looks at how far it is; the server that is looked at has other things to do."""
LONG = 3 * 3600 if ROWS > 10_000 else 300
MOST_MEMORY = 1_000_000_000
EMAIL = "olga@large.example.com"
IMPORTS = "/api/v2/imports"
HEADINGS = ("Customer ID", "Name", "Email", "Phone", "Address", "City", "ZIP", "Notes")

pytestmark = pytest.mark.timeout(LONG)


@dataclass
class Place:
    """A data folder with one organisation in it."""

    data: Path
    database: str


async def found(url: str) -> None:
    """An organisation with its owner."""
    engine = make_engine(url, pool_size=1)
    async with Sessions(engine).open() as session:
        org_id = await create_organisation(
            session, NewOrganisation("Large", "large", "America/Chicago")
        )
        await session.commit()
    async with Sessions(engine).open(Scope(org_id)) as session:
        await add_person(session, email=EMAIL, name="Olga", role="owner", password=PASSWORD)
        await session.commit()
    await engine.dispose()


def prepare(path: Path) -> Place:
    ready(path)
    with opened(Settings(data=path, database_url=None)) as installation:
        asyncio.run(found(installation.app_url))
        return Place(path, installation.app_url)


@pytest_asyncio.fixture(scope="module")
async def place() -> AsyncIterator[Place]:
    with tempfile.TemporaryDirectory(prefix="truckroll-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield await asyncio.to_thread(prepare, path)
        assert await process.until_gone(path)


@pytest_asyncio.fixture
async def started(place: Place) -> AsyncIterator[list[process.Running]]:
    """What the test has started: none of it outlives the test, however it ends."""
    running: list[process.Running] = []
    yield running
    for one in running:
        if one.process.poll() is None:
            await asyncio.to_thread(one.kill)
    assert await process.until_gone(place.data)


async def start(place: Place, started: list[process.Running]) -> httpx2.AsyncClient:
    """Start it, and sign in."""
    running = await asyncio.to_thread(process.start, place.data, "--no-demo")
    started.append(running)
    client = httpx2.AsyncClient(base_url=running.url, timeout=600)
    await sign_in(client)
    return client


async def sign_in(client: httpx2.AsyncClient) -> None:
    reply = await client.post("/api/v2/auth/login", json={"email": EMAIL, "password": PASSWORD})
    client.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"


async def got(client: httpx2.AsyncClient, path: str, **params: Any) -> Any:
    reply = await client.get(path, params=params)
    if reply.status_code == 401:  # a large import outlives an access token
        await sign_in(client)
        reply = await client.get(path, params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def posted(client: httpx2.AsyncClient, path: str, body: Any = None, **options: Any) -> Any:
    reply = await client.post(path, json=body, **options)
    if reply.status_code == 401:
        await sign_in(client)
        reply = await client.post(path, json=body, **options)
    assert reply.is_success, reply.text
    return reply.json()


def people(prefix: str, count: int, broken: set[int] = frozenset()) -> Iterator[tuple[str, ...]]:  # type: ignore[assignment]
    """Rows of customers, each at a house of their own; of the broken ones the e-mail is none."""
    for n in range(1, count + 1):
        mail = "no address" if n in broken else f"{prefix}{n}@example.com"
        yield (
            f"{prefix}-{n}", f"{_name(n)} {_name(n // 97)} {n}", mail, "",
            f"{n} {_name(n // 31)} St", "Topeka", "66604", f"“{n}” – naïve",
        )  # fmt: skip


def _name(n: int) -> str:
    return f"{'BDFGKLMNPRSTVZ'[n % 14]}{'aeiou'[n // 14 % 5]}{'lmnrst'[n // 70 % 6]}{'aeo'[n // 420 % 3]}"


def as_csv(rows: Iterator[tuple[str, ...]], *, separator: str, encoding: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([HEADINGS, *rows])
    return out.getvalue().encode(encoding)


def as_workbook(rows: Iterator[tuple[str, ...]], to: Path) -> None:
    book = xlsxwriter.Workbook(to, {"constant_memory": True})
    sheet = book.add_worksheet("Customers")
    sheet.write_row(0, 0, HEADINGS)
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, row)
    book.close()


async def send(client: httpx2.AsyncClient, content: Any, name: str, **form: str) -> Any:
    return await _sent(client, data={"kind": "customers", **form}, files={"file": (name, content)})


async def _sent(client: httpx2.AsyncClient, **form: Any) -> Any:
    reply = await client.post(IMPORTS, **form)
    assert reply.status_code == 202, reply.text
    return reply.json()


@dataclass
class Watch:
    """What was seen of an import while it ran."""

    seen: list[int] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    async def until(self, client: httpx2.AsyncClient, id: str, *, rows: int | None = None) -> Any:
        """The import once it has ended, or has come to this row."""
        while True:
            now = await got(client, f"{IMPORTS}/{id}")
            self.seen.append(now["rows_read"])
            if now["status"] not in ("queued", "running", "undoing"):
                return now
            if rows is not None and now["rows_read"] >= rows:
                return now
            await asyncio.sleep(LOOK)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


@dataclass
class Memory:
    """The most that the server and its children held at once, without PostgreSQL."""

    most: int = 0

    @classmethod
    @asynccontextmanager
    async def of(cls, running: process.Running) -> AsyncIterator["Memory"]:
        memory = cls()
        task = asyncio.create_task(memory._look(psutil.Process(running.process.pid)))
        try:
            yield memory
        finally:
            task.cancel()

    async def _look(self, server: psutil.Process) -> None:
        while True:
            held = 0
            for one in [server, *server.children(recursive=True)]:
                try:
                    held += 0 if "postgres" in one.name() else one.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.most = max(self.most, held)
            await asyncio.sleep(LOOK)


@dataclass
class Office:
    """Somebody who books, one job after the other, and looks how long it takes."""

    client: httpx2.AsyncClient
    customer: str
    site: str
    job_type: str
    technicians: list[str]
    took: list[float] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    closed: bool = False

    @classmethod
    async def opened(cls, client: httpx2.AsyncClient) -> "Office":
        customer = await posted(client, "/api/v2/customers", {"name": "Regular Customer"})
        site = await posted(
            client,
            "/api/v2/sites",
            {"customer_id": customer["id"], "street": "1 Regular Way", "postal_code": "85004"},
        )
        job_type = await posted(
            client,
            "/api/v2/job-types",
            {"name": f"Repair for {customer['id']}", "trade": "hvac", "duration_minutes": 60},
        )
        technicians = [
            (await posted(client, "/api/v2/technicians", {"name": f"Tess {n}"}))["id"]
            for n in range(4)
        ]
        return cls(client, customer["id"], site["id"], job_type["id"], technicians)

    async def work(self) -> None:
        """Book until the office closes: a work order, a visit, its time."""
        morning = (clock.now() + timedelta(days=2)).replace(
            hour=15, minute=0, second=0, microsecond=0
        )
        number = 0
        while not self.closed:
            begun = time.monotonic()
            await self._book(number, morning)
            self.took.append(time.monotonic() - begun)
            number += 1
            await asyncio.sleep(4 * LOOK)

    async def _book(self, number: int, morning: datetime) -> None:
        order = await posted(
            self.client,
            "/api/v2/work-orders",
            {
                "customer_id": self.customer,
                "site_id": self.site,
                "job_type_id": self.job_type,
                "summary": f"Booked {number}",
            },
        )
        visit = await posted(self.client, "/api/v2/visits", {"work_order_id": order["id"]})
        start = morning + timedelta(days=number // 16, hours=2 * (number // 4 % 4))
        await posted(
            self.client,
            f"/api/v2/visits/{visit['id']}/schedule",
            {
                "technician_ids": [self.technicians[number % 4]],
                "start": start.astimezone(UTC).isoformat(),
            },
            headers={"If-Match": f'"v{visit["version"]}"'},
        )

    async def look(self, database: str) -> None:
        """Note whoever waits for a lock that somebody else holds for longer than a commit takes."""
        connection = await asyncpg.connect(database)
        while not self.closed:
            self.waits += [
                row["query"]
                for row in await connection.fetch(
                    "select left(query, 200) as query from pg_locks join pg_stat_activity using (pid)"
                    " where not granted and waitstart < clock_timestamp() - interval '100 ms'"
                )
            ]
            await asyncio.sleep(LOOK / 2)
        await connection.close()


@asynccontextmanager
async def booking(client: httpx2.AsyncClient, database: str) -> AsyncIterator[Office]:
    """Somebody books as long as the block lasts; every booking must succeed."""
    office = await Office.opened(client)
    tasks = [asyncio.create_task(office.work()), asyncio.create_task(office.look(database))]
    yield office
    office.closed = True
    await asyncio.gather(*tasks)


async def customers(client: httpx2.AsyncClient) -> int:
    page = await got(client, "/api/v2/customers", limit=1, include_total="true")
    total: int = page["total"]
    return total


async def test_a_large_file_with_broken_rows_while_others_book(
    place: Place, started: list[process.Running]
) -> None:
    """Every broken row is named, progress grows, nobody waits; then it is undone whole."""
    client = await start(place, started)
    before = await customers(client)
    broken = set(random.Random(5).sample(range(1, ROWS + 1), ROWS // 100))
    content = as_csv(people("b", ROWS, broken), separator=",", encoding="utf-8")
    async with Memory.of(started[0]) as memory:
        async with booking(client, place.database) as office:
            import_id = (await send(client, content, "large.csv"))["id"]
            watch = Watch()
            done = await watch.until(client, import_id)
        read_in, booked = watch.seconds, list(office.took)
        assert done["status"] == "completed", done["failure"]
        assert (done["rows_total"], done["rows_read"]) == (ROWS, ROWS)
        assert (done["rows_created"], done["rows_refused"]) == (ROWS - len(broken), len(broken))
        assert watch.seen == sorted(watch.seen)
        assert len(set(watch.seen)) > 1
        assert len(booked) > 1
        assert office.waits == []
        reply = await client.get(f"{IMPORTS}/{import_id}/refused")
        told = csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig")))
        assert {int(one["Import row"]) for one in told} == broken

        async with booking(client, place.database) as office:
            watch = Watch()
            await posted(client, f"{IMPORTS}/{import_id}/undo")
            undone = await watch.until(client, import_id)
        assert (undone["status"], undone["changes_kept"]) == ("undone", 0), undone["failure"]
        assert undone["changes_undone"] == undone["changes"] == 2 * (ROWS - len(broken))
        assert office.waits == []
        assert await customers(client) == before + 2  # those of the two offices
    assert memory.most < MOST_MEMORY
    await client.aclose()
    assert await asyncio.to_thread(started[0].stop) == 0
    print(
        f"{ROWS:,} rows in {read_in:.0f} s ({ROWS / read_in:.0f} rows/s), {len(broken):,} refused and"
        f" named; undone in {watch.seconds:.0f} s ({ROWS / watch.seconds:.0f} rows/s); {len(booked)} bookings meanwhile, the slowest"
        f" {max(booked) * 1000:.0f} ms, none waited for a lock; {memory.most / 1e6:.0f} MB at most"
    )


async def test_a_large_workbook_is_tried_stopped_undone_and_imported_whole(
    place: Place, started: list[process.Running]
) -> None:
    client = await start(place, started)
    before = await customers(client)
    file = place.data / "large.xlsx"
    await asyncio.to_thread(as_workbook, people("w", WORKBOOK_ROWS), file)
    async with Memory.of(started[0]) as memory:
        sent = time.monotonic()
        tried = await send(client, file.read_bytes(), "large.xlsx", dry_run="true")
        taken_in = time.monotonic() - sent
        assert (tried["format"], tried["rows_total"]) == ("xlsx", WORKBOOK_ROWS)
        watch = Watch()
        tried = await watch.until(client, tried["id"])
        assert (tried["status"], tried["rows_created"]) == ("completed", WORKBOOK_ROWS)
        assert await customers(client) == before
        page = await got(client, f"{IMPORTS}/{tried['id']}/rows", limit=3)
        assert [one["says"]["name"] for one in page["data"]] == [row[1] for row in people("w", 3)]

        real = await posted(client, f"{IMPORTS}/{tried['id']}/run")
        await Watch().until(client, real["id"], rows=1)
        asked = time.monotonic()
        await posted(client, f"{IMPORTS}/{real['id']}/cancel")
        real = await Watch().until(client, real["id"])
        stopped = time.monotonic() - asked
        assert real["status"] == "canceled"
        assert 0 < real["rows_read"] < WORKBOOK_ROWS
        assert await customers(client) == before + real["rows_read"]
        await posted(client, f"{IMPORTS}/{real['id']}/undo")
        assert (await Watch().until(client, real["id"]))["changes_kept"] == 0
        assert await customers(client) == before

        whole = await posted(client, f"{IMPORTS}/{tried['id']}/run")
        reading = Watch()
        whole = await reading.until(client, whole["id"])
        assert whole["status"] == "completed", whole["failure"]
        assert (whole["rows_created"], whole["rows_refused"]) == (WORKBOOK_ROWS, 0)
        assert await customers(client) == before + WORKBOOK_ROWS
        [last] = (await got(client, "/api/v2/customers", external_key=f"w-{WORKBOOK_ROWS}"))["data"]
        assert last["name"] == [row[1] for row in people("w", WORKBOOK_ROWS)][-1]
    assert memory.most < MOST_MEMORY
    await client.aclose()
    assert await asyncio.to_thread(started[0].stop) == 0
    print(
        f"{WORKBOOK_ROWS:,} rows of a workbook taken in in {taken_in:.1f} s, tried in"
        f" {watch.seconds:.0f} s ({WORKBOOK_ROWS / watch.seconds:.0f} rows/s), imported"
        f" whole in {reading.seconds:.0f} s ({WORKBOOK_ROWS / reading.seconds:.0f} rows/s); stopped"
        f" {stopped:.1f} s after it was asked; {memory.most / 1e6:.0f} MB at most"
    )


async def test_an_import_that_is_killed_goes_on(
    place: Place, started: list[process.Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a Windows-1252 file with semicolons; no row is taken twice and none is lost."""
    monkeypatch.setenv("WORKER_HEARTBEAT_SECONDS", str(times(5, deep=30)))
    client = await start(place, started)
    before = await customers(client)
    broken = {7, KILLED_ROWS // 2, KILLED_ROWS}
    content = as_csv(people("k", KILLED_ROWS, broken), separator=";", encoding="cp1252")
    sent = await send(client, content, "killed.csv")
    assert (sent["encoding"], sent["separator"]) == ("windows-1252", "semicolon")
    for kill in range(KILLS):
        target = KILLED_ROWS * (kill + 1) // (KILLS + 2)
        seen = await Watch().until(client, sent["id"], rows=target)
        assert seen["status"] in ("queued", "running")
        await asyncio.to_thread(started[-1].kill)
        await client.aclose()
        assert await process.until_gone(place.data)
        client = await start(place, started)
    done = await Watch().until(client, sent["id"])
    assert (done["status"], done["rows_read"]) == ("completed", KILLED_ROWS), done["failure"]
    assert (done["rows_created"], done["rows_refused"]) == (KILLED_ROWS - 3, 3)
    assert await customers(client) == before + KILLED_ROWS - 3
    refused = json.dumps({"field": "severity", "op": "eq", "value": "error"})
    errors = await got(client, f"{IMPORTS}/{sent['id']}/errors", filter=refused)
    assert [one["row"] for one in errors["data"]] == sorted(broken)
    naive = await got(client, "/api/v2/customers", external_key=f"k-{KILLED_ROWS - 1}")
    assert naive["data"][0]["notes"] == f"“{KILLED_ROWS - 1}” – naïve"
    await client.aclose()
    assert await asyncio.to_thread(started[-1].stop) == 0
    print(f"{KILLED_ROWS:,} rows, {KILLS} kills, each row taken once, {len(broken)} refused")
