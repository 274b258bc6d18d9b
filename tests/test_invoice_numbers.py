"""Invoice numbers under load: 1..n without a gap, whatever fails on the way (checks F5, K11)."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest_asyncio

from app.core.db import Scope, Sessions
from app.models.invoices import Invoice
from app.models.permissions import Permission
from app.services import invoices
from app.services.context import Ctx
from tests.support.deep import times
from tests.support.money import a_work_order, drafted
from tests.support.people import Company, Person, found_company
from tests.support.server import Server, a_state

PATIENT = times(200, deep=2000)
HASTY, DOOMED, RAISING = (times(one, deep=one * 5) for one in (20, 25, 15))
"""Deep: 2,000 issues with 15 % that hang up, fail at commit or change their mind."""

PLANT = """
create function system.doom() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.notes = 'doomed' then
    raise exception 'planted' using errcode = 'check_violation', constraint = 'planted';
  end if;
  return null;
end $$;
create constraint trigger doom after update on public.invoices
  deferrable initially deferred for each row execute function system.doom();
"""
UPROOT = "drop trigger doom on public.invoices; drop function system.doom();"


@pytest_asyncio.fixture
async def busy(server: Server) -> AsyncIterator[Company]:
    """A company of its own: its numbers begin at 1."""
    company = await found_company(server, "busy")
    yield company
    await company.close()


@pytest_asyncio.fixture
async def doom(server: Server) -> AsyncIterator[None]:
    """The commit of every invoice whose notes say so fails."""
    owner = await asyncpg.connect(server.database.owner)
    await owner.execute(PLANT)
    yield
    await owner.execute(UPROOT)
    await owner.close()


class Changed(Exception):
    """Somebody's mind, after the number was taken."""


async def insist(amy: Person, draft: Any) -> httpx2.Response:
    """Issue, and try again for as long as the answer is to try again."""
    while True:
        reply = await amy.post(f"/api/v2/invoices/{draft['id']}/issue")
        if reply.status_code != 503:
            return reply
        await asyncio.sleep(random.uniform(0.1, 0.5))


async def hang_up(amy: Person, draft: Any) -> None:
    """Issue, and close the line before the answer."""
    asked = asyncio.create_task(amy.post(f"/api/v2/invoices/{draft['id']}/issue"))
    await asyncio.sleep(random.uniform(0, 1))
    asked.cancel()
    await asyncio.wait([asked])


async def think_twice(sessions: Sessions, free: asyncio.Semaphore, org_id: UUID, draft: Any) -> str:
    """Issue by the verb in another process's session, and raise once it has its number."""
    number = None
    await asyncio.sleep(random.uniform(0, 2))
    async with free:
        with suppress(Changed):
            async with sessions.open(Scope(org_id, source="test")) as session:
                ctx = Ctx(session, org_id, None, frozenset(Permission))
                row = await ctx.get(Invoice, UUID(draft["id"]), lock=True, options=invoices.PRINTED)
                number = (await invoices.issue(ctx, row)).number
                raise Changed
    assert number is not None
    return number


async def test_two_hundred_issue_at_once_and_no_number_is_missing(
    busy: Company, doom: None
) -> None:
    amy = await busy.person("accountant")
    amy.timeout = httpx2.Timeout(120)
    order = await a_work_order(busy)
    gate = asyncio.Semaphore(8)

    async def ready(**fields: Any) -> Any:
        async with gate:
            return await drafted(amy, order, "50", **fields)

    patient = await asyncio.gather(*(ready() for _ in range(PATIENT)))
    hasty = await asyncio.gather(*(ready() for _ in range(HASTY)))
    doomed = await asyncio.gather(*(ready(notes="doomed") for _ in range(DOOMED)))
    raising = await asyncio.gather(*(ready() for _ in range(RAISING)))

    other = a_state(busy.server.database, pool_size=4)
    free = asyncio.Semaphore(4)
    everybody: list[Any] = [
        *(insist(amy, draft) for draft in patient),
        *(hang_up(amy, draft) for draft in hasty),
        *(insist(amy, draft) for draft in doomed),
        *(think_twice(other.sessions, free, busy.id, draft) for draft in raising),
    ]
    random.shuffle(everybody)
    answers = await asyncio.gather(*everybody)

    await other.engine.dispose()

    replies = [one for one in answers if isinstance(one, httpx2.Response)]
    assert Counter(reply.status_code for reply in replies) == {200: PATIENT, 422: DOOMED}
    assert sum(isinstance(one, str) for one in answers) == RAISING
    owner = await asyncpg.connect(busy.server.database.admin)
    await settled(owner)
    rows = await owner.fetch(
        "select id, number, status, issued_at from invoices where org_id = $1", busy.id
    )
    untouched = {UUID(draft["id"]) for draft in (*doomed, *raising)}
    assert {row["status"] for row in rows if row["id"] in untouched} == {"draft"}
    numbered = sorted(
        (int(row["number"].removeprefix("INV-")), row["issued_at"]) for row in rows if row["number"]
    )
    assert PATIENT <= len(numbered) <= PATIENT + HASTY
    assert [number for number, _ in numbered] == list(range(1, len(numbered) + 1))
    assert [at for _, at in numbered] == sorted(at for _, at in numbered)
    postings = await owner.fetch(
        "select posting_id, sum(amount) as sum, count(distinct invoice_id) as invoices"
        " from ledger_entries where org_id = $1 group by posting_id",
        busy.id,
    )
    assert len(postings) == len(numbered)
    assert {(row["sum"], row["invoices"]) for row in postings} == {(0, 1)}
    await owner.close()


async def settled(connection: asyncpg.Connection) -> None:
    """Wait until requests whose caller hung up have come to their end."""
    async with asyncio.timeout(30):
        while await connection.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and usename = 'truckroll_app' and state <> 'idle'"
        ):
            await asyncio.sleep(0.05)
