"""What customers know: a window that was left, one that was only written down, a visit that was called off, and
another window promised."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.support.database import Database
from tests.support.field import PHOENIX, Job, a_job, did, technician
from tests.support.journal import relaying
from tests.support.live import living
from tests.support.people import Company
from tests.support.server import Server
from tests.test_end_of_day import TELL, ledger, to_tell, window
from tests.test_warnings import shift
from tests.web.axe import both_themes
from tests.web.pages import Visitor
from tests.web.test_board import HOUR, block, opened

TAB = re.compile("Customers to tell")


@pytest_asyncio.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Server]:
    """With a hub and a relay: boards are live."""
    async with relaying(database), living(database) as running:
        yield running


async def offers(acme: Company, job: Job) -> None:
    """Two windows for the job's work, by the clock at the site."""
    owner = await acme.person("owner")
    hours = [{"start": "10:00", "end": "12:00"}, {"start": "13:00", "end": "15:00"}]
    drawn = {"name": "Two hours", "job_type_id": job.work.job_type_id, "windows": hours}
    await owner.made("/api/v2/arrival-windows", drawn)


def row_of(page: Page, visit: Any) -> Locator:
    """The row of whom to tell of this visit."""
    number = visit["work_order"]["number"]
    rows = page.get_by_role("tabpanel", name=TAB).get_by_role("listitem")
    return rows.filter(has_text=number)


async def counted(page: Page, count: int) -> None:
    """So many customers are to be told."""
    await expect(page.get_by_role("tab", name=TAB)).to_have_text(f"Customers to tell{count}")


async def told(job: Job, visit: Any) -> list[tuple[datetime, str, str | None, str | None]]:
    """The ledger: each window from when, how it was told, to whom and why; the oldest first."""
    return [
        (
            datetime.fromisoformat(one["window_start"]),
            one["told_via"],
            one["told_to"],
            one["reason"],
        )
        for one in await ledger(job, visit)
    ]


async def test_whoever_was_told_another_window_is_told_that_it_was_left(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    kira = await technician(acme, "Kira Ode")
    await shift(job, kira)
    await offers(acme, job)
    made = await job.planned(kira, **window(job), told_via="phone", told_to="Ann")
    page = await opened(visit, job)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await counted(page, 0)
    await page.get_by_role("tab", name=TAB).click()
    await expect(page.get_by_text("Every customer knows how it stands.")).to_be_visible()
    await block(page, "Kira Ode", made).focus()
    for _ in range(5):
        await page.keyboard.press("Alt+ArrowRight")
    await page.keyboard.press("Enter")
    await counted(page, 1)
    row = row_of(page, made)
    await expect(row).to_contain_text(re.compile(r"Told .+, 9:00 – 10:00\sAM MST, by phone"))
    await expect(row).to_contain_text(re.compile(r"Now planned for .+, 10:15\sAM MST"))
    await expect(row).to_contain_text("just now")
    assert await both_themes(page, within=".tray") == []

    await row.get_by_role("button", name="Copy the text for Ann Lee").click()
    await expect(page.get_by_text("Copied: “Kira Ode will arrive").first).to_be_visible()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"between 10:00\sAM – 12:00\sPM MST on", copied), copied
    assert re.search(r"takes the place of .+, 9:00 – 10:00\sAM\.$", copied), copied

    await row.get_by_role("button", name="Told Ann Lee").press("Enter")
    asked = page.get_by_role("dialog", name="Promise Ann Lee")
    await expect(asked.get_by_label("From")).to_have_value("10:00")
    await expect(asked.get_by_label("To", exact=True)).to_have_value("12:00")
    await asked.get_by_label("To whom").fill("Bo")
    await page.keyboard.press("Enter")
    await expect(asked).to_have_count(0)
    await expect(row).to_have_count(0)
    await counted(page, 0)
    await expect(page.get_by_role("tab", name=TAB)).to_be_focused()
    assert await told(job, made) == [
        (job.nine, "phone", "Ann", None),
        (job.nine + HOUR, "phone", "Bo", None),
    ]


async def test_whoever_was_not_told_and_whoever_nobody_comes_to_are_told(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    page = await opened(visit, job)
    await page.get_by_role("tab", name="Promised").focus()
    await page.keyboard.press("End")
    await expect(page.get_by_role("tab", name=TAB)).to_be_focused()
    written = await job.visit(**window(job))
    called_off = await job.visit(**window(job, 2), told_via="phone")
    await did(job.dana, called_off, "cancel", reason="no parts")
    await counted(page, 2)
    off = row_of(page, called_off)
    await expect(off).to_contain_text("cancelled, nobody comes")
    row = row_of(page, written)
    await expect(row).to_contain_text(re.compile(r"Now written down: .+, 9:00 – 10:00\sAM MST"))
    await row.get_by_role("button", name="Told Ann Lee").press("Enter")
    asked = page.get_by_role("dialog", name="Ann Lee was told")
    await expect(asked.get_by_role("combobox", name="Told how")).to_be_focused()
    assert await both_themes(page, within="[role=dialog]") == []
    await asked.get_by_label("Told how").select_option("By text message")
    await asked.get_by_role("button", name="They know").click()
    await counted(page, 1)
    assert await told(job, written) == [
        (job.nine, "not_yet", None, None),
        (job.nine, "sms", None, None),
    ]
    # the focus went on to whoever is left
    await expect(off.get_by_role("button", name="Told Ann Lee")).to_be_focused()
    await page.keyboard.press("Enter")
    await asked.get_by_label("To whom").fill("Ann")
    await page.keyboard.press("Enter")
    await counted(page, 0)
    assert await to_tell(job, written, called_off) == {}


async def test_another_window_is_promised_from_the_menu_of_a_visit(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    lena = await technician(acme, "Lena Ode")
    await shift(job, lena)
    await offers(acme, job)
    made = await job.planned(lena, **window(job), told_via="phone", told_to="Ann")
    page = await opened(visit, job)
    await block(page, "Lena Ode", made).click(button="right")
    await page.get_by_role("menuitem", name="Promise…").click()
    asked = page.get_by_role("dialog", name="Promise Ann Lee")
    await expect(asked.get_by_label("Day")).to_be_focused()
    await expect(asked).to_contain_text(re.compile(r"Promised .+, 9:00 – 10:00\sAM MST, by phone"))
    assert await both_themes(page, within="[role=dialog]") == []
    start, end = asked.get_by_label("From"), asked.get_by_label("To", exact=True)
    await expect(start).to_have_value("09:00")
    await end.fill("09:02")
    await asked.get_by_role("button", name="Promise it").click()
    await expect(end).to_have_attribute("aria-invalid", "true")
    await expect(asked).to_contain_text("It must be 5 minutes to 7 days long.")
    tomorrow = (job.nine + timedelta(days=1)).astimezone(PHOENIX).date().isoformat()
    await asked.get_by_label("Day").fill(tomorrow)
    choice = asked.get_by_role("option", name=re.compile(r"1:00 – 3:00\sPM"))
    offered = await choice.text_content()
    await asked.get_by_label("Window").select_option(offered)
    await expect(start).to_have_value("13:00")
    await asked.get_by_label("Told how").select_option("In person")
    await asked.get_by_label("To whom").fill("Bo")
    await asked.get_by_label("Why").fill("She asked for it")
    await asked.get_by_role("button", name="Promise it").click()
    await expect(asked).to_have_count(0)
    afternoon = (job.nine + timedelta(days=1, hours=4), "in_person", "Bo", "She asked for it")
    assert await told(job, made) == [(job.nine, "phone", "Ann", None), afternoon]
    done = page.get_by_role("listitem").filter(has_text="Promised Ann Lee")
    await done.get_by_role("button", name="Undo").click()
    # she was told of the afternoon: that it is the morning again has to be told, too
    await page.get_by_role("tab", name=TAB).click()
    row = row_of(page, made)
    await expect(row).to_contain_text(re.compile(r"Now written down: .+, 9:00 – 10:00\sAM MST"))
    await expect(row).to_contain_text(re.compile(r"Told .+, 1:00 – 3:00\sPM MST, in person"))
    await counted(page, 1)
    assert (await told(job, made))[2:] == [(job.nine, "not_yet", None, "The change was undone.")]
    await job.dana.made(TELL, {"visit_id": made["id"], "told_via": "phone"})
    await counted(page, 0)
