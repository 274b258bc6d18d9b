"""The board with a mouse, with the keyboard alone, and two of them side by side."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.support.database import Database
from tests.support.field import VISITS, Job, a_job, did, technician
from tests.support.journal import relaying
from tests.support.live import living
from tests.support.people import Company
from tests.support.server import Server
from tests.test_warnings import shift
from tests.web.axe import both_themes
from tests.web.pages import Visitor

HOUR = timedelta(hours=1)
CHICAGO = ZoneInfo("America/Chicago")

SPOKEN = r"(?:\sAM)? – "


def shown(start: datetime, hours: float = 1, dash: str = "–") -> str:
    """How the board writes the hours of a visit, by the organisation's clock: "11:00–12:00"."""
    both = (start, start + hours * HOUR)
    return dash.join(f"{at.astimezone(CHICAGO):%-I:%M}" for at in both)


def spoken(start: datetime, who: str) -> re.Pattern[str]:
    """What is said of a visit that is held there: "10:15 – 11:15 AM, Ben Ode"."""
    return re.compile(rf"{shown(start, dash=SPOKEN)}\s[AP]M, {who}")


@pytest_asyncio.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Server]:
    """With a hub and a relay: boards are live."""
    async with relaying(database), living(database) as running:
        yield running


async def opened(visit: Visitor, job: Job) -> Page:
    """The board of the job's day, live."""
    # which view it begins with is kept for the person, and others here have chosen
    page = await visit(f"/board?date={job.day}&view=day&by=technicians", person=job.dana)
    await expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    await expect(page.get_by_role("group", name="Unassigned")).to_be_visible()
    return page


def block(page: Page, who: str, visit: Any) -> Locator:
    """A visit on somebody's lane."""
    return page.get_by_role("group", name=who).get_by_role(
        "button", name=visit["work_order"]["number"]
    )


async def planned(job: Job, visit: Any) -> tuple[datetime, list[str]]:
    """When the server has it, and who comes."""
    now = await job.dana.got(f"{VISITS}/{visit['id']}")
    start = datetime.fromisoformat(now["planned_start"])
    return start, [one["technician_id"] for one in now["assignments"]]


async def test_a_visit_is_dragged_to_another_lane_and_brought_back(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    ada, ben = await technician(acme, "Ada Ode"), await technician(acme, "Ben Ode")
    await shift(job, ada)
    await shift(job, ben)
    made = await job.planned(ada)
    page = await opened(visit, job)
    taken = await block(page, "Ada Ode", made).bounding_box()
    other = await page.get_by_role("group", name="Ben Ode").bounding_box()
    assert taken is not None
    assert other is not None
    x, y = taken["x"] + taken["width"] / 2, taken["y"] + taken["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 20, y + 5)
    await page.mouse.move(x + taken["width"], other["y"] + 20, steps=4)
    said = page.get_by_test_id("said")
    await expect(said).to_contain_text(spoken(job.nine + HOUR, "Ben Ode"))
    assert await planned(job, made) == (job.nine, [ada])
    await page.mouse.up()
    await expect(block(page, "Ben Ode", made)).to_be_visible()
    await expect(page.get_by_text("Moved Ann Lee").first).to_be_visible()
    assert await planned(job, made) == (job.nine + HOUR, [ben])
    await page.keyboard.press("Control+z")
    await expect(block(page, "Ada Ode", made)).to_be_visible()
    assert await planned(job, made) == (job.nine, [ada])


async def test_a_visit_is_moved_with_the_keyboard_alone(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    cleo = await technician(acme, "Cleo Ode")
    await shift(job, cleo)
    made = await job.planned(cleo)
    page = await opened(visit, job)
    held = block(page, "Cleo Ode", made)
    await held.focus()
    await page.keyboard.press("Alt+ArrowRight")
    await page.keyboard.press("Alt+ArrowRight")
    await expect(page.get_by_test_id("said")).to_contain_text(
        spoken(job.nine + HOUR / 2, "Cleo Ode")
    )
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("said")).to_have_text("Not moved.")
    assert await planned(job, made) == (job.nine, [cleo])
    await page.keyboard.press("Alt+ArrowRight")
    await page.keyboard.press("Enter")
    await expect(held).to_have_accessible_name(re.compile(shown(job.nine + HOUR / 4, dash=SPOKEN)))
    await expect(page.get_by_text("Moved Ann Lee").first).to_be_visible()
    assert await planned(job, made) == (job.nine + HOUR / 4, [cleo])
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Ann Lee")).to_contain_text("Phone")


CUT = """() => {
  const own = (one) => [...one.childNodes].some((text) => text.nodeType === 3 && /\\d/.test(text.data));
  const rows = '.v-time, .lane-more, .tray-row .tabular, .board-corner, .board-hour';
  return [...document.querySelectorAll('.board *')]
    .filter((one) => !one.matches('option, .truncate, .v-name, .lane-name *') && (own(one) || one.matches(rows)))
    .filter((one) => one.clientWidth > 1)
    .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 4)
    .map((one) => one.textContent);
}"""
IN_SIGHT = """() => {
  const board = document.querySelector('.board-scroll').getBoundingClientRect();
  const names = document.querySelector('.lane-heads').getBoundingClientRect().right;
  const whole = (of, left) => [...document.querySelectorAll(of)].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.top >= board.top && box.bottom <= board.bottom && box.left >= left && box.right <= board.right;
  }).length;
  return [whole('.lane-head', board.left) - 1, whole('.board-hour', names)];
}"""


async def test_everybody_can_read_the_board_its_week_and_its_past(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    elsa = await technician(acme, "Elsa Ode")
    await shift(job, elsa)
    await job.visit(window_start=job.nine.isoformat(), window_end=(job.nine + HOUR).isoformat())
    made = await job.planned(elsa)
    page = await opened(visit, job)
    assert await page.evaluate(CUT) == []
    await block(page, "Elsa Ode", made).click()
    await expect(page.get_by_role("dialog", name="Ann Lee")).to_contain_text("Planned")
    assert await both_themes(page, within=".board") == []
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("button", name="Week", exact=True).click()
    week = page.get_by_role("region", name="Schedule of the week")
    await expect(week.get_by_role("button", name=made["work_order"]["number"])).to_be_visible()
    assert await page.evaluate(CUT) == []
    assert await both_themes(page, within=".board") == []
    owner, before = await acme.person("owner"), made["created_at"]
    past = await visit(f"/board?date={job.day}&as_of={before}", person=owner)
    await expect(past.get_by_text("As it was", exact=False).first).to_be_visible()
    await expect(past.get_by_role("button", name=made["work_order"]["number"])).to_have_count(0)


async def test_two_boards_show_what_a_third_client_does(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    tess, max_ = await technician(acme), await technician(acme, "Max Ode")
    await shift(job, tess)
    await shift(job, max_)
    made = await job.planned(tess)
    number = made["work_order"]["number"]
    one, other = await opened(visit, job), await opened(visit, job)
    for page in (one, other):
        shown = page.get_by_role("group", name="Tess Ode").get_by_role("button", name=number)
        await expect(shown).to_have_accessible_name(re.compile("Scheduled"))
    await did(job.dana, made, "move", start=(job.nine + HOUR).isoformat(), technician_ids=[max_])
    for page in (one, other):
        moved = page.get_by_role("group", name="Max Ode").get_by_role("button", name=number)
        await expect(moved).to_be_visible()
        await expect(
            page.get_by_role("group", name="Tess Ode").get_by_role("button")
        ).to_have_count(0)
