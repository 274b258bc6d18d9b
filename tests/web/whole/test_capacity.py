"""What windows hold with a browser: counted by day and window, gone through by keys, led from to the board, taken
along as a file, and counted anew while one looks."""

import csv
import re
from pathlib import Path

from playwright.async_api import expect

from tests.support.field import a_job
from tests.support.people import Company
from tests.test_availability import BOOK, at_work, booking, desk, offered
from tests.test_window_capacity import CAPACITY, phoenix
from tests.web.axe import both_themes
from tests.web.pages import Visitor
from tests.web.seen import clipped_anywhere

__all__ = ["desk"]


async def test_each_window_is_counted_and_leads_to_its_board(visit: Visitor, desk: Company) -> None:
    await phoenix(desk)
    job = await a_job(desk)
    await at_work(desk, job, "Tess Ode")
    page = await visit(f"/capacity?from={job.day}", person=job.dana)
    grid = page.get_by_role("grid", name="Left to sell, by day and window")
    of_the_day = grid.get_by_role("row").nth(1).get_by_role("gridcell")
    # 120 minutes less a quarter for driving, and a tenth of them kept back
    await expect(of_the_day.nth(1)).to_contain_text("1 h 21")
    chosen = page.get_by_role("complementary", name="The chosen window")
    await expect(chosen).to_contain_text("Kept back9 min")

    # counted anew while one looks
    order = await job.work.order()
    slots = (await offered(job, work_order_id=order["id"]))["slots"]
    slot = next(one for one in slots if one["start_local"] == "08:00")
    await job.dana.made(BOOK, booking(order, slot))
    await expect(chosen).to_contain_text("Sold1 h")
    await expect(of_the_day.first).to_contain_text("21 min")
    await expect(of_the_day.nth(1)).to_contain_text("1 h 21")

    # another figure, gone through by keys, and on to the board of the day
    await page.get_by_role("combobox", name="What is shown").select_option("Sold")
    grid = page.get_by_role("grid", name="Sold, by day and window")
    first = grid.get_by_role("row").nth(1).get_by_role("gridcell").first
    await expect(first).to_have_text(re.compile("1 h$"))
    await first.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        await page.keyboard.press(key)
    await expect(first).to_be_focused()
    await expect(first).to_have_attribute("aria-selected", "true")
    assert await both_themes(page) == []
    assert await clipped_anywhere(page) == []
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(rf"/board\?date={job.day}$"))
    await page.go_back()
    await expect(first).to_be_visible()


async def test_what_windows_hold_is_taken_along_as_a_file(
    visit: Visitor, desk: Company, tmp_path: Path
) -> None:
    job = await a_job(desk)
    await at_work(desk, job, "Uma Ode")
    page = await visit(f"/capacity?from={job.day}&trade=septic", person=job.dana)
    await expect(page.get_by_role("gridcell").first).to_be_visible()
    async with page.expect_download() as begun:
        await page.get_by_role("button", name="Export CSV").click()
    taken = await begun.value
    assert taken.suggested_filename == f"capacity-{job.day}.csv"
    await taken.save_as(tmp_path / "taken.csv")
    with (tmp_path / "taken.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    windows = (await job.dana.got(CAPACITY, **{"from": job.day, "to": job.day, "trade": "septic"}))[
        "windows"
    ]
    of_the_day = [one for one in lines if one["day"] == job.day]
    assert [(one["from"], one["available_minutes"], one["remaining_minutes"], one["trade"]) for one in of_the_day] == [
        (one["start_local"], str(one["available"]), str(one["remaining"]), "septic") for one in windows
    ]  # fmt: skip


async def test_where_nobody_works_it_says_what_to_do(visit: Visitor, desk: Company) -> None:
    page = await visit("/capacity", person=await desk.person("dispatcher"))
    await expect(page.get_by_text("Nobody works on these days")).to_be_visible()
    assert await both_themes(page) == []
    await page.get_by_role("link", name="Give somebody a shift").click()
    await expect(page.get_by_role("heading", name="Technicians")).to_be_visible()
