"""What waits beside the board is given to somebody, by the mouse and by keys; and what is held stays what it was."""

import re

from playwright.async_api import expect

from tests.support.field import VISITS, a_job, did, technician
from tests.support.people import Company
from tests.test_warnings import shift
from tests.web.axe import both_themes
from tests.web.pages import Visitor
from tests.web.test_board import (
    CHICAGO,
    HOUR,
    SPOKEN,
    block,
    opened,
    planned,
    server,
    shown,
    spoken,
)

__all__ = ["server"]


async def test_a_press_on_another_visit_moves_nothing_that_the_keyboard_held(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    fay = await technician(acme, "Fay Ode")
    await shift(job, fay)
    made, other = await job.planned(fay), await job.planned(fay, at=job.nine + 3 * HOUR)
    page = await opened(visit, job)
    said = page.get_by_test_id("said")
    await block(page, "Fay Ode", made).focus()
    await page.keyboard.press("Alt+ArrowRight")
    await expect(said).to_contain_text(spoken(job.nine + HOUR / 4, "Fay Ode"))
    await block(page, "Fay Ode", other).click()
    await expect(page.get_by_role("dialog", name="Ann Lee")).to_be_visible()
    await expect(said).to_have_text("Not moved.")
    await page.get_by_role("button", name="Close").click()
    await block(page, "Fay Ode", made).focus()
    await page.keyboard.press("Alt+ArrowRight")
    await page.keyboard.press("Tab")
    await expect(page.locator(".ghost")).to_have_count(0)
    assert await planned(job, made) == (job.nine, [fay])
    assert await planned(job, other) == (job.nine + 3 * HOUR, [fay])


async def test_what_waits_in_the_tray_goes_onto_a_name_and_a_refusal_says_why(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    dora = await technician(acme, "Dora Ode")
    await shift(job, dora)
    window = {"window_start": job.nine.isoformat(), "window_end": (job.nine + HOUR).isoformat()}
    waiting, there = await job.visit(**window), await job.planned(dora, at=job.nine + 3 * HOUR)
    page = await opened(visit, job)
    row = (
        page.get_by_role("tabpanel")
        .get_by_role("listitem")
        .filter(has_text=waiting["work_order"]["number"])
    )
    name = page.get_by_role("list", name="Lanes").get_by_text("Dora Ode", exact=True)
    await row.drag_to(name)
    await expect(block(page, "Dora Ode", waiting)).to_be_visible()
    await expect(row).to_have_count(0)
    assert (await planned(job, waiting))[1] == [dora]

    held = block(page, "Dora Ode", there)
    await held.focus()
    await page.keyboard.press("Alt+ArrowRight")
    await page.route("**/board/visits?*", lambda route: route.fulfill(status=429))
    await did(job.dana, there, "move", start=(job.nine + 5 * HOUR).isoformat())
    await page.keyboard.press("Enter")
    said = page.get_by_text("(2:00 – 3:00 PM MST at the site) with Dora Ode now")
    await expect(said.first).to_contain_text(re.compile(shown(job.nine + 5 * HOUR, dash=SPOKEN)))
    await page.unroute("**/board/visits?*")
    await expect(held).to_have_accessible_name(re.compile(shown(job.nine + 5 * HOUR, dash=SPOKEN)))


async def test_what_waits_is_given_to_somebody_by_keys(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    hana, ivo = await technician(acme, "Hana Ode"), await technician(acme, "Ivo Ode")
    await shift(job, hana)
    await shift(job, ivo)
    window = {
        "window_start": job.nine.isoformat(),
        "window_end": (job.nine + 4 * HOUR).isoformat(),
    }
    first, other = await job.visit(**window), await job.visit(**window)
    page = await opened(visit, job)
    rows = page.get_by_role("tabpanel").get_by_role("listitem")
    whom = page.get_by_role("dialog", name="Give Ann Lee to")
    who = whom.get_by_role("combobox", name="Technician")
    of_first = rows.filter(has_text=first["work_order"]["number"])
    await of_first.get_by_role("button", name="Give Ann Lee to").focus()
    await page.keyboard.press("Enter")
    await expect(who).to_be_focused()
    assert await both_themes(page, within="[role=dialog]") == []
    await page.keyboard.type("hana")
    await page.keyboard.press("ArrowDown")  # chooses among those who are listed, and gives nothing
    await expect(page.get_by_role("option", name="Hana Ode")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(who).to_have_value("Hana Ode")
    await expect(whom.get_by_text("The first gap is at")).to_be_visible()
    assert (await job.dana.got(f"{VISITS}/{first['id']}"))["assignments"] == []
    await page.keyboard.press("Enter")
    await expect(whom).to_have_count(0)
    await expect(block(page, "Hana Ode", first)).to_be_visible()
    assert await planned(job, first) == (job.nine, [hana])

    of_other = rows.filter(has_text=other["work_order"]["number"])
    await of_other.get_by_role("button", name="Give Ann Lee to").click()
    await who.fill("ivo")
    await page.get_by_role("option", name="Ivo Ode").click()
    at = job.nine + 2 * HOUR
    await whom.get_by_label("From").fill(f"{at.astimezone(CHICAGO):%H:%M}")
    await whom.get_by_role("button", name="Give it").click()
    await expect(block(page, "Ivo Ode", other)).to_be_visible()
    assert await planned(job, other) == (at, [ivo])
