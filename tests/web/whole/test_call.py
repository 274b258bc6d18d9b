"""A call in which somebody is quick with the keys: nothing is promised, and nothing typed is lost, unmeant."""

import re

from playwright.async_api import expect

from tests.support.field import a_job, technician
from tests.support.people import Company
from tests.test_warnings import shift
from tests.web.pages import Visitor


async def test_a_key_that_is_held_promises_nothing(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    await shift(job, await technician(acme, "Yara Ode"))
    page = await visit(f"/call?customer={job.work.customer['id']}", person=job.dana)
    kind = await job.dana.got(f"/api/v2/job-types/{job.work.job_type_id}")
    await page.get_by_label("Kind of work").fill(kind["name"])
    await expect(page.get_by_role("option", name=kind["name"])).to_be_visible()
    await page.keyboard.down("Enter")
    times = page.get_by_role("group", name="Times that can be promised").get_by_role("button")
    await expect(times.first).to_be_focused()
    await page.keyboard.down("Enter")  # as the machine repeats it
    await page.keyboard.up("Enter")
    await page.keyboard.press("Control+1")
    await expect(times.first).to_be_enabled()
    orders = await job.dana.got("/api/v2/work-orders", customer_id=job.work.customer["id"])
    assert orders["data"] == []
    # the site's clock is not ours, and says whose it is
    await expect(times.first).to_contain_text("MST")
    await page.keyboard.press("1")
    await expect(page.get_by_text("Promised", exact=True)).to_be_visible()
    said = page.get_by_role("region", name="Promised").get_by_role("status")
    await expect(said).to_contain_text("MST")


async def test_what_was_typed_of_a_new_customer_outlives_one_escape(
    visit: Visitor, acme: Company
) -> None:
    dana = await acme.person("dispatcher")
    page = await visit("/call", person=dana)
    await page.get_by_role("combobox", name="Phone number").fill("6025550133")
    await page.get_by_role("button", name="New customer").click()
    await page.get_by_label("Name", exact=True).fill("Zed Nova")
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Esc once more leaves")).to_be_visible()
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Zed Nova")
    await page.keyboard.press("Escape")
    await expect(page.get_by_label("Name", exact=True)).to_have_count(0)
    assert (await dana.got("/api/v2/customers", phone="+16025550133"))["data"] == []


async def test_the_site_of_a_landlord_is_searched_for_among_all_of_theirs(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    landlord = await owner.made("/api/v2/customers", {"name": "Lots of Homes"})
    for number in range(52):
        street = f"{number + 100} Cedar Ave" if number else "9 Zinnia Way"
        await owner.made(
            "/api/v2/sites",
            {"customer_id": landlord["id"], "street": street, "postal_code": "85001"},
        )
    page = await visit(f"/call?customer={landlord['id']}", person=job.dana)
    card = page.get_by_role("region", name="Lots of Homes")
    site = card.get_by_role("combobox", name="Site")
    await expect(site).to_have_value("")  # nobody is sent to the first of so many
    await site.fill("zinnia")
    await page.get_by_role("option", name="9 Zinnia Way").click()
    await expect(site).to_have_value(re.compile("9 Zinnia Way"))
    kind = await job.dana.got(f"/api/v2/job-types/{job.work.job_type_id}")
    await page.get_by_label("Kind of work").fill(kind["name"])
    await page.get_by_role("option", name=kind["name"]).click()
    await expect(page.get_by_role("group", name="Times that can be promised")).to_be_visible()
