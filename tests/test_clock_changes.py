"""The days on which clocks change (G3), and the days that clocks trip over (G5), through HTTP.

What the product says of an instant is compared with what PostgreSQL and python-dateutil say, each with
time zone data of its own.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest
import pytest_asyncio
from dateutil.zoneinfo import get_zonefile_instance

from app.core import clock, zones
from app.core.errors import TooMany
from app.core.limits import Charge, Limits, Policy
from tests.support import clocks
from tests.support.database import Database
from tests.support.deep import DEEP
from tests.support.field import VISITS, Job, a_job, did, story, technician, verb
from tests.support.people import Company, Person, sign_in
from tests.support.post import delivered
from tests.support.work import Work

USUAL = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe")
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Change:
    """Clocks in `zone` change by `by` at `moment`."""

    zone: str
    moment: datetime
    before: timedelta
    after: timedelta

    @property
    def by(self) -> timedelta:
        return self.after - self.before

    @property
    def day(self) -> date:
        """The day in whose middle it is, or that begins with it."""
        return (self.moment + max(self.before, self.after)).date()

    def wall(self, offset: timedelta, plus: timedelta = timedelta()) -> str:
        """What a clock shows so long after the change that keeps to `offset`."""
        return f"{(self.moment + offset + plus):%Y-%m-%dT%H:%M}"

    @property
    def odd(self) -> str:
        """In the middle of what is skipped, or comes twice."""
        return self.wall(min(self.before, self.after), abs(self.by) / 2)


def changes(zone: str) -> list[Change]:
    """Those of the next year, but not of the next days."""
    there = ZoneInfo(zone)
    start = clock.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)

    def offset(at: datetime) -> timedelta:
        return at.astimezone(there).utcoffset() or timedelta()

    days = [start + timedelta(days=3 + n) for n in range(365)]
    return [
        Change(zone, at, offset(before), offset(at))
        for morning, next_morning in pairwise(days)
        if offset(morning) != offset(next_morning)
        for before, at in pairwise(morning + n * HOUR / 2 for n in range(49))
        if offset(before) != offset(at)
    ]


def known_to_others(change: Change) -> bool:
    """Whether python-dateutil's data, which is of 2024, has this change: governments go on deciding."""
    theirs = get_zonefile_instance().get(change.zone)
    around = (change.moment + n * HOUR for n in range(-40, 41, 4))
    return theirs is not None and all(
        at.astimezone(theirs).utcoffset() == at.astimezone(ZoneInfo(change.zone)).utcoffset()
        for at in around
    )


CHANGES = [
    change
    for zone in (sorted(zones.names()) if DEEP else USUAL)
    for change in changes(zone)
    if known_to_others(change)
]


@pytest.mark.parametrize("zone", USUAL)
def test_each_of_the_usual_zones_changes_twice(zone: str) -> None:
    assert sorted(one.by > timedelta() for one in CHANGES if one.zone == zone) == [False, True]


async def changes_there(postgres: asyncpg.Connection, change: Change) -> bool:
    """Whether PostgreSQL's data, of yet another year, has this change."""
    shown = [
        await postgres.fetchval("select $1::timestamptz at time zone $2", at, change.zone)
        for at in (change.moment - HOUR, change.moment)
    ]
    return bool(shown[1] - shown[0] == HOUR + change.by)


@pytest_asyncio.fixture(scope="module")
async def job(acme: Company) -> Job:
    """Work to plan."""
    return await a_job(acme)


@pytest_asyncio.fixture
async def tess(acme: Company) -> str:
    """Who comes."""
    return await technician(acme)


@pytest_asyncio.fixture(scope="module")
async def postgres(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """For its opinion."""
    connection = await asyncpg.connect(database.admin)
    yield connection
    await connection.close()


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: f"{one.zone} {one.day}")
async def test_work_is_planned_on_the_day_the_clocks_change(
    acme: Company, job: Job, tess: str, postgres: asyncpg.Connection, change: Change
) -> None:
    owner = await acme.person("owner")
    place = {"street": "1 Change St", "city": "Here", "region": "AZ", "postal_code": "85001"}
    site = await owner.made(
        "/api/v2/sites",
        {"customer_id": job.work.customer["id"], "time_zone": change.zone, **place},
    )
    order = (await job.work.order(site_id=site["id"]))["id"]

    async def lands(instant: str, on_wall: str) -> None:
        """All three say that clocks there show this."""
        at = datetime.fromisoformat(instant)
        theirs = await postgres.fetchval("select $1::timestamptz at time zone $2", at, change.zone)
        theirs = (
            theirs if await changes_there(postgres, change) else datetime.fromisoformat(on_wall)
        )
        other = at.astimezone(get_zonefile_instance().get(change.zone)).replace(tzinfo=None)
        assert {f"{one:%Y-%m-%dT%H:%M}" for one in (theirs, other)} == {on_wall}

    # create and promise: three in the afternoon is three in the afternoon
    visit = await job.visit(
        work_order_id=order,
        duration_minutes=15,
        window_start_local=f"{change.day}T15:00",
        window_end_local=f"{change.day}T17:00",
    )
    assert visit["promise"]["wall_start"][:16] == f"{change.day}T15:00"
    await lands(visit["promised_start"], f"{change.day}T15:00")

    # book and move: a day further is a day further, however long it is
    eve = change.day - timedelta(days=1)
    first = await did(
        job.dana, visit, "schedule", technician_ids=[tess], start_local=f"{eve}T15:00"
    )
    moved = await did(
        job.dana, visit, "schedule", technician_ids=[tess], start_local=f"{change.day}T15:00"
    )
    await lands(moved["planned_start"], f"{change.day}T15:00")
    apart = [datetime.fromisoformat(one["planned_start"]) for one in (first, moved)]
    crossed = apart[0] < change.moment <= apart[1]  # not where clocks change in the evening
    assert apart[1] - apart[0] == timedelta(days=1) - (change.by if crossed else timedelta())

    if change.by > timedelta():
        nearest = [change.wall(change.before, -timedelta(minutes=1)), change.wall(change.after)]
        refused = [
            await verb(job.dana, moved, "schedule", technician_ids=[tess], start_local=change.odd),
            await verb(
                job.dana,
                moved,
                "promise",
                told_via="phone",
                window_start_local=change.odd,
                window_end_local=f"{change.day}T23:00",
            ),
            await job.dana.post(
                VISITS,
                json={
                    "work_order_id": order,
                    "window_start_local": change.odd,
                    "window_end_local": f"{change.day}T23:00",
                },
            ),
        ]
        for reply in refused:
            assert (reply.status_code, reply.json()["code"]) == (422, "skipped_time")
            assert reply.json()["nearest"] == nearest
        for near in nearest:
            there = await did(job.dana, visit, "schedule", technician_ids=[tess], start_local=near)
            assert there["planned_wall"][:16] == near
            await lands(there["planned_start"], near)
        return

    shown = []
    for fold in (0, 1):
        twin = await job.visit(work_order_id=order, duration_minutes=15)
        there = await did(
            job.dana, twin, "schedule", technician_ids=[tess], start_local=change.odd, fold=fold
        )
        await lands(there["planned_start"], change.odd)
        shown.append(datetime.fromisoformat(there["planned_start"]))
        again = await did(job.dana, twin, "promise", told_via="phone", fold=fold,
                          window_start_local=change.odd, window_end_local=f"{change.day}T23:00")  # fmt: skip
        assert again["promised_start"] == there["planned_start"]
    assert shown[1] - shown[0] == -change.by
    assert shown[0] < change.moment <= shown[1]


@pytest.mark.parametrize(
    "change", [one for one in CHANGES if one.zone in USUAL], ids=lambda one: f"{one.zone} {one.day}"
)
async def test_windows_of_a_day_the_clocks_change_are_offered_as_they_are_taken(
    acme: Company, job: Job, change: Change
) -> None:
    """A window is derived from a rule, so it is moved where a person would be refused."""
    owner = await acme.person("owner")
    night = [{"start": f"{hour:02}:00", "end": f"{hour + 3:02}:00"} for hour in range(0, 21, 2)]
    branch = await owner.made("/api/v2/branches", {"name": f"{change.zone} {change.day}"})
    await owner.made(
        "/api/v2/arrival-windows", {"name": "All day", "branch_id": branch["id"], "windows": night}
    )
    territory = await owner.made(
        "/api/v2/territories",
        {"name": f"T {change.zone} {change.day}", "branch_id": branch["id"], "regions": []},
    )
    site = await owner.made(
        "/api/v2/sites",
        {
            "customer_id": job.work.customer["id"],
            "time_zone": change.zone,
            "street": "2 Change St",
            "postal_code": "85001",
        },
    )
    await owner.patched(
        f"/api/v2/sites/{site['id']}", site["version"], {"territory_id": territory["id"]}
    )
    order = (await job.work.order(site_id=site["id"]))["id"]
    offered = (
        await job.dana.got(f"/api/v2/sites/{site['id']}/arrival-windows", day=str(change.day))
    )["windows"]
    assert len(offered) == len(night)
    for one in offered:
        made = await job.visit(
            work_order_id=order, window_start=one["start"], window_end=one["end"]
        )
        assert made["promised_start"] == one["start"]
        assert made["promise"]["wall_start"][11:16] == one["start_local"]


MOMENTS = {
    "leap day": datetime(2028, 2, 29, 18, tzinfo=UTC),
    "the last second of the year in Chicago": datetime(2028, 1, 1, 5, 59, 59, tzinfo=UTC),
    "the last second that 32 bits hold": datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC),
    "the one after it": datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
async def test_a_day_of_work_at_a_moment_that_clocks_trip_over(
    acme: Company, job: Job, tess: str, moment: datetime
) -> None:
    await acme.person("owner")
    with clocks.at(moment) as hands:
        boss = await sign_in(acme.server, "owner@acme.example.com", "acme")
        visit = await on_the_way(boss, job.work, tess, moment)
        for minutes, step in ((6, "arrive"), (7, "start"), (10, "complete")):
            hands.set(moment + timedelta(minutes=minutes))
            done = await did(boss, visit, step)
        assert done["finished_at"] == f"{moment + timedelta(minutes=10):%Y-%m-%dT%H:%M:%S.%fZ}"
        await billed(boss, visit)
        told = [one["at"] for one in await story(boss, f"{VISITS}/{visit['id']}")]
        assert told == sorted(told)
        assert told[0][:19] == f"{moment:%Y-%m-%dT%H:%M:%S}"
        for path in ("visits", "work-orders", "events", "visit-alerts", "expiring-certificates"):
            await boss.got(f"/api/v2/{path}")
        await boss.aclose()
        await delivered(acme.server, f"{visit['id']}@example.com")


async def test_a_process_five_minutes_off_works_beside_others(
    acme: Company, job: Job, tess: str
) -> None:
    """Ahead, behind, and right again: what was shared with the others shuts nobody out."""
    await acme.person("owner")
    for minutes in (5, -5, 0):
        with clocks.off_by(timedelta(minutes=minutes)):
            boss = await sign_in(acme.server, "owner@acme.example.com", "acme")
            moment = clock.now()
            visit = await on_the_way(boss, job.work, tess, moment + timedelta(hours=minutes + 10))
            for step in ("arrive", "start", "complete"):
                await did(boss, visit, step)
            await billed(boss, visit)
            await boss.aclose()
            await delivered(acme.server, f"{visit['id']}@example.com")


async def test_an_allowance_is_shared_by_processes_whose_clocks_differ(acme: Company) -> None:
    """Ten minutes lie between them; together they grant what is allowed, and say so in seconds."""
    ahead, behind = Limits(acme.server.state.engine), Limits(acme.server.state.engine)
    charge = Charge(Policy("skewed", 20, 3600), "somebody")
    turns = [(ahead, 5), (behind, -5), (ahead, -5), (behind, 5)]
    for process, minutes in turns * 5:
        with clocks.off_by(timedelta(minutes=minutes)):
            await process.spend([charge])
    for process, minutes in turns[:2]:
        with clocks.off_by(timedelta(minutes=minutes)), pytest.raises(TooMany) as refused:
            await process.spend([charge])
        assert refused.value.headers
        assert 1 <= int(refused.value.headers["Retry-After"]) <= 3600 // 20


async def on_the_way(boss: Person, work: Work, tess: str, start: datetime) -> Any:
    """A visit that was promised, planned, dispatched, and set off for."""
    order = await Work(boss, work.customer, work.site, work.job_type_id).order()

    def window(hours: int) -> dict[str, str]:
        begins = start + timedelta(hours=hours)
        return {"window_start": begins.isoformat(), "window_end": (begins + HOUR).isoformat()}

    visit = await boss.made(VISITS, {"work_order_id": order["id"], **window(0)})
    await did(boss, visit, "schedule", technician_ids=[tess], start=start.isoformat())
    customer = await boss.got(f"/api/v2/customers/{work.customer['id']}")
    address = {"email": f"{visit['id']}@example.com"}
    await boss.patched(f"/api/v2/customers/{customer['id']}", customer["version"], address)
    await did(boss, visit, "promise", told_via="not_yet", notify=True, **window(1))
    await did(boss, visit, "dispatch")
    # a phone whose clock is five minutes off is believed, and no more
    now = clock.now()
    early = {"occurred_at": (now + timedelta(minutes=6)).isoformat()}
    refused = await verb(boss, {"id": visit["id"]}, "en-route", **early)
    assert refused.status_code == 422, refused.text
    ahead = {"occurred_at": (now + timedelta(minutes=4)).isoformat()}
    return await did(boss, visit, "en-route", **ahead)


async def billed(boss: Person, visit: Any) -> None:
    """The work is paid for some time after the day it was billed on."""
    invoice = await boss.made(f"/api/v2/work-orders/{visit['work_order_id']}/invoices", {})
    issued = await boss.made(f"/api/v2/invoices/{invoice['id']}/issue")
    assert date.fromisoformat(issued["due_on"]) > date.fromisoformat(issued["issued_on"])
    assert (await boss.get(f"/api/v2/invoices/{invoice['id']}/pdf")).status_code == 200
