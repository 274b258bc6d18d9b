"""Settings: what the company is, who works there and what it sells, by whoever may say so."""

import re

from playwright.async_api import expect

from tests.support.people import Company
from tests.web.pages import Visitor


async def test_an_owner_invites_a_dispatcher(visit: Visitor, acme: Company) -> None:
    owner = await acme.person("owner")
    page = await visit("/settings", person=owner)
    await expect(page).to_have_url(re.compile("/settings/company$"))
    await page.get_by_role("link", name="People", exact=True).click()
    people = page.get_by_role("grid", name="people")
    await expect(people.get_by_role("link", name="Owner")).to_be_visible()
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
    await row.get_by_role("button", name="Take back the invitation of Dana Reyes").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    await expect(row).to_contain_text("Revoked")


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
    await drawer.get_by_label("Takes (minutes)").fill("150")
    await drawer.get_by_role("button", name="Add job type").click()
    row = page.get_by_role("row").filter(has_text="Water heater, replace")
    await expect(row).to_contain_text("2 h 30 min")
    [made] = (await owner.got("/api/v2/job-types", name="Water heater, replace"))["data"]
    assert made["price_lines"][0]["unit_price"] == "1250.5"
    assert [step["title"] for step in made["tasks"]] == ["Close the gas valve"]
    assert made["skills"][0]["skill"]["name"] == "Gas fitting"

    # opened by its address, before anything else is known: what it needs is there all the same
    await page.goto(f"/settings/job-types?open={made['id']}")
    drawer = page.get_by_role("dialog", name="Water heater, replace")
    await expect(drawer.get_by_label("Skill 1", exact=True)).to_have_value(
        made["skills"][0]["skill"]["id"]
    )
    await drawer.get_by_role("button", name="Delete…").click()
    sure = page.get_by_role("dialog", name="Delete “Water heater, replace”?")
    await sure.get_by_role("button", name="Delete").click()
    await expect(row).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(row).to_be_visible()


async def test_whoever_sets_nothing_up_sees_no_settings(visit: Visitor, acme: Company) -> None:
    page = await visit("/settings/people", person=await acme.person("viewer"))
    await expect(page.get_by_text("Your role does not reach this page")).to_be_visible()
    await expect(page.get_by_role("navigation").get_by_text("Settings")).to_have_count(0)


async def test_a_role_is_copied_and_cut_down(visit: Visitor, acme: Company) -> None:
    owner = await acme.person("owner")
    dana = await acme.person("dispatcher")
    page = await visit("/settings/roles", person=owner)
    grid = page.get_by_role("grid", name="roles")
    await grid.get_by_role("link", name="Dispatcher").click()
    drawer = page.get_by_role("dialog", name="Dispatcher", exact=True)
    await expect(drawer.get_by_text("it stays as it is")).to_be_visible()
    await expect(drawer.get_by_role("link", name="Dispatcher")).to_be_visible()
    await drawer.get_by_role("button", name="Copy").click()
    drawer = page.get_by_role("dialog", name="New role")
    await drawer.get_by_label("Name").fill("Night desk")
    await drawer.get_by_label("Rank").fill("40")
    await drawer.get_by_role("checkbox", name="See gate and door codes").uncheck()
    await (
        drawer.get_by_role("button", name="None of Technicians")
        .or_(drawer.get_by_role("button", name="All of Technicians"))
        .click()
    )
    await drawer.get_by_role("button", name="Add role").click()
    row = grid.get_by_role("row").filter(has_text="Night desk")
    await expect(row).to_contain_text("Your own")
    roles = {one["name"]: one for one in (await owner.got("/api/v2/roles"))["data"]}
    lost = set(roles["dispatcher"]["permissions"]) - set(roles["Night desk"]["permissions"])
    assert "sites:access-codes" in lost
    seat = await owner.got(f"/api/v2/memberships/{dana.user_id}")
    await owner.patched(
        f"/api/v2/memberships/{dana.user_id}", seat["version"], {"role": "Night desk"}
    )
    await row.get_by_role("link", name="Night desk").click()
    await page.get_by_role("button", name="Delete…").click()
    sure = page.get_by_role("dialog", name="Delete “Night desk”?")
    await sure.get_by_role("button", name="Delete").click()
    await expect(sure.get_by_role("alert")).to_contain_text("1 person")


async def test_what_is_used_stays_and_what_is_deleted_comes_back(
    visit: Visitor, acme: Company
) -> None:
    owner = await acme.person("owner")
    skill = await owner.made("/api/v2/skills", {"name": "Well drilling"})
    held = [{"skill_id": skill["id"], "level": 3, "expires_on": "2031-05-31"}]
    await owner.made("/api/v2/technicians", {"name": "Tess Ode", "skills": held})
    page = await visit(f"/settings/skills?open={skill['id']}", person=owner)
    drawer = page.get_by_role("dialog", name="Well drilling", exact=True)
    await expect(drawer).to_contain_text("Level 3, until Sat, May 31, 2031")
    await drawer.get_by_role("button", name="Delete…").click()
    sure = page.get_by_role("dialog", name="Delete “Well drilling”?")
    await sure.get_by_role("button", name="Delete").click()
    await expect(sure.get_by_role("alert")).to_contain_text("1 technician")

    await sure.get_by_role("button", name="Cancel").click()
    await drawer.get_by_role("button", name="Cancel").click()
    await page.get_by_role("link", name="Territories").click()
    await expect(page.get_by_text("There are no territories yet.")).to_be_visible()
    await page.keyboard.press("c")
    drawer = page.get_by_role("dialog", name="New territory")
    await drawer.get_by_label("Name").fill("North side")
    await drawer.get_by_label("Postal codes").fill("78701, 787 te-xas\n78702")
    await drawer.get_by_role("button", name="Add territory").click()
    row = page.get_by_role("row").filter(has_text="North side")
    await expect(row).to_contain_text("78701")
    # with the keyboard: to the row, into it, and away with it
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="North side", exact=True)
    await drawer.get_by_role("button", name="Delete…").click()
    await (
        page.get_by_role("dialog", name="Delete “North side”?")
        .get_by_role("button", name="Delete")
        .click()
    )
    await expect(row).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(row).to_contain_text("78701")

    await page.get_by_role("link", name="Arrival windows").click()
    await page.get_by_role("button", name="New set of windows").first.click()
    drawer = page.get_by_role("dialog", name="New set of windows")
    await drawer.get_by_label("Name").fill("Half days")
    await drawer.get_by_label("Window 2 ends").fill("11:00")
    weekend = drawer.get_by_role("group", name="Days of window 1")
    await weekend.get_by_role("checkbox", name="Sat").uncheck()
    await weekend.get_by_role("checkbox", name="Sun").uncheck()
    await drawer.get_by_role("button", name="Add set of windows").click()
    await expect(
        drawer.get_by_text("The end of a window must come after its start")
    ).to_be_visible()
    await drawer.get_by_label("Window 2 ends").fill("17:00")
    await drawer.get_by_role("button", name="Add set of windows").click()
    row = page.get_by_role("row").filter(has_text="Half days")
    await expect(row).to_contain_text("8:00 AM – 12:00 PM, 12:00 PM – 5:00 PM")
    [made] = (await owner.got("/api/v2/arrival-windows"))["data"]
    assert [one["weekdays"] for one in made["windows"]] == [
        ["mon", "tue", "wed", "thu", "fri"],
        None,
    ]


async def test_the_company_is_changed_by_two_at_once(visit: Visitor, acme: Company) -> None:
    owner = await acme.person("owner")
    page = await visit("/settings/company", person=owner)
    city = page.get_by_label("City")
    await expect(city).to_be_visible()
    await city.fill("Austin")
    # somebody else was faster, with another field
    before = await owner.got("/api/v2/organisation")
    await owner.patched("/api/v2/organisation", before["version"], {"street": "1 Elm St"})
    await page.get_by_label("Country").fill("Texas")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Country")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Country").fill("US")
    # what was typed is not lost by a link
    await page.get_by_role("link", name="Working hours").click()
    asked = page.get_by_role("dialog", name="Leave without saving?")
    await asked.get_by_role("button", name="Go on editing").click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("street is now “1 Elm St”")
    await expect(city).to_have_value("Austin")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Saved")).to_be_disabled()
    saved = await owner.got("/api/v2/organisation")
    assert (saved["street"], saved["city"]) == ("1 Elm St", "Austin")
    # what others changed comes with what is saved beside the form, and is not written over by it
    await owner.patched("/api/v2/organisation", saved["version"], {"street": "2 Elm St"})
    drawn = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><path d="M0 0h8v8z"/></svg>'
    )
    await page.get_by_label("Logo", exact=True).set_input_files(
        {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": drawn}
    )
    await expect(page.get_by_label("Street")).to_have_value("2 Elm St")
    await page.get_by_role("link", name="Working hours").click()
    await page.get_by_role("button", name="Work on Sunday").click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Saved")).to_be_disabled()
    saved = await owner.got("/api/v2/organisation")
    assert saved["working_hours"]["sun"] == [["08:00", "17:00"]]
