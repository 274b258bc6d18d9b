"""Signing in with a browser, and what stands around it."""

from playwright.async_api import expect

from tests.support.people import PASSWORD, Company
from tests.web.pages import Visitor


async def test_a_dispatcher_signs_in_and_comes_to_where_they_wanted(
    visit: Visitor, acme: Company
) -> None:
    dana = await acme.person("dispatcher", "dana")
    page = await visit("/customers?q=oak")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.get_by_label("E-mail").fill(dana.email)
    await page.get_by_label("Password").fill("not this one")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("password")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/customers?q=oak")


async def test_a_page_runs_only_what_is_ours(visit: Visitor, acme: Company) -> None:
    page = await visit("/", person=await acme.person("owner"))
    reply = await page.request.get("/")
    policy = reply.headers["content-security-policy"]
    assert "unsafe" not in policy
    other = await page.request.get("/")
    assert other.headers["content-security-policy"] != policy
