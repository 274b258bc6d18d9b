"""Technicians: what they can do, and their working time, changed on a week's calendar."""

from datetime import date, timedelta

from playwright.async_api import expect

from tests.support.field import a_job, did, technician
from tests.support.people import Company
from tests.web.axe import both_themes
from tests.web.pages import PHONE, Visitor
from tests.web.seen import clipped_anywhere

TECHNICIANS = "/api/v2/technicians"
MONDAY = date(2027, 3, 1)


async def test_a_technician_is_found_opened_and_certified(visit: Visitor, acme: Company) -> None:
    owner, dana = await acme.person("owner"), await acme.person("dispatcher")
    await technician(acme, "Abel Frost")
    tess = await technician(acme, "Tess Ode")
    skill = await owner.made("/api/v2/skills", {"name": "Gas fitting"})
    page = await visit("/technicians", person=dana)
    grid = page.get_by_role("grid", name="technicians")
    await expect(grid.get_by_text("Abel Frost")).to_be_visible()
    assert await both_themes(page) == []
    await page.get_by_role("searchbox").fill("tess")
    await expect(grid.get_by_role("row")).to_have_count(2)
    await grid.get_by_role("link", name="Tess Ode").click()
    await expect(page.get_by_role("heading", name="Tess Ode")).to_be_visible()

    await page.keyboard.press("e")
    drawer = page.get_by_role("dialog", name="Edit Tess Ode")
    await drawer.get_by_label("Phone").fill("12")
    await drawer.get_by_role("button", name="Add a skill").click()
    await drawer.get_by_label("Skill 1", exact=True).select_option(label="Gas fitting")
    await drawer.get_by_label("Level").select_option(label="Level 3")
    await drawer.get_by_label("Certificate number").fill("GF-77")
    await drawer.get_by_label("Expires on").fill("2020-05-31")
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer.get_by_label("Phone")).to_have_attribute("aria-invalid", "true")
    await expect(drawer.get_by_label("Certificate number")).to_have_value("GF-77")
    assert await both_themes(page, within="[role=dialog]") == []
    await drawer.get_by_label("Phone").fill("(312) 555-0143")
    await drawer.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Expired Sun, May 31, 2020")).to_be_visible()
    saved = await dana.got(f"{TECHNICIANS}/{tess}")
    [held] = saved["skills"]
    assert saved["phone"] == "+13125550143"
    assert (held["skill"]["id"], held["level"], held["expires_on"]) == (
        skill["id"],
        3,
        "2020-05-31",
    )

    # the organisation's clock instead of one of their own
    await dana.patched(f"{TECHNICIANS}/{tess}", saved["version"], {"time_zone": "America/Denver"})
    await expect(page.get_by_role("definition").filter(has_text="America/Denver")).to_be_visible()
    await page.keyboard.press("e")
    await drawer.get_by_label("Time zone").select_option("")
    await drawer.get_by_label("Colour").fill("#aa3355")
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer).to_be_hidden()
    saved = await dana.got(f"{TECHNICIANS}/{tess}")
    assert (saved["time_zone"], saved["color"]) == ("America/Chicago", "#aa3355")
    assert await both_themes(page) == []
    assert await clipped_anywhere(page) == []


async def test_working_time_is_changed_on_the_week(visit: Visitor, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    tess = await technician(acme, "Tess Ode")
    page = await visit(f"/technicians/{tess}?week={MONDAY}", person=dana)
    await page.get_by_role("button", name="Add a shift").click()
    drawer = page.get_by_role("dialog")
    await drawer.get_by_label("From").fill(MONDAY.isoformat())
    await drawer.get_by_label("End of line 1").fill("")
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer.get_by_label("End of line 1")).to_have_attribute("aria-invalid", "true")
    await drawer.get_by_label("End of line 1").fill("12:30")
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer).to_be_hidden()
    monday = page.get_by_role("button", name="Works 8 AM – 12:30 PM Days")
    await expect(monday).to_be_visible()

    # one day alone, and then the whole shift
    await page.get_by_role("button", name="Other hours on Wed, Mar 3, 2027").click()
    await drawer.get_by_label("Start of line 1").fill("10:00")
    await drawer.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Works 10 AM – 5 PM Other hours")).to_be_visible()
    assert await both_themes(page) == []
    await monday.click()
    await drawer.get_by_label("Name").fill("Mornings")
    await drawer.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="Mornings").first).to_be_visible()
    span = {"from": str(MONDAY), "to": str(MONDAY + timedelta(days=2))}
    worked = await dana.got(f"{TECHNICIANS}/{tess}/working-time", **span)
    assert [day["work_minutes"] for day in worked["days"]] == [270, 540, 420]

    # deleting asks first, and is taken back
    change = page.get_by_role("button", name="Change Other hours")
    sure = page.get_by_role("dialog", name="Delete “Other hours”?")
    await change.click()
    await drawer.get_by_role("button", name="Delete…").click()
    await sure.get_by_role("button", name="Cancel").click()
    await drawer.get_by_role("button", name="Delete…").click()
    await sure.get_by_role("button", name="Delete", exact=True).click()
    await expect(drawer).to_be_hidden()
    await expect(change).to_be_hidden()
    shifts = (await dana.got("/api/v2/shifts", technician_id=tess))["data"]
    assert [one["name"] for one in shifts] == ["Mornings"]
    await page.get_by_role("button", name="Undo").click()
    await expect(change).to_be_visible()
    worked = await dana.got(f"{TECHNICIANS}/{tess}/working-time", **span)
    assert [day["work_minutes"] for day in worked["days"]] == [270, 540, 420]


async def test_breaks_are_added_changed_and_taken_away(visit: Visitor, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    tess = await technician(acme, "Tess Ode")
    lunch = {"minutes": 45, "earliest": "11:30", "latest": "13:00"}
    spans = [
        {"weekday": day, "start": "08:00", "end": "17:00", "breaks": [lunch]}
        for day in ("mon", "tue")
    ]
    body = {"technician_id": tess, "name": "Days", "valid_from": str(MONDAY), "spans": spans}
    shift = await dana.made("/api/v2/shifts", body)
    page = await visit(f"/technicians/{tess}?week={MONDAY}", person=dana)
    await page.get_by_role("button", name="Change Days").click()
    drawer = page.get_by_role("dialog")
    minutes = drawer.get_by_label("Minutes of break 1 of line 1")
    await expect(minutes).to_have_value("45")
    await minutes.fill("3")
    await drawer.get_by_role("button", name="Take break 1 of line 2 away").click()
    await drawer.get_by_role("button", name="Break of line 1").click()
    await drawer.get_by_label("Start of break 2 of line 1", exact=True).fill("15:00")
    await drawer.get_by_role("button", name="Save").click()
    await expect(minutes).to_have_attribute("aria-invalid", "true")
    assert await both_themes(page, within="[role=dialog]") == []
    assert await clipped_anywhere(page) == []
    await minutes.fill("60")
    await drawer.get_by_role("button", name="Save").click()
    await expect(drawer).to_be_hidden()
    saved = await dana.got(f"/api/v2/shifts/{shift['id']}")
    said = [
        [
            {name: value for name, value in one.items() if value is not None}
            for one in span["breaks"]
        ]
        for span in saved["spans"]
    ]
    assert said == [[{**lunch, "minutes": 60}, {"minutes": 30, "start": "15:00"}], []]


async def test_time_off_is_decided(visit: Visitor, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    tess = await technician(acme, "Tess Ode")
    for day in ("2027-03-02", "2027-03-04"):
        body = {"technician_id": tess, "kind": "vacation", "first_day": day}
        await dana.made("/api/v2/time-off", body)
    page = await visit(f"/technicians/{tess}?week={MONDAY}", person=dana, size=PHONE)
    rows = page.get_by_role("listitem")
    await rows.filter(has_text="Tue, Mar 2, 2027").get_by_role("button", name="Approve").click()
    tuesday = rows.filter(has=page.get_by_role("button", name="Other hours on Tue, Mar 2, 2027"))
    await expect(tuesday).to_contain_text("Time off 8 AM – 5 PM")
    await rows.filter(has_text="Thu, Mar 4, 2027").get_by_role("button", name="Decline…").click()
    await page.get_by_label("Reason").fill("Everybody else is away")
    await page.get_by_role("button", name="Decline", exact=True).click()
    await expect(page.get_by_text("Everybody else is away").first).to_be_visible()
    assert await both_themes(page) == []
    found = (await dana.got("/api/v2/time-off", technician_id=tess, sort="starts_at"))["data"]
    assert [one["status"] for one in found] == ["approved", "declined"]


async def test_the_work_of_a_technician_is_on_their_page(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme, "Tess Ode")
    page = await visit(f"/technicians/{tess}", person=job.dana)
    coming, last = (page.get_by_role("region", name=name) for name in ("To come", "Last visits"))
    await expect(coming).to_contain_text("Nothing is planned for them.")
    await expect(last).to_contain_text("They have made no visit yet.")

    # it comes while one looks
    planned = await job.planned(tess)
    number = planned["work_order"]["number"]
    await expect(coming.get_by_role("listitem")).to_have_count(1)
    await expect(coming).to_contain_text(planned["customer"]["name"])
    await expect(coming.get_by_role("link", name="On the board")).to_have_attribute(
        "href", f"/board?date={job.day}&visit={planned['id']}"
    )
    assert await both_themes(page) == []
    assert await clipped_anywhere(page) == []
    for name in ("dispatch", "en-route", "arrive", "start", "complete"):
        await did(job.dana, planned, name)
    await expect(last.get_by_role("listitem").filter(has_text="Completed")).to_have_count(1)
    await expect(coming.get_by_role("listitem")).to_have_count(0)
    await last.get_by_role("link", name=number).click()
    await expect(page.get_by_role("heading", name=number)).to_be_visible()
