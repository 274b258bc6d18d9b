"""Work orders as the office sees them: found in the list, opened, moved on, refused in words."""

from playwright.async_api import expect

from tests.support.field import a_job, did, technician
from tests.support.people import Company
from tests.support.work import ORDERS
from tests.web.axe import both_themes
from tests.web.pages import Visitor

WAITING = "Waiting for the part"


async def test_a_work_order_is_found_opened_and_moved_on(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    urgent = await job.work.order(priority="emergency", summary="Tank runs over")
    calm = await job.work.order(priority="low", summary="Yearly pumping")
    page = await visit("/work-orders", person=job.dana)
    table = page.get_by_role("grid", name="work orders")
    await expect(table.get_by_role("link", name=calm["number"])).to_be_visible()
    assert await both_themes(page) == []
    await page.get_by_role("button", name="Filters").click()
    await page.get_by_label("Priority").select_option("Emergency")
    await expect(table.get_by_role("link", name=calm["number"])).to_have_count(0)
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=urgent["number"])).to_be_visible()

    await page.get_by_role("button", name="Hold", exact=True).click()
    dialog = page.get_by_role("dialog", name="Hold")
    await dialog.get_by_label("Why").fill(WAITING)
    await dialog.get_by_role("button", name="Hold", exact=True).click()
    await expect(page.get_by_role("button", name="Take off hold")).to_be_visible()
    await expect(page.get_by_role("main").get_by_text(WAITING, exact=True)).to_be_visible()
    held = await job.dana.got(f"{ORDERS}/{urgent['id']}")
    assert (held["status"], held["status_reason"]) == ("on_hold", WAITING)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("button", name="Hold", exact=True)).to_be_visible()

    await page.get_by_label("New note").fill("The gate is open until six")
    await page.get_by_role("button", name="Add note").click()
    await expect(page.get_by_role("heading", name="Notes (1)")).to_be_visible()
    [note] = (await job.dana.got("/api/v2/notes", entity="work_order", entity_id=urgent["id"]))[
        "data"
    ]
    assert note["body"] == "The gate is open until six"
    assert await both_themes(page) == []


async def test_what_is_refused_says_why(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    made = await job.planned(await technician(acme))
    for verb in ("dispatch", "en-route"):
        await did(job.dana, made, verb)
    page = await visit(f"/work-orders/{made['work_order_id']}", person=job.dana)
    await page.get_by_role("button", name="Cancel work").click()
    dialog = page.get_by_role("dialog", name="Cancel work")
    await dialog.get_by_label("Why").fill("They called off")
    await dialog.get_by_role("button", name="Cancel work").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Somebody is on the way or at work.")
    await expect(dialog.get_by_label("Why")).to_have_value("They called off")
    order = await job.dana.got(f"{ORDERS}/{made['work_order_id']}")
    assert order["status"] == "in_progress"
