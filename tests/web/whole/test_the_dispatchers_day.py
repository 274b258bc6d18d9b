"""A dispatcher's day on the screens, from the first call to the last invoice: with the mouse, and again with
the keyboard alone. What the screens say is compared with what the API says after each step."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Locator, Page, expect

from app.core import clock
from tests.support.field import VISITS, Job, a_job, did, technician
from tests.support.people import found_company
from tests.support.server import Server
from tests.support.waiting import until
from tests.test_warnings import shift
from tests.web.pages import PATIENCE, Visitor

HOUR = timedelta(hours=1)
CHICAGO = ZoneInfo("America/Chicago")
MOST = 150
"""Presses of Tab after which something counts as out of the keyboard's reach."""
OVER = "Over its time by"


@dataclass
class Day:
    """The company on that day: two technicians, three visits of theirs, one that waits, one of yesterday, one
    of a third technician that takes longer than it was to, and what cannot wait."""

    job: Job
    page: Page
    lena: str
    moe: str
    first: Any
    second: Any
    third: Any
    waiting: Any
    before: Any
    longer: Any
    burst: Any

    async def visit(self, one: Any) -> Any:
        """As the server has it."""
        return await self.job.dana.got(f"{VISITS}/{one['id']}")

    async def status(self, one: Any) -> str:
        return str((await self.visit(one))["status"])

    async def is_now(self, one: Any, status: str) -> None:
        """Once the server was told: a board shows it before."""

        async def told() -> bool:
            return await self.status(one) == status

        await until(told, seconds=PATIENCE / 1_000)

    async def stands(self, one: Any, start: datetime, *who: str, hours: float = 1) -> None:
        """Where the server has a visit, how long it takes there, and who comes, once it was told."""

        found: list[Any] = []
        wanted = [start, hours * HOUR, [*who]]

        async def told() -> bool:
            now = await self.visit(one)
            began, ends = (
                datetime.fromisoformat(now[f"planned_{end}"]) for end in ("start", "end")
            )
            there = [each for each in now["assignments"] if each["status"] != "removed"]
            found[:] = [began, ends - began, [each["technician_id"] for each in there]]
            return found == wanted

        with suppress(TimeoutError):
            await until(told, seconds=PATIENCE / 1_000)
        assert found == wanted

    def block(self, who: str, one: Any) -> Locator:
        return self.page.get_by_role("group", name=who).get_by_role(
            "button", name=one["work_order"]["number"]
        )

    @property
    def bell(self) -> Locator:
        return self.page.get_by_role("button", name="Alerts:")

    @property
    def told(self) -> Locator:
        """What the bell says of the visit that takes longer."""
        alerts = self.page.get_by_role("list", name="Alerts of today").get_by_role("link")
        return alerts.filter(has_text="Olaf Ode").filter(has_text="Overrunning")

    @property
    def urgent(self) -> Locator:
        """The button of what cannot wait, in the tray."""
        row = self.page.get_by_role("tabpanel").get_by_role("listitem")
        return row.filter(has_text=self.burst["number"]).get_by_role("button", name="Insert…")

    async def said(self, words: str) -> None:
        await expect(self.page.get_by_text(words).first).to_be_visible()


async def begun(visit: Visitor, server: Server, name: str) -> Day:
    """The dispatcher sits down: the page is open, and nothing has been pressed."""
    company = await found_company(server, name)
    job = await a_job(company)
    lena, moe, olaf = [await technician(company, f"{one} Ode") for one in ("Lena", "Moe", "Olaf")]
    await shift(job, lena)
    await shift(job, moe)
    yesterday = clock.now().replace(second=0, microsecond=0) - timedelta(hours=30)
    window = {
        "window_start": (job.nine + 4 * HOUR).isoformat(),
        "window_end": (job.nine + 6 * HOUR).isoformat(),
    }
    made = {
        "first": await job.planned(lena),
        "second": await job.planned(lena, at=job.nine + 2 * HOUR),
        "third": await job.planned(moe, at=job.nine + 2 * HOUR),
        "waiting": await job.visit(**window),
        "before": await job.planned(lena, at=yesterday),
        "longer": await overrun(job, olaf),
        "burst": await job.work.order(priority="emergency", status="ready"),
    }
    page = await visit("/", person=await company.person("owner"))
    await expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    return Day(job, page, lena, moe, **made)


async def overrun(job: Job, who: str) -> Any:
    """A visit of today that was to take ten minutes, and at which somebody has been for half an hour."""
    now = clock.now().replace(second=0, microsecond=0)
    began, midnight = now - HOUR / 2, now.astimezone(CHICAGO).replace(hour=0, minute=0)
    # planned for today, even where they began it before midnight
    made = await job.planned(who, at=max(began, midnight.astimezone(UTC)), duration_minutes=10)
    for verb in ("en-route", "arrive", "start"):
        made = await did(job.dana, made, verb, occurred_at=began.isoformat())
    return made


async def alerted(day: Day) -> list[str]:
    """What is wrong with the visit that takes longer."""
    found = (await day.job.dana.got("/api/v2/alerts"))["data"]
    return [one["code"] for one in found if one["visit_id"] == day.longer["id"]]


async def inserted(day: Day) -> None:
    """Somebody comes to what could not wait."""
    [made] = (await day.job.dana.got(VISITS, work_order_id=day.burst["id"]))["data"]
    assert made["planned_start"] is not None
    assert len(made["assignments"]) == 1


async def billed(day: Day) -> None:
    """Yesterday's visit is over, and its invoice is drafted."""
    now = await day.visit(day.before)
    assert (now["status"], now["arrived_at"]) == ("completed", day.before["planned_start"])
    bills = await day.job.dana.got("/api/v2/invoices", work_order_id=day.before["work_order_id"])
    assert [one["status"] for one in bills["data"]] == ["draft"]


def yesterday(day: Day) -> str:
    """The day of what was not closed out, as a date field wants it."""
    began = datetime.fromisoformat(day.before["planned_start"])
    return began.astimezone(CHICAGO).date().isoformat()


async def test_with_the_mouse(visit: Visitor, server: Server) -> None:
    day = await begun(visit, server, "by-mouse")
    page, job, mouse = day.page, day.job, day.page.mouse

    # the phone rings: somebody whom we know
    await page.get_by_role("link", name="Call", exact=True).click()
    caller = page.get_by_role("combobox", name="Phone number")
    await caller.fill(job.work.customer["name"])
    await page.get_by_role("option", name=job.work.customer["name"]).first.click()
    work = page.get_by_label("Kind of work")
    kind = await job.dana.got(f"/api/v2/job-types/{job.work.job_type_id}")
    await work.fill(kind["name"][:5])
    await page.get_by_role("option", name=kind["name"]).first.click()
    times = page.get_by_role("group", name="Times that can be promised").get_by_role("button")
    await times.first.click()
    await expect(page.get_by_role("region", name="Promised")).to_be_visible()
    await page.get_by_role("link", name="Show on the board").click()
    await expect(page.get_by_role("dialog", name=job.work.customer["name"])).to_be_visible()
    await page.get_by_role("button", name="Close").click()

    # somebody is not done in time: that is told, and put right
    assert await alerted(day) == ["overrunning"]
    await day.bell.click()
    await day.told.click()
    card = page.get_by_role("dialog", name=day.longer["work_order"]["number"])
    await expect(card).to_contain_text(OVER)
    await card.get_by_role("button", name="Actions").click()
    await page.get_by_role("menuitem", name="Takes 30 min longer").click()
    await day.said("takes 30 min longer")
    await expect(card).not_to_contain_text(OVER)
    assert await alerted(day) == []
    await page.keyboard.press("Escape")
    await day.bell.click()
    await expect(day.told).to_have_count(0)
    await page.keyboard.press("Escape")

    # the day after tomorrow is built
    await page.get_by_label("Day", exact=True).fill(job.day)
    row = page.get_by_role("tabpanel").get_by_role("listitem")
    row = row.filter(has_text=day.waiting["work_order"]["number"])
    await row.drag_to(page.get_by_role("list", name="Lanes").get_by_text("Moe Ode", exact=True))
    await expect(day.block("Moe Ode", day.waiting)).to_be_visible()

    async def dragged(block: Locator, by: float, down: float = 0, *, edge: bool = False) -> None:
        box = await block.bounding_box()
        assert box is not None
        x = box["x"] + (box["width"] - 2 if edge else box["width"] / 2)
        y = box["y"] + box["height"] / 2
        await mouse.move(x, y)
        await mouse.down()
        await mouse.move(x + by / 2, y + down / 2, steps=3)
        await mouse.move(x + by, y + down, steps=3)
        await expect(page.get_by_test_id("said")).not_to_be_empty()
        await mouse.up()

    held = await day.block("Lena Ode", day.first).bounding_box()
    lane = await page.get_by_role("group", name="Moe Ode").bounding_box()
    assert held is not None
    assert lane is not None
    await dragged(
        day.block("Lena Ode", day.first), 0, lane["y"] + 20 - held["y"] - held["height"] / 2
    )
    await expect(day.block("Moe Ode", day.first)).to_be_visible()
    await day.stands(day.first, job.nine, day.moe)
    await dragged(day.block("Lena Ode", day.second), held["width"] / 2, edge=True)
    await expect(day.block("Lena Ode", day.second)).to_have_accessible_name(
        re.compile("90|1 h 30|1:30")
    )
    await day.stands(day.second, job.nine + 2 * HOUR, day.lena, hours=1.5)

    async def menu(block: Locator, name: str) -> None:
        await block.click(button="right")
        await page.get_by_role("menuitem", name=name).click()

    await menu(day.block("Moe Ode", day.first), "Swap with another")
    await day.block("Lena Ode", day.second).click()
    await day.said("have changed places")
    await expect(day.block("Lena Ode", day.first)).to_be_visible()
    await day.stands(day.first, job.nine + 2 * HOUR, day.lena)
    await page.get_by_role("button", name="Undo", exact=True).first.click()
    await expect(day.block("Moe Ode", day.first)).to_be_visible()
    await page.get_by_role("button", name="Do again").click()
    await expect(day.block("Lena Ode", day.first)).to_be_visible()
    await menu(day.block("Lena Ode", day.first), "Lock time and people")
    await day.said("stays where it is")
    await menu(day.block("Moe Ode", day.third), "Customer confirmed by phone")
    await day.said("confirmed by phone")
    await menu(day.block("Moe Ode", day.third), "Dispatch")
    await day.said("was released")
    await day.is_now(day.third, "dispatched")
    await menu(day.block("Moe Ode", day.waiting), "Split in two")
    await day.said("is in two parts")
    await menu(day.block("Moe Ode", day.waiting), "Take off the board")
    await expect(day.block("Moe Ode", day.waiting)).to_have_count(0)
    await day.is_now(day.waiting, "unscheduled")

    # something cannot wait
    await page.get_by_role("tab", name="To schedule").click()
    await day.urgent.click()
    dialog = page.get_by_role("dialog", name="Emergency")
    await dialog.get_by_role("button", name=re.compile("^Insert")).click()
    await expect(dialog).to_have_count(0)
    await day.said("is put in at")
    await inserted(day)

    # what yesterday left
    await page.get_by_role("link", name="End of day").click()
    number = day.before["work_order"]["number"]
    await page.get_by_role("button", name=f"Close out {number}").click()
    dialog = page.get_by_role("dialog", name=f"Close out {number}")
    await dialog.get_by_role("button", name="It went as planned").click()
    await dialog.get_by_role("button", name="Close out", exact=True).click()
    await expect(dialog).to_have_count(0)
    await page.get_by_label("Day", exact=True).fill(yesterday(day))
    draft = page.get_by_role("button", name=f"Draft an invoice for {number}")
    await draft.click()
    await expect(draft).to_have_count(0)
    await day.said("Nothing is left to do.")
    await billed(day)


async def test_with_the_keyboard_alone(visit: Visitor, server: Server) -> None:
    day = await begun(visit, server, "by-keyboard")
    page, job, keyboard = day.page, day.job, day.page.keyboard

    async def press(*keys: str) -> None:
        for one in keys:
            await keyboard.press(one)

    async def has_focus(wanted: Locator) -> bool:
        return bool(await wanted.evaluate("one => one === document.activeElement"))

    async def reach(wanted: Locator, key: str = "Tab") -> None:
        """Go there by Tab, as there is no other hand."""
        await expect(wanted).to_be_visible()
        for _ in range(MOST):
            if await has_focus(wanted):
                return
            await press(key)
        raise AssertionError(f"the keyboard does not reach {wanted}")

    async def walk(wanted: Locator) -> None:
        """To a visit on the board: Tab into it, then by arrows, up to the first lane and along each."""
        await expect(wanted).to_be_visible()
        blocks = page.locator("[data-visit]")
        for _ in range(MOST):
            if await page.evaluate("document.activeElement?.matches('[data-visit]')"):
                break
            await press("Tab")
        await expect(blocks.first).to_be_visible()
        await press(*["ArrowUp"] * 6)
        for _ in range(12):
            await press(*["ArrowLeft"] * 6)
            for _ in range(6):
                if await has_focus(wanted):
                    return
                await press("ArrowRight")
            await press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {wanted}")

    # the phone rings
    await press("g", "c")
    await expect(page.get_by_role("combobox", name="Phone number")).to_be_focused()
    await keyboard.type(job.work.customer["name"])
    await expect(page.get_by_role("option", name=job.work.customer["name"]).first).to_be_visible()
    await press("Enter")
    await expect(page.get_by_label("Kind of work")).to_be_focused()
    kind = await job.dana.got(f"/api/v2/job-types/{job.work.job_type_id}")
    await keyboard.type(kind["name"][:5])
    await press("Enter")
    times = page.get_by_role("group", name="Times that can be promised").get_by_role("button")
    await expect(times.first).to_be_focused()
    await press("Enter")
    await expect(page.get_by_role("button", name="Next call")).to_be_focused()
    await reach(page.get_by_role("link", name="Show on the board"))
    await press("Enter")
    await expect(page.get_by_role("dialog", name=job.work.customer["name"])).to_be_visible()
    await press("Escape")

    # somebody is not done in time: that is told, and put right
    assert await alerted(day) == ["overrunning"]
    await reach(day.bell)
    await press("Enter")
    await reach(day.told)
    await press("Enter")
    card = page.get_by_role("dialog", name=day.longer["work_order"]["number"])
    await expect(card).to_contain_text(OVER)
    await reach(card.get_by_role("button", name="Actions"))
    await press("Enter")
    await reach(page.get_by_role("menuitem", name="Takes 30 min longer"), "ArrowDown")
    await press("Enter")
    await day.said("takes 30 min longer")
    await expect(card).not_to_contain_text(OVER)
    assert await alerted(day) == []
    await press("Escape")
    await expect(card).to_have_count(0)
    await reach(day.bell)
    await press("Enter")
    await expect(day.told).to_have_count(0)
    await press("Escape")

    # the day after tomorrow is built
    on = page.get_by_role("button", name="The day after")
    await reach(on)
    for _ in range(9):
        if f"date={job.day}" in page.url:
            break
        before = page.url
        await press("Enter")
        await expect(page).not_to_have_url(before)
    await expect(day.block("Lena Ode", day.first)).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text=day.waiting["work_order"]["number"])
    await reach(row.get_by_role("button", name=re.compile("^Give")))
    await press("Enter")
    whom = page.get_by_role("dialog", name=re.compile("^Give"))
    who = whom.get_by_role("combobox", name="Technician")
    await expect(who).to_be_focused()
    await keyboard.type("moe")
    await expect(page.get_by_role("option", name="Moe Ode")).to_be_visible()
    await press("ArrowDown", "Enter")
    await expect(who).to_have_value("Moe Ode")
    await expect(whom.get_by_text("The first gap is at")).to_be_visible()
    await press("Enter")
    await expect(day.block("Moe Ode", day.waiting)).to_be_visible()

    await walk(day.block("Lena Ode", day.first))
    await press("Alt+ArrowDown", "Enter")
    await expect(day.block("Moe Ode", day.first)).to_be_visible()
    await day.stands(day.first, job.nine, day.moe)
    await walk(day.block("Lena Ode", day.second))
    await press("Alt+Shift+ArrowRight", "Alt+Shift+ArrowRight", "Enter")
    await day.said("Moved")
    await day.stands(day.second, job.nine + 2 * HOUR, day.lena, hours=1.5)

    async def menu(block: Locator, name: str) -> None:
        await walk(block)
        await press("Shift+F10")
        await reach(page.get_by_role("menuitem", name=name), "ArrowDown")
        await press("Enter")

    await menu(day.block("Moe Ode", day.first), "Swap with another")
    await walk(day.block("Lena Ode", day.second))
    await press("Enter")
    await day.said("have changed places")
    await expect(day.block("Lena Ode", day.first)).to_be_visible()
    await press("Control+z")
    await expect(day.block("Moe Ode", day.first)).to_be_visible()
    await press("Control+Shift+Z")
    await expect(day.block("Lena Ode", day.first)).to_be_visible()
    await menu(day.block("Lena Ode", day.first), "Lock time and people")
    await day.said("stays where it is")
    await menu(day.block("Moe Ode", day.third), "Customer confirmed by phone")
    await day.said("confirmed by phone")
    await menu(day.block("Moe Ode", day.third), "Dispatch")
    await day.said("was released")
    await day.is_now(day.third, "dispatched")
    await menu(day.block("Moe Ode", day.waiting), "Split in two")
    await day.said("is in two parts")
    await menu(day.block("Moe Ode", day.waiting), "Take off the board")
    await expect(day.block("Moe Ode", day.waiting)).to_have_count(0)
    await day.is_now(day.waiting, "unscheduled")

    # something cannot wait
    await reach(page.get_by_role("tab", name="Promised"))
    await press("ArrowRight")
    await expect(page.get_by_role("tab", name="To schedule")).to_be_focused()
    await reach(day.urgent)
    await press("Enter")
    dialog = page.get_by_role("dialog", name="Emergency")
    await expect(dialog.get_by_role("radio").first).to_be_checked()
    await reach(dialog.get_by_role("button", name=re.compile("^Insert")))
    await press("Enter")
    await expect(dialog).to_have_count(0)
    await day.said("is put in at")
    await inserted(day)

    # what yesterday left
    await press("g", "e")
    number = day.before["work_order"]["number"]
    await reach(page.get_by_role("button", name=f"Close out {number}"))
    await press("Enter")
    dialog = page.get_by_role("dialog", name=f"Close out {number}")
    await reach(dialog.get_by_role("button", name="It went as planned"))
    await press("Enter")
    await reach(dialog.get_by_role("button", name="Close out", exact=True))
    await press("Enter")
    await expect(dialog).to_have_count(0)
    await reach(page.get_by_label("Day", exact=True))
    await keyboard.type(datetime.fromisoformat(yesterday(day)).strftime("%m%d%Y"))
    draft = page.get_by_role("button", name=f"Draft an invoice for {number}")
    await reach(draft)
    await press("Enter")
    await expect(draft).to_have_count(0)
    await day.said("Nothing is left to do.")
    await billed(day)
