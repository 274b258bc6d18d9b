"""The board as somebody likes it."""

from playwright.async_api import expect

from tests.support.field import a_job, technician
from tests.support.people import Company
from tests.test_warnings import shift
from tests.web.axe import both_themes
from tests.web.pages import Visitor
from tests.web.test_board import CUT, block, server, shown

__all__ = ["server"]


async def test_a_board_is_as_somebody_likes_it_wherever_they_sign_in(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    gwen = await technician(acme, "Gwen Ode")
    await shift(job, gwen)
    made = await job.planned(gwen, duration_minutes=180)
    who = await acme.person("dispatcher", "gail")
    page = await visit(f"/board?date={job.day}", person=who)
    seen = block(page, "Gwen Ode", made).locator(".v-time")
    await expect(seen).to_have_text(shown(job.nine, 3))
    await page.get_by_role("button", name="Board settings").click()
    settings = page.get_by_role("dialog", name="Board settings")
    kept = "**/api/v2/me/preferences/board"
    async with page.expect_response(kept):
        await settings.get_by_label("City").check()
    await expect(seen).to_have_text(f"{shown(job.nine, 3)} · Phoenix")
    async with page.expect_response(kept):
        await settings.get_by_label("Planned time").uncheck()
    assert await both_themes(page, within=".board-tools, [role=dialog]") == []
    await page.keyboard.press("Escape")
    async with page.expect_response(kept):
        await page.get_by_role("button", name="Tray", exact=True).click()
    await expect(page.get_by_role("complementary", name="Tray")).to_have_count(0)

    other = await visit(f"/board?date={job.day}", person=who)
    await expect(block(other, "Gwen Ode", made).locator(".v-time")).to_have_text("Phoenix")
    await expect(other.get_by_role("complementary", name="Tray")).to_have_count(0)
    assert await other.evaluate(CUT) == []

    # read in vain, it is as for everybody; what is chosen then takes nothing of what was kept away
    refusal = {"detail": "Too many requests.", "code": "too_many_requests"}
    await other.route(kept, lambda route: route.fulfill(status=429, json=refusal), times=1)
    await other.reload()
    async with other.expect_response(
        lambda reply: reply.request.method == "PUT" and reply.url.endswith("/preferences/board")
    ):
        await other.get_by_role("button", name="Tray", exact=True).click()
    assert (await who.got("/api/v2/me/preferences/board"))["board"]["fields"] == ["city"]
