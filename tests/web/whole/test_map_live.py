"""The day on a map: who is where and how long ago, each stop in its order, one selection in all windows."""

import re
from datetime import timedelta

from playwright.async_api import Page, expect

from tests.support.field import a_job
from tests.support.people import Company
from tests.support.tracking import PHOENIX, ago, at_work, ping, told
from tests.web.axe import both_themes
from tests.web.pages import Visitor

DRAWN = 30_000
"""A map is drawn by a processor here, not by a graphics card."""


async def drawn(page: Page, *, pins: int, movers: int) -> None:
    """The map shows so many, and is drawn."""
    shown = page.locator(f'[data-pins="{pins}"][data-movers="{movers}"][data-drawn="true"]')
    await expect(shown).to_be_visible(timeout=DRAWN)


async def test_positions_are_live_and_say_how_old_they_are(visit: Visitor, acme: Company) -> None:
    owner = await acme.person("owner")
    ada, ben = await at_work(acme, "Ada Ode"), await at_work(acme, "Ben Ode")
    await told(owner, ada, [ping(ago(1.5), *PHOENIX)])
    await told(owner, ben, [ping(ago(20.5), PHOENIX[0] + 0.05, PHOENIX[1])])
    page = await visit("/map", person=await acme.person("dispatcher"))
    await expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    listed = page.get_by_role("region", name="The day as a list")
    theirs = listed.get_by_role("region", name="Ben Ode")
    await expect(theirs).to_contain_text(re.compile(r"last seen 2\d min ago"))
    await expect(listed.get_by_role("region", name="Ada Ode")).to_contain_text(
        re.compile("seen [1-4] min ago")
    )
    await drawn(page, pins=0, movers=2)
    await told(owner, ben, [ping(ago(0.1), PHOENIX[0] + 0.06, PHOENIX[1])])
    await expect(theirs).to_contain_text("seen just now")
    await page.get_by_text("What the signs mean").click()
    await expect(page.get_by_text("more than five minutes ago")).to_be_visible()
    assert await both_themes(page) == []


async def test_what_is_chosen_in_one_window_is_chosen_in_the_other(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    cleo = await at_work(acme, "Cleo Ode")
    first = await job.planned(cleo)
    second = await job.planned(cleo, at=job.nine + timedelta(hours=3))
    page = await visit(f"/map?date={job.day}", person=job.dana)
    hers = page.get_by_role("region", name="Cleo Ode")
    stops = hers.get_by_role("listitem").get_by_role("button")
    await expect(stops).to_have_count(2)
    await expect(stops.first).to_contain_text(re.compile("^1.*Scheduled", re.DOTALL))
    await drawn(page, pins=2, movers=0)

    board = await page.context.new_page()
    await board.goto(f"/board?date={job.day}&map=on&tray=off")
    beside_it = board.get_by_role("complementary", name="Map")
    await expect(beside_it).to_be_visible(timeout=DRAWN)
    beside = (
        board.get_by_role("region", name="Cleo Ode").get_by_role("listitem").get_by_role("button")
    )
    await expect(beside).to_have_count(2)
    await stops.nth(1).click()
    await expect(page).to_have_url(re.compile(f"visit={second['id']}"))
    card = board.get_by_role("dialog", name=re.compile(second["work_order"]["number"]))
    await expect(card).to_be_visible()
    await expect(beside.nth(1)).to_have_attribute("aria-pressed", "true")
    await drawn(board, pins=2, movers=0)
    assert await both_themes(board, within=".board-map") == []

    await beside.first.click()
    await expect(page).to_have_url(re.compile(f"visit={first['id']}"))
    await expect(stops.first).to_have_attribute("aria-pressed", "true")
    await board.get_by_role("button", name="Close the map").click()
    await expect(beside_it).to_be_hidden()


async def test_work_is_on_the_map_as_the_list_is_narrowed(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    made = await job.planned(await at_work(acme, "Dora Ode"))
    number = made["work_order"]["number"]
    page = await visit(f"/work-orders?q={number}", person=job.dana)
    await page.get_by_role("group", name="Look at it as").get_by_role("button", name="Map").click()
    await expect(page).to_have_url(re.compile(f"q={number}.*as=map"))
    listed = page.get_by_role("region", name="The same as a list")
    await expect(listed).to_contain_text("Showing all 1.")
    await drawn(page, pins=1, movers=0)
    await listed.get_by_role("button").click()
    await expect(page).to_have_url(re.compile("pin="))
    await expect(listed.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    assert await both_themes(page) == []
    await page.goto(f"/sites/{made['site']['id']}")
    await expect(page.get_by_role("heading", name="On the map")).to_be_visible(timeout=DRAWN)
    await drawn(page, pins=1, movers=0)
    assert await both_themes(page) == []
