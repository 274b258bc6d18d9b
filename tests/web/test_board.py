"""The board with a mouse, with the keyboard alone, and two of them side by side."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.support.database import Database
from tests.support.field import Job, a_job, did, technician
from tests.support.journal import relaying
from tests.support.live import living
from tests.support.people import Company
from tests.support.server import Server
from tests.test_warnings import shift
from tests.web.pages import Visitor

HOUR = timedelta(hours=1)


@pytest_asyncio.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Server]:
    """With a hub and a relay: boards are live."""
    async with relaying(database), living(database) as running:
        yield running


async def opened(visit: Visitor, job: Job) -> Page:
    """The board of the job's day, live."""
    page = await visit(f"/board?date={job.day}", person=job.dana)
    await expect(page.get_by_role("status", name="Connection")).to_contain_text("Live")
    return page


async def test_two_boards_show_what_a_third_client_does(visit: Visitor, acme: Company) -> None:
    job = await a_job(acme)
    tess, max_ = await technician(acme), await technician(acme, "Max Ode")
    await shift(job, tess)
    await shift(job, max_)
    made = await job.planned(tess)
    number = made["work_order"]["number"]
    one, other = await opened(visit, job), await opened(visit, job)
    for page in (one, other):
        shown = page.get_by_role("group", name="Tess Ode").get_by_role("button", name=number)
        await expect(shown).to_have_accessible_name(re.compile("Scheduled"))
    await did(job.dana, made, "move", start=(job.nine + HOUR).isoformat(), technician_ids=[max_])
    for page in (one, other):
        moved = page.get_by_role("group", name="Max Ode").get_by_role("button", name=number)
        await expect(moved).to_be_visible()
        await expect(
            page.get_by_role("group", name="Tess Ode").get_by_role("button")
        ).to_have_count(0)
