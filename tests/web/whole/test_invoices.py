"""Invoices of work that is done again."""

from playwright.async_api import expect

from tests.support.field import a_job, did, technician
from tests.support.people import Company
from tests.support.work import ORDERS
from tests.web.pages import Visitor


async def test_a_call_back_is_drafted_at_no_charge(visit: Visitor, acme: Company) -> None:
    job, owner = await a_job(acme), await acme.person("owner")
    planned = await job.planned(await technician(acme))
    for name in ("dispatch", "en-route", "arrive", "start", "complete"):
        await did(job.dana, planned, name)
    first = planned["work_order"]
    back = f"{ORDERS}/{first['id']}/call-back"
    again = await job.dana.made(back, {"reason": "It smells again"})
    page = await visit(f"/work-orders/{again['id']}", person=owner)
    await page.get_by_role("button", name="Draft the invoice").click()
    await expect(page.get_by_text(f"No charge: call-back of {first['number']}")).to_be_visible()
    [bill] = (await owner.got("/api/v2/invoices", work_order_id=again["id"]))["data"]
    assert (bill["subtotal"], bill["total"]) == (18_900, 0)
    # and whoever begins another one is told that there is this one
    await page.goto("/invoices")
    await page.get_by_role("button", name="New invoice").click()
    await page.get_by_role("combobox", name="Work order").fill(again["number"])
    choice = page.get_by_role("option").filter(has_text=again["number"])
    await expect(choice).to_contain_text("Has a draft already")
