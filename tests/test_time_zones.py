"""New time zone data (G4): what is to come keeps its hour on the wall, and the instants follow."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.core import clock
from app.services.time_zones import CLASH, What, meant
from app.tasks.zones import rezone
from tests.support.database import Database
from tests.support.field import VISITS, a_job, did, story, technician
from tests.support.people import Company, Person
from tests.support.zone_data import patched, zone_data

SUMMER = date(clock.now().year + (clock.now().month > 5), 7, 6)
"""Some day on which clocks in Chicago are an hour ahead: to come, and not too far."""
WINTER = date(SUMMER.year + 1, 1, 12) if clock.now().month <= 5 else date(SUMMER.year, 1, 12)


async def test_clocks_that_are_not_put_forward_any_more_move_what_is_to_come(
    acme: Company, database: Database, tmp_path: Path
) -> None:
    dana, owner = await acme.person("dispatcher"), await acme.person("owner")
    job = await a_job(acme)
    chicago = await dana.made(
        "/api/v2/sites",
        {"customer_id": job.work.customer["id"], "street": "1 Loop", "postal_code": "60601"},
    )
    bo, tess = await technician(acme, "Bo Diaz"), await technician(acme, "Tess Ode")

    async def planned(who: str, local: str, site: Any = None, **more: Any) -> Any:
        order = await job.work.order(site_id=(site or chicago)["id"])
        visit = await dana.made(VISITS, {"work_order_id": order["id"], **more})
        return await did(dana, visit, "schedule", technician_ids=[who], start_local=local)

    def at(hour: int, day: date = SUMMER) -> str:
        return f"{day}T{hour:02}:00"

    with zone_data():
        first = await planned(
            bo, at(9), window_start_local=at(8), window_end_local=at(10), told_via="phone"
        )
        second = await planned(bo, at(10))
        third = await planned(bo, at(9, WINTER))
        held_up = await planned(tess, at(9))
        in_phoenix = await planned(tess, at(8), job.work.site)
        meeting = await dana.made(
            "/api/v2/events",
            {
                "title": "Tool check",
                "starts_at": f"{SUMMER}T18:00:00Z",
                "ends_at": f"{SUMMER}T19:00:00Z",
                "technician_ids": [bo],
            },
        )
        off = await owner.made(
            "/api/v2/time-off",
            {
                "technician_id": bo,
                "kind": "vacation",
                "first_day": str(SUMMER + timedelta(days=1)),
            },
        )
        await owner.made(f"/api/v2/time-off/{off['id']}/approve", {})
    assert [first["planned_start"][11:16], held_up["planned_start"][11:16]] == ["14:00", "14:00"]
    assert in_phoenix["planned_start"][11:16] == "15:00"

    abolished = patched(tmp_path, America_Chicago="America/Regina")
    told = zones_verb(database, abolished, "--org", "acme", "--dry-run")
    assert told.returncode == 1, told.stderr  # something would be left
    assert told.stdout.count("2027" if SUMMER.year == 2027 else str(SUMMER.year)) > 5
    assert "is taken at that time by then" in told.stdout
    assert "6 differ" in told.stdout
    assert told.stdout.endswith("A dry run: nothing was changed.\n")
    assert await dana.got(f"{VISITS}/{first['id']}") == first

    with zone_data(abolished):
        report = (await rezone(database.app, "acme"))["acme"]
        assert report.looked_at[What.visit] == 5
        assert sorted(one.what for one in report.differences) == [
            "event", "promise", "time off", "visit", "visit", "visit",
        ]  # fmt: skip
        assert {one.minutes for one in report.differences} == {60}
        (left,) = [one for one in report.differences if one.left]
        assert left.id == UUID(held_up["id"])

        now = await dana.got(f"{VISITS}/{first['id']}")
        assert hours(now) == ("15:00", "16:00")
        assert now["planned_wall"] == f"{SUMMER}T09:00-06:00"
        assert now["promised_start"][11:16] == "14:00"
        assert now["version"] > first["version"]
        (_, window) = [
            it
            for it in await story(dana, f"{VISITS}/{first['id']}")
            if it["fact"] == "visit.rezoned"
        ]
        assert window["sentence"] == (
            f"By new time zone data, the promised window ({SUMMER} 08:00, America/Chicago)"
            " is 60 minutes later than was reckoned."
        )
        assert hours(await dana.got(f"{VISITS}/{second['id']}")) == ("16:00", "17:00")
        assert await dana.got(f"{VISITS}/{third['id']}") == third
        assert await dana.got(f"{VISITS}/{in_phoenix['id']}") == in_phoenix
        moved = await dana.got(f"/api/v2/events/{meeting['id']}")
        assert moved["starts_at"][:16] == f"{SUMMER}T19:00"
        absence = await dana.got(f"/api/v2/time-off/{off['id']}")
        assert absence["starts_at"][11:16] == "06:00"

        stays = await dana.got(f"{VISITS}/{held_up['id']}")
        assert hours(stays) == ("14:00", "15:00")
        (warning,) = [one for one in stays["warnings"] if one["code"] == CLASH]
        assert "Tess Ode is taken at that time by then. Move this visit." in warning["detail"]
        await refused(dana, second, bo, f"{SUMMER}T15:30:00Z")  # the bookings went along
        await refused(dana, second, bo, f"{SUMMER + timedelta(days=1)}T15:30:00Z")

        again = (await rezone(database.app, "acme"))["acme"]
        assert [one.id for one in again.differences] == [left.id]
        assert await dana.got(f"{VISITS}/{held_up['id']}") == stays  # it is warned of once

    with zone_data():
        back = (await rezone(database.app, "acme"))["acme"]
        assert {one.minutes for one in back.differences} == {-60}
        assert len(back.differences) == 5
        assert hours(await dana.got(f"{VISITS}/{first['id']}")) == hours(first)
        cured = await dana.got(f"{VISITS}/{held_up['id']}")
        assert CLASH not in {one["code"] for one in cured["warnings"]}


def zones_verb(database: Database, data: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """`./run zones …` on a machine with this time zone data."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "TRUCKROLL_"))},
        "DATABASE_URL": database.app,
        "DATABASE_OWNER_URL": database.owner,
        "DATABASE_RELAY_URL": database.relay,
        "SECRET_KEY": "test",
        "PYTHONTZPATH": str(data),
    }
    command = [sys.executable, "-m", "app", "zones", "--data", str(data / "data"), *more]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def hours(visit: Any) -> tuple[str, str]:
    return visit["planned_start"][11:16], visit["planned_end"][11:16]


async def refused(dana: Person, visit: Any, who: str, start: str) -> None:
    """It cannot be planned there: somebody is booked."""
    now = await dana.got(f"{VISITS}/{visit['id']}")
    other = await dana.made(VISITS, {"work_order_id": now["work_order"]["id"]})
    reply = await dana.post(
        f"{VISITS}/{other['id']}/schedule",
        json={"technician_ids": [who], "start": start},
        headers={"If-Match": f'"v{other["version"]}"'},
    )
    assert (reply.status_code, reply.json()["code"]) == (409, "double_booking")


@pytest.mark.parametrize(
    ("shown", "zone", "expected"),
    [
        ("2027-11-07T01:30-05:00", "America/Chicago", "2027-11-07T06:30"),  # the first
        ("2027-11-07T01:30-06:00", "America/Chicago", "2027-11-07T07:30"),  # the second
        ("2027-11-07T01:30-03:00", "America/Chicago", "2027-11-07T06:30"),  # neither any more
        ("2027-03-14T02:30-06:00", "America/Chicago", "2027-03-14T08:30"),  # skipped by now
        ("2027-07-06T09:00-06:00", "America/Chicago", "2027-07-06T14:00"),
    ],
)
def test_a_kept_wall_time_is_read_by_the_data_of_today(
    shown: str, zone: str, expected: str
) -> None:
    with zone_data():
        assert meant(shown, zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)
