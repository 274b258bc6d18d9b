"""How much of a board is in sight, in a company of its own: nobody has chosen yet how they like it."""

import re

from playwright.async_api import expect

from tests.support.field import a_job, technician
from tests.support.people import Company
from tests.test_warnings import shift
from tests.web.pages import Visitor
from tests.web.seen import SIZES
from tests.web.test_board import CUT, HOUR, IN_SIGHT, block, opened


async def test_a_board_has_room_for_all_its_numbers_and_tab_finds_back_into_it(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    who = [await technician(acme, f"Gus Ode {n:02}") for n in range(16)]
    await shift(job, who[0])
    await shift(job, who[15])
    both = await job.planned(who[0], who[1])
    late = await job.planned(who[15], at=job.nine + 8 * HOUR)
    page = await opened(visit, job)
    board = page.get_by_role("region", name="Schedule")
    await expect(block(page, "Gus Ode 15", late)).to_be_visible()
    await expect(
        page.get_by_role("list", name="Lanes").get_by_text(re.compile("^over "))
    ).to_be_visible()
    lanes, hours = await page.evaluate(IN_SIGHT)
    assert (lanes >= 14, hours >= 10) == (True, True), (lanes, hours)
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        await page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        assert await page.evaluate(CUT) == [], width

    await page.set_viewport_size({"width": 1280, "height": 500})
    await board.evaluate("(board) => { board.scrollTop = board.scrollHeight }")
    await expect(block(page, "Gus Ode 00", both)).to_have_count(0)
    await page.get_by_role("button", name="Tray", exact=True).focus()
    await page.keyboard.press("Tab")
    await expect(board.locator(".visit:focus")).to_have_attribute("data-visit", both["id"])
    await expect(block(page, "Gus Ode 00", both)).to_be_visible()
    await expect(block(page, "Gus Ode 01", both)).to_be_visible()
    await expect(board.locator(".visit[tabindex='0']")).to_have_count(1)
