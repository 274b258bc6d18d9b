"""A call in which somebody is quick with the keys, or replies are lost: nothing is promised twice, or unmeant, and
nothing typed is lost."""

import asyncio
import re
from contextlib import suppress
from typing import Any

from playwright.async_api import Error, Route, expect

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


async def test_a_promise_whose_reply_is_lost_is_made_once(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    await shift(job, await technician(acme, "Una Ode"))
    theirs = job.work.customer["id"]
    page = await visit(f"/call?customer={theirs}", person=job.dana, breaks=True)
    kind = await job.dana.got(f"/api/v2/job-types/{job.work.job_type_id}")
    lost: list[str] = []

    async def lose(route: Any) -> None:
        if route.request.url in lost:
            await route.continue_()
        else:
            lost.append(route.request.url)
            await route.fetch()
            await route.abort()

    # first the work order's reply is lost, then the visit's
    await page.route("**/api/v2/work-orders", lose)
    await page.route("**/api/v2/slots/book", lose)
    await page.get_by_label("Kind of work").fill(kind["name"])
    await page.get_by_role("option", name=kind["name"]).click()
    times = page.get_by_role("group", name="Times that can be promised").get_by_role("button")
    await times.first.click()
    again = page.get_by_role("region", name="Not answered").get_by_role("button", name="Ask again")
    await again.click()
    await expect(page).to_have_url(re.compile("work="))
    await again.click()
    await expect(page.get_by_text("Promised", exact=True)).to_be_visible()
    assert len(lost) == 2
    [order] = (await job.dana.got("/api/v2/work-orders", customer_id=theirs))["data"]
    [made] = (await job.dana.got("/api/v2/visits", work_order_id=order["id"]))["data"]
    assert made["promise"]["told_to"] == "Ann Lee"


async def test_times_leave_the_focus_to_whoever_is_typing(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    await shift(job, await technician(acme, "Vera Ode"))
    theirs = job.work.customer["id"]
    page = await visit(f"/call?customer={theirs}", person=job.dana)
    kind = await job.dana.got(f"/api/v2/job-types/{job.work.job_type_id}")
    typed = asyncio.Event()

    async def wait(route: Any) -> None:
        await typed.wait()
        await route.continue_()

    await page.route("**/api/v2/availability?*", wait)
    await page.get_by_label("Kind of work").fill(kind["name"])
    await page.get_by_role("option", name=kind["name"]).click()
    says = page.get_by_label("What they say")
    await says.click()
    await page.keyboard.type("Tank ")
    typed.set()
    times = page.get_by_role("group", name="Times that can be promised").get_by_role("button")
    await expect(times.first).to_be_visible()
    await page.keyboard.type("2 overflows")
    await expect(says).to_have_value("Tank 2 overflows")
    # other times for another priority leave it as well
    priority = page.get_by_label("Priority")
    await priority.focus()
    async with page.expect_response(re.compile("priority=high")):
        await page.keyboard.press("ArrowDown")
    await expect(times.first).to_be_visible()
    await expect(priority).to_be_focused()
    assert (await job.dana.got("/api/v2/work-orders", customer_id=theirs))["data"] == []


async def test_a_contact_of_several_customers_is_asked_for_whom_they_call(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    await shift(job, await technician(acme, "Wanda Ode"))
    theirs = job.work.customer
    other = await job.dana.made("/api/v2/customers", {"name": "Brick House"})
    links = [{"customer_id": one["id"], "roles": ["manager"]} for one in (other, theirs)]
    await job.dana.made("/api/v2/contacts", {"name": "Quirin Manages", "customers": links})
    page = await visit("/call", person=job.dana)
    await page.get_by_role("combobox", name="Phone number").fill("quirin")
    await page.get_by_role("option", name="Quirin Manages").click()
    whom = page.get_by_role("region", name="For whom they call").get_by_role("button")
    await expect(whom).to_have_count(2)
    await expect(page.get_by_role("region", name="Brick House")).to_have_count(0)
    await whom.filter(has_text=theirs["name"]).click()
    await expect(page.get_by_role("heading", name=theirs["name"])).to_be_visible()
    assert f"customer={theirs['id']}" in page.url
    kind = await job.dana.got(f"/api/v2/job-types/{job.work.job_type_id}")
    await page.get_by_label("Kind of work").fill(kind["name"])
    await page.get_by_role("option", name=kind["name"]).click()
    times = page.get_by_role("group", name="Times that can be promised").get_by_role("button")
    await times.first.click()
    await expect(page.get_by_text("Promised", exact=True)).to_be_visible()
    [order] = (await job.dana.got("/api/v2/work-orders", customer_id=theirs["id"]))["data"]
    [made] = (await job.dana.got("/api/v2/visits", work_order_id=order["id"]))["data"]
    assert made["promise"]["told_to"] == "Quirin Manages"


async def test_a_promise_is_taken_back(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    await shift(job, await technician(acme, "Ida Moss"))
    order = await job.work.order()
    page = await visit(f"/call?customer={order['customer_id']}&work={order['id']}", person=job.dana)
    times = page.get_by_role("group", name="Times that can be promised").get_by_role("button")
    await times.first.click()
    await expect(page.get_by_text("Promised", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(times.first).to_be_visible()
    assert (await job.dana.got("/api/v2/visits", work_order_id=order["id"]))["data"] == []


async def test_whoever_is_here_already_is_pointed_out(visit: Visitor, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    there = await dana.made(
        "/api/v2/customers", {"name": "Rosalind Quist", "phone": "+13125550140"}
    )
    page = await visit("/call", person=dana)
    await page.get_by_role("combobox", name="Phone number").fill("rosalind quist-b")
    await page.get_by_role("button", name="New customer").click()
    await page.get_by_label("Phone").fill("(312) 555-0140")
    await page.get_by_role("button", name="This is them").click()
    await expect(page.get_by_role("heading", name="Rosalind Quist")).to_be_visible()
    assert f"customer={there['id']}" in page.url


async def test_a_customer_without_a_site_gets_one_in_the_call(
    visit: Visitor, acme: Company
) -> None:
    dana = await acme.person("dispatcher")
    there = await dana.made("/api/v2/customers", {"name": "Nora Void"})
    page = await visit(f"/call?customer={there['id']}", person=dana)
    await page.get_by_label("Street and number").fill("77 Elm St")
    await page.get_by_label("Postal code").fill("85004")
    await page.get_by_role("button", name="Add the site").click()
    await expect(page.get_by_role("radio", name="77 Elm St")).to_be_checked()


async def test_enter_before_the_answer_is_done_once_it_is_there(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    page = await visit("/call", person=job.dana)
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await page.route("**/api/v2/search?**", hold)

    async def answered() -> None:
        await page.unroute("**/api/v2/search?**")
        for one in held:
            with suppress(Error):  # what nobody waits for any more
                await one.continue_()
        held.clear()

    box = page.get_by_role("combobox", name="Phone number")
    await box.fill(job.work.customer["name"])
    await page.keyboard.press("Enter")
    await answered()
    await expect(page.get_by_label("Kind of work")).to_be_focused()

    page = await visit("/call", person=job.dana)
    await page.route("**/api/v2/search?**", hold)
    await page.get_by_role("combobox", name="Phone number").fill("6025550191")
    await page.keyboard.press("Enter")
    await answered()
    await expect(page.get_by_label("Name", exact=True)).to_be_focused()
