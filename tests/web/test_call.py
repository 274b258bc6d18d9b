"""The phone rings: from a number to a promised visit, by the keyboard alone, counted."""

from playwright.async_api import Page, expect

from tests.support.field import a_job, technician
from tests.support.people import Company
from tests.test_warnings import shift
from tests.web.axe import both_themes
from tests.web.pages import Visitor

MOST = 60
"""Keystrokes, from wherever one is as the phone rings to the promise."""


class Keys:
    """A keyboard that counts what is pressed on it."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)
        self.pressed += len(text)

    async def press(self, *names: str) -> None:
        for name in names:
            await self.page.keyboard.press(name)
        self.pressed += len(names)


async def test_a_new_customer_is_promised_a_visit_in_at_most_sixty_keystrokes(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    await shift(job, await technician(acme, "Tess Ode"))
    page = await visit("/", person=job.dana)
    keys = Keys(page)
    await expect(page.get_by_role("heading", name="Today")).to_be_visible()
    await keys.press("g", "c")
    await expect(page.get_by_role("combobox", name="Phone number")).to_be_focused()
    await keys.type("6025550178")
    await expect(page.get_by_text("Nobody has this number")).to_be_visible()
    await keys.press("Enter")
    await expect(page.get_by_label("Name")).to_be_focused()
    await keys.type("Jo Fox")
    await keys.press("Tab")
    await keys.type("12 Oak St")
    await keys.press("Tab")
    await keys.type("85004")
    await keys.press("Enter")
    await expect(page.get_by_label("Kind of work")).to_be_focused()
    kind = await job.dana.got(f"/api/v2/job-types/{job.work.job_type_id}")
    await keys.type(kind["name"][:3].lower())
    await keys.press("Enter")
    times = page.get_by_role("group", name="Times that can be promised").get_by_role("button")
    await expect(times.first).to_be_focused()
    said = await times.first.inner_text()
    await keys.press("Enter")
    await expect(page.get_by_text("Promised", exact=True)).to_be_visible()
    print(f"{keys.pressed} keystrokes")
    assert keys.pressed <= MOST

    [made] = (await job.dana.got("/api/v2/customers", phone="+16025550178"))["data"]
    assert made["name"] == "Jo Fox"
    [order] = (await job.dana.got("/api/v2/work-orders", customer_id=made["id"]))["data"]
    [booked] = (await job.dana.got("/api/v2/visits", work_order_id=order["id"]))["data"]
    assert booked["promise"]["told_via"] == "phone"
    assert booked["promise"]["told_to"] == "Jo Fox"
    assert booked["assignments"][0]["name"] == "Tess Ode"
    assert "Tess Ode" in said


async def test_a_time_is_held_while_the_caller_makes_up_their_mind(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    await shift(job, await technician(acme, "Ned Moss"))
    order = await job.work.order()
    page = await visit(f"/call?customer={order['customer_id']}&work={order['id']}", person=job.dana)
    times = page.get_by_role("group", name="Times that can be promised")
    await times.get_by_role("button").first.focus()
    await page.keyboard.press("h")
    asks = page.get_by_role("dialog", name="Hold a time for Ann Lee")
    await expect(asks.get_by_label("How long")).to_be_focused()
    assert await both_themes(page, within="[role=dialog]") == []
    await page.keyboard.press("Escape")
    await times.get_by_role("button", name="Hold ").first.click()
    await asks.get_by_label("For whom, and why").fill("Asks her landlord")
    await asks.get_by_role("button", name="Hold it").click()
    held = page.get_by_role("region", name="Held")
    await expect(held).to_contain_text("Held, 15 min left")
    await expect(held).to_contain_text("Asks her landlord")
    await held.get_by_role("button", name="Longer").click()
    await page.get_by_role("menuitem", name="45 minutes").click()
    await expect(held).to_contain_text("Held, 45 min left")
    await page.reload()
    await expect(held.get_by_role("button", name="Promise it")).to_be_enabled()
    assert await both_themes(page, within="main") == []
    await held.get_by_role("button", name="Release").click()
    await expect(times).to_be_visible()
    await times.get_by_role("button", name="Hold ").first.click()
    await asks.get_by_role("button", name="Hold it").click()
    await held.get_by_role("button", name="Promise it").click()
    await expect(page.get_by_text("Promised", exact=True)).to_be_visible()
    [booked] = (await job.dana.got("/api/v2/visits", work_order_id=order["id"]))["data"]
    assert booked["promise"]["told_to"] == "Ann Lee"
    [first, last] = (
        await job.dana.got("/api/v2/holds", work_order_id=order["id"], sort="created_at")
    )["data"]
    assert (first["status"], last["status"]) == ("released", "booked")
    assert last["visit_id"] == booked["id"]
