"""The demo on a test database: `demo = await built(server)`, then `await demo.person(…)`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from app.config import Environment, Settings
from app.core import clock
from app.demo import demo_of
from app.installation import Installation
from app.process import DemoSignIn
from tests.support.database import Database
from tests.support.people import Person, sign_in
from tests.support.server import Server

NOON = datetime(2031, 5, 14, 17, 40, tzinfo=UTC)
"""A Wednesday, 12:40 in Lawrence, Kansas, and 11:40 in Longmont, Colorado."""
PASSWORD = "a demo passphrase"


@dataclass
class Demo:
    """Two companies on a server, and their people."""

    server: Server
    sign_ins: list[DemoSignIn]
    people: dict[tuple[str, str], Person] = field(default_factory=dict)

    async def person(self, org: str, role: str) -> Person:
        """One of those whose sign-in is shown."""
        [who] = [one for one in self.sign_ins if (one.org, one.role) == (org, role)]
        return await self.somebody(org, who.email)

    async def somebody(self, org: str, email: str) -> Person:
        """Anybody, signed in; the same one for the same address."""
        if (org, email) not in self.people:
            self.people[org, email] = await sign_in(self.server, email, org, PASSWORD)
        return self.people[org, email]

    async def rows(self, query: str, *values: Any) -> list[asyncpg.Record]:
        """What a query finds, behind the walls."""
        async with behind_the_walls(self.server.database) as connection:
            found: list[asyncpg.Record] = await connection.fetch(query, *values)
            return found

    async def close(self) -> None:
        for person in self.people.values():
            await person.aclose()


async def built(server: Server) -> Demo:
    """Both companies, as `./run` builds them, at `NOON`."""
    with clock.set_to(NOON):
        return Demo(server, await demo_of(installation_on(server.database), make=True))


def installation_on(database: Database) -> Installation:
    """An installation whose database this is."""
    return Installation(
        Settings(environment=Environment.local, data=Path(".data")),
        app_url=database.app,
        owner_url=database.owner,
        relay_url=database.relay,
        secret_key="test",
        demo_password=PASSWORD,
        embedded=False,
    )


@asynccontextmanager
async def behind_the_walls(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A connection that sees all organisations."""
    connection = await asyncpg.connect(database.admin)
    try:
        yield connection
    finally:
        await connection.close()


async def everything(person: Person, path: str, **params: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    found, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = await person.got(path, limit=200, **params, **more)
        found += page["data"]
        if (cursor := page["next_cursor"]) is None:
            return found


async def fingerprints(database: Database, org_id: Any) -> dict[str, str]:
    """A digest of the rows of one organisation in each table, without what chance makes."""
    found = {}
    async with behind_the_walls(database) as connection:
        tables = await connection.fetch(
            "select table_name as name from information_schema.columns"
            " where table_schema = 'public' and column_name = 'org_id' order by 1"
        )
        for (name,) in tables:
            found[name] = await connection.fetchval(
                f"select md5(string_agg(line, ',' order by line)) from ("
                f" select (to_jsonb(t) - 'xid')::text as line from public.{name} t"
                f" where org_id = $1) as lines",
                org_id,
            )
    return found


A_CLOSED_JOB = """
select o.id::text as order_id, o.customer_id::text, o.site_id::text, o.job_type_id::text,
       v.duration_minutes, a.technician_id::text, i.id::text as invoice_id, n.body as note,
       (select count(*)::int from payments p where p.invoice_id = i.id) as payments
  from work_orders o
  join customers c on c.id = o.customer_id and c.kind = 'person'
  join visits v on v.work_order_id = o.id
  join bookings b on b.visit_id = v.id and b.ends_at < v.planned_end
  join assignments a on a.visit_id = v.id
  join technicians t on t.id = a.technician_id and t.member_id is not null
  join notes n on n.entity_id = o.id
  join invoices i on i.work_order_id = o.id and i.discount = 0
 where o.org_id = $1 and o.status = 'closed'
   and (select count(*) from visits w where w.work_order_id = o.id) = 1
   and (select count(*) from invoices j where j.work_order_id = o.id) = 1
 order by payments desc, o.number limit 1
"""
"""Done by the technician who signs in, sooner than planned, and paid, in parts if there is one."""
ENTRIES = """
with its_visits as (select id from visits where work_order_id = $1::uuid),
     its_invoices as (select id from invoices where work_order_id = $1::uuid),
     things as (
       select $1::uuid as id union select id from its_visits union select id from its_invoices
       union select id from promises where visit_id in (select id from its_visits)
       union select id from assignments where visit_id in (select id from its_visits)
       union select id from bookings where visit_id in (select id from its_visits)
       union select id from checklist_items where work_order_id = $1::uuid
       union select id from notes where entity_id = $1::uuid
       union select id from invoice_lines where invoice_id in (select id from its_invoices)
       union select id from payments where invoice_id in (select id from its_invoices)
       union select id from ledger_entries where invoice_id in (select id from its_invoices))
select j.entity || ' ' || j.action as what, m.name as actor,
       array(select jsonb_object_keys(j.changes) order by 1) as keys
  from journal j join things on things.id = j.entity_id left join members m on m.id = j.actor_id
 order by j.id
"""
