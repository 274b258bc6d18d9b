"""What has to hold on each page of the office, on a demo as `./run` makes it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import httpx2
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from app.demo import demo_of
from tests.support.database import Database
from tests.support.demo import PASSWORD, installation_on
from tests.support.imports import TOUR
from tests.support.journal import relaying
from tests.support.live import living
from tests.web.addresses import Screen, screens
from tests.web.axe import both_themes
from tests.web.pages import DESKTOP, PATIENCE, Watched
from tests.web.seen import clipped_anywhere

ORG = "bluestem"


@dataclass
class Office:
    """The demo, somebody of each role with a browser of their own, and all its addresses."""

    url: str
    screens: list[Screen]
    people: dict[str, BrowserContext]
    said: Watched

    async def open(self, screen: Screen) -> Page:
        """The page, once it shows what it is about."""
        page = await self.people[screen.role].new_page()
        await page.goto(screen.path)
        await page.locator("h1").first.wait_for(state="attached")
        await page.wait_for_load_state("networkidle")
        if screen.path != "/ui":  # which shows what is on its way, too
            await expect(page.locator(".animate-pulse")).to_have_count(0)
        await screen.step(page)
        return page


@pytest_asyncio.fixture(scope="module")
async def office(browser: Browser, database: Database) -> AsyncIterator[Office]:
    """The company of the demo, opened by each of its roles."""
    async with relaying(database), living(database) as server:
        sign_ins = await demo_of(installation_on(database), make=True)
        said = Watched()
        people: dict[str, BrowserContext] = {}
        for role in ["", *(one.role for one in sign_ins if one.org == ORG)]:
            context = await browser.new_context(
                base_url=server.url,
                viewport={"width": DESKTOP[0], "height": DESKTOP[1]},
                reduced_motion="reduce",
                locale="en-US",
            )
            context.set_default_timeout(PATIENCE)
            context.on("page", said.listen)
            people[role] = context
        for one in sign_ins:
            if one.org == ORG:
                who = {"org": ORG, "email": one.email, "password": PASSWORD}
                reply = await people[one.role].request.post("/api/v2/auth/login", data=who)
                assert reply.ok, await reply.text()
        async with httpx2.AsyncClient(base_url=server.url) as owner:
            [who] = [one for one in sign_ins if (one.org, one.role) == (ORG, "owner")]
            asked = {"org": ORG, "email": who.email, "password": PASSWORD}
            token = (await owner.post("/api/v2/auth/login", json=asked)).json()["access_token"]
            owner.headers["Authorization"] = f"Bearer {token}"
            sent = await owner.post(
                "/api/v2/imports", data={"kind": "customers"}, files={"file": ("list.csv", TOUR)}
            )
            assert sent.status_code == 202, sent.text
            yield Office(server.url, await screens(owner), people, said)
        for context in people.values():
            await context.close()


async def test_people_with_other_eyes_ears_and_hands_get_along_everywhere(office: Office) -> None:
    found: dict[str, list[str]] = {}
    for screen in office.screens:
        page = await office.open(screen)
        if wrong := await both_themes(page):
            found[screen.name] = wrong
        await page.close()
    assert found == {}
    assert office.said.wrong == []


async def test_no_amount_time_or_number_is_cut_anywhere(office: Office) -> None:
    found: dict[str, list[str]] = {}
    for screen in office.screens:
        page = await office.open(screen)
        if cut := await clipped_anywhere(page):
            found[screen.name] = cut
        await page.close()
    assert found == {}


STRANGE = (
    '<img src=x onerror="window.taken=1"><script>window.taken=1</script>\'"&amp;{{7*7}}',
    "<img src=x>",
)
"""What a stranger writes into whatever lets them; the shorter where little fits."""
FREE = """
access_notes base_name billing_city billing_street body caption certificate_number city
credit_hold_reason customer_reference decision_reason department description detail discount_label
external_key filename gate_code home_place instructions invoice_footer issuer legal_name location make
model name note notes payment_instructions place plate reason reference serial service_stop_reason
source status_reason street subject subtitle summary tax_label tax_number title told_to trade type unit
void_reason
"""
"""The columns that hold what somebody typed, by the names they have in all tables."""
COLUMNS = """
select c.table_name, c.column_name from information_schema.columns c
join information_schema.columns o
  on (o.table_schema, o.table_name, o.column_name) = (c.table_schema, c.table_name, 'org_id')
join information_schema.tables t
  on (t.table_schema, t.table_name) = (c.table_schema, c.table_name) and t.table_type = 'BASE TABLE'
where c.data_type = 'text' and c.table_schema = 'public' and c.is_generated = 'NEVER'
  and c.column_name = any($1)
order by 1, 2
"""


# the last one here: nothing in the company is called afterwards what it was called before
async def test_a_strangers_scripts_are_text_everywhere(office: Office, database: Database) -> None:
    taken, refused = await _write_everywhere(database)
    assert taken > 2 * len(refused), refused
    before = len(office.said.wrong)
    shown = 0
    for screen in office.screens:
        page = await office.open(screen)
        assert await page.evaluate("window.taken") is None, screen.name
        assert await page.locator("img[src=x]").count() == 0, screen.name
        shown += await page.get_by_text("<img src=x").count()
        await page.close()
    assert shown > 100
    assert office.said.wrong[before:] == []


async def _write_everywhere(database: Database) -> tuple[int, list[str]]:
    """Put a stranger's text into every free text of the company: how many columns took it, and which did not."""
    connection = await asyncpg.connect(database.admin)
    taken, refused = 0, []
    try:
        # as it stands in the rows, however it came there; the words that are searched for are left as they are
        await connection.execute("set session_replication_role = replica")
        for table, column in await connection.fetch(COLUMNS, FREE.split()):
            if await _took(connection, table, column):
                taken += 1
            else:
                refused.append(f"{table}.{column}")
    finally:
        await connection.close()
    return taken, refused


async def _took(connection: asyncpg.Connection, table: str, column: str) -> bool:
    for text in STRANGE:
        try:
            await connection.execute(
                f"update {table} set \"{column}\" = $1 || ' ' || left(md5(random()::text), 5)"
                f' where "{column}" is not null'
                " and org_id = (select id from identity.organisations where slug = $2)",
                text,
                ORG,
            )
        except asyncpg.IntegrityConstraintViolationError:
            continue
        return True
    return False
