"""Two boards side by side while a third client changes things through the API: after each change both show what
a board shows that is read anew."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from playwright.async_api import Page

from tests.support.field import a_job, did, technician
from tests.support.people import found_company
from tests.support.server import Server
from tests.support.waiting import until
from tests.test_warnings import shift
from tests.web.pages import PATIENCE, Visitor
from tests.web.test_board import HOUR, opened

_SHOWN = """() => [...document.querySelectorAll('.board-scroll .visit[data-visit]')].map((one) => [
  one.closest('[role=group]').getAttribute('aria-label'), one.textContent,
  one.querySelector('[role=img]').getAttribute('aria-label'), one.dataset.state,
  one.style.left, one.style.top, one.style.width,
]).sort()"""


async def shown(page: Page) -> Any:
    """Every visit of a board: on whose lane, in which words to see and to hear, where, how long."""
    return await page.evaluate(_SHOWN)


async def equal(fresh: Page, *boards: Page) -> Any:
    """What a board shows that is read now, once the others show the same."""
    await fresh.reload()
    await fresh.locator(".board-scroll .visit[data-visit]").first.wait_for()
    wanted = await shown(fresh)
    found: list[Any] = []

    async def same() -> bool:
        found[:] = [await shown(one) for one in boards]
        return all(one == wanted for one in found)

    with suppress(TimeoutError):
        await until(same, seconds=PATIENCE / 1_000)
    for one in found:
        assert one == wanted
    return wanted


async def test_both_show_what_the_server_has_after_each_change(
    visit: Visitor, server: Server
) -> None:
    company = await found_company(server, "side-by-side")
    job = await a_job(company)
    tess, max_ = await technician(company, "Tess Ode"), await technician(company, "Max Ode")
    await shift(job, tess)
    await shift(job, max_)
    window = {
        "window_start": (job.nine + 3 * HOUR).isoformat(),
        "window_end": (job.nine + 5 * HOUR).isoformat(),
    }
    first, second = await job.planned(tess), await job.planned(tess, at=job.nine + 2 * HOUR)
    other, waits = await job.planned(max_, at=job.nine + HOUR), await job.visit(**window)
    left = await opened(visit, job)
    right = await visit(
        f"/board?date={job.day}&view=day&by=technicians", person=await company.person("owner")
    )
    fresh = await visit(
        f"/board?date={job.day}&view=day&by=technicians", person=await company.person("viewer")
    )
    before = await equal(fresh, left, right)
    assert len(before) == 4

    def at(hours: float) -> str:
        return (job.nine + timedelta(hours=hours)).isoformat()

    async def version(one: Any) -> int:
        return int((await job.dana.got(f"/api/v2/visits/{one['id']}"))["version"])

    steps: list[tuple[Any, str, dict[str, Any]]] = [
        (waits, "schedule", {"technician_ids": [max_], "start": at(4)}),
        (first, "move", {"start": at(0), "technician_ids": [max_]}),
        (second, "resize", {"minutes": 90}),
        (second, "assign", {"technician_ids": [tess, max_], "lead_id": tess}),
        (other, "lock", {"lock": "both"}),
        (other, "unlock", {}),
        (other, "confirm", {"via": "phone"}),
        (other, "dispatch", {}),
        (other, "recall", {}),
        (waits, "split", {"minutes": 30}),
        (first, "unschedule", {}),
        (second, "cancel", {"reason": "They sold the house", "notify": False}),
    ]
    for one, verb, body in steps:
        await did(job.dana, one, verb, **body)
        after = await equal(fresh, left, right)
        assert after != before, verb
        before = after
    swap = {"with_id": waits["id"], "with_version": await version(waits), "what": "both"}
    await did(job.dana, other, "swap", **swap)
    assert await equal(fresh, left, right) != before
    # no visit, and still another board
    off = {"technician_id": max_, "kind": "vacation", "first_day": job.day}
    asked = await job.dana.made("/api/v2/time-off", off)
    await job.dana.made(f"/api/v2/time-off/{asked['id']}/approve")
    await technician(company, "Zoe Ode")
    await equal(fresh, left, right)
    for page in (left, right, fresh):
        await page.get_by_role("list", name="Lanes").get_by_text("Zoe Ode", exact=True).wait_for()
