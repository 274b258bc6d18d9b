"""A new owner's first ten minutes: from the sign-up to a visit that is promised, with every screen counted."""

from playwright.async_api import Page, expect

from tests.support.people import PASSWORD
from tests.support.post import delivered, token_in
from tests.support.server import Server
from tests.web.axe import both_themes
from tests.web.pages import Visitor

EMAIL = "fay@first.example.com"
MOST = 12
WATCH = """() => {
    const seen = () => {
        const dialog = document.querySelector("[role=dialog] h2");
        const title = document.querySelector("h1");
        const part = document.querySelector("form[aria-label], section[aria-label=Promised]");
        if (!title && !dialog) return;
        const screen = [location.pathname, (dialog ?? title).textContent,
            dialog ? null : part?.getAttribute("aria-label")];
        window.screenShown(screen.filter(Boolean).join(" | "));
    };
    new MutationObserver(seen).observe(document, {childList: true, subtree: true, characterData: true});
    seen();
}"""
"""Tells of each page, dialog and form of a page that comes into sight."""


async def _watched(page: Page, shown: list[str]) -> None:
    def note(screen: str) -> None:
        if screen not in shown:
            shown.append(screen)

    await page.expose_function("screenShown", note)
    await page.add_init_script(f"addEventListener('DOMContentLoaded', {WATCH})")
    await page.reload()


async def test_from_sign_up_to_a_promised_visit(visit: Visitor, server: Server) -> None:
    shown: list[str] = []
    page = await visit("/sign-up")
    await _watched(page, shown)
    await page.get_by_label("Company").fill("First Call Plumbing")
    await page.get_by_label("Your name").fill("Fay First")
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_text(f"We wrote to {EMAIL}")).to_be_visible()
    await page.goto("about:blank")  # a link in a mail opens a page of its own
    await page.goto(f"/sign-up#token={token_in(await delivered(server, EMAIL))}")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")

    steps = page.get_by_role("region", name="First steps")
    await expect(steps).to_contain_text("0 of 5 done")
    assert await both_themes(page) == []
    await steps.get_by_role("button", name="Address and time zone").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Street and number").fill("700 SE Quincy St")
    await dialog.get_by_label("Postal code").fill("66603")
    await expect(dialog.get_by_label("City")).to_have_value("Topeka")
    assert await both_themes(page, within="[role=dialog]") == []
    await dialog.get_by_role("button", name="Save").click()
    await expect(steps).to_contain_text("1 of 5 done")

    await steps.get_by_role("button", name="Add a technician").click()
    await dialog.get_by_label("Name").fill("Fay First")
    for day in ("Saturday", "Sunday"):  # so that there is a time on any day of the week
        await dialog.get_by_label(day).check()
    assert await both_themes(page, within="[role=dialog]") == []
    await dialog.get_by_role("button", name="Add technician").click()
    await expect(steps).to_contain_text("2 of 5 done")

    await steps.get_by_role("button", name="Choose kinds of work").click()
    await expect(dialog.get_by_label("Kind of work 1", exact=True)).to_have_value("Drain cleaning")
    assert await both_themes(page, within="[role=dialog]") == []
    await dialog.get_by_role("button", name="Add 4 kinds of work").click()
    await expect(steps).to_contain_text("3 of 5 done")

    await steps.get_by_role("link", name="Answer a call").click()
    await page.get_by_role("combobox", name="Phone number").fill("7855550142")
    await page.get_by_role("button", name="New customer").click()
    await page.get_by_label("Name").fill("Gus Caller")
    await page.get_by_label("Street and number").fill("1200 SW Harrison St")
    await page.get_by_label("Postal code").fill("66612")
    await page.get_by_role("button", name="Save and find a time").click()
    kind = page.get_by_role("combobox", name="Kind of work")
    await kind.fill("drain")
    await kind.press("Enter")
    times = page.get_by_role("group", name="Times that can be promised").get_by_role("button")
    await times.first.click()
    await expect(page.get_by_role("region", name="Promised")).to_be_visible()
    assert len(shown) <= MOST, shown

    await page.get_by_role("link", name="Today").first.click()
    await expect(page.get_by_role("heading", name="Today")).to_be_visible()
    await expect(page.get_by_role("region", name="What waits")).to_be_visible()
    await expect(steps).to_have_count(0)
