"""The tray: what should be on the board and is not, tab by tab, and what it counts."""

from datetime import timedelta
from typing import Any

from app.core import clock
from tests.support.field import Job, a_job, did, technician
from tests.support.people import found_company
from tests.support.queries import counted
from tests.support.server import Server

TRAY = "/api/v2/board/tray"
HOUR = timedelta(hours=1)


async def tab(job: Job, name: str, **asked: Any) -> list[str]:
    """The rows of a tab: visits, or work orders where there is none."""
    found = await job.dana.got(TRAY, **{"tab": name, **asked})
    return [one["visit_id"] or one["work_order_id"] for one in found["data"]]


async def held(job: Job, **asked: Any) -> dict[str, int]:
    """What each tab says it holds, of those that hold anything."""
    counts = (await job.dana.got(TRAY, **asked))["counts"]
    return {name: number for name, number in counts.items() if number}


def window(start: Any) -> dict[str, str]:
    return {"window_start": start.isoformat(), "window_end": (start + 2 * HOUR).isoformat()}


async def test_each_thing_waits_in_its_tab(server: Server) -> None:
    job = await a_job(await found_company(server, "tray"))
    tess = await technician(job.company)
    assert await held(job) == {}

    late = await job.visit(**window(job.nine))
    soon = await job.visit(**window(clock.now()))  # an hour on may be tomorrow already
    unpromised = await job.visit()
    ready = await job.work.order()
    found = await job.dana.got(TRAY)
    assert [one["visit_id"] for one in found["data"]] == [soon["id"], late["id"]]
    assert [one["urgent"] for one in found["data"]] == [True, False]
    assert (found["counts"]["unassigned"], found["urgent"]["unassigned"]) == (2, 1)
    assert await tab(job, "to_schedule", sort="age") == [unpromised["id"], ready["id"]]

    order = await job.work.order()
    await did_order(job, order, "hold", reason="Waits for a part")
    assert await tab(job, "on_hold") == [order["id"]]
    [row] = (await job.dana.got(TRAY, tab="on_hold"))["data"]
    assert (row["reason"], row["kind"], row["visit_id"]) == ("Waits for a part", "work_order", None)

    declined = await did(job.dana, await job.planned(tess), "dispatch")
    await did(job.dana, declined, "decline", technician_id=tess, reason="My van is broken")
    [row] = (await job.dana.got(TRAY, tab="redispatch"))["data"]
    assert (row["visit_id"], row["reason"]) == (declined["id"], "My van is broken")

    gone = await job.planned(tess, at=job.nine + 3 * HOUR)
    await did(job.dana, gone, "cancel", reason="Sold the house")
    assert await tab(job, "canceled") == [gone["id"]]

    warned = await job.planned(tess, at=job.nine + 6 * HOUR, **window(job.nine))
    assert await tab(job, "alerts") == [warned["id"]]
    assert await held(job) == {
        "unassigned": 2,
        "to_schedule": 3,  # the work order of what was cancelled is ready again
        "on_hold": 1,
        "redispatch": 1,
        "alerts": 1,
        "canceled": 1,
    }


async def did_order(job: Job, order: Any, verb: str, **said: Any) -> None:
    reply = await job.dana.post(f"/api/v2/work-orders/{order['id']}/{verb}", json=said)
    assert reply.status_code == 200, reply.text


async def test_what_was_not_finished_waits_until_somebody_goes_again(server: Server) -> None:
    job = await a_job(await found_company(server, "redispatch"))
    tess = await technician(job.company)
    visit = await did(job.dana, await job.planned(tess, at=clock.now()), "dispatch")
    for verb in ("en-route", "arrive"):
        await did(job.dana, visit, verb)
    await did(job.dana, visit, "no-access", reason="Nobody opened")
    assert await tab(job, "redispatch") == [visit["id"]]
    again = await job.visit(work_order_id=visit["work_order_id"])
    assert await held(job) == {"to_schedule": 1}
    await did(job.dana, again, "cancel", reason="They called")
    assert await held(job) == {"redispatch": 1, "canceled": 1}


async def test_filters_hold_for_rows_and_counts_and_pages_go_on(server: Server) -> None:
    job = await a_job(await found_company(server, "pages"))
    made = [(await job.visit(**window(job.nine + n * HOUR)))["id"] for n in range(5)]
    urgent = await job.work.order(priority="emergency")
    found: list[str] = []
    cursor: str | None = None
    with counted(job.company.server) as queries:
        await job.dana.got(TRAY)
    while cursor is not None or not found:
        asked = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = await job.dana.got(TRAY, **asked)
        found += [one["visit_id"] for one in page["data"]]
        cursor = page["next_cursor"]
    assert found == made
    assert await held(job, priority="emergency") == {"to_schedule": 1}
    assert await tab(job, "to_schedule", priority="emergency") == [urgent["id"]]
    assert await held(job, q=f"{urgent['number']}") == {"to_schedule": 1}
    assert await held(job, q="no such words") == await held(job, older_than_days=1) == {}
    assert await held(job, trade="septic work", job_type_id=job.work.job_type_id) == {}
    with counted(job.company.server) as more:
        await job.dana.got(TRAY)
    assert len(more) == len(queries) < 8
    reply = await job.dana.get(TRAY, params={"cursor": "nonsense"})
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_cursor")
