"""Settings: what the company is, who works there and what it sells, by whoever may say so."""

import re

from playwright.async_api import expect

from tests.support.people import Company
from tests.web.axe import both_themes
from tests.web.pages import Visitor


async def test_an_owner_invites_a_dispatcher(visit: Visitor, acme: Company) -> None:
    owner = await acme.person("owner")
    page = await visit("/settings", person=owner)
    await expect(page).to_have_url(re.compile("/settings/people$"))
    people = page.get_by_role("grid", name="people")
    await expect(people.get_by_role("link", name="Owner")).to_be_visible()
    assert await both_themes(page) == []
    await page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Invite somebody")
    await dialog.get_by_label("Name").fill("Dana Reyes")
    await dialog.get_by_role("button", name="Send the invitation").click()
    await expect(dialog.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    await dialog.get_by_label("E-mail").fill("dana@acme.example")
    await dialog.get_by_label("Role").select_option(label="Dispatcher")
    # what was typed is not lost by a slip
    await page.keyboard.press("Escape")
    asked = page.get_by_role("dialog", name="Leave without saving?")
    await asked.get_by_role("button", name="Go on editing").click()
    await dialog.get_by_role("button", name="Send the invitation").click()
    await page.get_by_role("link", name="Invitations").last.click()
    row = page.get_by_role("row").filter(has_text="dana@acme.example")
    await expect(row).to_contain_text("Open")
    await row.get_by_role("button", name="Take the invitation of Dana Reyes back").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    await expect(row).to_contain_text("Revoked")


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


async def test_a_job_type_is_made_changed_and_brought_back(visit: Visitor, acme: Company) -> None:
    owner = await acme.person("owner")
    await owner.made("/api/v2/skills", {"name": "Gas fitting"})
    page = await visit("/settings/job-types", person=owner)
    await page.get_by_role("button", name="New job type").first.click()
    drawer = page.get_by_role("dialog", name="New job type")
    await drawer.get_by_label("Name").fill("Water heater, replace")
    await drawer.get_by_label("Trade").fill("plumbing")
    await drawer.get_by_label("Takes (minutes)").fill("two")
    await drawer.get_by_role("button", name="Add a skill").click()
    await drawer.get_by_label("Skill 1", exact=True).select_option(label="Gas fitting")
    await drawer.get_by_role("button", name="Add a step").click()
    await drawer.get_by_label("Step 1", exact=True).fill("Close the gas valve")
    await drawer.get_by_role("button", name="Add a price line").click()
    await drawer.get_by_label("Charge 1", exact=True).fill("Replacement")
    await drawer.get_by_label("Price of one").fill("1250.5")
    await drawer.get_by_role("button", name="Add job type").click()
    await expect(drawer.get_by_label("Takes (minutes)")).to_have_attribute("aria-invalid", "true")
    assert await both_themes(page, within="[role=dialog]") == []
    await drawer.get_by_label("Takes (minutes)").fill("150")
    await drawer.get_by_role("button", name="Add job type").click()
    row = page.get_by_role("row").filter(has_text="Water heater, replace")
    await expect(row).to_contain_text("2 h 30 min")
    [made] = (await owner.got("/api/v2/job-types", name="Water heater, replace"))["data"]
    assert made["price_lines"][0]["unit_price"] == "1250.5"
    assert [step["title"] for step in made["tasks"]] == ["Close the gas valve"]
    assert made["skills"][0]["skill"]["name"] == "Gas fitting"

    await row.get_by_role("link").click()
    drawer = page.get_by_role("dialog", name="Water heater, replace")
    await drawer.get_by_role("button", name="Delete…").click()
    sure = page.get_by_role("dialog", name="Delete “Water heater, replace”?")
    await sure.get_by_role("button", name="Delete").click()
    await expect(row).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(row).to_be_visible()


async def test_whoever_sets_nothing_up_sees_no_settings(visit: Visitor, acme: Company) -> None:
    page = await visit("/settings/people", person=await acme.person("viewer"))
    await expect(page.get_by_text("This is not for your role.")).to_be_visible()
    await expect(page.get_by_role("navigation").get_by_text("Settings")).to_have_count(0)
