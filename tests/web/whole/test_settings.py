"""Every section of the settings, looked at with other eyes: both themes, all sizes, lists and forms."""

from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.support.people import Company
from tests.web.axe import both_themes
from tests.web.pages import DESKTOP, PHONE, Visitor

FORMS = ["company", "invoicing", "hours", "completing", "options"]
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
