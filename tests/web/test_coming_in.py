"""The doors: which company, and a new one by mail."""

import re

from playwright.async_api import Page, expect

from tests.support.people import PASSWORD, Company
from tests.support.post import delivered, token_in
from tests.support.server import Server
from tests.web.axe import both_themes
from tests.web.pages import Visitor


async def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.keyboard.press("Enter")


async def test_who_belongs_to_two_companies_chooses_and_goes_over(
    visit: Visitor, acme: Company, rival: Company
) -> None:
    dana = await acme.person("dispatcher", "dana")
    await rival.add(dana.email, "Dana", "viewer")
    await dana.made("/api/v2/customers", {"name": "Aspen House"})
    theirs = await rival.person("dispatcher")
    await theirs.made("/api/v2/customers", {"name": "Birch and Sons"})
    page = await visit("/me")
    await sign_in(page, dana.email)
    await expect(page.get_by_role("heading", name="Which company?")).to_be_visible()
    assert await both_themes(page) == []
    await page.get_by_role("button", name="Acme").press("Enter")
    await expect(page.get_by_text("dispatcher at Acme")).to_be_visible()
    beside = await page.context.new_page()
    await beside.goto("/customers")
    await expect(beside.get_by_role("banner")).to_contain_text("Acme")
    await expect(beside.get_by_text("Aspen House").first).to_be_visible()
    await expect(beside.get_by_text("Birch and Sons")).to_have_count(0)
    await page.get_by_role("button", name="Your menu").click()
    await page.get_by_role("menuitemradio", name="Rival").click()
    await expect(page.get_by_role("banner")).to_contain_text("Rival")
    await expect(beside.get_by_role("banner")).to_contain_text("Rival")
    await expect(beside.get_by_role("heading", name="Today")).to_be_visible()
    await beside.go_back()  # nor is anything left there of the other one
    await expect(beside.get_by_text("Birch and Sons").first).to_be_visible()
    await expect(beside.get_by_text("Aspen House")).to_have_count(0)


async def test_a_company_begins_by_mail(visit: Visitor, server: Server) -> None:
    page = await visit("/sign-up")
    await page.get_by_label("Company").fill("Brook & Söhne Plumbing")
    await page.get_by_label("Your name").fill("Bea Brook")
    await page.get_by_label("E-mail").fill("bea@brook.example.com")
    assert await both_themes(page) == []
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_text("We wrote to bea@brook.example.com")).to_be_visible()
    token = token_in(await delivered(server, "bea@brook.example.com"))
    page = await visit(f"/sign-up#token={token}")
    await expect(page).to_have_url(re.compile("/sign-up$"))  # the token is not left lying about
    await page.get_by_label("Password").fill("short")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Use at least 8 characters.")).to_be_visible()
    await expect(page.get_by_label("Password")).to_be_focused()
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("banner")).to_contain_text("Brook & Söhne Plumbing")
