"""Every section of the settings, looked at with other eyes: both themes, all sizes, lists and forms."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.support.people import Company
from tests.web.axe import both_themes
from tests.web.pages import DESKTOP, PHONE, Visitor
from tests.web.seen import clipped

FLAGS = "/api/v2/organisation/flags"
FORMS = ["company", "invoicing", "hours", "completing", "options", "kept-back"]
LISTS = {
    "people": None,
    "invitations": None,
    "archives": None,
    "support": None,
    "sign-ins": None,
    "roles": "role",
    "teams": "team",
    "employees": "employee",
    "job-types": "job type",
    "skills": "skill",
    "tags": "tag",
    "arrival-windows": "set of windows",
    "holidays": "holiday",
    "territories": "territory",
    "branches": "branch",
}


async def _fits(page: Page) -> None:
    """Nothing is wider than the window, and no control hangs out of its drawer."""
    wide = await page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0, page.url
    assert await clipped(page) == [], page.url


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_every_section_can_be_read_by_everybody(
    visit: Visitor, acme: Company, size: tuple[int, int]
) -> None:
    owner = await acme.person("owner")
    skill = f"Skill {uuid4().hex[:6]}"
    await owner.made("/api/v2/skills", {"name": skill})
    page = await visit("/settings/skills", person=owner, size=size)
    await expect(page.get_by_role("grid", name="skills").get_by_text(skill)).to_be_visible()
    wrong: list[str] = []
    for section, one in LISTS.items():
        await page.goto(f"/settings/{section}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.get_by_role("status").first).to_be_attached()
        wrong += [f"{section}: {found}" for found in await both_themes(page)]
        await _fits(page)
        if one is not None:
            await page.goto(f"/settings/{section}?open=new")
            await expect(page.get_by_role("dialog", name=f"New {one}")).to_be_visible()
            found = await both_themes(page, within="[role=dialog]")
            wrong += [f"new {one}: {what}" for what in found]
            await _fits(page)
    for section in FORMS:
        await page.goto(f"/settings/{section}")
        await expect(page.get_by_role("button", name="Saved")).to_be_visible()
        wrong += [f"{section}: {found}" for found in await both_themes(page)]
        await _fits(page)
    assert wrong == []


async def test_people_are_moved_and_kept_out_but_nobody_reaches_above(
    visit: Visitor, acme: Company
) -> None:
    owner, admin = await acme.person("owner"), await acme.person("admin")
    page = await visit(f"/settings/people?open={admin.user_id}", person=owner)
    drawer = page.get_by_role("dialog", name="Admin")
    row = page.get_by_role("row").filter(has_text="admin@")
    await drawer.get_by_role("button", name="Suspend…").click()
    sure = page.get_by_role("dialog", name="Suspend Admin?")
    await expect(sure).to_contain_text("signed out everywhere at once")
    await sure.get_by_role("button", name="Suspend").click()
    await expect(row).to_contain_text("Suspended")
    await row.get_by_role("link", name="Admin").click()
    await drawer.get_by_role("button", name="Let in again…").click()
    await page.get_by_role("button", name="Let in again", exact=True).click()
    await expect(row).to_contain_text("Active")
    await row.get_by_role("link", name="Admin").click()
    await drawer.get_by_label("Role").select_option(label="Manager")
    await drawer.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("Manager")

    second = await acme.person("admin", "second admin")
    page = await visit(f"/settings/people?open={owner.user_id}", person=second)
    await page.get_by_role("button", name="Suspend…").click()
    sure = page.get_by_role("dialog", name="Suspend Owner?")
    await sure.get_by_role("button", name="Suspend").click()
    await expect(sure.get_by_role("alert")).to_have_text("This person's role is above your own.")


async def test_an_employee_has_papers_and_the_company_its_own_ways(
    visit: Visitor, acme: Company
) -> None:
    owner, tess = await acme.person("owner"), await acme.person("technician")
    body = {"member_id": str(tess.user_id), "title": "Plumber"}
    employee = await owner.made("/api/v2/employees", body)
    page = await visit(f"/settings/employees?open={employee['id']}", person=owner)
    drawer = page.get_by_role("dialog")
    await drawer.get_by_label("Pay an hour (USD)").fill("31.255")
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer.get_by_label("Pay an hour (USD)")).to_have_attribute("aria-invalid", "true")
    await drawer.get_by_label("Pay an hour (USD)").fill("31.25")
    await drawer.get_by_label("Another document").set_input_files(
        {"name": "licence.txt", "mimeType": "text/plain", "buffer": b"Licence 77"}
    )
    await drawer.get_by_label("Ends on (optional)").fill("2031-05-31")
    await drawer.get_by_role("button", name="Add document").click()
    await expect(drawer.get_by_text("until Sat, May 31, 2031")).to_be_visible()
    assert await both_themes(page, within="[role=dialog]") == []
    await drawer.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="Plumber")
    await expect(row).to_contain_text("$31.25")

    await page.get_by_role("link", name="Kept back").click()
    await page.get_by_label("How much 1", exact=True).fill("25")
    # somebody else was faster, with something of the same record
    before = await owner.got("/api/v2/organisation")
    await owner.patched("/api/v2/organisation", before["version"], {"website": "acme.example"})
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("Somebody changed the company")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Saved")).to_be_disabled()
    [kept] = (await owner.got("/api/v2/capacity/reserves"))["reserves"]
    assert (kept["percent"], kept["priority"], kept["release_hours"]) == (25, "emergency", 4)

    await page.get_by_role("link", name="Options").click()
    await page.get_by_label("Kept for (days)").fill("14")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Saved")).to_be_disabled()
    flags = {one["name"]: one["value"] for one in (await owner.got(FLAGS))["data"]}
    assert flags["positions_kept_days"] == 14


async def test_what_was_typed_is_not_lost_by_going_back(visit: Visitor, acme: Company) -> None:
    owner = await acme.person("owner")
    page = await visit("/settings/people", person=owner)
    await page.get_by_role("link", name="Company", exact=True).click()
    city = page.get_by_label("City")
    await city.fill("Nowhere")
    await page.evaluate("history.back()")
    asked = page.get_by_role("dialog", name="Leave without saving?")
    await asked.get_by_role("button", name="Go on editing").click()
    await expect(asked).to_be_hidden()
    await expect(city).to_have_value("Nowhere")
    await page.evaluate("history.back()")
    await asked.get_by_role("button", name="Leave").click()
    await expect(page).to_have_url(re.compile("/settings/people$"))
    await page.get_by_role("link", name="Company", exact=True).click()
    await expect(city).not_to_have_value("Nowhere")


async def test_who_came_in_is_named_whole_on_a_phone(visit: Visitor, acme: Company) -> None:
    owner = await acme.person("owner")
    await acme.person("dispatcher", "maximiliane featherstonehaugh")
    page = await visit("/settings/sign-ins", person=owner, size=PHONE)
    grid = page.get_by_role("grid", name="sign-ins")
    await expect(grid.get_by_text("Featherstonehaugh", exact=False).first).to_be_visible()
    # the longest that is said of when it was
    await page.clock.set_fixed_time(datetime.now(UTC) + timedelta(minutes=58))
    await page.reload()
    await expect(grid.get_by_text("58 minutes ago").first).to_be_visible()
    cut = await grid.evaluate(
        "(grid) => [...grid.querySelectorAll('td')]"
        ".filter((one) => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight + 1)"
        ".map((one) => one.textContent)"
    )
    assert cut == []
