"""What a process remembers of boards is never shown where it is not true."""

from datetime import timedelta

from tests.support.field import a_job, did, technician
from tests.support.people import Company
from tests.test_board import BOARD, lane, seen, z
from tests.test_warnings import shift

HOUR = timedelta(hours=1)


async def test_a_drop_that_was_only_asked_about_is_forgotten(acme: Company) -> None:
    job = await a_job(acme)
    tess = await technician(acme)
    await shift(job, tess)
    visit = await job.planned(tess, at=job.nine)
    await seen(job)
    supposed = {"visit_id": visit["id"], "technician_ids": [tess], "start": z(job.nine + HOUR)}
    told = (await job.dana.post(f"{BOARD}/consequence", json=supposed)).json()
    assert told["stops"][0]["start"] == z(job.nine + HOUR)
    # the drop that is made has the version that the supposed one had
    moved = await did(job.dana, visit, "move", start=z(job.nine + 3 * HOUR))
    board = await seen(job)
    [cell] = board["visits"]
    assert (cell["version"], cell["planned_start"]) == (moved["version"], z(job.nine + 3 * HOUR))
    assert [one["start"] for one in lane(board, tess)["stops"]] == [z(job.nine + 3 * HOUR)]
