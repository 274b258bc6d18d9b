"""What positions say of visits, asked in the office: it comes while one looks, and one click says whether it was so."""

import random
import re
from datetime import timedelta

from playwright.async_api import expect

from app.core import clock
from tests.support.field import did
from tests.support.people import Company
from tests.support.server import Server
from tests.support.tracking import at_work
from tests.test_geofences import a_pinned_job, a_trip, followed, said, sent, wants
from tests.web.axe import both_themes
from tests.web.pages import Visitor
from tests.web.seen import clipped_anywhere


async def test_the_office_says_whether_somebody_has_come_and_left(
    visit: Visitor, acme: Company, server: Server
) -> None:
    await wants(acme, "suggest")
    job = await a_pinned_job(acme)
    tess = await at_work(acme, "Tess Came")
    planned = await job.planned(tess, at=clock.now() - timedelta(minutes=90))
    await did(job.dana, planned, "dispatch")
    page = await visit("/", person=job.dana)
    asked = page.get_by_role("region", name="Is it so?")
    await expect(page.get_by_role("heading", name="About to go wrong")).to_be_visible()
    await expect(asked).to_have_count(0)

    await sent(job.dana, tess, said(a_trip(random.Random(1), clock.now() - timedelta(minutes=60))))
    await followed(server)
    await expect(asked).to_contain_text(
        re.compile(r"Tess Came seems to have arrived at (\w+, \w+ \d+, )?\d+:\d\d .M MST")
    )
    await expect(asked.get_by_role("link", name=planned["customer"]["name"])).to_have_attribute(
        "href", re.compile(f"/board.*visit={planned['id']}")
    )
    assert await both_themes(page) == []
    assert await clipped_anywhere(page) == []
    await asked.get_by_role("button", name="On site since").click()
    await expect(asked).to_have_count(0)
    there = await job.dana.got(f"/api/v2/visits/{planned['id']}")
    assert there["status"] == "on_site"
    assert there["arrived_at"] < (clock.now() - timedelta(minutes=30)).isoformat()

    # that they have left is asked in the bell, wherever one is
    await page.goto("/customers")
    await followed(server)
    bell = page.get_by_role("button", name="Alerts:")
    await expect(bell).not_to_have_accessible_name("Alerts: 0")
    await bell.click()
    left = page.get_by_role("list", name="Is it so?")
    await expect(left).to_contain_text("Tess Came seems to have left at")
    await left.get_by_role("button", name="Not done: Tess Came").click()
    await expect(left).to_have_count(0)
    assert (await job.dana.got(f"/api/v2/visits/{planned['id']}"))["status"] == "on_site"
