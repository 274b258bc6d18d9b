"""A list on its way in, where the connection is not what it should be, and each of its pages looked at."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import expect

from tests.support.imports import finished, reading, send
from tests.support.people import Company
from tests.support.server import Server
from tests.web.axe import both_themes
from tests.web.pages import Visitor
from tests.web.seen import ENOUGH_ROWS, clipped_anywhere, rows_seen

SOON = 30_000
"""Milliseconds: what is done in the background is done when its turn comes."""


@pytest_asyncio.fixture(scope="module", autouse=True)
async def worker(server: Server) -> AsyncIterator[None]:
    """A worker, woken by commits, while this module's tests run."""
    async with reading(server):
        yield


async def test_nothing_is_offered_before_it_is_known_and_a_list_is_taken_once(
    visit: Visitor, acme: Company
) -> None:
    olga = await acme.person("owner")
    text = "Name,Gate Code,ZIP,Street\nWhole Once,,66604,1 First St\n"
    trial = (await send(olga, text, wait="true")).json()["id"]
    page = await visit("/imports", person=olga)
    await page.get_by_role("link", name="Import a list").first.click()
    await expect(page.get_by_role("heading", name="Import a list")).to_be_visible()
    assert await both_themes(page) == []

    await page.goto(f"/imports/{trial}")
    await expect(page.get_by_role("row", name="Gate Code")).to_be_visible()
    assert await both_themes(page) == []
    counting = "**/api/v2/imports/*/mending?*filter=*"
    await page.route(counting, lambda route: route.fulfill(status=409, json={"detail": "Not now."}))
    await page.get_by_role("button", name="Check the list").click()
    again = page.get_by_role("button", name="Count again")
    await expect(again).to_be_visible(timeout=SOON)
    take = page.get_by_role("button", name="Import 1 row")
    await expect(take).to_have_count(0)
    await expect(page.get_by_text("No error was found.")).to_be_visible()
    await page.unroute(counting)
    await again.click()
    await expect(page.get_by_text("Every row is in order.")).to_be_visible()

    await take.click()
    await expect(page.get_by_role("link", name="See all customers")).to_be_visible(timeout=SOON)
    assert await both_themes(page) == []
    await page.go_back()
    await expect(page.get_by_text("This list was taken.")).to_be_visible()
    await expect(take).to_have_count(0)
    assert (await finished(olga, trial))["dry_run"] is True


async def test_eighteen_errors_are_in_sight_however_much_there_is_to_say(
    visit: Visitor, acme: Company
) -> None:
    olga = await acme.person("owner")
    nobody = "the office of the housing association: ask whoever is there"
    lines = (f"{nobody} {n},{nobody} {n},{nobody} {n}" for n in range(30))
    text = "\n".join(["Name,Email,Phone", *lines])
    trial = (await send(olga, text, wait="true")).json()["id"]
    page = await visit(f"/imports/{trial}", person=olga)
    await page.get_by_role("button", name="Check the list").click()
    rows = page.get_by_role("list", name="Rows worth a look")
    await expect(rows.get_by_role("listitem").first).to_be_visible(timeout=SOON)
    assert await rows_seen(page, "ul[aria-label='Rows worth a look'] > li") >= ENOUGH_ROWS
    assert await clipped_anywhere(page) == []
