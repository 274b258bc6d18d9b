"""The doors: the second step, a forgotten password, proof before what matters, and many tabs."""

import re

import pyotp
from playwright.async_api import expect
from sqlalchemy import update

from app.core import clock
from app.core.identity_db import open_identity
from app.models.identity import SignIn
from app.services.identity import proving, second_factor
from tests.support.people import PASSWORD, Company, Person
from tests.support.post import delivered, token_in
from tests.support.server import Server
from tests.web.axe import both_themes
from tests.web.pages import Visitor
from tests.web.test_coming_in import sign_in

NEW = "another long passphrase"


def _code(secret: str, steps: int = 0) -> str:
    """The code of now, or of so many half minutes from now: the next one is taken too, and never used yet."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + 30 * steps)


async def test_a_second_step_is_set_up_and_then_asked_for(visit: Visitor, acme: Company) -> None:
    olga = await acme.person("owner", "olga")
    page = await visit("/me", person=olga)
    await page.get_by_role("button", name="Set it up").click()
    dialog = page.get_by_role("dialog", name="Set up two-step sign-in")
    key = re.sub(r"\s", "", await dialog.get_by_text(re.compile(r"^[A-Z2-7]{4} ")).inner_text())
    assert await both_themes(page, within="[role=dialog]") == []
    await dialog.get_by_label("Code").fill(_code(key))
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("list", name="Recovery codes")).to_be_visible()
    await dialog.get_by_label("I have kept them").check()
    await dialog.get_by_role("button", name="Go on").click()
    await expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    assert await both_themes(page) == []
    other = await visit("/sign-in")
    await sign_in(other, olga.email)
    await other.get_by_label("Code").fill("000000")
    await other.keyboard.press("Enter")
    await expect(other.get_by_role("alert")).to_be_visible()
    await other.get_by_label("Code").fill(_code(key, 1))
    await other.keyboard.press("Enter")
    await expect(other.get_by_role("heading", name="Today")).to_be_visible()


async def test_a_forgotten_password_is_set_anew(
    visit: Visitor, acme: Company, server: Server
) -> None:
    dana = await acme.person("dispatcher", "forgetful")
    page = await visit("/sign-in")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert await both_themes(page) == []
    await page.get_by_role("link", name="I forgot my password").click()
    await page.get_by_label("E-mail").fill(dana.email)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(f"We wrote to {dana.email}")).to_be_visible()
    token = token_in(await delivered(server, dana.email))
    again = await visit(f"/reset-password#token={token}")
    await again.get_by_label("New password").fill(NEW)
    await again.keyboard.press("Enter")
    await expect(again.get_by_text("Your new password is set.")).to_be_visible()
    await sign_in(again, dana.email, NEW)
    await expect(again.get_by_role("heading", name="Today")).to_be_visible()


async def _long_ago(server: Server, person: Person) -> None:
    """What this person proved is a while ago: what is dangerous asks them again."""
    async with open_identity(server.state.sessions) as session:
        before = clock.now() - proving.FRESH
        mine = update(SignIn).where(SignIn.user_id == person.user_id)
        await session.execute(mine.values(proved_at=before))
        await session.commit()


async def test_whoever_has_an_authenticator_proves_themselves_by_its_code(
    visit: Visitor, acme: Company, server: Server
) -> None:
    vera = await acme.person("owner", "vera")
    page = await visit("/me", person=vera)
    secret = second_factor.new_secret()
    async with open_identity(server.state.sessions) as session:
        await second_factor.set_up(session, vera.user_id, secret, 0)
        await session.commit()
    await _long_ago(server, vera)
    await page.reload()
    await page.get_by_role("button", name="New recovery codes").click()
    dialog = page.get_by_role("dialog", name="It is you?")
    await expect(dialog.get_by_label("Code")).to_be_visible()
    await expect(dialog.get_by_label("Password")).to_have_count(0)
    assert await both_themes(page, within="[role=dialog]") == []
    await dialog.get_by_label("Code").fill("000000")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_text("This code is not right, or was used.")).to_be_visible()
    await dialog.get_by_label("Code").fill(_code(secret))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("list", name="Recovery codes")).to_be_visible()


async def test_whoever_has_none_proves_themselves_by_the_password(
    visit: Visitor, acme: Company, server: Server
) -> None:
    pat = await acme.person("owner", "pat")
    page = await visit("/me", person=pat)
    await _long_ago(server, pat)
    await page.get_by_label("Another address").fill("pat@elsewhere.example.com")
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="It is you?")
    await dialog.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("We wrote to pat@elsewhere.example.com").first).to_be_visible()


async def test_coming_in_elsewhere_takes_the_other_tabs_along(
    visit: Visitor, acme: Company, rival: Company
) -> None:
    dora = await acme.person("dispatcher", "dora")
    await rival.add(dora.email, "Dora", "viewer")
    page = await visit("/customers", person=dora)
    await expect(page.get_by_role("banner")).to_contain_text("Acme")
    beside = await page.context.new_page()
    # its cookies are gone, as in a tab that was signed out: it shows the form, and the first tab knows nothing
    await page.context.clear_cookies()
    await beside.goto("/sign-in")
    await sign_in(beside, dora.email)
    await beside.get_by_role("button", name="Rival").press("Enter")
    await expect(beside.get_by_role("banner")).to_contain_text("Rival")
    await expect(page.get_by_role("banner")).to_contain_text("Rival")


async def test_whoever_could_not_be_signed_out_is_told(visit: Visitor, acme: Company) -> None:
    page = await visit("/me", person=await acme.person("viewer", "offline"))
    refusal = {"detail": "Too many at a time.", "code": "rate_limited"}
    await page.route("**/api/v2/auth/logout", lambda route: route.fulfill(status=429, json=refusal))
    await page.get_by_role("button", name="Sign out here").click()
    await expect(page.get_by_text("You are still signed in.").first).to_be_visible()
