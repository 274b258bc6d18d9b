"""A line on which nothing comes for a while, without an end: what is shown says how old it is and what nobody has
answered yet, nothing is said to be done, and afterwards the board is equal to the server."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio
from playwright.async_api import expect

from app.realtime.bounds import Bounds
from tests.support.cable import Cable
from tests.support.database import Database
from tests.support.field import a_job, did, technician
from tests.support.journal import relaying
from tests.support.live import living
from tests.support.people import Company, found_company
from tests.support.server import Server
from tests.test_warnings import shift
from tests.web.pages import Visitor
from tests.web.test_board import HOUR, block, planned
from tests.web.test_broken_line import state
from tests.web.whole.test_side_by_side import equal


@pytest_asyncio.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Server]:
    """It gives a sign of life each second: a line that gives none is found out soon."""
    bounds = replace(Bounds(), heartbeat=1)
    async with relaying(database), living(database, bounds=bounds) as running:
        yield running


async def test_what_is_not_answered_yet_is_shown_as_that(visit: Visitor, server: Server) -> None:
    job = await a_job(await found_company(server, "slow-line"))
    lena, moe = [await technician(job.company, name) for name in ("Lena Ode", "Moe Ode")]
    await shift(job, lena)
    await shift(job, moe)
    made = await job.planned(lena)
    taken = await job.planned(lena, at=job.nine + 3 * HOUR)
    address = f"/board?date={job.day}&view=day&by=technicians"
    async with Cable.to(server.url) as line:
        page = await visit(address, person=job.dana, over=line)
        held, lost = block(page, "Lena Ode", made), block(page, "Lena Ode", taken)
        await expect(held).to_be_visible()
        await state(page, "Live")

        line.hush()
        for one in (held, lost):
            await one.focus()
            await page.keyboard.press("Alt+ArrowRight")
            await page.keyboard.press("Enter")
            await expect(one).to_have_attribute("aria-busy", "true")
        await state(page, "No connection: as of")
        await expect(page.get_by_text("Moved Ann Lee")).to_have_count(0)
        assert await planned(job, made) == (job.nine, [lena])
        start = job.nine + 5 * HOUR
        await did(job.dana, taken, "move", technician_ids=[moe], start=start.isoformat())

        line.mend()
        await expect(page.get_by_text("Moved Ann Lee").first).to_be_visible()
        await expect(page.get_by_text("Somebody else was quicker").first).to_be_visible()
        await state(page, "Live")
        assert await planned(job, made) == (job.nine + HOUR / 4, [lena])
        assert await planned(job, taken) == (start, [moe])
        await expect(block(page, "Moe Ode", taken)).to_be_visible()
        await expect(page.locator(".visit[aria-busy]")).to_have_count(0)
        fresh = await visit(address, person=await job.company.person("owner"))
        await equal(fresh, page)


async def test_a_note_survives_a_line_that_breaks_under_it(
    visit: Visitor, acme: Company, server: Server
) -> None:
    job = await a_job(acme)
    async with Cable.to(server.url) as cable:
        page = await visit(
            f"/customers/{job.work.customer['id']}?tab=notes", person=job.dana, over=cable
        )
        note = page.get_by_label("New note")
        await note.fill("The dog is friendly")
        await state(page, "Live")
        cable.cut()
        await page.get_by_role("button", name="Add note").click()
        await expect(page.get_by_text("cannot be reached").first).to_be_visible()
        await expect(note).to_have_value("The dog is friendly")
        cable.mend()
        await page.get_by_role("button", name="Add note").click()
        await expect(note).to_have_value("")
        written = page.get_by_role("listitem").filter(has_text="The dog is friendly")
        await expect(written).to_have_count(1)
