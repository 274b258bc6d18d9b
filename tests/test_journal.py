"""The journal is complete for whoever follows its numbers, and proves that nobody has changed it."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from app.core.db import Scope
from app.core.ids import new_id
from app.core.wake import Wake
from app.services.context import Ctx
from app.services.journal_chain import Break, Head, head, verify
from app.tasks.relay import Relay
from tests.support.deep import times
from tests.support.journal import (
    CONTEXT,
    begin,
    kill,
    numbered,
    numbering,
    relay_process,
    relaying,
    relays,
    straggle,
    write,
    write_until,
)
from tests.support.people import Company, Person, found_company
from tests.support.server import Server

WRITERS, COMMITS_EACH = 16, times(50, deep=500)


class Follower:
    """Polls until it is told that the writing has ended, then once more."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.polls = 0

    async def by_number(self, reader: Person, done: asyncio.Event) -> None:
        """The feed, from the last number seen."""
        since, last = 0, False
        while not last:
            last = done.is_set()
            page = await reader.got("/api/v2/journal", since=since, limit=200)
            self.seen += [entry["id"] for entry in page["data"]]
            last = last and not page["data"]
            since = page["up_to"]
            self.polls += 1

    async def by_id(self, url: str, company: Company, done: asyncio.Event) -> None:
        """The planted mistake: entries by their own serial, from the last one seen."""
        connection = await asyncpg.connect(url)
        since, last = 0, False
        while not last:
            last = done.is_set()
            async with connection.transaction():
                await connection.execute(CONTEXT, str(company.id))
                rows = await connection.fetch(
                    "select id from journal where id > $1 order by id", since
                )
            self.seen += [row["id"] for row in rows]
            since = max([since, *self.seen[-1:]])
            self.polls += 1
            await asyncio.sleep(0.005)
        await connection.close()


async def test_a_reader_that_polls_misses_nothing_and_an_id_cursor_does(server: Server) -> None:
    company = await found_company(server, "followed")
    reader = await company.person("owner")
    done, numbers, ids = asyncio.Event(), Follower(), Follower()
    async with relaying(server.database, every=0.02):
        reading = asyncio.gather(
            numbers.by_number(reader, done), ids.by_id(server.database.app, company, done)
        )
        await asyncio.gather(
            *(write(server.database, company.id, COMMITS_EACH) for _ in range(WRITERS))
        )
        await numbered(server.database, company.id)
        done.set()
        await reading
    _, _, entries = await numbering(server.database, company.id)
    missed = entries - len(set(ids.seen))
    print(
        f"{entries} entries: {numbers.polls} polls by number missed"
        f" {entries - len(set(numbers.seen))}; {ids.polls} polls by id missed {missed}"
    )
    assert entries > WRITERS * COMMITS_EACH
    assert len(numbers.seen) == len(set(numbers.seen)) == entries
    assert missed > 0
    await company.close()


async def test_numbers_have_no_hole_whatever_dies(server: Server) -> None:
    """Rollbacks, a transaction that outlives all others, two relays at once, both killed."""
    database, company = server.database, await found_company(server, "numbered")
    enough, all_others_ended = asyncio.Event(), asyncio.Event()
    first, second = await relay_process(database), await relay_process(database)
    await relays(database, 2)
    straggler = asyncio.create_task(straggle(database, company.id, all_others_ended))
    writing = asyncio.gather(*(write_until(database, company.id, enough) for _ in range(8)))
    await asyncio.sleep(0.5)
    await kill(first)
    first = await relay_process(database)
    await relays(database, 2)
    await asyncio.sleep(0.5)
    await kill(second)
    await kill(first)
    await relays(database, 0)
    last = await relay_process(database)
    enough.set()
    await writing
    all_others_ended.set()
    await straggler
    await numbered(database, company.id)
    await kill(last)

    numbers, entries, written = await numbering(database, company.id)
    assert written > 200
    assert numbers == list(range(1, written + 1))
    assert len(set(entries)) == written
    async with server.state.sessions.open(Scope(company.id)) as session:
        assert await verify(Ctx(session, company.id, None, frozenset())) is None


async def test_a_relay_that_loses_its_connection_comes_back(server: Server) -> None:
    company = await found_company(server, "reconnected")
    admin = await asyncpg.connect(server.database.admin)
    async with relaying(server.database, every=0.02):
        await numbered(server.database, company.id)
        ended = await admin.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'truckroll relay' and datname = current_database()"
        )
        assert len(ended) == 1
        await write(server.database, company.id, 1)
        await numbered(server.database, company.id)
    await admin.close()


async def test_a_commit_wakes_the_relay(server: Server) -> None:
    company = await found_company(server, "woken")
    stop, wake = asyncio.Event(), Wake(server.database.app)
    running = asyncio.gather(Relay(server.database.relay, every=3600).run(stop), wake.run(stop))
    await numbered(server.database, company.id)
    server.state.sessions._after_commit = wake.poke
    dana = await company.person("dispatcher")
    await numbered(server.database, company.id)
    await dana.made("/api/v2/customers", {"name": "Waking"})
    await numbered(server.database, company.id)
    server.state.sessions._after_commit = None
    stop.set()
    await running
    await company.close()


@pytest_asyncio.fixture
async def written(server: Server) -> AsyncIterator[Company]:
    """A company whose journal holds some entries, all numbered; made anew for each test."""
    company = await found_company(server, f"written-{new_id()}")
    async with relaying(server.database, every=0.02):
        await write(server.database, company.id, 5)
        await numbered(server.database, company.id)
    yield company
    await company.close()


async def checked(company: Company, exported: Head | None = None) -> Break | None:
    """What the proof says about a company's journal."""
    async with company.server.state.sessions.open(Scope(company.id)) as session:
        return await verify(Ctx(session, company.id, None, frozenset()), exported=exported)


async def tamper(company: Company, *statements: str) -> None:
    """Do as a superuser what nobody else can; `$1` is the organisation."""
    admin = await asyncpg.connect(company.server.database.admin)
    for statement in statements:
        done = await admin.execute(statement, company.id)
        assert not done.endswith(" 0"), statement
    await admin.close()


ENTRY = "(select entry_id from system.journal_numbers where org_id = $1 and seq = 4)"


async def test_an_untouched_journal_holds(written: Company) -> None:
    assert await checked(written) is None


@pytest.mark.parametrize(
    "change",
    [
        "changes = jsonb_set(changes, '{name,1}', '\"Somebody else\"')",
        "actor_id = gen_random_uuid()",
        "at = at + interval '1 microsecond'",
        "source = 'web'",
        "request_id = request_id || 'x'",
    ],
)
async def test_a_changed_entry_shows_at_its_number(written: Company, change: str) -> None:
    await tamper(written, f"update journal set {change} where org_id = $1 and id = {ENTRY}")
    found = await checked(written)
    assert found is not None
    assert (found.seq, found.reason) == (4, "The entry is not what was written.")


async def test_a_removed_entry_shows_at_its_number(written: Company) -> None:
    await tamper(written, f"delete from journal where org_id = $1 and id = {ENTRY}")
    found = await checked(written)
    assert found is not None
    assert (found.seq, found.reason) == (4, "The entry is missing.")


async def test_a_removed_number_shows(written: Company) -> None:
    await tamper(written, "delete from system.journal_numbers where org_id = $1 and seq = 4")
    found = await checked(written)
    assert found is not None
    assert (found.seq, found.reason) == (4, "The number is missing.")


async def test_a_changed_entry_with_a_new_digest_breaks_the_chain(written: Company) -> None:
    await tamper(
        written,
        f"update journal set source = 'web' where org_id = $1 and id = {ENTRY}",
        "update system.journal_numbers n set digest = system.digest_of(j) from journal j"
        " where n.org_id = $1 and n.seq = 4 and j.org_id = n.org_id and j.id = n.entry_id",
    )
    found = await checked(written)
    assert found is not None
    assert (found.seq, found.reason) == (4, "The chain does not follow from the one before.")


async def test_an_exported_head_shows_a_rewritten_end(written: Company) -> None:
    owner = await written.person("owner")
    async with relaying(written.server.database, every=0.02):
        await numbered(written.server.database, written.id)
    told = await owner.got("/api/v2/journal/head")
    exported = Head(told["seq"], bytes.fromhex(told["chain"]))
    assert await checked(written, exported) is None
    await tamper(
        written,
        "delete from system.journal_numbers n using system.journal_heads h"
        " where n.org_id = $1 and h.org_id = n.org_id and n.seq = h.seq",
        "update system.journal_heads h set seq = n.seq, chain = n.chain"
        " from system.journal_numbers n"
        " where h.org_id = $1 and n.org_id = h.org_id and n.seq = h.seq - 1",
    )
    assert await checked(written) is None
    found = await checked(written, exported)
    assert found is not None
    assert found.seq == exported.seq


@pytest.mark.parametrize(
    "statement",
    [
        "update journal set source = 'nobody'",
        "delete from journal",
        "truncate journal",
        "update stories set entry_id = entry_id",
        "delete from stories",
        "delete from system.journal_numbers",
        "update system.journal_heads set seq = 0",
        "select system.number_journal()",
    ],
)
async def test_the_application_cannot_change_what_was_written(
    written: Company, statement: str
) -> None:
    connection = await asyncpg.connect(written.server.database.app)
    await begin(connection, written.id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()


async def test_each_organisation_has_a_chain_of_its_own(written: Company, rival: Company) -> None:
    async with relaying(written.server.database, every=0.02):
        await numbered(written.server.database, rival.id)
    owner = await written.person("owner")
    async with written.server.state.sessions.open(Scope(rival.id)) as session:
        theirs = await head(Ctx(session, rival.id, None, frozenset()))
    async with relaying(written.server.database, every=0.02):
        await numbered(written.server.database, written.id)
    ours = await owner.got("/api/v2/journal/head")
    assert theirs.seq > 0
    assert ours["chain"] != theirs.chain.hex()
    assert await checked(rival) is None
