"""What a dispatcher needs of a board on a bad day: an emergency, a rule to break with a reason, others who look,
and what was, of which nothing moves."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from playwright.async_api import expect
from pypdf import PdfReader

from app.core import clock
from tests.support.cable import Cable
from tests.support.field import VISITS, Job, a_job, needs, skill, story, technician
from tests.support.people import Company, found_company
from tests.support.server import Server
from tests.test_warnings import shift
from tests.web.axe import both_themes
from tests.web.pages import LAPTOP, Visitor
from tests.web.test_board import CHICAGO, HOUR, block, opened, planned, server

__all__ = ["server"]
DAY = timedelta(days=1)
SUNDAY = 6


async def now(job: Job, visit: Any) -> Any:
    return await job.dana.got(f"{VISITS}/{visit['id']}")


async def test_an_emergency_goes_onto_a_full_board_and_names_who_gives_way(
    visit: Visitor, server: Server
) -> None:
    job = await a_job(await found_company(server, "full-board"))
    ursa = await technician(job.company, "Ursa Ode")
    await shift(job, ursa)
    window = {"window_start": job.nine.isoformat(), "window_end": (job.nine + HOUR).isoformat()}
    first = await job.planned(ursa, at=job.nine, **window)
    second = await job.planned(ursa, at=job.nine + HOUR)
    order = await job.work.order(priority="emergency", status="ready")
    page = await opened(visit, job)
    await page.get_by_role("tab", name="To schedule").click()
    waiting = page.get_by_role("tabpanel").get_by_role("listitem").filter(has_text=order["number"])
    await waiting.get_by_role("button", name="Insert…").click()
    dialog = page.get_by_role("dialog", name="Emergency")
    way = dialog.get_by_role("radio", name="Ursa Ode")
    await expect(way).to_be_checked()
    assert await both_themes(page, within="[role=dialog]") == []
    await dialog.get_by_role("button", name="Cancel").click()
    waits = f"{order['number']} has a visit now, which waits in the tray."
    await expect(page.get_by_text(waits).first).to_be_visible()
    await waiting.get_by_role("button", name="Insert…").click()
    await expect(way).to_be_checked()
    assert await planned(job, first) == (job.nine, [ursa])
    await dialog.get_by_role("button", name=re.compile("^Insert")).click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_text("is put in at").first).to_be_visible()
    [made] = (await job.dana.got(VISITS, work_order_id=order["id"]))["data"]
    assert [one["name"] for one in made["assignments"]] == ["Ursa Ode"]
    await expect(page.get_by_role("group", name="Ursa Ode").get_by_role("button")).to_have_count(3)
    await page.keyboard.press("Control+z")
    await expect(page.get_by_text("Undone").first).to_be_visible()
    assert (await now(job, made))["planned_start"] is None
    assert await planned(job, first) == (job.nine, [ursa])
    assert await planned(job, second) == (job.nine + HOUR, [ursa])


async def test_a_missing_skill_is_overruled_with_a_reason(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    await needs(acme, job, {"skill_id": await skill(acme, "Gas")})
    vera = await technician(acme, "Vera Ode")
    await shift(job, vera)
    window = {"window_start": job.nine.isoformat(), "window_end": (job.nine + HOUR).isoformat()}
    made = await job.visit(**window)
    owner = await acme.person("owner")
    page = await visit(f"/board?date={job.day}", person=owner)
    held = page.get_by_role("group", name="Unassigned").get_by_role(
        "button", name=made["work_order"]["number"]
    )
    await held.focus()
    for _ in range(40):
        if "Vera Ode" in await page.get_by_test_id("said").inner_text():
            break
        await page.keyboard.press("Alt+ArrowDown")
    # reckoned here, or asked of the server where what it is reckoned from has not come yet
    refused = re.compile("not possible, a skill is missing|Nobody on this visit has “Gas")
    await expect(page.get_by_test_id("said")).to_contain_text(refused)
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="A skill is missing")
    await dialog.get_by_role("button", name="Do it all the same").click()
    await expect(dialog.get_by_text("Say why")).to_be_visible()
    await dialog.get_by_label("Reason").fill("Ben is there and has it")
    await dialog.get_by_role("button", name="Do it all the same").click()
    await expect(dialog).to_have_count(0)
    await expect(block(page, "Vera Ode", made)).to_be_visible()
    assert (await planned(job, made))[1] == [vera]
    said = [one["sentence"] for one in await story(job.dana, f"{VISITS}/{made['id']}")]
    assert any("Ben is there and has it" in one for one in said), said


async def test_who_else_looks_is_named_and_a_past_board_moves_nothing(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    wren = await technician(acme, "Wren Ode")
    await shift(job, wren)
    made = await job.planned(wren)
    page = await opened(visit, job)
    owner = await acme.person("owner")
    other = await visit(f"/board?date={job.day}&view=week", person=owner)
    await expect(page.get_by_text("Also here:")).to_contain_text("Owner")
    since = f"{clock.now():%Y-%m-%dT%H:%M:%S.%fZ}"
    await other.goto(f"/board?date={job.day}&view=day&as_of={since}")
    held = block(other, "Wren Ode", made)
    await held.focus()
    await other.keyboard.press("Alt+ArrowRight")
    await expect(other.get_by_test_id("said")).to_contain_text("nothing moves on it")
    await expect(other.locator(".ghost")).to_have_count(0)
    await expect(other.get_by_role("complementary", name="Tray")).to_have_count(0)
    await expect(page.get_by_text("Also here:")).to_have_count(0)
    viewer = await acme.person("viewer")
    looks = await visit(f"/board?date={job.day}", person=viewer)
    await block(looks, "Wren Ode", made).focus()
    await looks.keyboard.press("Alt+ArrowRight")
    await expect(looks.get_by_test_id("said")).to_have_text("You may look, and not move.")


async def test_a_work_order_is_given_once_however_often_it_is_asked_for(
    visit: Visitor, acme: Company, server: Server
) -> None:
    job = await a_job(acme)
    xena = await technician(acme, "Xena Ode")
    await shift(job, xena)
    order = await job.work.order(status="ready")
    async with Cable.to(server.url) as line:
        page = await visit(f"/board?date={job.day}", person=job.dana, over=line)
        await expect(page.get_by_role("group", name="Unassigned")).to_be_visible()
        await page.get_by_role("tab", name="To schedule").click()
        waiting = (
            page.get_by_role("tabpanel").get_by_role("listitem").filter(has_text=order["number"])
        )
        whom = page.get_by_role("dialog", name="Give Ann Lee to")
        # the reply is lost, and nobody knows that the visit is made
        lost = False

        async def lose(route: Any) -> None:
            nonlocal lost
            if lost or route.request.method != "POST":
                await route.continue_()
            else:
                lost = True
                await route.fetch()
                await route.abort()

        await page.route("**/api/v2/visits", lose)
        await page.route("**/board/tray?*", lambda route: route.fulfill(status=429))
        await waiting.get_by_role("button", name="Give Ann Lee to").click()
        await whom.get_by_role("combobox", name="Technician").fill("xena")
        await page.get_by_role("option", name="Xena Ode").click()
        await page.keyboard.press("Enter")
        await expect(
            page.get_by_text("It is not known whether this was done").first
        ).to_be_visible()
        await whom.get_by_role("button", name="Give it").click()
        await expect(block(page, "Xena Ode", {"work_order": order})).to_be_visible()
        await expect(waiting).to_have_attribute("aria-busy", "true")
        assert len((await job.dana.got(VISITS, work_order_id=order["id"]))["data"]) == 1


async def test_bad_addresses_show_a_board(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    page = await visit('/board?date=x&as_of=y&visit="]&by=z&view=q', person=job.dana)
    await expect(page.get_by_role("group", name="Unassigned")).to_be_visible()
    await page.goto("/board?date=2026-02-30&view=week")
    await expect(page.get_by_role("region", name="Schedule of the week")).to_be_visible()


async def test_a_visit_in_the_address_is_brought_into_sight(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    early, late = await technician(acme, "Early Ode"), await technician(acme, "Late Ode")
    await job.planned(early)
    made = await job.planned(late, at=job.nine + 11 * HOUR)
    day = f"/board?date={job.day}&view=day&by=technicians"
    page = await visit(day, person=job.dana, size=LAPTOP)
    place = page.locator(f".visit[data-visit='{made['id']}']")
    await expect(page.locator(".visit[data-lane]").first).to_be_in_viewport()
    await expect(place).not_to_be_in_viewport()
    await page.goto(f"{day}&visit={made['id']}")
    await expect(place).to_be_in_viewport(ratio=1)
    await expect(place).to_have_attribute("data-open", "true")


async def test_a_board_with_no_room_for_hours_has_its_names(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    await technician(acme, "Narrow Ode")
    page = await visit(
        f"/board?date={job.day}&view=day&by=technicians&tray=on&map",
        person=job.dana,
        size=(800, 700),
    )
    board = page.locator(".board-scroll")
    await expect(page.get_by_role("list", name="Lanes").get_by_text("Narrow Ode")).to_be_visible()
    assert await board.evaluate("(board) => board.clientWidth") < 188


async def test_a_visit_goes_to_another_day_of_the_week_and_back(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    yara, zoe = await technician(acme, "Yara Ode"), await technician(acme, "Zoe Ode")
    await shift(job, yara)
    await shift(job, zoe)
    made = await job.planned(yara)
    here = job.nine.astimezone(CHICAGO)
    away, arrow = (-DAY, "ArrowLeft") if here.weekday() == SUNDAY else (DAY, "ArrowRight")
    there = (here + away).date().isoformat()
    page = await visit(f"/board?date={job.day}&view=week&by=technicians", person=job.dana)
    week = page.get_by_role("region", name="Schedule of the week")
    chip = week.get_by_role("button", name=made["work_order"]["number"])
    before = week.locator(f'[data-spot="{yara} {here.date().isoformat()}"]')
    after = week.locator(f'[data-spot="{zoe} {there}"]')
    said = page.get_by_test_id("said")
    await expect(before.get_by_role("button", name=made["work_order"]["number"])).to_be_visible()
    await expect(chip).to_contain_text(f"{here:%-I:%M}")
    await expect(chip.locator(".v-time")).to_have_text(re.compile(r"[AP]M"))

    await chip.hover()
    await page.mouse.down()
    await after.hover()
    await after.hover(position={"x": 9, "y": 9})
    # what would come of it, as the server says it
    await expect(said).to_contain_text(re.compile(r"\s[AP]M, Zoe Ode: .*arrives"))
    assert await planned(job, made) == (job.nine, [yara])
    await page.mouse.up()
    moved = after.get_by_role("button", name=made["work_order"]["number"])
    await expect(moved).to_be_visible()
    told = page.get_by_role("listitem").filter(has_text="Moved Ann Lee")
    await expect(told).to_be_visible()
    assert await planned(job, made) == (job.nine + away, [zoe])
    await told.get_by_role("button", name="Undo").click()
    await expect(before.get_by_role("button", name=made["work_order"]["number"])).to_be_visible()
    assert await planned(job, made) == (job.nine, [yara])

    await chip.focus()
    await page.keyboard.press(f"Alt+{arrow}")
    await expect(said).to_contain_text("Yara Ode")
    await page.keyboard.press("Escape")
    await expect(said).to_have_text("Not moved.")
    await page.keyboard.press(f"Alt+{arrow}")
    async with page.expect_response("**/move"):
        await page.keyboard.press("Enter")
    kept = week.locator(f'[data-spot="{yara} {there}"]')
    await expect(kept.get_by_role("button", name=made["work_order"]["number"])).to_be_focused()
    assert await planned(job, made) == (job.nine + away, [yara])


async def test_days_that_are_turned_quickly_are_all_turned(visit: Visitor, acme: Company) -> None:
    page = await opened(visit, job := await a_job(acme))
    # each press before the page had time to be drawn
    await page.get_by_role("button", name="The day after").evaluate(
        "async (button) => { for (let n = 0; n < 3; n++) { button.click(); for (let m = 0; m < 9; m++) await null; } }"
    )
    third = datetime.fromisoformat(job.day) + timedelta(days=3)
    await expect(page.get_by_label("Day", exact=True)).to_have_value(f"{third:%Y-%m-%d}")


async def test_a_day_is_printed_with_a_sheet_for_each(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    peg, quin = [await technician(acme, name) for name in ("Peg Ode", "Quin Ode")]
    for one in (peg, quin):
        await shift(job, one)
        await job.planned(one, at=job.nine)
    page = await opened(visit, job)

    async def sheets(press: Callable[[], Awaitable[None]], path: str) -> list[str]:
        async with page.expect_popup() as tab, page.expect_request(f"**{path}?*") as request:
            await press()
        paper = await tab.value
        await expect(paper).to_have_url(re.compile("^blob:"))
        await paper.close()
        # the browser gives no one what a page has read: the same is asked once more
        asked = await request.value
        again = await page.request.get(asked.url, headers=await asked.all_headers())
        return [one.extract_text() for one in PdfReader(BytesIO(await again.body())).pages]

    await page.get_by_role("button", name="Print").click()
    item = page.get_by_role("menuitem", name=re.compile("^Day sheets of "))
    both = await sheets(item.click, "/day-sheets")
    assert sum("Peg Ode" in one for one in both) == sum("Quin Ode" in one for one in both) == 1
    await page.goto(f"{page.url.split('/board')[0]}/technicians/{peg}")
    [own] = await sheets(page.get_by_role("button", name="Day sheet").click, f"{peg}/day-sheet")
    assert "Peg Ode" in own
    assert "Quin Ode" not in own


async def test_work_that_takes_days_has_a_part_on_each(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    rhea = await technician(acme, "Rhea Ode")
    await shift(job, rhea)
    made = await job.planned(rhea, at=job.nine)
    taken = await job.planned(rhea, at=job.nine + DAY + 4 * HOUR)
    page = await opened(visit, job)
    await block(page, "Rhea Ode", made).click(button="right")
    await page.get_by_role("menuitem", name="Over several days…").click()
    dialog = page.get_by_role("dialog", name="Ann Lee, over several days")
    await expect(dialog.get_by_label("How many days")).to_be_focused()
    assert await both_themes(page, within="[role=dialog]") == []
    end = dialog.get_by_label("To", exact=True)
    await expect(dialog.get_by_label("From")).to_have_value("09:00")
    await dialog.get_by_label("How many days").fill("3")
    await dialog.get_by_label("Days with work").select_option("Every day")
    await end.fill("14:00")
    await dialog.get_by_role("button", name="Plan the days").click()
    # the second day is taken from one o'clock on, so none is planned, and what was typed stays
    await expect(dialog.get_by_role("alert")).to_contain_text("Rhea Ode")
    await expect(end).to_have_value("14:00")
    assert (await now(job, made))["followed_by_id"] is None
    await end.fill("12:00")
    await dialog.get_by_role("button", name="Plan the days").click()
    await expect(dialog).to_have_count(0)
    parts = (await job.dana.got(VISITS, work_order_id=made["work_order_id"]))["data"]
    starts = sorted(one["planned_start"] for one in parts if one["planned_start"])
    begins = [datetime.fromisoformat(one) for one in starts]
    assert begins == [job.nine + n * DAY for n in range(3)]
    said = page.get_by_role("listitem").filter(has_text="Ann Lee is planned on 3 days.")
    await said.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Undone").first).to_be_visible()
    assert (await now(job, made))["followed_by_id"] is None
    assert await planned(job, taken) == (job.nine + DAY + 4 * HOUR, [rhea])
