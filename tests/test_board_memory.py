"""What a process remembers of boards is never shown where it is not true."""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from app.api.v2.board import BoardOut
from app.core import clock
from app.core.ids import new_id
from app.core.recent import Recent
from app.services.board import lanes, team, visits
from tests.support.field import Job, a_job, did, technician
from tests.support.people import Company, Person
from tests.support.weighing import bytes_of
from tests.test_board import BOARD, lane, seen, z
from tests.test_warnings import DAYS, shift

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


async def without_customers(company: Company) -> Person:
    """Somebody who sees every visit, and no phone number."""
    owner = await company.person("owner")
    permissions = ["visits:read", "technicians:read"]
    role = {"name": "Clerk", "level": 5, "permissions": permissions, "record_scope": "all"}
    await owner.made("/api/v2/roles", role)
    return await company.person("Clerk", "fay")


def member(id: str, job: Job) -> dict[str, str]:
    return {"technician_id": id, "first_day": job.day}


def plan(people: Sequence[str], van: str, start: datetime) -> dict[str, Any]:
    return {"technician_ids": people, "vehicle_ids": [van], "start": z(start)}


@contextmanager
def forgetful(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that has seen no board."""
    with patch.context() as within:
        within.setattr(visits, "_kept", OrderedDict())
        for module in (lanes, team):
            kept = module._kept
            within.setattr(module, "_kept", Recent(kept.most, kept._weigh))
        yield


def shown(reply: Any) -> dict[str, Any]:
    """The parts of a board's own bytes, but for those that tell when it was read."""
    assert reply.status_code == 200, reply.text
    board: dict[str, Any] = orjson.loads(reply.content)
    said = orjson.loads(BoardOut.model_validate(board).model_dump_json().replace(".000000Z", "Z"))
    assert said == board, "nothing is said that the API does not promise, or in another form"
    return {"bytes": re.sub(rb'"(seq|now)":[^,]*,', b"", reply.content), "board": board}


async def test_what_is_remembered_is_what_is_read_afresh(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, owner = await a_job(acme), await acme.person("owner")
    tom, fay = await acme.person("technician"), await without_customers(acme)
    people = [await technician(acme, "Tom “T.” O'Dell", who=tom), await technician(acme, "Ny")]
    await shift(job, people[0])
    van = (await owner.made("/api/v2/vehicles", {"name": "Van"}))["id"]
    site, customer = job.work.site["id"], job.work.customer["id"]
    for id in people:
        await owner.made("/api/v2/crews", {"name": f"Of {id}", "members": [member(id, job)]})
    visit = await job.planned(people[0], at=job.nine)
    other = await job.planned(people[1], at=job.nine + HOUR)
    window = {"window_start": z(job.nine), "window_end": z(job.nine + 2 * HOUR)}
    await job.visit(**window)

    async def set_(path: str, **body: Any) -> None:
        await owner.patched(path, (await owner.got(path))["version"], body)

    event = {"title": "Talk", "technician_ids": [people[1]], "starts_at": z(job.nine + 5 * HOUR)}
    at = f"/api/v2/work-orders/{visit['work_order']['id']}"
    changes: list[Callable[[], Awaitable[Any]]] = [
        lambda: set_(
            f"/api/v2/customers/{customer}", name='Zoë "Ö"\n\\ O\'Hara', phone="2025550143"
        ),
        lambda: set_(f"/api/v2/sites/{site}", street="1 Ünter</script>"),
        lambda: set_(f"/api/v2/sites/{site}", latitude=39, longitude=-112.000001),
        lambda: set_(f"/api/v2/job-types/{job.work.job_type_id}", name="Öl 😀", crew_size=2),
        lambda: set_(at, summary="Look — and tell", priority="high"),
        lambda: did(job.dana, visit, "schedule", **plan(people, van, job.nine)),
        lambda: did(job.dana, visit, "dispatch"),
        lambda: did(tom, visit, "accept"),
        lambda: did(tom, visit, "en-route"),
        lambda: did(job.dana, other, "schedule", **plan(people[1:], van, job.nine + 3 * HOUR)),
        lambda: owner.made("/api/v2/events", {**event, "ends_at": z(job.nine + 6 * HOUR)}),
        lambda: set_(f"/api/v2/technicians/{people[1]}", name="Nyx", color="#00ff00"),
        lambda: did(job.dana, other, "cancel", reason="Sold"),
    ]
    looks = [(job.dana, by) for by in ("technicians", "crews", "vehicles")]
    looks += [(tom, "technicians"), (fay, "technicians")]
    before = b""
    for number, change in enumerate(changes):
        await change()
        for who, by in looks:
            path = f"{BOARD}?date={job.day}&by={by}"
            with clock.set_everywhere(clock.now()):  # a minute on, other times are expected
                known = shown(await who.get(path))
                with forgetful(monkeypatch):
                    afresh = shown(await who.get(path))
            assert known == afresh
        now = shown(await job.dana.get(BOARD, params={"date": job.day}))["bytes"]
        assert now != before, f"change {number} is shown"
        before = now
    cells = {one["id"]: one for one in (await seen(job))["visits"]}
    assert cells[visit["id"]]["vehicle_ids"] == [van]


async def test_an_id_that_is_used_again_is_another_shift(acme: Company) -> None:
    job = await a_job(acme)
    owner = await acme.person("owner")
    tess = await technician(acme)
    again = str(new_id())

    async def works_from(opens: str) -> Any:
        spans = [{"weekday": day, "start": opens, "end": "17:00"} for day in DAYS]
        hours = {"id": again, "name": "Days", "valid_from": "2026-01-01", "spans": spans}
        key = {"Idempotency-Key": str(new_id())}
        await owner.made("/api/v2/shifts", {"technician_id": tess, **hours}, headers=key)
        return lane(await seen(job), tess)["pieces"]

    early = await works_from("08:00")
    gone = await owner.delete(f"/api/v2/shifts/{again}", headers={"If-Match": '"v1"'})
    assert gone.status_code == 204, gone.text
    assert await works_from("11:00") != early


async def test_what_is_remembered_weighs_no_more_than_is_counted(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, owner = await a_job(acme), await acme.person("owner")
    van = (await owner.made("/api/v2/vehicles", {"name": "Van"}))["id"]
    tess = await technician(acme)
    await shift(job, tess)
    for hours in range(0, 6, 2):
        visit = await job.visit()
        await did(job.dana, visit, "schedule", **plan([tess], van, job.nine + hours * HOUR))
    with forgetful(monkeypatch):
        for edit in range(4):
            path = f"/api/v2/technicians/{tess}"
            await owner.patched(path, (await owner.got(path))["version"], {"name": f"Tess {edit}"})
            await seen(job)
            await job.dana.got(BOARD, date=job.day, by="vehicles")
        [(marked, counted)] = team._kept._kept.values()
        assert {one.shown["name"] for one in marked[1].values()} >= {"Tess 3"}
        assert bytes_of(marked) <= counted == team._kept.weight
        days = [value for value, _ in lanes._kept._kept.values()]
        assert all(lane.work is not None for lane, _, _ in days)
        assert bytes_of(*(shown for _, _, shown in days)) <= lanes._kept.weight
