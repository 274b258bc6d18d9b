"""What has to hold on each page of the office, on a demo as `./run` makes it."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect
from playwright.async_api import Error as BrowserError

from app.demo import demo_of
from tests.support.database import Database
from tests.support.demo import PASSWORD, installation_on
from tests.support.imports import TOUR
from tests.support.journal import relaying
from tests.support.live import living
from tests.web.addresses import Screen, screens
from tests.web.axe import both_themes
from tests.web.pages import DESKTOP, PATIENCE, Watched
from tests.web.seen import ENOUGH_ROWS, ROWS, clipped_anywhere, room_for

ORG = "bluestem"
ALL_OF_THEM = 1800
"""Seconds: sixty pages, each looked at several times, on a machine that does much else."""
pytestmark = pytest.mark.timeout(ALL_OF_THEM)


LISTS = {
    "work-orders", "customers", "sites", "equipment", "technicians", "vehicles", "crews", "invoices",
    "imports", "settings-archives", "settings-people", "settings-invitations",
    "settings-roles", "settings-teams", "settings-employees", "settings-sign-ins",
    "settings-job-types", "settings-skills", "settings-tags", "settings-arrival-windows",
    "settings-holidays", "settings-territories", "settings-branches",
}  # fmt: skip
"""The pages that are a list of records. Of support that was let in, the demo has none."""
ONE_OF_EACH: dict[str, dict[str, Any]] = {
    "vehicles": {"name": "Truck 7"},
    "crews": {"name": "Drainage"},
    "teams": {"name": "North"},
    "tags": {"entity": "customer", "name": "Gold"},
    "holidays": {"name": "Founders' day", "day": "2090-06-01"},
    "territories": {"name": "Far west", "postal_codes": ["99999"]},
    "branches": {"name": "Salina"},
    "invitations": {"name": "Noor Ellis", "email": "noor@bluestem.example.com", "role": "viewer"},
    "organisation/archives": {},
}
"""What else the demo has none of."""
Ask = Callable[[Screen, Page], Awaitable[list[str]]]


@dataclass
class Office:
    """The demo, somebody of each role with a browser of their own, and all its addresses."""

    url: str
    screens: list[Screen]
    people: dict[str, BrowserContext]
    said: Watched

    async def open(self, screen: Screen, *, steps: bool = True) -> Page:
        """The page, once it shows what it is about; `steps`: with what somebody does there first."""
        page = await self.people[screen.role].new_page()
        await page.goto(screen.path)
        await page.locator("h1").first.wait_for(state="attached")
        # everything there is to read was read; a page that polls a busy server is quiet for moments only
        await page.wait_for_load_state("networkidle", timeout=3 * PATIENCE)
        if screen.path != "/ui":  # which shows what is on its way, too
            await expect(page.locator(".animate-pulse")).to_have_count(0)
        if screen.there:
            await expect(page.locator(screen.there).first).to_be_visible()
        if steps:
            await screen.step(page)
        return page

    async def asked(self, ask: Ask, *, steps: bool = True) -> dict[str, list[str]]:
        """What is answered on each page where something is, and what the page itself complained of."""
        found: dict[str, list[str]] = {}
        for screen in self.screens:
            before = len(self.said.wrong)
            try:
                answer = await ask(screen, await self.open(screen, steps=steps))
            except (BrowserError, AssertionError) as error:
                # told with its address, and all others are asked even so
                answer = [f"not seen to its end: {error}"]
            answer += self.said.wrong[before:]
            if answer:
                found[f"{screen.name} {screen.path}"] = answer
            for page in self.people[screen.role].pages:
                await page.close()
        return found


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
        async with httpx2.AsyncClient(base_url=server.url, timeout=PATIENCE / 1000) as owner:
            [who] = [one for one in sign_ins if (one.org, one.role) == (ORG, "owner")]
            asked = {"org": ORG, "email": who.email, "password": PASSWORD}
            token = (await owner.post("/api/v2/auth/login", json=asked)).json()["access_token"]
            owner.headers["Authorization"] = f"Bearer {token}"
            sent = await owner.post(
                "/api/v2/imports", data={"kind": "customers"}, files={"file": ("list.csv", TOUR)}
            )
            assert sent.status_code == 202, sent.text
            for path, body in ONE_OF_EACH.items():
                made = await owner.post(f"/api/v2/{path}", json=body)
                assert made.is_success, made.text
            [person, *_] = (await owner.get("/api/v2/memberships")).json()["data"]
            made = await owner.post("/api/v2/employees", json={"member_id": person["id"]})
            assert made.is_success, made.text
            yield Office(server.url, await screens(owner), people, said)
        for context in people.values():
            await context.close()


@dataclass
class Looked:
    """Every page as it was found, opened once."""

    complaints: dict[str, list[str]]
    cut: dict[str, list[str]]
    room: dict[str, int]
    """For how many rows, by the name of a page that is a list."""


@pytest_asyncio.fixture(scope="module")
async def looked(office: Office) -> Looked:
    """What every page was asked, one after the other: each takes its time to open."""
    found = Looked({}, {}, {})

    async def look(screen: Screen, page: Page) -> list[str]:
        if screen.name in LISTS or (screen.path != "/ui" and await page.locator(ROWS).count()):
            found.room[screen.name] = await room_for(page)
        if cut := await clipped_anywhere(page):
            found.cut[f"{screen.name} {screen.path}"] = cut
        return await both_themes(page)

    found.complaints = await office.asked(look)
    return found


def _is_nothing(found: dict[str, list[str]]) -> None:
    """Fails with all that was found, each with its address."""
    said = [f"{address}: {one}" for address, answers in found.items() for one in answers]
    if said:
        pytest.fail("\n".join(said), pytrace=False)


async def test_people_with_other_eyes_ears_and_hands_get_along_everywhere(looked: Looked) -> None:
    _is_nothing(looked.complaints)


async def test_no_amount_time_or_number_is_cut_anywhere(looked: Looked) -> None:
    _is_nothing(looked.cut)


async def test_each_list_has_room_for_eighteen_rows(looked: Looked) -> None:
    assert set(looked.room) == LISTS
    assert [one for one in looked.room.items() if one[1] < ENOUGH_ROWS] == []


RUBBISH = """
date day week on from before span view by as_of tray territory visit lane map sort status priority customer
site work job tag skill active role team out member went why kind columns at open tab like
"""
"""What stands in addresses of the office, by name."""
NOBODY = "01923b5e-7c7f-7000-8000-0123456789ab"


def _strange(path: str) -> list[str]:
    """The same address with rubbish in it, and where it is that of a record, those of none."""
    bare, _, token = path.partition("#")
    bare = bare.partition("?")[0]
    rubbish = "&".join(f"{name}=not-an-id" for name in RUBBISH.split())
    ways = ("foo", "board", "calendar", "map") if bare == "/work-orders" else ("foo",)
    found = [f"{bare}?{rubbish}&as={way}{token and '#' + token}" for way in ways]
    where, _, id = bare.rpartition("/")
    return found + [f"{where}/{one}" for one in ("not-an-id", NOBODY) if len(id) == len(NOBODY)]


async def test_rubbish_in_an_address_breaks_no_page(office: Office) -> None:
    async def with_rubbish(screen: Screen, page: Page) -> list[str]:
        broken: list[str] = []
        for path in _strange(screen.path) if screen.path != "/ui" else []:
            await page.goto(path)
            await page.locator("h1").first.wait_for(state="attached")
            await page.wait_for_load_state("networkidle", timeout=3 * PATIENCE)
            await expect(page.locator(".animate-pulse")).to_have_count(0)
            broken += [
                f"{path[:50]}… {one}" for one in await page.get_by_text(BROKEN).all_inner_texts()
            ]
        return broken

    _is_nothing(await office.asked(with_rubbish))


BROKEN = re.compile("could not be (shown|read)")


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
where c.data_type in ('text', 'character varying') and c.table_schema = 'public' and c.is_generated = 'NEVER'
  and c.column_name = any($1)
order by 1, 2
"""
DONE = """
() => [
  ...(window.taken === undefined ? [] : ["a stranger's script ran"]),
  ...[...document.querySelectorAll("img[src=x]")].map((image) => image.parentElement.outerHTML.slice(0, 200)),
]
"""


# the last one here: nothing in the company is called afterwards what it was called before
async def test_a_strangers_scripts_are_text_everywhere(office: Office, database: Database) -> None:
    taken, refused = await _write_everywhere(database)
    assert taken > 40, taken
    assert taken > 2 * len(refused), refused
    shown: dict[str, int] = {}

    async def done_by_strangers(screen: Screen, page: Page) -> list[str]:
        shown[screen.name] = await page.get_by_text("<img src=x").count()
        done: list[str] = await page.evaluate(DONE)
        return done

    # what somebody looks for by its name has another one now
    _is_nothing(await office.asked(done_by_strangers, steps=False))
    assert sum(shown.values()) > 100
    # a page about something, or with a list of it, shows what they wrote
    silent = [one.name for one in office.screens if (one.there or one.of) and not shown[one.name]]
    assert silent == []


async def _write_everywhere(database: Database) -> tuple[int, list[str]]:
    """Put a stranger's text into every free text of the company and into its people's names: how many columns
    hold it now, and which would not take it."""
    connection = await asyncpg.connect(database.admin)
    taken, refused = 0, []
    try:
        # as it stands in the rows, however it came there; the words that are searched for are left as they are
        await connection.execute("set session_replication_role = replica")
        for table, column in await connection.fetch(COLUMNS, FREE.split()):
            rows = await _wrote(connection, table, column)
            taken += bool(rows)
            if rows is None:
                refused.append(f"{table}.{column}")
        for table in ("users", "organisations"):
            done = await connection.execute(f"update identity.{table} set name = $1", STRANGE[0])
            assert int(done.split()[-1]) > 1, (table, done)
    finally:
        await connection.close()
    return taken, refused


async def _wrote(connection: asyncpg.Connection, table: str, column: str) -> int | None:
    """Into how many rows; None where it is not taken."""
    for text in STRANGE:
        try:
            done = await connection.execute(
                f"update {table} set \"{column}\" = $1 || ' ' || left(md5(random()::text), 5)"
                f' where "{column}" is not null'
                " and org_id = (select id from identity.organisations where slug = $2)",
                text,
                ORG,
            )
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError):
            continue
        return int(done.split()[-1])
    return None
