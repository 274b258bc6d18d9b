"""Work as a whole: long columns, full days, work that comes again, and what is taken back."""

from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Locator, expect

from tests.support.field import a_job, did, technician
from tests.support.people import Company
from tests.support.waiting import until
from tests.support.work import ORDERS
from tests.web.axe import both_themes
from tests.web.pages import LAPTOP, PHONE, Refusal, Visitor

HERE = ZoneInfo("America/Chicago")
SLOWLY = 30_000
"""A first page of much, on a machine that has other things to do."""


async def to_the_end(of: Locator) -> None:
    await of.evaluate("(list) => list.scrollTo(0, list.scrollHeight)")


async def test_a_long_column_says_how_long_it_is_and_shows_more(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    for _ in range(60):
        await job.work.order(summary="One of many")
    whose = job.work.customer["id"]
    page = await visit(f"/work-orders?as=board&customer={whose}", person=job.dana, size=LAPTOP)
    ready = page.get_by_role("region", name="Ready", exact=True)
    await expect(ready.get_by_text("50 of 60", exact=True)).to_be_visible(timeout=SLOWLY)
    await expect(ready.locator("a[data-card]")).to_have_count(50)

    async def down() -> bool:  # as people scroll: the list grows under them when it is read anew
        await to_the_end(ready.get_by_role("list"))
        return await ready.locator("a[data-card]").count() == 60

    await until(down, seconds=SLOWLY / 1_000)
    await expect(ready.get_by_text("60", exact=True)).to_be_visible()
    # arrows go from card to card, and Enter opens
    first, second = (ready.locator("a[data-card]").nth(n) for n in (0, 1))
    await first.focus()
    await page.keyboard.press("ArrowDown")
    await expect(second).to_be_focused()
    number = await second.inner_text()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=number)).to_be_visible()
    # the same board narrowed by status has only what was asked for
    await page.goto(f"/work-orders?as=board&customer={whose}&status=over")
    await expect(page.locator("[data-column]")).to_have_count(2, timeout=SLOWLY)


async def test_a_list_whose_rest_cannot_be_read_says_so_and_does_not_ask_on_and_on(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    for _ in range(140):
        await job.work.order(summary="One of many")
    of = f"/work-orders?customer={job.work.customer['id']}"
    page = await visit(of, person=job.dana, size=LAPTOP)
    grid = page.get_by_role("grid", name="work orders", exact=True)
    ready = page.get_by_role("region", name="Ready", exact=True)
    pins = page.get_by_role("region", name="The same as a list").locator("li")
    refused = Refusal(page, "**/work-orders?*cursor=*")
    await expect(grid.get_by_role("row").nth(9)).to_be_visible(timeout=SLOWLY)
    for shown_as, scrolls, more in (
        ("list", page.locator("div:has(> [role=grid])"), grid.locator("tr[aria-rowindex='141']")),
        ("board", ready.get_by_role("list"), ready.locator("a[data-card]").nth(99)),
        ("map", None, pins.nth(139)),
    ):
        asked = refused.asked
        await refused.begin()
        await page.goto(f"{of}&as={shown_as}")
        failed = page.get_by_role("alert").filter(has_text="The rest could not be read. Too many.")

        async def comes(one: Locator, scrolls: Locator | None = scrolls) -> bool:
            if scrolls:
                await to_the_end(scrolls)
            return await one.count() > 0

        await until(partial(comes, failed), seconds=SLOWLY / 1_000)
        await failed.scroll_into_view_if_needed()
        await page.wait_for_timeout(2_000)
        # the line may have had the list read anew meanwhile, which takes another try with it
        assert 1 <= refused.asked - asked <= 3, shown_as
        assert await both_themes(page, within="main") == []
        assert not await comes(more)
        await refused.end()
        await failed.get_by_role("button", name="Try again").click()
        await until(partial(comes, more), seconds=SLOWLY / 1_000)
        await expect(failed).to_have_count(0)


async def test_two_who_look_at_one_board_see_the_same(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    order = await job.work.order(status="draft")
    board = f"/work-orders?as=board&customer={job.work.customer['id']}"
    one = await visit(board, person=job.dana)
    other = await visit(board, person=await acme.person("owner"))
    for page in (one, other):
        draft = page.get_by_role("region", name="Draft", exact=True)
        await expect(draft.get_by_role("link", name=order["number"])).to_be_visible(timeout=SLOWLY)
    await one.get_by_role("button", name=f"Move {order['number']}").click()
    await one.get_by_role("menuitem", name="Release to be planned").click()
    for page in (one, other):
        ready = page.get_by_role("region", name="Ready", exact=True)
        await expect(ready.get_by_role("link", name=order["number"])).to_be_visible(timeout=SLOWLY)
    # what is refused is said, and the card stands where it was
    path = f"{ORDERS}/{order['id']}"

    async def refused(route: Any) -> None:
        await route.fulfill(
            status=409,
            content_type="application/problem+json",
            json={"title": "Conflict", "status": 409, "detail": "Not today.", "code": "no"},
        )

    await one.route("**/api/v2/work-orders/*/hold", refused)
    await one.get_by_role("button", name=f"Move {order['number']}").click()
    await one.get_by_role("menuitem", name="Hold").click()
    dialog = one.get_by_role("dialog", name="Hold")
    await dialog.get_by_label("Why").fill("Waiting for the part")
    await dialog.get_by_role("button", name="Hold", exact=True).click()
    await expect(dialog.get_by_role("alert")).to_have_text("Not today.")
    await dialog.get_by_role("button", name="Not now").click()
    await expect(
        one.get_by_role("region", name="Ready", exact=True).get_by_role(
            "link", name=order["number"]
        )
    ).to_be_visible()
    assert (await job.dana.got(path))["status"] == "ready"


async def test_a_full_day_is_opened(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    made = [
        await job.planned(await technician(acme, f"Full {n}"), at=job.nine + timedelta(minutes=n))
        for n in range(7)
    ]
    day = job.nine.astimezone(HERE).date()
    where = f"/work-orders?as=calendar&on={day}&customer={job.work.customer['id']}"
    page = await visit(where, person=job.dana)
    cell = page.locator(f"[data-day='{day}']")
    await expect(cell.locator("[data-chip]")).to_have_count(3, timeout=SLOWLY)
    await cell.get_by_role("button", name="+4").click()
    drawer = page.get_by_role("dialog")
    await expect(drawer.get_by_text("7 visits")).to_be_visible()
    await expect(drawer.get_by_role("link", name=made[6]["work_order"]["number"])).to_be_visible()
    assert await both_themes(page, within="[role=dialog]") == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Week", exact=True).click()
    await expect(cell.locator("[data-chip]")).to_have_count(7, timeout=SLOWLY)
    assert await both_themes(page) == []
    await page.get_by_role("button", name="The week after").click()
    await expect(page.locator("[data-chip]")).to_have_count(0)
    await page.get_by_role("button", name="The week before").click()
    await expect(cell.locator("[data-chip]")).to_have_count(7)
    small = await visit(where, person=job.dana, size=PHONE)
    await small.locator(f"[data-day='{day}']").get_by_role("button").click(timeout=SLOWLY)
    await expect(small.get_by_role("dialog").get_by_text("7 visits")).to_be_visible()
    assert await both_themes(small) == []


async def test_work_comes_again_and_is_taken_back(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    made = await job.planned(await technician(acme, "Calls Back"))
    page = await visit(f"/work-orders/{made['work_order_id']}", person=owner)
    number = made["work_order"]["number"]
    visits = page.locator("section").filter(
        has=page.get_by_role("heading", name="Visits (1)", exact=True)
    )
    await visits.get_by_role("button", name="More with this visit").click()
    await page.get_by_role("menuitem", name="Dispatch").click()
    await expect(visits.get_by_text("Dispatched")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(visits.get_by_text("Scheduled")).to_be_visible()
    await visits.get_by_role("button", name="More with this visit").click()
    await page.get_by_role("menuitem", name="Take off the board").click()
    await expect(visits.get_by_role("button", name="Plan…")).to_be_visible()
    await page.get_by_role("button", name="Undo").last.click()
    await expect(visits.get_by_role("button", name="Plan…")).to_have_count(0)

    await page.get_by_role("button", name="More with this work order").click()
    await page.get_by_role("menuitem", name="Duplicate").click()
    await expect(page.get_by_text(f"is a copy of {number}.").first).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).not_to_contain_text(number)

    for verb in ("dispatch", "en-route", "arrive", "start", "complete"):
        await did(job.dana, made, verb)
    await page.goto(f"/work-orders/{made['work_order_id']}")
    await page.get_by_role("button", name="More with this work order").click()
    await page.get_by_role("menuitem", name="Call-back").click()
    dialog = page.get_by_role("dialog", name="Call-back")
    await dialog.get_by_label("What is wrong with it").fill("It drips again")
    await dialog.get_by_role("button", name="Open the call-back").click()
    await expect(page.get_by_text(f"looks again at {number}.").first).to_be_visible()
    await expect(page.get_by_role("link", name=number, exact=True)).to_be_visible()

    await page.goto(f"/work-orders/{made['work_order_id']}")
    await page.get_by_role("button", name="Draft the invoice").click()
    await expect(page.get_by_role("heading", name="Draft invoice")).to_be_visible()
    await expect(page.get_by_title("The invoice as a PDF")).to_be_visible(timeout=SLOWLY)
    assert await both_themes(page) == []
    await page.get_by_role("button", name="Delete the draft").click()
    await expect(page.get_by_text("Nothing of it has been billed.")).to_be_visible()
    await page.get_by_role("button", name="Undo").last.click()
    await expect(page.get_by_role("heading", name="Draft invoice")).to_be_visible()
    [bill] = (await owner.got("/api/v2/invoices", work_order_id=made["work_order_id"]))["data"]
    assert bill["status"] == "draft"
