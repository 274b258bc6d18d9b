"""What stands around every page: going about by keyboard, how one likes it, another organisation."""

from playwright.async_api import expect

from tests.support.people import Company
from tests.web.axe import both_themes
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
