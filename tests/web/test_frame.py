"""What stands around every page: going about by keyboard, how one likes it, another organisation."""

from playwright.async_api import expect

from tests.support.people import Company
from tests.web.axe import both_themes, violations
from tests.web.pages import PHONE, Visitor


async def test_keys_alone_find_do_and_come_back(visit: Visitor, acme: Company) -> None:
    page = await visit("/", person=await acme.person("dispatcher"))
    await expect(page.get_by_role("heading", name="Today")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    find = page.get_by_role("button", name="Find or do")
    await find.focus()
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox")).to_be_focused()
    await page.keyboard.type("dark")
    await expect(page.get_by_role("option", name="Dark theme")).to_be_visible()
    assert await both_themes(page) == []
    await page.keyboard.press("Escape")
    await expect(find).to_be_focused()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("dark")
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.get_by_role("heading", name="Today")).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("Find or do")
    assert await both_themes(page) == []


async def test_on_a_phone_pages_are_under_the_thumb(visit: Visitor, acme: Company) -> None:
    page = await visit("/", person=await acme.person("dispatcher"), size=PHONE)
    bar = page.get_by_role("navigation", name="Pages")
    await expect(bar.get_by_role("link", name="Today")).to_be_visible()
    box = await bar.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == PHONE[1]
    assert await both_themes(page) == []


async def test_a_list_is_worked_in_by_keys_and_kept_as_a_view(
    visit: Visitor, acme: Company
) -> None:
    owner = await acme.person("owner")
    for name in ("Drain cleaning", "Leak repair", "Water heater"):
        await owner.made(
            "/api/v2/job-types", {"name": name, "trade": "plumbing", "duration_minutes": 60}
        )
    page = await visit("/ui", person=owner)
    grid = page.get_by_role("grid", name="job types")
    await expect(grid.get_by_role("row")).to_have_count(4)
    assert await violations(page) == []
    await page.keyboard.press("/")
    await page.keyboard.type("e")
    await page.keyboard.press("Enter")
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.get_by_role("button", name="Let 2 go")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Let 2 go")).to_be_hidden()
    await page.get_by_role("searchbox").fill("heat")
    await expect(grid.get_by_role("row")).to_have_count(2)
    await page.get_by_role("button", name="All job types").click()
    await page.get_by_role("menuitem", name="Save what is shown").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("Hot water")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Hot water")).to_be_visible()
    await expect(grid.get_by_role("row")).to_have_count(2)
    await page.reload()
    await expect(grid.get_by_role("row")).to_have_count(2)
    await page.get_by_role("button", name="Hot water").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("button", name="Undo").click()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Export").click()
        await page.get_by_role("menuitem", name="CSV").click()
    assert (await (await download.value).path()).read_text().count("\n") == 4
