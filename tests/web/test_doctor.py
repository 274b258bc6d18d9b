"""The doctor with a browser: what is wrong is said, and one click mends it."""

from playwright.async_api import expect

from tests.support.people import Company
from tests.web.pages import Visitor


async def test_one_click_mends_what_one_request_mends(visit: Visitor, acme: Company) -> None:
    owner = await acme.person("owner")
    page = await visit("/doctor", person=owner)
    told = page.get_by_role("listitem").filter(has_text="There are no arrival windows to offer")
    await expect(told).to_be_visible()
    await told.get_by_role("button", name="Mend").click()
    await expect(page.get_by_text("Mended.").first).to_be_visible()
    await expect(told).to_have_count(0)
    assert (await owner.got("/api/v2/arrival-windows"))["data"]
