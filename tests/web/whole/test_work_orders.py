"""Work as cards and by its days, planned from its record, changed by two at once, and what a day leaves of it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Locator, Page, Route, expect

from app.core import clock
from tests.support.field import a_job, did, technician
from tests.support.people import Company
from tests.support.work import ORDERS
from tests.web.axe import both_themes
from tests.web.pages import Visitor
from tests.web.test_work_orders import WAITING


async def held_over(page: Page, card: Locator, column: Locator) -> None:
    """Pick a card up and carry it over a column, step by step as a hand does."""
    await card.hover()
    await page.mouse.down()
    await column.hover(position={"x": 40, "y": 120})
    await column.hover(position={"x": 50, "y": 140})


async def test_a_card_goes_where_a_verb_leads(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    order = await job.work.order(summary="Tank runs over")
    path = f"{ORDERS}/{order['id']}"
    page = await visit("/work-orders?as=board", person=job.dana)
    ready, held = (page.get_by_role("region", name=one, exact=True) for one in ("Ready", "On hold"))
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=order["number"]))
    # nine columns are read at once
    await expect(ready.get_by_role("link", name=order["number"])).to_be_visible(timeout=20_000)
    assert await both_themes(page) == []

    # over a column that no verb leads to, it says why before it is let go
    scheduled = page.get_by_role("region", name="Scheduled", exact=True)
    await held_over(page, card, scheduled)
    await expect(scheduled).to_contain_text("find a time for it")
    await expect(held).to_contain_text("Hold")
    await page.mouse.up()
    await expect(ready.get_by_role("link", name=order["number"])).to_be_visible()

    await held_over(page, card, held)
    await page.mouse.up()
    dialog = page.get_by_role("dialog", name="Hold")
    await dialog.get_by_label("Why").fill(WAITING)
    await dialog.get_by_role("button", name="Hold", exact=True).click()
    await expect(held.get_by_role("link", name=order["number"])).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(ready.get_by_role("link", name=order["number"])).to_be_visible()
    await expect(card).to_have_attribute("aria-busy", "false")
    assert (await job.dana.got(path))["status"] == "ready"

    # the same without a mouse
    await page.get_by_role("button", name=f"Move {order['number']}").press("Enter")
    await page.get_by_role("menuitem", name="Cancel work").press("Enter")
    why = page.get_by_role("dialog", name="Cancel work").get_by_label("Why")
    await why.fill("They called off")
    await why.press("Enter")
    canceled = page.get_by_role("region", name="Canceled", exact=True)
    await expect(canceled.get_by_role("link", name=order["number"])).to_be_visible()
    # what others do is there by itself
    other = await job.work.order(summary="From elsewhere")
    await expect(ready.get_by_role("link", name=other["number"])).to_be_visible()


async def test_work_stands_on_its_day_and_is_planned_from_its_record(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    await technician(acme, "Theo Marsh")
    page = await visit("/work-orders", person=job.dana)
    await expect(page.get_by_role("heading", name="Work orders", exact=True)).to_be_visible()
    await page.keyboard.press("c")
    drawer = page.get_by_role("dialog", name="New work order")
    whose = drawer.get_by_role("combobox", name="Customer")
    await whose.fill("Ann Lee")
    await expect(page.get_by_role("option", name="Ann Lee").first).to_be_visible()
    await whose.press("Enter")
    await drawer.get_by_label("Job type").select_option(job.work.job_type_id)
    await drawer.get_by_label("Priority").select_option("High")
    assert await both_themes(page, within="[role=dialog]") == []
    await drawer.get_by_role("button", name="Open it").click()
    await expect(page.get_by_role("button", name="Add a visit")).to_be_visible()
    order = await job.dana.got(f"{ORDERS}/{page.url.rpartition('/')[2]}")
    assert (order["priority"], order["status"]) == ("high", "ready")
    assert order["site"]["address"] == job.work.site["address"]
    await page.get_by_role("button", name="Add a visit").click()
    await page.get_by_role("dialog").get_by_role("button", name="Add it").click()
    await page.get_by_role("button", name="Plan…").click()
    dialog = page.get_by_role("dialog", name="Plan the visit")
    await dialog.get_by_label("Begins").fill(f"{job.day}T09:00")
    who = dialog.get_by_role("combobox", name="Who comes")
    await who.fill("Theo")
    await expect(page.get_by_role("option", name="Theo Marsh").first).to_be_visible()
    await who.press("Enter")
    assert await both_themes(page, within="[role=dialog]") == []
    await dialog.get_by_role("button", name="Plan it").click()
    await expect(dialog).to_have_count(0)
    [made] = (await job.dana.got("/api/v2/visits", work_order_id=order["id"]))["data"]
    assert (made["status"], made["planned_wall"][:16]) == ("scheduled", f"{job.day}T09:00")

    day = job.nine.astimezone(ZoneInfo("America/Chicago")).date()
    await page.goto(f"/work-orders?as=calendar&on={day}")
    chip = page.get_by_role("gridcell").get_by_role("link", name=f"{order['number']} Ann Lee")
    await expect(chip).to_be_visible(timeout=20_000)
    assert await both_themes(page) == []
    # by keys: a day on and back, and the day opened
    cell = page.locator(f"[data-day='{day}']")
    await cell.focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(f"[data-day='{day + timedelta(days=1)}']")).to_be_focused()
    await page.keyboard.press("ArrowLeft")
    await expect(cell).to_be_focused()
    await page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    await expect(drawer.get_by_role("link", name=order["number"])).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(cell).to_be_focused()
    # called off elsewhere, it leaves the day by itself
    await did(job.dana, made, "cancel", reason="They called off")
    await expect(chip).to_have_count(0)


async def test_whoever_was_faster_is_not_written_over(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    order = await job.work.order(summary="Yearly pumping")
    path = f"{ORDERS}/{order['id']}"
    page = await visit(f"/work-orders/{order['id']}", person=job.dana)
    await page.get_by_role("button", name="Edit the summary").click()
    await page.get_by_role("textbox", name="Summary").fill("Pumping and a look at the pump")

    async def as_it_was(route: Route) -> None:
        # what somebody else does is not told to this page in time
        if route.request.method == "GET":
            await route.fulfill(json=order)
        else:
            await route.continue_()

    await page.route("**/api/v2/work-orders/*", as_it_was)
    await job.dana.patched(path, order["version"], {"priority": "high"})
    await page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog", name="Changed meanwhile")
    await expect(dialog).to_contain_text("Priority")
    await expect(dialog).to_contain_text("High")
    await dialog.get_by_role("button", name="Do mine nevertheless").click()
    await expect(
        page.get_by_text(f"The summary of {order['number']} is changed.", exact=True)
    ).to_be_visible()
    now = await job.dana.got(path)
    assert (now["priority"], now["summary"]) == ("high", "Pumping and a look at the pump")


async def test_what_was_entered_stays_when_the_visit_changes_meanwhile(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    began = clock.now().replace(second=0, microsecond=0) - timedelta(hours=30)
    made = await job.planned(await technician(acme), at=began)
    page = await visit(f"/work-orders/{made['work_order_id']}", person=job.dana)
    await page.get_by_role("button", name="Close out").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="It went as planned").click()
    done = dialog.get_by_label("They were done")
    entered = await done.input_value()
    assert entered
    await job.dana.patched(
        f"/api/v2/visits/{made['id']}", made["version"], {"instructions": "Ring twice"}
    )
    await expect(dialog.get_by_role("alert")).to_contain_text(
        "Somebody changed this visit meanwhile"
    )
    await expect(done).to_have_value(entered)
    assert await both_themes(page, within="[role=dialog]") == []
    await dialog.get_by_role("button", name="Go on with what I entered").click()
    await dialog.get_by_role("button", name="Close out", exact=True).click()
    await expect(dialog).to_have_count(0)
    over = await job.dana.got(f"/api/v2/visits/{made['id']}")
    assert (over["status"], over["finished_at"]) == ("completed", made["planned_end"])


async def test_what_a_day_leaves_is_closed_out_and_billed(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    began = clock.now().replace(second=0, microsecond=0) - timedelta(hours=30)
    made = await job.planned(await technician(acme), at=began)
    number = made["work_order"]["number"]
    page = await visit("/end-of-day", person=await acme.person("owner"))
    await page.get_by_role("button", name=f"Close out {number}").click()
    assert await both_themes(page) == []
    dialog = page.get_by_role("dialog", name=f"Close out {number}")
    await dialog.get_by_role("button", name="It went as planned").click()
    await dialog.get_by_role("button", name="Close out", exact=True).click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name=f"Close out {number}")).to_have_count(0)
    over = await job.dana.got(f"/api/v2/visits/{made['id']}")
    assert (over["status"], over["arrived_at"], over["finished_at"]) == (
        "completed", made["planned_start"], made["planned_end"],
    )  # fmt: skip
    # what is to be billed stands on the day on which it was finished, which may be the next
    ended = datetime.fromisoformat(made["planned_end"])
    day = ended.astimezone(ZoneInfo("America/Chicago")).date()
    await page.get_by_label("Day", exact=True).fill(day.isoformat())
    await page.get_by_role("button", name=f"Draft an invoice for {number}").click()
    await expect(page.get_by_role("button", name=f"Draft an invoice for {number}")).to_have_count(0)
    [bill] = (await job.dana.got("/api/v2/invoices", work_order_id=made["work_order_id"]))["data"]
    assert bill["status"] == "draft"
