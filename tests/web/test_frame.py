"""What stands around every page: going about by keyboard, and a session that ends."""

import asyncio

from playwright.async_api import Route, expect

from tests.support.people import PASSWORD, Company
from tests.web.axe import both_themes
from tests.web.pages import Visitor


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


async def test_what_is_typed_before_the_palette_is_there_counts(
    visit: Visitor, acme: Company
) -> None:
    page = await visit("/", person=await acme.person("dispatcher"))
    come = asyncio.Event()

    async def late(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await page.route("**/assets/Palette-*.js", late)
    await page.reload()
    await expect(page.get_by_role("button", name="Find or do")).to_be_visible()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("dar")
    await expect(page.get_by_role("textbox", name="Find or do")).to_have_value("dar")
    come.set()
    await expect(page.get_by_role("option", name="Dark theme")).to_be_visible()
    await page.keyboard.type("k")
    await expect(page.get_by_role("combobox")).to_have_value("dark")
    come.clear()
    await page.reload()
    await expect(page.get_by_role("button", name="Find or do")).to_be_visible()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("dark")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox", name="Find or do")).to_have_value("dark")
    come.set()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.get_by_role("dialog", name="Find or do")).to_be_hidden()


async def test_a_session_that_ends_leaves_what_was_typed(visit: Visitor, acme: Company) -> None:
    dana = await acme.person("dispatcher", "ended")
    page = await visit("/customers", person=dana)
    await expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    await page.get_by_role("button", name="New customer").first.click()
    name = page.get_by_role("dialog", name="New customer").get_by_label("Name").first
    await name.fill("Half a cust")
    await page.context.clear_cookies()
    await page.keyboard.press("Enter")
    again = page.get_by_role("dialog", name="Sign in again")
    await again.get_by_label("Password").fill("not this one")
    await page.keyboard.press("Enter")
    await expect(again.get_by_text("E-mail or password is wrong.")).to_be_visible()
    assert await both_themes(page, within="[role=dialog]") == []
    await again.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(again).to_be_hidden()
    await expect(name).to_have_value("Half a cust")
    await page.get_by_role("button", name="Add customer").click()
    await expect(page.get_by_role("heading", name="Half a cust", level=1)).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
