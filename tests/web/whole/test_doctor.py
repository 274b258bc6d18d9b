"""What the doctor finds leads to where it stands."""

import re
from datetime import datetime

from playwright.async_api import expect

from tests.support.field import a_job, technician
from tests.support.people import Company
from tests.web.pages import Visitor


async def test_a_finding_about_a_visit_leads_to_it_on_the_board(
    visit: Visitor, acme: Company
) -> None:
    job = await a_job(acme)
    tess = await technician(acme, "Tess Goes")
    afternoon = {
        f"window_{edge}_local": f"{job.day}T{at}"
        for edge, at in (("start", "13:00"), ("end", "15:00"))
    }
    made = await job.planned(tess, **afternoon)
    page = await visit("/doctor", person=await acme.person("owner"))
    number = made["work_order"]["number"]
    read = f"{datetime.fromisoformat(job.day):%a, %b %-d}"  # as Americans write it
    told = page.get_by_role("listitem").filter(has_text=f"{number} on {read}")
    await told.get_by_role("link", name=number).click()
    await expect(page).to_have_url(re.compile(rf"/board\?date={job.day}&visit={made['id']}"))
    await expect(page.locator(f".visit[data-visit='{made['id']}'][data-open]")).to_be_visible()
