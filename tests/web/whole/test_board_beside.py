"""What stands on a board beside visits: events, times that are held, and notes; with a mouse, and with keys alone."""

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any

from playwright.async_api import Locator, Page, Route, expect

from tests.support.field import VISITS, Job, a_job, technician
from tests.support.people import Company
from tests.test_warnings import shift
from tests.web.axe import both_themes
from tests.web.pages import Visitor
from tests.web.test_board import CHICAGO, CUT, HOUR, opened, spoken

EVENTS, HOLDS, NOTES = "/api/v2/events", "/api/v2/holds", "/api/v2/day-notes"


def wall(at: datetime) -> str:
    """What the clock of the office shows: "10:00"."""
    return f"{at.astimezone(CHICAGO):%H:%M}"


def said(at: datetime) -> str:
    """When something begins, as it is said: "11:00"."""
    return f", {at.astimezone(CHICAGO):%-I:%M}"


def chip(page: Page, who: str, name: str | re.Pattern[str]) -> Locator:
    """An event or a hold on somebody's lane."""
    return page.get_by_role("group", name=who).get_by_role("button", name=name)


async def right_click(page: Page, job: Job, who: str, at: datetime) -> None:
    """On an empty stretch of somebody's lane, at that time."""
    lane = await page.get_by_role("group", name=who).bounding_box()
    hour = await page.get_by_role("region", name="Schedule").evaluate(
        "board => parseFloat(board.style.getPropertyValue('--hour'))"
    )
    assert lane is not None
    start = datetime.fromisoformat(job.day).replace(tzinfo=CHICAGO)
    x = lane["x"] + (at - start) / HOUR * hour
    await page.mouse.click(x + 3, lane["y"] + lane["height"] / 2, button="right")


async def ours(job: Job, who: str) -> list[Any]:
    """The events in which somebody takes part, as the server has them."""
    found: list[Any] = (await job.dana.got(EVENTS, technician_id=who, sort="starts_at"))["data"]
    return found


async def test_an_event_is_put_into_an_empty_stretch_changed_and_called_off(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    ora = await technician(acme, "Ora Ode")
    await shift(job, ora)
    page = await opened(visit, job)
    await right_click(page, job, "Ora Ode", job.nine + 2 * HOUR)
    await page.get_by_role("menuitem", name="New event at").click()
    asks = page.get_by_role("dialog", name="New event")
    await expect(asks.get_by_label("Title")).to_be_focused()
    await expect(asks.get_by_label("From")).to_have_value(wall(job.nine + 2 * HOUR))
    assert await both_themes(page, within="[role=dialog]") == []
    await asks.get_by_label("Kind").select_option("Training")
    await asks.get_by_label("Title").fill("Ladder safety")
    await asks.get_by_role("combobox", name="Place").fill("Main yard")
    await page.get_by_role("option", name="without a drive there").click()
    await asks.get_by_role("button", name="Set it").click()
    there = chip(page, "Ora Ode", "Ladder safety")
    await expect(there).to_have_attribute("title", re.compile("Main yard"))
    [made] = await ours(job, ora)
    assert (made["kind"], made["place"], made["latitude"]) == ("training", "Main yard", None)
    assert datetime.fromisoformat(made["starts_at"]) == job.nine + 2 * HOUR

    await there.click()
    asks = page.get_by_role("dialog", name="Ladder safety")
    await asks.get_by_label("From").fill(wall(job.nine + 3 * HOUR))
    await expect(asks.get_by_label("To")).to_have_value(wall(job.nine + 4 * HOUR))
    assert await both_themes(page, within="[role=dialog]") == []
    await asks.get_by_role("button", name="Save").click()
    await expect(there).to_have_accessible_name(re.compile(said(job.nine + 3 * HOUR)))
    [made] = await ours(job, ora)
    assert datetime.fromisoformat(made["starts_at"]) == job.nine + 3 * HOUR
    await page.keyboard.press("Control+z")
    await expect(there).to_have_accessible_name(re.compile(said(job.nine + 2 * HOUR)))
    [made] = await ours(job, ora)
    assert datetime.fromisoformat(made["starts_at"]) == job.nine + 2 * HOUR

    await there.click(button="right")
    await page.get_by_role("menuitem", name="Call it off").click()
    await expect(there).to_have_count(0)
    assert await ours(job, ora) == []
    await page.get_by_role("button", name="Undo", exact=True).last.click()
    await expect(there).to_be_visible()
    assert len(await ours(job, ora)) == 1


async def test_a_place_is_taken_as_its_line_is_pressed_though_the_lines_change_before_it_is_let_go(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    ned = await technician(acme, "Ned Ode")
    await shift(job, ned)
    page = await opened(visit, job)
    pressed, answered = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        """Nothing of that name, once the mouse is down."""
        nothing = await route.fetch()
        await pressed.wait()
        await route.fulfill(response=nothing)
        answered.set()

    await page.route(re.compile(r"/api/v2/sites\?.*Main"), late)
    await right_click(page, job, "Ned Ode", job.nine)
    await page.get_by_role("menuitem", name="New event at").click()
    asks = page.get_by_role("dialog", name="New event")
    await asks.get_by_label("Title").fill("Trench safety")
    await asks.get_by_role("combobox", name="Place").fill("Main yard")
    line = page.get_by_role("option", name="without a drive there")
    await line.hover()
    assert await page.get_by_role("option").count() > 1
    await page.mouse.down()
    pressed.set()
    await answered.wait()
    await page.evaluate("() => new Promise(done => setTimeout(done, 300))")  # time to show it
    await page.mouse.up()
    await expect(asks.get_by_role("combobox", name="Place")).to_have_value("Main yard")
    await asks.get_by_role("button", name="Set it").click()
    await expect(chip(page, "Ned Ode", "Trench safety")).to_have_attribute(
        "title", re.compile("Main yard")
    )
    assert [one["place"] for one in await ours(job, ned)] == ["Main yard"]


async def test_an_event_goes_to_another_time_by_keys_and_to_somebody_else_by_the_mouse(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    una, vic = await technician(acme, "Una Ode"), await technician(acme, "Vic Ode")
    await shift(job, una)
    await shift(job, vic)
    await job.dana.made(
        EVENTS,
        {
            "title": "Pick up parts",
            "kind": "supply_house",
            "starts_at": job.nine.isoformat(),
            "ends_at": (job.nine + HOUR).isoformat(),
            "technician_ids": [una],
        },
    )
    page = await opened(visit, job)
    told = page.get_by_test_id("said")
    there = chip(page, "Una Ode", "Pick up parts")
    await there.focus()
    await page.keyboard.press("Alt+ArrowRight")
    await page.keyboard.press("Alt+ArrowRight")
    await expect(told).to_have_text(spoken(job.nine + HOUR / 2, "Una Ode"))
    await page.keyboard.press("Escape")
    await expect(told).to_have_text("Not moved.")
    await page.keyboard.press("Alt+ArrowRight")
    await page.keyboard.press("Enter")
    await expect(there).to_have_accessible_name(re.compile(said(job.nine + HOUR / 4)))
    await expect(page.get_by_text("Pick up parts is changed.").last).to_be_visible()
    [made] = await ours(job, una)
    assert datetime.fromisoformat(made["starts_at"]) == job.nine + HOUR / 4

    asked, goes_on = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        """The change, once the board was looked at."""
        if route.request.method == "PATCH":
            asked.set()
            await goes_on.wait()
        await route.continue_()

    await page.route("**/api/v2/events/*", late)
    taken = await there.bounding_box()
    other = await page.get_by_role("group", name="Vic Ode").bounding_box()
    assert taken is not None
    assert other is not None
    x, y = taken["x"] + taken["width"] / 2, taken["y"] + taken["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 20, y + 5)
    await page.mouse.move(x + taken["width"], other["y"] + 20, steps=4)
    await expect(told).to_have_text(spoken(job.nine + 1.25 * HOUR, "Vic Ode"))
    await page.mouse.up()
    await asked.wait()
    await expect(chip(page, "Vic Ode", "Pick up parts")).to_be_visible()
    await expect(there).to_have_count(0)
    assert await ours(job, vic) == []  # it is shown before the server has it
    async with page.expect_response(lambda reply: reply.request.method == "PATCH"):
        goes_on.set()
    await page.unroute("**/api/v2/events/*")
    [made] = await ours(job, vic)
    assert datetime.fromisoformat(made["starts_at"]) == job.nine + 1.25 * HOUR
    assert await ours(job, una) == []
    await page.keyboard.press("Control+z")
    await expect(there).to_be_visible()

    await job.planned(una, at=job.nine + 2 * HOUR)
    await there.focus()
    for _ in range(7):
        await page.keyboard.press("Alt+ArrowRight")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Pick up parts was not moved.").first).to_be_visible()
    await expect(there).to_have_accessible_name(re.compile(said(job.nine + HOUR / 4)))


async def test_a_series_is_set_with_keys_alone_and_a_clash_keeps_what_was_entered(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    pia = await technician(acme, "Pia Ode")
    await shift(job, pia)
    made = await job.planned(pia)
    page = await opened(visit, job)
    block = page.get_by_role("group", name="Pia Ode").get_by_role(
        "button", name=made["work_order"]["number"]
    )
    await block.focus()
    await page.keyboard.press("e")
    asks = page.get_by_role("dialog", name="New event")
    await expect(asks.get_by_label("From")).to_have_value(wall(job.nine + HOUR))
    await expect(asks.get_by_role("list", name="Who and what takes part")).to_contain_text(
        "Pia Ode"
    )
    await page.keyboard.type("Toolbox talk")  # over the name of its kind
    await expect(asks.get_by_label("Title")).to_have_value("Toolbox talk")
    await asks.get_by_label("From").fill(wall(job.nine + HOUR / 2))
    await asks.get_by_label("Repeats").focus()
    await page.keyboard.type("Every week")
    await asks.get_by_label("Title").focus()
    await page.keyboard.press("Enter")
    await expect(asks.get_by_role("alert")).to_contain_text("Pia Ode")
    await expect(asks.get_by_label("Title")).to_have_value("Toolbox talk")
    assert await ours(job, pia) == []
    await asks.get_by_label("From").fill(wall(job.nine + HOUR))
    await asks.get_by_label("Title").focus()
    await page.keyboard.press("Enter")
    there = chip(page, "Pia Ode", "Toolbox talk")
    await expect(there).to_be_visible()
    many = len(await ours(job, pia))
    assert many > 10

    await block.focus()
    await page.keyboard.press("ArrowRight")
    await expect(there).to_be_focused()
    await page.keyboard.press("Enter")
    asks = page.get_by_role("dialog", name="Toolbox talk")
    await expect(asks).to_contain_text("Every week, on")
    await asks.get_by_label("Change or call off").focus()
    await page.keyboard.type("This one and")
    await asks.get_by_role("button", name="Call it off").focus()
    await page.keyboard.press("Enter")
    await expect(asks).to_have_count(0)
    await expect(there).to_have_count(0)
    assert await ours(job, pia) == []
    await page.keyboard.press("Control+z")
    await expect(there).to_be_visible()
    assert len(await ours(job, pia)) == many


async def test_a_time_is_held_with_keys_alone_seen_elsewhere_and_booked(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    quin = await technician(acme, "Quin Ode")
    await shift(job, quin)
    window = {
        "window_start": job.nine.isoformat(),
        "window_end": (job.nine + 2 * HOUR).isoformat(),
    }
    made = await job.visit(**window)
    page, other = await opened(visit, job), await opened(visit, job)
    block = page.get_by_role("group", name="Unassigned").get_by_role(
        "button", name=made["work_order"]["number"]
    )
    await block.focus()
    await page.keyboard.press("h")
    asks = page.get_by_role("dialog", name="Hold a time for Ann Lee")
    times = asks.get_by_label("Time")
    await expect(times).to_be_focused()
    await expect(times.locator("option").nth(2)).to_be_attached()
    await page.keyboard.press("ArrowDown")
    await asks.get_by_label("How long").focus()
    await page.keyboard.type("30")
    await asks.get_by_label("For whom, and why").focus()
    await page.keyboard.type("Ann asks her husband")
    assert await both_themes(page, within="[role=dialog]") == []
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Held for Ann Lee").first).to_be_visible()
    [hold] = (await job.dana.got(HOLDS, visit_id=made["id"]))["data"]
    assert (hold["note"], hold["status"]) == ("Ann asks her husband", "open")
    made_at, over_at = (datetime.fromisoformat(hold[one]) for one in ("created_at", "expires_at"))
    assert abs(over_at - made_at - HOUR / 2) < timedelta(minutes=1)
    day = datetime.fromisoformat(hold["starts_at"]).astimezone(CHICAGO).date().isoformat()
    for one in (page, other):
        await one.goto(f"/board?date={day}&view=day&by=technicians")
    who = hold["technicians"][0]["name"]
    mine, theirs = (chip(one, who, "Held") for one in (page, other))
    await expect(theirs).to_have_accessible_name(re.compile(r"Held .*, (30|29) min left"))

    await mine.focus()
    await page.keyboard.press("Enter")
    asks = page.get_by_role("dialog", name="Held: ")
    await expect(asks.get_by_role("timer")).to_have_text(re.compile(r"^(30|29) min left$"))
    await expect(asks).to_contain_text("Ann asks her husband")
    assert await both_themes(page, within="[role=dialog]") == []
    await asks.get_by_role("button", name="Book…").focus()
    await page.keyboard.press("Enter")
    asks = page.get_by_role("dialog", name="Promise ")
    await expect(asks.get_by_label("Told how")).to_be_focused()
    assert await both_themes(page, within="[role=dialog]") == []
    await asks.get_by_label("To whom").focus()
    await page.keyboard.type("Ann")
    await page.keyboard.press("Enter")
    await expect(asks).to_have_count(0)
    booked = page.get_by_role("group", name=who).get_by_role(
        "button", name=made["work_order"]["number"]
    )
    await expect(booked).to_be_visible()
    await expect(mine).to_have_count(0)
    await expect(theirs).to_have_count(0)
    now = await job.dana.got(f"{VISITS}/{made['id']}")
    assert (now["planned_start"], now["promise"]["told_to"]) == (hold["starts_at"], "Ann")
    await page.keyboard.press("Control+z")
    await expect(mine).to_be_visible()
    await expect(theirs).to_be_visible()


async def test_a_hold_is_made_longer_released_and_goes_by_itself_with_the_mouse(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    rob = await technician(acme, "Rob Ode")
    await shift(job, rob)
    order = await job.work.order()
    found = await job.dana.got(
        "/api/v2/availability",
        work_order_id=order["id"],
        technician_ids=[rob],
        **{"from": job.day, "to": job.day},
    )
    slot = found["slots"][0]
    body = {
        "work_order_id": order["id"],
        "technician_ids": [rob],
        "window_start": slot["window_start"],
        "window_end": slot["window_end"],
    }
    page = await opened(visit, job)
    hold = await job.dana.made(HOLDS, {**body, "minutes": 5})
    there = chip(page, "Rob Ode", "Held")
    await expect(there).to_have_accessible_name(re.compile(r"[45] min left"))
    await there.click(button="right")
    await page.get_by_role("menuitem", name="Hold for 60 min").click()
    await expect(there).to_have_accessible_name(re.compile(r"(60|59) min left"))
    await there.click()
    asks = page.get_by_role("dialog", name="Held: ")
    await expect(asks).to_contain_text(order["number"])
    await asks.get_by_role("button", name="Release").click()
    await expect(asks).to_have_count(0)
    await expect(there).to_have_count(0)
    assert (await job.dana.got(f"{HOLDS}/{hold['id']}"))["status"] == "released"
    await page.get_by_role("button", name="Undo", exact=True).last.click()
    await expect(there).to_be_visible()

    await page.clock.install()
    await page.reload()
    await expect(there).to_be_visible()
    await page.clock.fast_forward("01:01:00")
    await expect(there).to_have_count(0)


async def test_notes_of_a_day_are_written_with_keys_alone_and_stand_on_every_board(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    sia = await technician(acme, "Sia Ode")
    await shift(job, sia)
    made = await job.planned(sia)
    page, other = await opened(visit, job), await opened(visit, job)
    await page.get_by_role("region", name="Schedule").focus()
    await page.keyboard.press("n")
    asks = page.get_by_role("dialog", name="Notes for")
    text = asks.get_by_label("New note")
    await expect(text).to_be_focused()
    assert await both_themes(page, within="[role=dialog]") == []
    await page.keyboard.type("The yard is closed from noon")
    await page.keyboard.press("Control+Enter")
    await expect(asks).to_have_count(0)
    for one in (page, other):
        await expect(
            one.get_by_role("button", name="Notes for everybody: The yard is closed from noon")
        ).to_be_visible()

    block = page.get_by_role("group", name="Sia Ode").get_by_role(
        "button", name=made["work_order"]["number"]
    )
    await block.focus()
    await page.keyboard.press("n")
    await expect(asks).to_contain_text("What Sia Ode should know")
    await page.keyboard.type("Take van 3")
    await page.keyboard.press("Control+Enter")
    await expect(asks).to_have_count(0)
    mark = other.get_by_role("button", name="Notes for Sia Ode: Take van 3")
    await expect(mark).to_be_visible()
    assert await page.evaluate(CUT) == []
    assert await both_themes(page, within=".board") == []
    both = (await job.dana.got(NOTES, day_from=job.day, sort="created_at"))["data"]
    assert [(one["technician_id"], one["body"]) for one in both] == [
        (None, "The yard is closed from noon"),
        (sia, "Take van 3"),
    ]


async def test_a_note_is_changed_and_deleted_with_the_mouse_and_brought_back(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    tia = await technician(acme, "Tia Ode")
    await shift(job, tia)
    note = await job.dana.made(
        NOTES, {"day": job.day, "technician_id": tia, "body": "Bring the long ladder"}
    )
    page = await opened(visit, job)
    mark = page.get_by_role("list", name="Lanes").get_by_role("button", name="Notes for Tia Ode")
    await mark.click()
    asks = page.get_by_role("dialog", name="Notes for")
    await asks.get_by_role("button", name="Change the note").click()
    text = asks.get_by_role("textbox", name="Note", exact=True)
    await text.fill("Bring both ladders")
    # the other's words are here before one saves: what one began to change was not these
    async with page.expect_response("**/api/v2/day-notes?*"):
        await job.dana.patched(f"{NOTES}/{note['id']}", note["version"], {"body": "Bring a rope"})
    await asks.get_by_role("button", name="Save").click()
    await expect(asks.get_by_role("alert")).to_contain_text("Bring a rope")
    await expect(text).to_have_value("Bring both ladders")
    await asks.get_by_role("button", name="Save").click()
    await expect(text).to_have_count(0)
    assert (await job.dana.got(f"{NOTES}/{note['id']}"))["body"] == "Bring both ladders"
    await asks.get_by_role("button", name="Delete the note").click()
    await expect(asks).to_have_count(0)
    await expect(mark).to_have_count(0)
    await page.keyboard.press("Control+z")
    await expect(mark).to_have_accessible_name(re.compile("Bring both ladders"))
